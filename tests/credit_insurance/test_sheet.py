"""ヒアリングシート: the summary, the debtors one by one, both by two people, and what is handed in."""

import re
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from credit_insurance.enums import CaseState, Membership
from credit_insurance.models import Case, Line, MasterPolicy, Member, Questionnaire
from portal.applications.models import Application, ApplicationVersion
from tests.conftest import Person
from tests.credit_insurance.driver import NEW, Sheet, debtor, hidden, summary, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "policy")]


def lines(sheet: Sheet) -> list[Line]:
    return list(Line.objects.filter(sheet__number=sheet.number).order_by("position"))


def test_a_sheet_of_twelve_debtors_is_handed_in_by_the_approver(staff: Person, approver: Person, member: Member):
    sheet = Sheet(staff).fill()
    page = words(staff.get(sheet.url))
    assert "対象 12社／10社以上" in page
    assert "希望合計 96,000,000円" in page
    assert sheet.go_on().headers["Location"] == sheet.confirm
    shown = words(staff.get(sheet.confirm))
    assert "12社（全12社）" in shown
    assert "売掛債権回転期間 3.0か月" in shown
    assert "2026年11月17日" in shown
    assert "申請は責任者が行います" in shown
    assert sheet.submit(approver).status_code == 303
    case = Case.objects.get()
    assert (case.number, case.member, case.state) == (sheet.number, member, CaseState.SUBMITTED)
    assert (case.debtors, case.requested, case.policy.year) == (12, 96_000_000, 2026)
    version = ApplicationVersion.objects.get(application__number=sheet.number)
    assert version.answers[1]["sections"][0]["title"] == "No.1 架空取引先1株式会社"
    receipt = words(approver.get(f"/credit/cases/{sheet.number}/"))
    assert "申請済" in receipt
    assert "希望限度額の合計 96,000,000円" in receipt


@pytest.mark.parametrize("count", [0, 9])
def test_less_than_ten_insurable_debtors_never_get_through(staff: Person, approver: Person, count: int):
    sheet = Sheet(staff).fill(count)
    page = sheet.go_on()
    assert page.status_code == 422
    assert f"対象となるお取引先が10社以上必要です（いま{count}社です）" in words(page)
    confirm = approver.get(sheet.confirm)
    assert "このままでは申込みできません" in words(confirm)
    assert 'name="token"' not in confirm.content.decode()
    assert not Case.objects.exists()


def test_excluded_debtors_and_the_same_debtor_twice_do_not_count(staff: Person):
    sheet = Sheet(staff).fill(9)
    assert sheet.add(9).status_code == 303
    assert sheet.add(10, public_body="yes").status_code == 303
    page = words(sheet.go_on())
    assert "いま9社です" in page
    assert "対象外：重複" in page
    assert "対象外：政府機関" in page


def test_what_is_wrong_is_said_beside_its_field_and_the_line_can_be_kept_unfinished(staff: Person):
    sheet = Sheet(staff)
    wrong = {"corporate_number": "1234567890123", "requested_limit": "8,050,000", "annual_sales": "ひみつ"}
    page = sheet.add(1, **wrong)
    assert page.status_code == 422
    text = words(page)
    assert "法人番号の数字の組み合わせが正しくありません" in text
    assert "希望限度額は100,000円単位で入力してください" in text
    assert "年間販売高を読み取れませんでした" in text
    assert 'value="ひみつ"' in page.content.decode()
    assert not lines(sheet)
    assert sheet.add(1, **wrong, action="save").status_code == 303
    (line,) = lines(sheet)
    assert line.typed["annual_sales"] == ["ひみつ"]
    grid = words(staff.get(sheet.url))
    assert "年間販売高を読み取れませんでした" in grid
    assert "エラーのみ表示（1社）" in grid
    again = words(staff.get(f"{sheet.url}{line.pk}/?check=1"))
    assert "年間販売高を読み取れませんでした" in again


def test_two_people_who_change_one_debtor_lose_nothing(staff: Person, colleague: Person):
    sheet = Sheet(staff).fill(1)
    (line,) = lines(sheet)
    mine, theirs = staff.get(f"{sheet.url}{line.pk}/"), colleague.get(f"{sheet.url}{line.pk}/")
    first = colleague.post(
        f"{sheet.url}{line.pk}/", {**debtor(1, requested_limit="9,000,000"), "revision": hidden(theirs, "revision")}
    )
    assert first.status_code == 303
    second = staff.post(f"{sheet.url}{line.pk}/", {**debtor(1, note="私の備考"), "revision": hidden(mine, "revision")})
    assert second.status_code == 409
    text = words(second)
    assert "同僚 二郎さんが" in text
    assert "希望限度額 9,000,000 8,000,000" in text
    assert "私の備考" in second.content.decode()
    assert lines(sheet)[0].values["requested_limit"] == 9_000_000
    third = staff.post(f"{sheet.url}{line.pk}/", {**debtor(1, note="私の備考"), "revision": hidden(second, "revision")})
    assert third.status_code == 303
    assert lines(sheet)[0].values["note"] == "私の備考"


def test_the_grid_shows_500_debtors_with_few_queries_and_no_markup_of_theirs(
    staff: Person, django_assert_max_num_queries: Any
):
    sheet = Sheet(staff).fill(1)
    (first,) = lines(sheet)
    rows = ({**first.values, "note": f"<b>{place}&", "trade_name": "<i>"} for place in range(2, 501))
    Line.objects.bulk_create(
        Line(sheet=first.sheet, position=place, typed={}, values=row, saved_by=staff.user, saved_at=first.saved_at)
        for place, row in enumerate(rows, start=2)
    )
    with django_assert_max_num_queries(25):
        page = staff.get(sheet.url).content.decode()
    assert page.count('<tr id="line-') == 500
    assert "&lt;b&gt;500&amp;" in page
    assert not re.search("<[bi]>", page)


def test_two_people_may_enter_different_debtors_of_one_sheet(staff: Person, colleague: Person):
    sheet = Sheet(staff).fill(2)
    first, second = lines(sheet)
    pages = [(one, person.get(f"{sheet.url}{one.pk}/")) for one, person in ((first, staff), (second, colleague))]
    for (one, page), person in zip(pages, (staff, colleague), strict=True):
        place = one.position
        sent = {**debtor(place, requested_limit="8,100,000"), "revision": hidden(page, "revision")}
        assert person.post(f"{sheet.url}{one.pk}/", sent).status_code == 303
    assert [one.values["requested_limit"] for one in lines(sheet)] == [8_100_000, 8_100_000]


def test_a_debtor_changed_after_the_confirm_page_stops_the_submission(staff: Person, approver: Person):
    sheet = Sheet(staff).fill()
    sheet.go_on()
    token = hidden(approver.get(sheet.confirm), "token")
    line = lines(sheet)[0]
    page = staff.get(f"{sheet.url}{line.pk}/")
    staff.post(
        f"{sheet.url}{line.pk}/", {**debtor(1, requested_limit="9,000,000"), "revision": hidden(page, "revision")}
    )
    answer = approver.post(sheet.confirm, {"token": token})
    assert answer.status_code == 409
    assert "担当 一子さんが" in words(answer)
    assert not Case.objects.exists()


def test_a_debtor_is_removed_after_being_asked(staff: Person):
    sheet = Sheet(staff).fill(2)
    line = lines(sheet)[0]
    page = staff.get(f"{sheet.url}{line.pk}/remove/")
    assert "架空取引先1株式会社" in words(page)
    assert staff.post(f"{sheet.url}{line.pk}/remove/", {"revision": "99"}).status_code == 303
    assert len(lines(sheet)) == 2
    assert staff.post(f"{sheet.url}{line.pk}/remove/", {"revision": hidden(page, "revision")}).status_code == 303
    assert [one.values["debtor_name"] for one in lines(sheet)] == ["架空取引先2株式会社"]


def test_a_handed_in_sheet_takes_no_debtor_any_more(staff: Person, approver: Person):
    sheet = Sheet(staff).fill()
    sheet.go_on()
    line = lines(sheet)[0]
    page = staff.get(f"{sheet.url}{line.pk}/")
    sheet.submit(approver)
    receipt = f"/credit/cases/{sheet.number}/"
    sent = {**debtor(1, requested_limit="9,000,000"), "revision": hidden(page, "revision")}
    for answer in (
        staff.post(f"{sheet.url}{line.pk}/", sent),
        sheet.add(13),
        staff.get(sheet.url),
        staff.post(f"{sheet.url}{line.pk}/remove/", {"revision": "1"}),
    ):
        assert answer.headers["Location"] == receipt
    assert len(lines(sheet)) == 12
    assert lines(sheet)[0].values["requested_limit"] == 8_000_000


@pytest.mark.parametrize("membership", [Membership.DENIED, Membership.LOST])
def test_who_is_no_member_may_not_hand_in(staff: Person, approver: Person, member: Member, membership: Membership):
    sheet = Sheet(staff).fill()
    sheet.go_on()
    Member.objects.filter(pk=member.pk).update(membership=membership)
    answer = sheet.submit(approver)
    assert answer.status_code == 409
    assert "所属組合の会員であることを確認できない" in words(answer)
    assert Application.objects.get(number=sheet.number).is_draft


def test_another_company_finds_nothing(staff: Person, stranger: Person, agent: Person, union_clerk: Person):
    sheet = Sheet(staff).fill(1)
    line = lines(sheet)[0]
    for path in (
        sheet.url,
        f"{sheet.url}new/",
        f"{sheet.url}{line.pk}/",
        f"{sheet.url}{line.pk}/remove/",
        sheet.confirm,
    ):
        assert stranger.get(path).status_code == 404
        assert agent.get(path).status_code == 403
        assert union_clerk.get(path).status_code == 403
    theirs = Sheet(stranger)
    assert stranger.get(f"{theirs.url}{line.pk}/").status_code == 404
    assert "架空取引先" not in words(stranger.get("/credit/cases/"))


def test_who_may_only_look_sees_the_sheet_and_changes_nothing(staff: Person, viewer: Person):
    sheet = Sheet(staff).fill(1)
    assert viewer.get(sheet.url).status_code == 403
    assert sheet.number in words(viewer.get("/credit/cases/"))
    assert "架空取引先1株式会社" in words(viewer.get(f"/credit/sheets/{sheet.number}/"))
    assert viewer.post(NEW, summary()).status_code == 403


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2026-11-17 14:59", "2026年12月1日"),
        ("2026-11-17 15:01", "2027年1月1日"),
    ],
)
def test_the_starts_on_offer_are_those_that_can_still_be_paid_in_time(
    staff: Person, clock: time_machine.Traveller, day: str, first: str
):
    clock.move_to(f"{day}:00+00:00")
    staff.force_login(staff.user)
    page = words(staff.get(NEW))
    assert first in page
    assert "2027年2月1日" in page
    assert "2026年11月1日" not in page


def test_the_next_period_is_on_offer_once_its_campaign_has_begun(
    staff: Person, clock: time_machine.Traveller, policy: MasterPolicy
):
    assert "2027年3月1日" not in words(staff.get(NEW))
    clock.move_to("2026-11-24 03:00:00+00:00")
    staff.force_login(staff.user)
    assert "2027年3月1日" in words(staff.get(NEW))


def test_what_was_ticked_in_the_questionnaire_is_proposed(staff: Person, member: Member):
    assert not re.search(r'name="main-measure_m4"[^>]*checked', staff.get(NEW).content.decode())
    Questionnaire.objects.create(
        member=member, answers={"Q4": ["M4"]}, result="R4", answered_at=timezone.now(), nonce="n" * 22
    )
    assert re.search(r'name="main-measure_m4"[^>]*checked', staff.get(NEW).content.decode())


def test_the_grid_of_500_debtors_takes_a_bounded_number_of_queries(staff: Person, django_assert_max_num_queries):
    sheet = Sheet(staff).fill(1)
    (line,) = lines(sheet)
    Line.objects.bulk_create(
        Line(
            sheet=line.sheet, position=place, typed=line.typed, values={**line.values, "debtor_name": f"取引先{place}"},
            debtor_key=f"{place}", saved_by=line.saved_by, saved_at=line.saved_at,
        )
        for place in range(2, 501)
    )  # fmt: skip
    with django_assert_max_num_queries(25):
        page = staff.get(sheet.url)
    assert "取引先500" in words(page)
    assert sheet.add(501).status_code == 422
