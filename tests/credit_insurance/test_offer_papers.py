"""お引受条件のご案内 in the member's hands, its reminders, and the papers up to it (D01 to D03)."""

import io
import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core import mail
from django.test import Client
from pypdf import PdfReader

from credit_insurance import tasks
from credit_insurance.documents import offers
from credit_insurance.enums import CaseState, QuoteState
from credit_insurance.models import CreditClass, Line, Quote
from credit_insurance.services import quotes
from portal.applications.models import Application, ApplicationVersion
from portal.audit.models import Event
from portal.outbox import drain
from portal.outbox.models import Message
from tests.conftest import LogIn, Person
from tests.credit_insurance import builder
from tests.credit_insurance.driver import Sheet, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "policy")]

MARCH = date(2027, 3, 1)


@pytest.fixture
def underwriter(log_in: LogIn) -> Person:
    return log_in("uw", "credit.uw", is_staff=True, name="引受 望")


@pytest.fixture
def manager(log_in: LogIn) -> Person:
    return log_in("uwmgr", "credit.uw_manager", is_staff=True, name="引受 誠")


@pytest.fixture
def december(approver: Person, underwriter: Person, manager: Person) -> Quote:
    """An open offer for 1 December, to be answered by 17 November."""
    return builder.quoted(builder.submitted(approver.user, date(2026, 12, 1)), underwriter.user, manager.user)


def text_of(answer) -> str:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    return re.sub(r"\s+", "", text)


# --- The example of the pamphlet ---------------------------------------------------------


def test_the_example_of_the_pamphlet_stands_on_the_page_and_in_the_paper(
    approver: Person, underwriter: Person, manager: Person, viewer: Person, stranger: Person,
    clock: time_machine.Traveller,
):  # fmt: skip
    """売上高 4億円, 売掛債権額 1億円, 適用料率 1 %, 1年間: 保険料 100万円, 0.25 % of the sales."""
    clock.move_to(datetime(2026, 12, 1, 3, tzinfo=UTC))
    for person in (approver, underwriter, manager, viewer, stranger):
        person.force_login(person.user)
    nine = {"annual_sales": "40,000,000", "balance_now": "9,000,000", "balance_max12": "9,000,000"}
    case = builder.submitted(approver.user, MARCH, 11, **nine, requested_limit="10,000,000")
    tied = Line.objects.filter(sheet=case.sheet).order_by("-position")[0]
    Line.objects.filter(pk=tied.pk).update(values={**tied.values, "capital_tie": "subsidiary"})
    desk = f"/admin/credit_insurance/case/{case.pk}/change/"
    underwriter.post(desk, {"decision": "take"})
    third = CreditClass.objects.get(policy__year=2027, number=3).pk
    assert underwriter.post(desk, {"decision": "bulk", "takes_open": "on", "how": "asked", "credit_class": third}).url
    assert underwriter.post(desk, {"decision": "offer"}).status_code == 302
    quote = Quote.objects.get()
    assert approver.get(f"/credit/quotes/{quote.number}/paper/").status_code == 404
    manager.post(f"/admin/credit_insurance/quote/{quote.pk}/change/", {"decision": "issue"})

    page = words(viewer.get(f"/credit/quotes/{quote.number}/")).replace(" ", "")
    text = text_of(viewer.get(f"/credit/quotes/{quote.number}/paper/"))
    for shown in (page, text):
        assert "1,000,000円" in shown
        assert "売上高に対する貸倒補償コスト0.25%" in shown
        assert "適用料率1.000%" in shown
        assert "支払限度額の合計100,000,000円" in shown
        assert "30,000,000円" in shown  # 30 % of the limits
        assert "95%" in shown
        assert "2027年3月1日午前0時から2028年2月29日午後12時まで（12か月）" in shown
        assert "加入依頼書の締切2027年2月17日（水）" in shown
        assert "保険料のお振込み締切2027年2月17日（水）" in shown
        assert "架空中央金庫本店普通0000001架空中央会" in shown
        assert "2026年12月31日" in shown  # 30 days after the issue
        assert "免責金額なし" in shown
        assert "架空取引先11株式会社" in shown
        assert "被保険者の子会社" in shown
    assert quote.number in text
    assert Event.objects.filter(verb="credit.quote_pdf", target=quote.number, actor=viewer.user).exists()
    assert stranger.get(f"/credit/quotes/{quote.number}/paper/").status_code == 404


# --- The answer --------------------------------------------------------------------------


def test_an_open_offer_waits_on_the_home_page_and_is_refused_after_one_more_look(december: Quote, approver: Person):
    page = f"/credit/quotes/{december.number}/"
    assert "お引受条件が届いています。回答は2026年11月17日までです" in words(approver.get("/credit/"))
    assert f'href="{page}"' in approver.get("/credit/cases/").content.decode()
    assert approver.post(page, {"action": "refuse"}).status_code == 404
    assert "取り消すことはできません" in words(approver.get(f"{page}refuse/"))
    assert approver.post(f"{page}refuse/").status_code == 303
    december.refresh_from_db()
    assert (december.state, december.case.state) == (QuoteState.NOT_TAKEN, CaseState.NOT_TAKEN)
    assert approver.post(f"{page}refuse/").status_code == 303
    assert Event.objects.filter(verb="credit.quote_refuse").count() == 1


def test_a_third_review_is_not_on_offer(december: Quote, approver: Person, underwriter: Person, manager: Person):
    asked = {"action": "review", "comment": "限度額を増やしてください"}
    for left in (1, 0):
        newest = Quote.objects.get(state=QuoteState.ISSUED)
        assert approver.post(f"/credit/quotes/{newest.number}/", asked).status_code == 303
        desk = f"/admin/credit_insurance/case/{newest.case_id}/change/"
        assert "限度額を増やしてください" in underwriter.get(desk).content.decode()
        underwriter.post(desk, {"decision": "offer"})
        prepared = Quote.objects.get(state=QuoteState.PREPARED)
        manager.post(f"/admin/credit_insurance/quote/{prepared.pk}/change/", {"decision": "issue"})
        page = words(approver.get(f"/credit/quotes/{prepared.number}/"))
        assert (f"あと{left}回依頼できます" if left else "依頼できる回数（2回）を終えています") in page
    refused = approver.post(f"/credit/quotes/{prepared.number}/", asked)
    assert refused.status_code == 409
    assert "2回までです" in words(refused)
    assert Quote.objects.get(pk=prepared.pk).state == QuoteState.ISSUED
    assert "新しいお引受条件があります" in words(approver.get(f"/credit/quotes/{december.number}/"))


def test_an_offer_that_ended_is_begun_again_with_the_same_debtors(
    december: Quote, approver: Person, staff: Person, clock: time_machine.Traveller
):
    clock.move_to("2026-11-18 03:00:00+00:00")
    for person in (approver, staff):
        person.force_login(person.user)
    page = f"/credit/quotes/{december.number}/"
    assert "有効期限が過ぎています" in words(staff.get(page))
    assert quotes.expire(date(2026, 11, 18)) == 1
    begun = staff.post(f"{page}again/")
    assert staff.post(f"{page}again/").headers["Location"] == begun.headers["Location"]
    copy = Application.objects.get(copied_from=december.case.sheet)
    assert copy.number in begun.headers["Location"]
    assert Line.objects.filter(sheet=copy).count() == 12


def test_the_end_of_an_offer_is_reminded_of_7_and_2_days_before_once_each_night_missed_or_not(
    approver: Person, underwriter: Person, manager: Person, clock: time_machine.Traveller
):
    approver.user.__class__.objects.filter(pk=approver.user.pk).update(email="a@example.com")
    clock.move_to(datetime(2026, 12, 1, 3, tzinfo=UTC))
    quote = builder.quoted(builder.submitted(approver.user, date(2027, 2, 1)), underwriter.user, manager.user)
    assert quote.valid_until == date(2026, 12, 31)
    drain()
    mail.outbox.clear()
    due = {day: quotes.remind(date(2026, 12, day)) for day in (23, 24, 25, 30, 31, 31)}
    # The night of the 29th did not run: the 30th does its work.
    assert due == {23: 0, 24: 1, 25: 0, 30: 1, 31: 0}
    drain()
    assert len(mail.outbox) == 2
    assert "有効期限：2026年12月31日" in mail.outbox[0].body
    assert "円" not in mail.outbox[0].body


# --- D02, D01 ----------------------------------------------------------------------------


def test_the_submitted_sheet_is_a_paper_with_every_debtor(
    december: Quote, viewer: Person, stranger: Person, staff: Person
):
    number = december.case.number
    assert f'href="/credit/cases/{number}/paper/"' in viewer.get(f"/credit/cases/{number}/").content.decode()
    text = text_of(viewer.get(f"/credit/cases/{number}/paper/"))
    assert "お見積り用ヒアリングシート" in text
    assert all(f"架空取引先{place}株式会社" in text for place in range(1, 13))
    assert "合計（12社）" in text
    assert "96,000,000" in text
    assert "申請者責任三郎" in text
    assert "年間売上高" in text
    assert Event.objects.filter(verb="credit.sheet_pdf", target=number).count() == 1
    assert stranger.get(f"/credit/cases/{number}/paper/").status_code == 404
    draft = Sheet(staff)
    assert staff.get(f"/credit/cases/{draft.number}/paper/").status_code == 404


def test_the_paper_of_a_long_sheet_is_made_by_a_job_and_kept(december: Quote, viewer: Person):
    sheet = december.case.sheet
    version = ApplicationVersion.objects.get(application=sheet)
    tasks.keep_sheet(sheet.number, {"version": version.pk})
    stored = Message.objects.filter(topic="documents.store", payload__kind="credit-sheet")
    assert not stored.exists()  # twelve debtors are no work
    line = Line.objects.filter(sheet=sheet).order_by("position")[0]
    kept = {"typed": {}, "values": line.values, "saved_by": line.saved_by, "saved_at": line.saved_at}
    Line.objects.bulk_create(Line(sheet=sheet, position=place, **kept) for place in range(13, 102))
    tasks.keep_sheet(sheet.number, {"version": version.pk})
    assert stored.count() == 1
    being_made = viewer.get(f"/credit/cases/{sheet.number}/paper/")
    assert being_made.status_code == 404
    assert "1分ほどしてから、もう一度開いてください" in words(being_made)


def test_the_longest_notes_of_500_debtors_are_left_out_of_the_paper_and_it_says_so(december: Quote):
    version = ApplicationVersion.objects.get(application=december.case.sheet)
    line = offers.SheetLine({}, dict.fromkeys(offers.PRINTED, "") | {"note": "あ" * 200})
    short = offers.sheet_context(version, [line] * 100)
    long = offers.sheet_context(version, [line] * 500)
    assert (short["notes"], len(long["notes"])) == ([], 1)  # type: ignore[arg-type]


def test_a_guest_takes_the_result_of_the_questionnaire_away_and_nobody_else_does(client: Client, db: None):
    page = client.get("/credit/questionnaire/")
    for _ in range(2):
        token = re.search(r'name="answers" value="([^"]*)"', page.content.decode())
        assert token
        answer = client.post("/credit/questionnaire/", {"answers": token[1], "answer": "yes"})
        page = client.get(answer.headers["Location"])
    token = re.search(r'name="answers" value="([^"]*)"', page.content.decode())
    assert token
    result = client.post("/credit/questionnaire/", {"answers": token[1], "answer": "no"}).headers["Location"]
    assert f'href="{result}paper/"' in client.get(result).content.decode()
    text = text_of(client.get(f"{result}paper/"))
    assert "アンケート結果" in text
    assert "現在、売掛債権の管理について、何らかの対策をとられていますか?いいえ" in text
    assert "2026年11月10日" in text
    assert Event.objects.filter(verb="credit.questionnaire_pdf").count() == 1
    assert Client().get(f"{result}paper/").status_code == 404
