"""利用開始申請: open to everybody, one guest for one applicant, who sees nothing else and comes back with a code."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from guarantee_lookup.models import UsageApplication
from portal.accounts.models import Grant, Organisation, User
from portal.applications.models import Application, Attachment
from portal.audit.models import Event
from portal.outbox.models import Message
from portal.outbox.nightly import run_job
from tests.guarantee_lookup.applying import (
    FIRST,
    MAIL,
    TOP,
    Visitor,
    code_for,
    letters,
    listed_urls,
    number_of,
    sample_path,
    usage_of,
    words,
)
from tests.guarantee_lookup.driver import Teller

pytestmark = pytest.mark.django_db
RESUME = f"{TOP}resume/"
PDF = b"%PDF-1.7\n" + b"0" * 100


@pytest.fixture
def visitor(db: None, clock: time_machine.Traveller) -> Visitor:
    """Somebody at 10:00 on 2026-03-19."""
    return Visitor()


# --- Before the first step ----------------------------------------------------


def test_the_first_page_is_open_and_says_who_may_apply_and_how_it_goes_on(visitor: Visitor) -> None:
    for path in (TOP, f"{TOP}new/"):
        page = visitor.opens(path)
        assert page.status == 200
        for said in ("申請できる方", "お手元にご用意ください", "手続きの流れ", "申請を始める", "5営業日後"):
            assert said in page.text
    assert User.objects.count() == 0


def test_the_steps_are_for_guests_only(visitor: Visitor) -> None:
    answer = visitor.client.get(FIRST)
    assert (answer.status_code, answer["Location"]) == (302, RESUME)
    assert "一定時間操作がなかった" not in visitor.opens(FIRST).text


def test_beginning_makes_a_guest_who_can_nothing_but_apply(visitor: Visitor) -> None:
    page = visitor.begins()
    assert (page.status, page.path) == (200, FIRST)
    guest = User.objects.get()
    assert (guest.has_usable_password(), guest.roles) == (False, {"lookup.applicant"})
    assert (guest.organisation.portal, guest.organisation.code[0]) == ("lookup", "G")
    assert guest.organisation.name == "利用開始申請"
    assert "照会履歴" not in page.html.partition("<main")[0]


def test_pressing_twice_keeps_the_one_guest(visitor: Visitor) -> None:
    visitor.begins()
    visitor.begins()
    assert User.objects.count() == 1


def test_the_eleventh_beginning_of_an_hour_from_one_address_has_to_wait(clock: time_machine.Traveller) -> None:
    for _ in range(10):
        assert Visitor().begins().status == 200
    page = Visitor().begins()
    assert page.status == 429
    assert int(page.response["Retry-After"]) > 3000
    assert Organisation.objects.count() == 10
    clock.shift(timedelta(hours=1))
    assert Visitor().begins().status == 200


def test_a_person_of_a_bank_is_told_that_a_beginning_logs_out(user: Teller) -> None:
    assert "ログアウトしてから申請を始めます" in user.opens(TOP).text
    assert user.client.post(TOP, follow=True).status_code == 200
    assert user.opens("/lookup/").status == 403


# --- What a guest sees ----------------------------------------------------------


def test_a_guest_sees_nothing_else_of_the_portal(visitor: Visitor) -> None:
    visitor.applies()
    seen: dict[str, Any] = {}
    for entry in listed_urls():
        path = entry["path"]
        if not path.startswith("/lookup/") or "token" in entry["roles"]:
            continue
        path = sample_path(path)
        answer = visitor.client.get(path)
        is_own = entry["roles"] in (["public"], ["lookup.applicant"])
        if not is_own and answer.status_code not in {403, 405}:
            seen[path] = answer.status_code
        assert not is_own or answer.status_code in {200, 302, 404, 405}, path
    assert seen == {}


def test_a_guest_sees_neither_the_admin_nor_another_portal(visitor: Visitor) -> None:
    visitor.begins()
    assert visitor.client.get("/admin/", follow=True).status_code == 403
    assert visitor.client.get("/nexi/").status_code == 403


def test_guests_do_not_see_each_other(visitor: Visitor) -> None:
    number = visitor.applies()
    stranger = Visitor()
    stranger.begins()
    for path in ("", "status/", "form.pdf", "confirm/", "steps/bank/"):
        assert stranger.client.get(f"{TOP}{number}/{path}").status_code == 404, path
    assert visitor.opens(f"{TOP}{number}/status/").status == 200


# --- The form -------------------------------------------------------------------


def test_a_new_bank_applies_in_three_steps(visitor: Visitor) -> None:
    number = visitor.applies()
    assert (number[0], len(number)) == ("8", 12)
    usage = usage_of(number)
    assert (usage.kind, usage.code, usage.state) == ("new", "9996", "received")
    assert usage.wanted == {
        "name": "架空銀行Ｃ",
        "sharing": "P",
        "branches": [["101", "本店営業部"], ["102", "駅前支店"]],
        "networks": ["203.0.113.0/24", "198.51.100.7/32"],
        "people": 20,
        "start_on": "2026-04-20",
        "responsible": "本店営業部長 責任 太郎",
        "masters": [{"name": "申請 花子", "department": "事務部", "phone": "048-000-0001", "email": MAIL}],
    }


def test_the_version_of_the_terms_is_frozen_with_the_submission(visitor: Visitor) -> None:
    number = visitor.applies()
    version = Application.objects.get(number=number).versions.get()
    assert ["同意する利用規約", "2026-04版"] in version.decision["facts"]


def test_without_consent_nothing_is_submitted(visitor: Visitor) -> None:
    visitor.begins()
    confirm = visitor.fills_in_all()
    for missing in ("terms", "privacy"):
        page = visitor.submits(confirm, **{missing: ""})
        assert page.status == 422
        assert "チェックしてください" in page.text
    assert not UsageApplication.objects.exists()


def test_the_same_submission_twice_is_one_application(visitor: Visitor) -> None:
    visitor.begins()
    confirm = visitor.fills_in_all()
    first, second = visitor.submits(confirm), visitor.submits(confirm)
    assert number_of(first) == number_of(second)
    assert UsageApplication.objects.count() == 1


@pytest.mark.parametrize(
    ("step", "changes", "message"),
    [
        ("bank", {"main-code": "99"}, "金融機関コードは4桁です"),
        ("bank", {"first-email": "hanako"}, "メールを読み取れませんでした"),
        ("bank", {"second-name": "次郎"}, "メール（2人目）を入力してください"),
        ("use", {"main-branches": ""}, "店舗コードと店舗名を入力してください"),
        ("use", {"main-branches": "本店"}, "1行目を読み取れませんでした"),
        ("use", {"main-branches": "101 本店\n101 支店"}, "2行目の支店コード101は、上の行にもあります"),
        ("use", {"main-networks": "203.0.113.5/24"}, "1行目をIPアドレスとして読み取れませんでした"),
        ("use", {"main-networks": "\n".join(f"10.0.{at}.0/24" for at in range(11))}, "接続元は10件までです"),
        ("use", {"main-people": "201"}, "利用者数は1から200まで"),
        ("person", {"main-start_on-m": "3", "main-start_on-d": "26"}, "5営業日後（2026年3月27日）以後の日"),
        ("person", {"main-post": ""}, "申込責任者 役職を入力してください"),
    ],
)
def test_what_is_wrong_is_said_at_its_step_and_kept(
    visitor: Visitor, step: str, changes: dict[str, str], message: str
) -> None:
    visitor.begins()
    path = FIRST
    for slug in ("bank", "use", "person"):
        page = visitor.fills_in(path, **(changes if slug == step else {}))
        if slug == step:
            break
        path = page.path
    assert page.status == 422
    assert message in page.text
    for typed in changes.values():
        assert not typed or typed.splitlines()[0] in page.html


def test_the_second_manager_is_another_person(visitor: Visitor) -> None:
    visitor.begins()
    second = {"name": "二郎", "department": "事務部", "phone": "048-000-0002", "email": MAIL.upper()}
    confirm = visitor.fills_in_all(bank={f"second-{name}": value for name, value in second.items()})
    assert "1人目と別のメールにしてください" in confirm.text


def test_who_ends_is_not_asked_about_branches(visitor: Visitor) -> None:
    number = visitor.applies(bank={"main-kind": "end"})
    assert (usage_of(number).kind, usage_of(number).wanted["branches"]) == ("end", None)


def test_lists_that_are_left_empty_are_said_to_be_empty(visitor: Visitor) -> None:
    visitor.begins()
    confirm = visitor.fills_in_all(use={"main-scope": "head", "main-branches": "", "main-networks": ""})
    said = dict(re.findall(r"<dt>([^<]+)</dt><dd>(.*?)</dd>", confirm.html))
    assert {"入力なし"} == {re.sub("<[^>]+>", "", said[label]) for label in ("店舗コードと店舗名", "接続元IPアドレス")}


def test_all_steps_are_named_from_the_first_one_on(visitor: Visitor) -> None:
    visitor.begins()
    assert "利用する店舗と条件" in visitor.opens(FIRST).text


def test_a_head_office_names_no_branches(visitor: Visitor) -> None:
    number = visitor.applies(use={"main-scope": "head", "main-branches": ""})
    assert usage_of(number).wanted["branches"] is None


@pytest.mark.stores_files
def test_one_sealed_paper_of_five_megabytes_may_be_attached(visitor: Visitor) -> None:
    visitor.begins()
    person = visitor.fills_in(visitor.fills_in().path).path
    too_large = SimpleUploadedFile("申請書.pdf", PDF + b"0" * (5 * 1024 * 1024))
    page = visitor.fills_in(person, **{"main-attachments": too_large})
    assert (page.status, "5MBまでです" in page.text) == (422, True)
    page = visitor.fills_in(person, **{"main-attachments": SimpleUploadedFile("申請書.xlsx", b"PK")})
    assert (page.status, "選べません" in page.text) == (422, True)
    page = visitor.fills_in(person, **{"main-attachments": SimpleUploadedFile("申請書.pdf", PDF)})
    assert "申請書.pdf" in page.text
    number = number_of(visitor.submits(page))
    assert Attachment.objects.get(application__number=number).name == "申請書.pdf"


# --- Papers ---------------------------------------------------------------------


def test_the_application_is_printed_before_and_after_it_is_sent(visitor: Visitor) -> None:
    visitor.begins()
    confirm = visitor.fills_in_all()
    number = number_of(confirm)
    assert f"{TOP}{number}/form.pdf" in confirm.html
    draft = visitor.client.get(f"{TOP}{number}/form.pdf")
    visitor.submits(confirm)
    sent = visitor.client.get(f"{TOP}{number}/form.pdf")
    assert (draft["Content-Type"], sent["Content-Type"]) == ("application/pdf", "application/pdf")
    assert draft.content != sent.content
    assert visitor.client.get(f"{TOP}{number}/form.pdf").content == sent.content
    assert Event.objects.filter(verb="lookup.application_paper", target=number).count() == 3


# --- Coming back ------------------------------------------------------------------


def test_a_guest_whose_time_ended_is_led_to_the_way_back_and_told_why(
    visitor: Visitor, clock: time_machine.Traveller
) -> None:
    """A guest has no password, so the page for logging in would be of no use."""
    visitor.begins()
    step = visitor.fills_in()
    number = number_of(step)
    clock.shift(timedelta(minutes=31))
    page = visitor.fills_in_late(step)
    assert (page.status, page.path) == (200, f"{RESUME}?reason=timeout")
    assert "一定時間操作がなかったため、ログアウトしました。一時保存した内容は残っています。" in page.text
    assert "確認コードを送る" in page.text
    page = visitor.opens(f"{TOP}{number}/status/")
    assert (page.path, "一定時間操作がなかった" in page.text) == (RESUME, False)
    assert visitor.client.get("/lookup/")["Location"] == "/account/login/?next=%2Flookup%2F"


def come_back(number: str, address: str) -> tuple[Visitor, str]:
    """Ask for a code in another browser; returns it with the answer's words."""
    visitor = Visitor()
    page = visitor.sends(f"{TOP}resume/", {"number": number, "email": address})
    return visitor, page.text


def test_number_and_address_and_a_code_lead_back_to_the_application(visitor: Visitor) -> None:
    visitor.begins()
    number = number_of(visitor.fills_in())
    back, _ = come_back(number, MAIL.upper())
    page = back.sends(f"{TOP}resume/code/", {"code": code_for(MAIL)})
    assert page.path == f"{TOP}{number}/status/"
    assert "再開する" in page.text
    assert User.objects.count() == 1


def test_the_code_stands_in_no_row(visitor: Visitor) -> None:
    number = visitor.applies()
    come_back(number, MAIL)
    code = code_for(MAIL)
    assert code not in json.dumps(list(Message.objects.filter(topic="lookup.apply-code").values("key", "payload")))


def test_unknown_number_and_wrong_address_get_the_same_answer_and_no_mail(visitor: Visitor) -> None:
    number = visitor.applies()
    before = len(letters())
    _, right = come_back(number, MAIL)
    sent = len(letters())
    _, wrong = come_back(number, "other@bank.example")
    _, unknown = come_back("826031900026", MAIL)
    assert right == wrong == unknown
    assert (sent, len(letters())) == (before + 1, before + 1)


def test_a_code_lasts_ten_minutes(visitor: Visitor, clock: time_machine.Traveller) -> None:
    number = visitor.applies()
    back, _ = come_back(number, MAIL)
    code = code_for(MAIL)
    clock.shift(timedelta(minutes=10, seconds=1))
    page = back.sends(f"{TOP}resume/code/", {"code": code})
    assert (page.status, "期限が切れています" in page.text) == (422, True)


def test_a_code_may_be_tried_five_times(visitor: Visitor) -> None:
    number = visitor.applies()
    back, _ = come_back(number, MAIL)
    code = code_for(MAIL)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert [back.sends(f"{TOP}resume/code/", {"code": wrong}).status for _ in range(5)] == [422] * 5
    assert back.sends(f"{TOP}resume/code/", {"code": code}).status == 429


def test_a_code_belongs_to_the_browser_that_asked(visitor: Visitor) -> None:
    number = visitor.applies()
    come_back(number, MAIL)
    stranger, _ = come_back(number, "other@bank.example")
    page = stranger.sends(f"{TOP}resume/code/", {"code": code_for(MAIL)})
    assert page.status == 422


def test_a_fourth_code_within_the_hour_has_to_wait(visitor: Visitor) -> None:
    number = visitor.applies()
    for _ in range(3):
        come_back(number, MAIL)
    assert Visitor().sends(f"{TOP}resume/", {"number": number, "email": MAIL}).status == 429


def test_without_a_question_there_is_no_page_for_a_code() -> None:
    answer = Client().get(f"{TOP}resume/code/")
    assert (answer.status_code, answer["Location"]) == (302, f"{TOP}resume/")


# --- The end of a guest -------------------------------------------------------------


def test_a_guest_without_an_application_is_closed_after_thirty_days(
    visitor: Visitor, clock: time_machine.Traveller
) -> None:
    visitor.begins()
    number = number_of(visitor.fills_in())
    clock.shift(timedelta(days=30))
    assert _night() == {"closed": 0}
    clock.shift(timedelta(days=1))
    assert (_night(), _night()) == ({"closed": 1}, {"closed": 0})
    assert not User.objects.get().is_active
    come_back(number, MAIL)
    assert letters(MAIL) == []


def test_a_guest_who_waits_for_an_answer_stays(visitor: Visitor, clock: time_machine.Traveller) -> None:
    visitor.applies()
    clock.shift(timedelta(days=100))
    assert _night() == {"closed": 0}


def _night() -> Any:
    return run_job("lookup.guests", timezone.localdate())


def test_the_guest_holds_one_role_only(visitor: Visitor) -> None:
    visitor.begins()
    assert list(Grant.objects.values_list("role", flat=True)) == ["lookup.applicant"]
    assert words(visitor.client.get(FIRST))
