"""申請審査 by two people of the association, and what an approval makes of a bank."""

import re
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from guarantee_lookup.models import Branch, Clerk, Institution, UsageApplication
from guarantee_lookup.services import applications as services
from portal.accounts.models import Organisation, User
from portal.audit.models import Event
from portal.outbox import drain
from portal.outbox.models import Message
from tests.guarantee_lookup.applying import (
    ADMIN,
    FIRST,
    MAIL,
    TOP,
    Visitor,
    code_for,
    decides,
    letters,
    number_of,
    usage_of,
    words,
)
from tests.guarantee_lookup.driver import Teller

pytestmark = pytest.mark.django_db
SECOND = {
    "second-name": "補佐 次郎",
    "second-department": "事務部",
    "second-phone": "048-000-0002",
    "second-email": "jiro@bank.example",
}


@pytest.fixture
def visitor(db: None, clock: time_machine.Traveller) -> Visitor:
    return Visitor()


@pytest.fixture
def maker(staff: Teller) -> Client:
    """Who takes applications up."""
    return staff.client


@pytest.fixture
def checker(staff_2: Teller) -> Client:
    """Who decides them."""
    return staff_2.client


def approved(maker: Client, checker: Client, number: str) -> UsageApplication:
    assert decides(maker, number, "take", "約定書を確認").status_code == 302
    answer = decides(checker, number, "approve")
    assert answer.status_code == 302, words(answer)
    drain()
    return usage_of(number)


# --- The whole walk -----------------------------------------------------------


def test_from_the_application_to_the_look_up_page(visitor: Visitor, maker: Client, checker: Client) -> None:
    number = visitor.applies()
    assert approved(maker, checker, number).state == "issued"
    (login_mail,) = [letter for letter in letters(MAIL) if "利用者ID：" in letter]
    (password_mail,) = [letter for letter in letters(MAIL) if "仮パスワード：" in letter]
    login, first = re.search(r"利用者ID：(\w+)", login_mail)[1], re.search(r"仮パスワード：(\S+)", password_mail)[1]  # type: ignore[index]
    assert (login[:4], len(login), login in password_mail, first in login_mail) == ("9996", 12, False, False)

    master = Visitor()
    page = master.sends("/account/login/", {"login": login, "password": first, "next": ""})
    assert page.path == "/account/password/"
    own = "hasami-kumo-tegami-42"
    master.sends(page.path, {"current_password": first, "new_password": own, "new_password_again": own})
    assert master.opens("/lookup/users/").path == "/lookup/terms/?next=%2Flookup%2Fusers%2F"
    page = master.sends("/lookup/terms/", {"answer": "accept", "next": "/lookup/users/"})
    assert (page.path, "利用者管理" in page.text) == ("/lookup/users/", True)

    branch = Branch.objects.get(institution__organisation__code="9996", code="101")
    person = {"name": "照会 三郎", "email": "saburo@bank.example", "branch": branch.pk, "role": "lookup.user"}
    page = master.sends("/lookup/users/new/", person)
    assert "照会 三郎さんを追加しました" in page.text
    clerk = User.objects.get(email="saburo@bank.example")
    (letter,) = [letter for letter in letters(clerk.email) if "仮パスワード：" in letter]
    first = re.search(r"仮パスワード：(\S+)", letter)[1]  # type: ignore[index]

    user = Visitor()
    page = user.sends("/account/login/", {"login": clerk.login, "password": first, "next": ""})
    user.sends(page.path, {"current_password": first, "new_password": own, "new_password_again": own})
    assert user.opens("/lookup/").path == "/lookup/terms/?next=%2Flookup%2F"
    page = user.sends("/lookup/terms/", {"answer": "accept", "next": "/lookup/"})
    assert page.path == "/lookup/"
    # The networks of the application are in force, and the test does not come from there.
    assert "この操作の権限がありません" in page.text
    Institution.objects.filter(organisation__code="9996").update(networks=["127.0.0.0/8"])
    assert "時点" in user.opens("/lookup/").text
    assert user.opens("/lookup/users/").status == 403


# --- Two people ---------------------------------------------------------------


def test_who_reviewed_an_application_does_not_decide_it(visitor: Visitor, maker: Client) -> None:
    number = visitor.applies()
    decides(maker, number, "take")
    page = maker.get(f"{ADMIN}{usage_of(number).pk}/change/")
    assert "ご自身が審査した申請は、承認も差戻しも却下もできません" in words(page)
    for event in ("approve", "return", "refuse"):
        answer = decides(maker, number, event, "理由")
        assert answer.status_code == 403
    assert usage_of(number).state == "review"
    assert not Organisation.objects.filter(code="9996").exists()
    assert Event.objects.filter(verb="lookup.application_denied", outcome="denied").count() == 3


def test_the_database_refuses_one_person_in_both_parts(visitor: Visitor, staff: Teller) -> None:
    number = visitor.applies()
    usage = usage_of(number)
    services.take(usage, staff.user, "")
    with pytest.raises(IntegrityError), transaction.atomic():
        UsageApplication.objects.filter(pk=usage.pk).update(decided_by=staff.user)


def test_nothing_is_decided_before_somebody_took_it_up(visitor: Visitor, checker: Client) -> None:
    number = visitor.applies()
    answer = decides(checker, number, "approve")
    assert (answer.status_code, usage_of(number).state) == (409, "received")


def test_pressing_approve_twice_makes_one_bank_and_one_mail(visitor: Visitor, maker: Client, checker: Client) -> None:
    number = visitor.applies()
    decides(maker, number, "take")
    assert [decides(checker, number, "approve").status_code for _ in range(2)] == [302, 302]
    drain()
    assert decides(checker, number, "approve").status_code == 302
    assert User.objects.filter(organisation__code="9996").count() == 1
    assert len([letter for letter in letters(MAIL) if "仮パスワード：" in letter]) == 1


def test_another_decision_after_the_first_is_told_so(visitor: Visitor, maker: Client, checker: Client) -> None:
    number = visitor.applies()
    approved(maker, checker, number)
    answer = decides(checker, number, "refuse", "取り消し")
    assert (answer.status_code, usage_of(number).state) == (409, "issued")
    assert "先に処理しています" in words(answer)


def test_ids_are_issued_once_however_often_the_job_runs(visitor: Visitor, maker: Client, checker: Client) -> None:
    number = visitor.applies()
    approved(maker, checker, number)
    payload = Message.objects.get(topic="lookup.issue").payload
    assert services.issue(payload["usage"], payload["people"], payload["by"]) is False
    assert len([letter for letter in letters(MAIL) if "仮パスワード：" in letter]) == 1


def test_an_auditor_reads_and_does_not_decide(visitor: Visitor, log_in: Any, maker: Client) -> None:
    number = visitor.applies()
    auditor = log_in("auditor", "lookup.auditor", is_staff=True)
    assert auditor.get(ADMIN).status_code == 403
    assert decides(auditor, number, "take").status_code == 403
    assert usage_of(number).state == "received"


# --- 差戻し and 却下 -------------------------------------------------------------


def test_a_returned_application_goes_back_with_its_reason_and_is_sent_again(
    visitor: Visitor, maker: Client, checker: Client
) -> None:
    number = visitor.applies()
    decides(maker, number, "take")
    assert decides(checker, number, "return").status_code == 422
    assert decides(checker, number, "return", "支店コードを確かめてください。").status_code == 302
    assert any("支店コードを確かめてください。" in letter for letter in letters(MAIL))

    later = Visitor()
    later.sends(f"{TOP}resume/", {"number": number, "email": MAIL})
    page = later.sends(f"{TOP}resume/code/", {"code": code_for(MAIL)})
    assert "支店コードを確かめてください。" in page.text
    assert "内容を直して申請する" in page.text
    again = f"{FIRST}?from={number}"
    assert again in page.html
    assert "架空銀行Ｃ" in later.opens(again).html
    page = later.sends(again, {**_typed(later, again), "action": "continue"})
    page = later.fills_in(page.path, **{"main-branches": "103 本店営業部"})
    page = later.fills_in(page.path)
    new = number_of(later.submits(page))
    assert (new != number, usage_of(new).state, usage_of(number).state) == (True, "received", "returned")
    assert usage_of(new).wanted["branches"] == [["103", "本店営業部"]]
    shown = words(maker.get(f"{ADMIN}{usage_of(new).pk}/change/"))
    assert f"{number} 差戻し：支店コードを確かめてください。" in shown


def _typed(visitor: Visitor, path: str) -> dict[str, str]:
    """Return what stands in the text fields of a page, and the chosen kind."""
    html = visitor.opens(path).html
    typed = dict(re.findall(r'name="((?:main|first)-\w+)"[^>]*value="([^"]*)"', html))
    return {**typed, "main-kind": "new"}


def test_a_refusal_is_told_with_its_reason(visitor: Visitor, maker: Client, checker: Client) -> None:
    number = visitor.applies()
    decides(maker, number, "take")
    decides(checker, number, "refuse", "約定書がありません。")
    assert any("約定書がありません。" in letter for letter in letters(MAIL))
    page = visitor.opens(f"{TOP}{number}/status/")
    assert "申請は却下となりました" in page.text
    assert "内容を直して申請する" not in page.text
    assert not Organisation.objects.filter(code="9996").exists()


# --- What an approval makes --------------------------------------------------------


def test_a_new_bank_has_strict_sessions_its_branches_and_its_managers(
    visitor: Visitor, maker: Client, checker: Client
) -> None:
    number = visitor.applies(bank=SECOND)
    usage = approved(maker, checker, number)
    bank = Institution.objects.select_related("organisation").get(organisation__code="9996")
    assert usage.institution == bank
    assert (bank.organisation.name, bank.organisation.strict_sessions, bank.sharing) == ("架空銀行Ｃ", True, "P")
    assert bank.networks == ["203.0.113.0/24", "198.51.100.7/32"]
    assert list(bank.branches.values_list("code", "name")) == [("101", "本店営業部"), ("102", "駅前支店")]
    people = User.objects.filter(organisation=bank.organisation).order_by("pk")
    assert [(one.name, one.email, one.roles) for one in people] == [
        ("申請 花子", MAIL, {"lookup.master"}),
        ("補佐 次郎", "jiro@bank.example", {"lookup.master"}),
    ]
    for address in (MAIL, "jiro@bank.example"):
        assert len([letter for letter in letters(address) if "仮パスワード：" in letter]) == 1


def test_a_bank_that_is_there_already_cannot_be_new(
    visitor: Visitor, maker: Client, checker: Client, bank_a: Organisation
) -> None:
    number = visitor.applies(bank={"main-code": bank_a.code})
    decides(maker, number, "take")
    page = checker.get(f"{ADMIN}{usage_of(number).pk}/change/")
    assert "この金融機関コードは登録済みです" in words(page)
    answer = decides(checker, number, "approve")
    assert (answer.status_code, usage_of(number).state) == (409, "review")
    bank_a.refresh_from_db()
    assert bank_a.name == "架空銀行Ａ"


def test_a_change_shows_what_differs_and_changes_it(
    visitor: Visitor, maker: Client, checker: Client, bank_a: Organisation, master: Teller
) -> None:
    number = visitor.applies(
        bank={"main-kind": "change", "main-code": bank_a.code, "main-name": "架空銀行Ａ", **SECOND},
        use={"main-sharing": "F", "main-branches": "101 本店\n205 新支店", "main-networks": ""},
    )
    decides(maker, number, "take")
    page = words(checker.get(f"{ADMIN}{usage_of(number).pk}/change/"))
    assert "責任共有方式 部分保証方式 負担金方式 変更あり" in page
    assert "店舗 101 本店 101 本店 205 新支店 変更あり" in page
    assert "名称 架空銀行Ａ 架空銀行Ａ 利用" not in page
    assert decides(checker, number, "approve").status_code == 302
    bank = Institution.objects.get(organisation=bank_a)
    assert (bank.sharing, bank.networks) == ("F", [])
    assert list(bank.branches.values_list("code", "name", "closes_on")) == [
        ("101", "本店", None),
        ("205", "新支店", None),
    ]
    masters = {one.name for one in User.objects.filter(organisation=bank_a) if "lookup.master" in one.roles}
    assert masters == {"a-master", "申請 花子", "補佐 次郎"}


def test_a_change_closes_branches_that_are_not_named_on_the_wished_day(
    visitor: Visitor, maker: Client, checker: Client, bank_a: Organisation
) -> None:
    number = visitor.applies(
        bank={"main-kind": "change", "main-code": bank_a.code}, use={"main-branches": "205 新支店"}
    )
    approved(maker, checker, number)
    assert Branch.objects.get(institution__organisation=bank_a, code="101").closes_on == date(2026, 4, 20)


def test_a_manager_who_is_there_already_gets_no_second_id(
    visitor: Visitor, maker: Client, checker: Client, bank_a: Organisation, user: Teller
) -> None:
    User.objects.filter(pk=user.user.pk).update(email=MAIL.upper())
    number = visitor.applies(bank={"main-kind": "change", "main-code": bank_a.code})
    approved(maker, checker, number)
    assert User.objects.filter(organisation=bank_a).count() == 1
    assert User.objects.get(pk=user.user.pk).has_role("lookup.master")


def test_the_end_of_a_bank_stops_all_its_people_at_once(
    visitor: Visitor, maker: Client, checker: Client, bank_a: Organisation, user: Teller, master: Teller, other: Teller
) -> None:
    assert user.opens("/lookup/").status == 200
    number = visitor.applies(bank={"main-kind": "end", "main-code": bank_a.code})
    assert approved(maker, checker, number).state == "issued"
    for person in (user, master):
        assert person.opens("/lookup/").status == 302
        assert not User.objects.get(pk=person.user.pk).is_active
    assert Institution.objects.get(organisation=bank_a).state == "ended"
    assert other.opens("/lookup/").status == 200
    assert set(Clerk.objects.filter(user__organisation=bank_a).values_list("stop_reason", flat=True)) == {"left"}


def test_a_bank_that_ended_may_come_back(
    visitor: Visitor, maker: Client, checker: Client, bank_a: Organisation, user: Teller
) -> None:
    approved(maker, checker, visitor.applies(bank={"main-kind": "end", "main-code": bank_a.code}))
    approved(maker, checker, Visitor().applies(bank={"main-code": bank_a.code}))
    bank_a.refresh_from_db()
    assert (bank_a.is_active, Institution.objects.get(organisation=bank_a).state) == (True, "active")
    assert not User.objects.get(pk=user.user.pk).is_active


@pytest.mark.parametrize("kind", ["change", "end"])
def test_a_bank_that_is_not_there_can_neither_change_nor_end(
    visitor: Visitor, maker: Client, checker: Client, kind: str
) -> None:
    number = visitor.applies(bank={"main-kind": kind})
    decides(maker, number, "take")
    answer = decides(checker, number, "approve")
    assert answer.status_code == 409
    assert "この金融機関コードの登録がありません" in words(answer)


# --- The queue and its papers -------------------------------------------------------


def test_the_association_is_told_and_finds_the_application_by_number_and_code(visitor: Visitor, maker: Client) -> None:
    number = visitor.applies()
    assert any(number in letter for letter in letters("staff@association.example"))
    for query in (number, "9996", "架空銀行Ｃ"):
        assert number in words(maker.get(ADMIN, {"q": query}))
    assert number not in words(maker.get(ADMIN, {"q": "9995"}))


def test_the_association_reads_the_paper_and_the_reading_is_recorded(visitor: Visitor, maker: Client) -> None:
    number = visitor.applies()
    pk = usage_of(number).pk
    assert maker.get(f"{ADMIN}{pk}/change/").status_code == 200
    paper = maker.get(f"{ADMIN}{pk}/form.pdf")
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    assert set(Event.objects.filter(target=number, actor_login="staff").values_list("verb", flat=True)) == {
        "lookup.application_viewed",
        "lookup.application_paper",
    }


def test_the_applicant_follows_the_state(visitor: Visitor, maker: Client, checker: Client) -> None:
    number = visitor.applies()
    path = f"{TOP}{number}/status/"
    assert "受付" in visitor.opens(path).text
    decides(maker, number, "take")
    assert "審査中" in visitor.opens(path).text
    decides(checker, number, "approve")
    drain()
    page = visitor.opens(path)
    assert "利用者IDを発行しました" in page.text
    assert "staff" not in page.text
    assert timezone.localdate().isoformat() in page.html
