"""加入者情報 (5.2): what is asked, two people at once, on paper, and トップ with what is left to do."""

from typing import Any

import pytest
import time_machine
from django.http import HttpResponse

from credit_insurance.enums import Membership
from credit_insurance.models import Member, Union
from portal.audit.models import Event
from tests.conftest import Person
from tests.credit_insurance.driver import Sheet, corporate_number, hidden, words

PROFILE = "/credit/profile/"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def filled(**changes: Any) -> dict[str, Any]:
    """Return the whole form as a browser sends it."""
    return {
        "legal_kind": "corp",
        "name": "架空商事A株式会社",
        "name_kana": "かくうしょうじ",
        "payer_kana": "カ）カクウショウジ",
        "corporate_number": corporate_number(1),
        "postal_code": "1000001",
        "prefecture": "13",
        "address": "架空区見本町1-1",
        "rep_title": "代表取締役",
        "rep_name": "代表 太郎",
        "contact_name": "担当 一子",
        "phone": "03-0000-0001",
        "email": "tanto@example.jp",
        "industry_code": "55",
        "products": "電子部品",
        "annual_sales": "400,000",
        "fiscal_month": "3",
        "employees": "18",
        "union": "U0001",
        "has_other_cover": "no",
        **changes,
    }


def saves(person: Person, **changes: Any) -> HttpResponse:
    """Open 加入者情報, fill in everything, press 保存."""
    revision = hidden(person.get(PROFILE), "revision")
    return person.post(PROFILE, filled(revision=revision, **changes))


def test_the_data_are_saved_and_printed(staff: Person, viewer: Person, member: Member) -> None:
    assert saves(staff)["Location"] == PROFILE
    member.refresh_from_db()
    assert (member.name_kana, member.payer_kana) == ("カクウショウジ", "ｶ)ｶｸｳｼｮｳｼﾞ")
    assert (member.annual_sales, member.postal_code, member.revision) == (400_000_000, "100-0001", 2)
    for person, place in ((staff, f"{PROFILE}sheet/"), (viewer, PROFILE)):
        page = person.get(place)
        for said in ("55 その他の卸売業", "400,000,000円", "架空卸売協同組合", "小規模法人", "3月"):
            assert said in words(page)
        assert '<form method="post" action="/credit/profile/"' not in page.content.decode()
    changed = Event.objects.get(verb="credit.profile_changed")
    assert (changed.actor_login, "corporate_number" in changed.detail["fields"]) == ("a-staff", True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"corporate_number": "1234567890123"}, "法人番号"),
        ({"corporate_number": ""}, "法人番号を入力してください"),
        ({"legal_kind": "sole"}, "法人番号は法人だけが入力します"),
        ({"phone": "030-0000"}, "電話番号"),
        ({"payer_kana": "架空商事"}, "振込名義"),
        ({"union": "なかよし組合"}, "この所属組合は見つかりません"),
        ({"has_other_cover": "yes"}, "他の取引信用保険・保証・ファクタリングの内容"),
        ({"employees": "-1"}, "常時使用する従業員数"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(staff: Person, changes: dict[str, str], said: str) -> None:
    page = saves(staff, **changes, products="手書きの品名")
    assert (page.status_code, said in words(page)) == (422, True)
    assert 'value="手書きの品名"' in page.content.decode()
    assert not Event.objects.filter(verb="credit.profile_changed").exists()


def test_the_second_of_two_people_is_shown_the_conflict_and_loses_nothing(
    staff: Person, colleague: Person, member: Member
) -> None:
    seen = hidden(staff.get(PROFILE), "revision")
    saves(colleague, products="同僚の品名")
    page = staff.post(PROFILE, filled(revision=seen, products="私の品名"))
    assert page.status_code == 409
    assert "取扱商品・サービス 同僚の品名 私の品名" in words(page)
    assert 'value="私の品名"' in page.content.decode()
    member.refresh_from_db()
    assert member.products == "同僚の品名"
    again = staff.post(PROFILE, filled(revision=hidden(page, "revision"), products="私の品名"))
    assert again.status_code == 303
    member.refresh_from_db()
    assert member.products == "私の品名"


def test_viewers_and_people_without_a_company_cannot_change_anything(
    viewer: Person, agent: Person, union_clerk: Person
) -> None:
    assert viewer.post(PROFILE, filled(revision="1")).status_code == 403
    assert viewer.post(f"{PROFILE}ask/").status_code == 403
    assert agent.get(PROFILE).status_code == union_clerk.get(PROFILE).status_code == 403


@pytest.mark.parametrize("field", ["corporate_number", "union"])
def test_another_number_or_union_begins_the_confirmation_anew(staff: Person, member: Member, field: str) -> None:
    saves(staff)
    Member.objects.filter(pk=member.pk).update(membership=Membership.CONFIRMED)
    saves(staff, products="別の品名")
    member.refresh_from_db()
    assert member.membership == Membership.CONFIRMED
    other = Union.objects.create(code="U0002", name="架空工業協同組合", prefecture="00")
    saves(staff, **{field: corporate_number(2) if field == "corporate_number" else other.name})
    member.refresh_from_db()
    assert member.membership == Membership.UNCONFIRMED


# --- トップ ------------------------------------------------------------------------


@pytest.mark.usefixtures("policy")
def test_the_first_page_says_what_is_to_be_done_and_by_when(staff: Person, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(membership=Membership.UNCONFIRMED)
    page = words(staff.get("/credit/"))
    for said in (
        "書類 11/17・入金 11/17",
        "2026年12月1日からの補償",
        "今日を含めて6営業日",
        "入力の済んでいない項目が",
    ):
        assert said in page
    for said in ("会員であることの確認が済んでいません", "はじめに"):
        assert said in page
    saves(staff)
    assert "入力の済んでいない項目が" not in words(staff.get("/credit/"))


@pytest.mark.usefixtures("policy")
def test_the_first_page_shows_drafts_then_the_step_of_the_case(staff: Person, approver: Person) -> None:
    sheet = Sheet(staff)
    page = words(staff.get("/credit/"))
    assert f"作成中のヒアリングシート（{sheet.number}）" in page
    assert "見積り（いまここ）" in page
    assert "はじめに" not in page
    sheet.fill().go_on()
    assert sheet.submit(approver).status_code == 303
    page = words(staff.get("/credit/"))
    assert "審査（いまここ）" in page
    assert "作成中" not in page


def test_before_a_policy_is_entered_there_is_no_deadline(staff: Person) -> None:
    page = staff.get("/credit/")
    assert (page.status_code, "締切" in words(page)) == (200, False)


@pytest.mark.usefixtures("policy")
def test_a_weekend_moves_the_money_but_not_the_form(staff: Person, clock: time_machine.Traveller) -> None:
    clock.move_to("2027-01-05T12:00:00+09:00")
    staff.logout()
    staff.force_login(staff.user)
    assert "書類 1/17・入金 1/15" in words(staff.get("/credit/"))
