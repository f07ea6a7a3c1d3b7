"""After 加入手続完了: 加入者証, 取引先一覧, 引受状況, what the night reminds of (credit_insurance.md 7, 11, 12)."""

import io
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from openpyxl import load_workbook

from credit_insurance.enums import CaseState, LimitState
from credit_insurance.models import Case, Certificate, CoveredDebtor, Deposit, Enrolment, Invoice, Line, Quote
from credit_insurance.selectors import masters
from credit_insurance.services import deposits, enrolment
from portal.audit.models import Event
from portal.outbox import drain
from portal.outbox.nightly import run_job
from tests.conftest import LogIn, Person
from tests.credit_insurance import builder
from tests.credit_insurance.driver import Sheet, hidden, words
from tests.credit_insurance.papers import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

START = date(2026, 12, 1)


@pytest.fixture
def underwriter(log_in: LogIn, clock: time_machine.Traveller) -> Person:
    person = log_in("uw", "credit.uw", is_staff=True, name="引受 望")
    type(person.user).objects.filter(pk=person.user.pk).update(email="uw@example.jp")
    return person


@pytest.fixture
def manager(log_in: LogIn) -> Person:
    return log_in("uwmgr", "credit.uw_manager", is_staff=True, name="引受 誠")


@pytest.fixture
def quote(underwriter: Person, manager: Person, approver: Person) -> Quote:
    """What company A has agreed to for 1 December: twelve debtors of 8,000,000 yen each."""
    type(approver.user).objects.filter(pk=approver.user.pk).update(email="a@example.com")
    return builder.accepted(approver.user, underwriter.user, manager.user, START)


def completed(quote: Quote, approver: Person, clerk: Person) -> Enrolment:
    """The form is in and accepted, the money has come in time."""
    builder.form_in(quote, approver.user)
    invoice = Invoice.objects.get(case=quote.case)
    Deposit.objects.create(
        booked_on=date(2026, 11, 16),
        value_on=date(2026, 11, 16),
        amount=invoice.amount,
        open_amount=invoice.amount,
        payer=f"{invoice.number} ",
        entered_at=timezone.now(),
    )
    deposit = Deposit.objects.latest("pk")
    deposits.allocate(deposit, invoice, invoice.amount, deposits.MatchWay.NUMBER_OTHER_AMOUNT, None)
    enrolment.accept_form(quote.case.forms.get(), clerk.user, masters.calendar())
    return Enrolment.objects.get(quote=quote)


@pytest.fixture
def covered(quote: Quote, approver: Person, staff: Person) -> Enrolment:
    return completed(quote, approver, staff)


def desk(covered: Enrolment) -> str:
    return f"/admin/credit_insurance/enrolment/{covered.pk}/change/"


def issues(person: Person, covered: Enrolment, after: int = 0, reason: str = ""):
    return person.post(desk(covered), {"after": after, "reason": reason})


def paper(covered: Enrolment, version: int) -> str:
    covered.refresh_from_db()
    return f"/credit/certificate/{covered.certificate_number}/{version}/paper/"


def at(clock: time_machine.Traveller, day: date, *people: Person) -> None:
    """Noon of another day, for which `people` log in anew."""
    clock.move_to(datetime(day.year, day.month, day.day, 3, tzinfo=UTC))
    for person in people:
        person.cookies.clear()
        person.force_login(person.user)


# --- 加入者証 ----------------------------------------------------------------------------


def test_a_certificate_is_frozen_when_it_is_issued_and_superseded_by_the_next(
    covered: Enrolment, underwriter: Person, approver: Person, log_in: LogIn
):
    assert "発行待ち 1件" in underwriter.get("/admin/credit_insurance/enrolment/").content.decode()
    assert issues(underwriter, covered).status_code == 302
    covered.refresh_from_db()
    assert covered.certificate_number == "T20260000001"
    assert Case.objects.get().state == CaseState.CERT_ISSUED
    first = approver.get(paper(covered, 1))
    said = text_of(first)
    for fact in (
        *("T20260000001（第1版）", "2026年12月1日午前0時（0:00）から2027年2月28日午後12時（24:00）まで（3か月）"),
        *("架空中央会", "架空海上火災保険株式会社", "29,000,000円", "95%", "240,000円", "96,000,000", "3か月", "1か月"),
        *(CoveredDebtor.objects.values_list("name", flat=True)),
    ):
        assert fact.replace(" ", "") in said, fact
    assert Event.objects.filter(verb="credit.certificate_pdf", target="T20260000001").exists()

    # Two people had the page without a version before them: the second one issues nothing.
    late = issues(underwriter, covered)
    assert late.status_code == 409
    assert "ほかの方が先に処理しました" in late.content.decode()
    assert issues(underwriter, covered, after=1).status_code == 409
    CoveredDebtor.objects.filter(line__position=1).update(limit=1_234_000)
    assert issues(underwriter, covered, after=1, reason="支払限度額の減額").status_code == 302
    assert list(Certificate.objects.values_list("version", "state")) == [(2, "issued"), (1, "superseded")]
    assert approver.get(paper(covered, 1)).content == first.content
    assert "1,234,000" in text_of(approver.get(paper(covered, 2)))
    assert "1,234,000" not in said

    page = words(approver.get("/credit/certificate/"))
    assert "期間中支払限度額 29,000,000円 残り 29,000,000円" in page
    assert "第2版 発行済" in page
    assert "第1版 旧版" in page
    clerk = log_in("fed", "credit.fed", is_staff=True)
    assert "PDF" not in clerk.get(desk(covered)).content.decode()
    assert clerk.get(f"/admin/credit_insurance/enrolment/{covered.pk}/paper/2/").status_code == 403
    assert issues(clerk, covered, after=2, reason="試し").status_code == 403


def test_a_member_asks_for_another_certificate_once_and_the_insurer_sees_it(
    covered: Enrolment, underwriter: Person, staff: Person, viewer: Person
):
    issues(underwriter, covered)
    ask = "/credit/certificate/ask/"
    assert viewer.post(ask, {"reason": "紛失したため"}).status_code == 403
    assert staff.post(ask, {"reason": ""}).status_code == 422
    assert staff.post(ask, {"reason": "紛失したため"}).status_code == 303
    assert staff.post(ask, {"reason": "もう一度"}).status_code == 409
    assert "再発行の依頼 1件" in underwriter.get("/admin/credit_insurance/enrolment/?queue=asked").content.decode()
    assert "紛失したため" in underwriter.get(desk(covered)).content.decode()
    issues(underwriter, covered, after=1, reason="紛失")
    assert "再発行の依頼 0件" in underwriter.get("/admin/credit_insurance/enrolment/?queue=asked").content.decode()
    assert staff.get("/credit/certificate/").status_code == 200


def test_a_late_certificate_is_told_to_the_insurer_after_20_days_and_to_both_after_30(
    covered: Enrolment, underwriter: Person, approver: Person, clock: time_machine.Traveller
):
    drain()
    mail.outbox.clear()

    def night(day: date) -> tuple[str, list[str]]:
        at(clock, day, underwriter, approver)
        mail.outbox.clear()
        run_job("credit.reminders", day)
        drain()
        return underwriter.get(desk(covered)).content.decode(), sorted(
            one.to[0] for one in mail.outbox if "加入者証" in one.subject
        )

    page, told = night(date(2026, 12, 20))
    assert "補償開始から19日" in page
    assert told == []
    page, told = night(date(2026, 12, 21))
    assert "注意：補償開始から20日" in page
    assert told == ["uw@example.jp"]
    assert night(date(2026, 12, 22))[1] == []
    assert "までに発行します" in words(approver.get("/credit/"))
    page, told = night(date(2026, 12, 31))
    assert "警告：補償開始から30日" in page
    assert told == ["a@example.com", "uw@example.jp"]
    assert "引受保険会社" in words(approver.get("/credit/certificate/"))
    assert "1か月を過ぎました" in words(approver.get("/credit/certificate/"))


# --- 取引先一覧 --------------------------------------------------------------------------


def test_the_list_shows_how_much_of_each_limit_is_used_and_warns(covered: Enrolment, staff: Person, viewer: Person):
    one, other, third = CoveredDebtor.objects.order_by("pk")[:3]
    CoveredDebtor.objects.exclude(pk=one.pk).update(balance=4_000_000)
    CoveredDebtor.objects.filter(pk=third.pk).update(name="=1+1", balance=7_200_000)
    url = f"/credit/debtors/{one.pk}/balance/"
    given = {"day-y": "2026", "day-m": "11", "day-d": "9", "revision": hidden(staff.get(url), "revision")}
    assert viewer.post(url, given | {"balance": "7,200,001"}).status_code == 403
    assert "90%を超えています" in words(staff.post(url, given | {"balance": "7,200,001"}, follow=True))
    assert staff.post(url, given | {"balance": "1"}).status_code == 409
    given["revision"] = hidden(staff.get(url), "revision")
    assert "限度額を超えている" not in words(staff.get("/credit/"))
    staff.post(url, given | {"balance": "8,000,001"})
    assert [event.detail["after"] for event in Event.objects.filter(verb="credit.balance_changed").order_by("at")] == [
        7_200_001,
        8_000_001,
    ]
    assert "債権残高が支払限度額を超えている取引先が1社あります" in words(staff.get("/credit/"))
    page = words(viewer.get("/credit/debtors/?level=over"))
    assert "101%" in page
    assert "12件中" not in page
    assert other.name not in page.partition("指定中の条件")[2]
    assert "条件に合うものはありません" in words(viewer.get("/credit/debtors/?level=near"))
    CoveredDebtor.objects.filter(pk=other.pk).update(oldest_due=date(2026, 11, 5))
    assert "2026-12-06 引渡し停止" in words(viewer.get("/credit/debtors/?level=overdue"))

    lines = b"".join(viewer.get("/credit/debtors/?format=csv&sort=name")).decode()
    assert '"\'=1+1"' in lines
    sheet = load_workbook(io.BytesIO(viewer.get("/credit/debtors/?format=xlsx&sort=-used").content)).worksheets[0]
    assert (sheet["A2"].value, sheet["D2"].value, sheet["E2"].value) == (one.name, 8_000_000, 8_000_001)
    assert "'=1+1" in [row[0].value for row in sheet]


def test_the_list_of_500_debtors_takes_a_bounded_number_of_queries(
    covered: Enrolment, staff: Person, django_assert_max_num_queries
):
    pattern = CoveredDebtor.objects.select_related("line").first()
    assert pattern is not None
    sheet = pattern.line.sheet_id
    lines = [
        Line(sheet_id=sheet, position=place, typed={}, values={}, saved_by=staff.user, saved_at=timezone.now())
        for place in range(100, 588)
    ]
    CoveredDebtor.objects.bulk_create(
        CoveredDebtor(
            enrolment=covered, line=line, name=f"取引先{line.position}", address="架空", starts_on=START,
            ends_on=covered.ends_on, limit=1_000_000, balance=950_000, balance_date=START,
        )
        for line in Line.objects.bulk_create(lines)
    )  # fmt: skip
    with django_assert_max_num_queries(25):
        assert "500件中" in words(staff.get("/credit/debtors/?size=100"))
    with django_assert_max_num_queries(25):
        assert "500社" in words(staff.get("/credit/"))


def test_limits_are_for_the_member_and_the_insurer_alone(
    covered: Enrolment, underwriter: Person, stranger: Person, union_clerk: Person, agent: Person, log_in: LogIn
):
    issues(underwriter, covered)
    debtor = CoveredDebtor.objects.all()[0]
    for person, expected in ((stranger, 404), (union_clerk, 403), (agent, 403)):
        for url in (f"/credit/debtors/{debtor.pk}/", f"/credit/debtors/{debtor.pk}/balance/", paper(covered, 1)):
            assert person.get(url).status_code == expected
    for url in ("/credit/debtors/", "/credit/certificate/"):
        assert "ご加入中の補償はありません" in words(stranger.get(url))
        assert union_clerk.get(url).status_code == agent.get(url).status_code == 403
    assert "書類はまだありません" in words(stranger.get("/credit/documents/"))
    clerk = log_in("fed", "credit.fed", is_staff=True)
    assert clerk.get("/admin/credit_insurance/covereddebtor/").status_code == 403


@pytest.mark.usefixtures("clock")
def test_the_sheet_shows_the_share_of_the_largest_debtors_before_it_is_handed_in(staff: Person):
    page = words(staff.get(Sheet(staff).fill(6).url))
    assert "取引先の集中度（グラフ）" in page
    assert "希望限度額 17% 債権残高 17%" in page
    assert "その他 1社" in page


# --- 引受状況 ----------------------------------------------------------------------------


def test_the_insurer_sees_what_all_members_have_on_a_debtor_after_it_was_recorded(
    covered: Enrolment, underwriter: Person, manager: Person, staff: Person, stranger: Person
):
    theirs = builder.accepted(stranger.user, underwriter.user, manager.user, START)
    other = completed(theirs, stranger, staff)
    assert [issues(underwriter, one).status_code for one in (covered, other)] == [302, 302]
    numbers = Enrolment.objects.order_by("pk").values_list("certificate_number", flat=True)
    assert list(numbers) == ["T20260000001", "T20260000002"]
    page = words(underwriter.get("/admin/credit_insurance/covereddebtor/"))
    assert Event.objects.filter(verb="credit.portfolio_viewed").count() == 1
    assert "2027年2月28日まで 192,000,000円 24社 2" in page
    assert "3 標準 192,000,000円 24社 2" in page
    debtor = CoveredDebtor.objects.filter(enrolment=covered)[0]
    found = words(underwriter.get(f"/admin/credit_insurance/covereddebtor/?q={debtor.corporate_number}"))
    assert f"{debtor.name} {debtor.corporate_number} 16,000,000円 2" in found
    holders = words(underwriter.get(f"/admin/credit_insurance/covereddebtor/{debtor.pk}/change/"))
    assert "架空商事A株式会社" in holders
    assert "架空商事B株式会社" in holders


# --- The night ---------------------------------------------------------------------------


def test_both_deadlines_are_reminded_of_once_for_each_mark_until_it_is_done(
    quote: Quote, approver: Person, staff: Person, clock: time_machine.Traveller
):
    def night(day: int) -> list[str]:
        at(clock, date(2026, 11, day))
        mail.outbox.clear()
        for _ in range(2):
            run_job("credit.reminders", date(2026, 11, day))
            drain()
        for one in mail.outbox:
            assert "見本" not in one.body
            assert "000,000" not in one.body
        return [one.subject for one in mail.outbox]

    drain()
    # The nights of 7 and 12 November did not run: the mark of the 12th is still due on the 13th.
    assert night(13) == ["【貸倒補償制度】加入依頼書の締切"]
    assert night(14) == []
    builder.form_in(quote, approver.user)
    assert night(15) == ["【貸倒補償制度】保険料のお振込みの締切"]
    assert "2026年11月17日" in mail.outbox[0].body
    assert night(16) == []
    assert night(17) == ["【貸倒補償制度】保険料のお振込みの締切"]
    assert night(18) == []


def test_a_member_is_reminded_of_the_renewal_and_its_limits_end_with_the_period(
    covered: Enrolment, approver: Person, clock: time_machine.Traveller
):
    drain()
    told = []
    for day in (date(2026, 11, 23), date(2026, 11, 24), date(2026, 12, 20), date(2027, 1, 25), date(2027, 2, 10)):
        at(clock, day)
        mail.outbox.clear()
        run_job("credit.reminders", day)
        drain()
        told.append([one.subject for one in mail.outbox if "更新" in one.subject])
    assert told == [[], *([["【貸倒補償制度】更新のお手続き"]] * 4)]
    live = CoveredDebtor.objects.filter(state=LimitState.IN_FORCE)
    run_job("credit.reminders", date(2027, 2, 28))
    assert live.count() == 12
    run_job("credit.reminders", date(2027, 3, 1))
    assert live.count() == 0
    at(clock, date(2027, 3, 1), approver)
    assert "終了" in words(approver.get("/credit/"))
