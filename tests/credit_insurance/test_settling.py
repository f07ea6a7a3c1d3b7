"""Both 締切 decide when cover begins: what form and money lead to (credit_insurance.md 7.1, 8.3, 9.2)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from credit_insurance.enums import CaseState, InvoiceState, LimitCause, MatchWay
from credit_insurance.models import (
    Allocation,
    Case,
    CoveredDebtor,
    Deposit,
    Enrolment,
    EnrolmentForm,
    Invoice,
    LimitHistory,
    Quote,
    Refund,
)
from credit_insurance.selectors import masters
from credit_insurance.services import deposits, enrolment
from credit_insurance.services.review import Overtaken
from tests.conftest import LogIn, Person
from tests.credit_insurance import builder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]


@pytest.fixture
def quote(clock: time_machine.Traveller, approver: Person, log_in: LogIn) -> Quote:
    """An accepted offer for 1 December 2026: 96,000,000 × 1 % × 3 ÷ 12 = 240,000."""
    underwriter = log_in("uw", "credit.uw", is_staff=True).user
    manager = log_in("uwmgr", "credit.uw_manager", is_staff=True).user
    return builder.accepted(approver.user, underwriter, manager, date(2026, 12, 1))


def at(clock: time_machine.Traveller, day: date, hour: int = 12) -> None:
    clock.move_to(datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - timedelta(hours=9))


def deposit(day: date, amount: int, payer: str) -> Deposit:
    return Deposit.objects.create(
        booked_on=day, value_on=day, amount=amount, open_amount=amount, payer=payer, entered_at=timezone.now()
    )


def accept(quote: Quote, by: Person) -> None:
    form = EnrolmentForm.objects.get(case=quote.case, state="submitted")
    enrolment.accept_form(form, by.user, masters.calendar())


def pays(quote: Quote, day: date, amount: int = 240_000) -> Deposit:
    """Money with the right number: taken by itself when it is in time, else by a person."""
    invoice = Invoice.objects.get(case=quote.case)
    made = deposit(day, amount, f"{invoice.number} ｶｸｳｼﾖｳｼﾞ")
    if not deposits.settle_certain():
        taken = min(amount, invoice.missing)
        deposits.allocate(made, invoice, taken, MatchWay.NUMBER_OTHER_AMOUNT, None)
    return made


def conserved() -> bool:
    """Say whether every yen of every deposit is somewhere."""
    return all(
        one.amount
        == one.open_amount
        + sum(a.amount for a in Allocation.objects.filter(deposit=one, undone_at=None))
        + sum(r.amount for r in Refund.objects.filter(deposit=one).exclude(state="rejected"))
        for one in Deposit.objects.all()
    )


def night(day: date) -> dict[str, int]:
    return enrolment.settle_all(day, masters.calendar())


def test_form_and_money_in_time_complete_the_case_for_its_start(quote: Quote, approver: Person, staff: Person):
    builder.form_in(quote, approver.user)
    invoice = Invoice.objects.get()
    assert (invoice.amount, invoice.due_on) == (240_000, date(2026, 11, 17))
    pays(quote, date(2026, 11, 16))
    accept(quote, staff)
    cover = Enrolment.objects.get()
    assert (cover.starts_on, cover.ends_on, cover.months) == (date(2026, 12, 1), date(2027, 2, 28), 3)
    assert cover.completed_at
    assert Case.objects.get().state == CaseState.COMPLETED
    assert CoveredDebtor.objects.filter(limit=8_000_000).count() == 12
    assert LimitHistory.objects.filter(cause=LimitCause.INITIAL, effective_from=cover.starts_on).count() == 12
    assert conserved()


def test_cover_begins_at_midnight_of_its_first_day_and_ends_after_its_last(
    quote: Quote, approver: Person, staff: Person
):
    builder.form_in(quote, approver.user)
    pays(quote, date(2026, 11, 16))
    accept(quote, staff)
    assert enrolment.begin_and_end(date(2026, 11, 30)) == {"begun": 0, "ended": 0}
    assert enrolment.begin_and_end(date(2026, 12, 1)) == {"begun": 1, "ended": 0}
    assert enrolment.begin_and_end(date(2027, 2, 28)) == {"begun": 0, "ended": 0}
    assert enrolment.begin_and_end(date(2027, 3, 1)) == {"begun": 0, "ended": 1}


def test_late_money_leads_to_the_next_month_which_the_member_confirms_and_gets_the_surplus_back(
    quote: Quote, approver: Person, staff: Person, clock: time_machine.Traveller
):
    builder.form_in(quote, approver.user)
    accept(quote, staff)
    at(clock, date(2026, 11, 18))
    late = pays(quote, date(2026, 11, 18))
    assert night(date(2026, 11, 18)) == {"complete": 0, "later": 1, "miss": 0}
    assert night(date(2026, 11, 18)) == {"complete": 0, "later": 0, "miss": 0}
    waiting = Enrolment.objects.get()
    assert (waiting.starts_on, waiting.proposed_start, waiting.proposed_premium) == (
        date(2026, 12, 1), date(2027, 1, 1), 160_000,
    )  # fmt: skip
    today = date(2026, 11, 19)
    enrolment.confirm_later(waiting, date(2027, 1, 1), 160_000, approver.user, today, masters.calendar())
    done = Enrolment.objects.get()
    assert (done.starts_on, done.months, done.premium) == (date(2027, 1, 1), 2, 160_000)
    assert done.completed_at
    late.refresh_from_db()
    assert late.open_amount == 80_000
    assert conserved()


def test_an_old_proposal_is_not_confirmed(quote: Quote, approver: Person):
    builder.form_in(quote, approver.user)
    assert night(date(2026, 11, 19))["later"] == 1
    shown = Enrolment.objects.get()
    assert night(date(2026, 12, 19))["later"] == 1
    with pytest.raises(Overtaken):
        enrolment.confirm_later(shown, date(2027, 1, 1), 160_000, approver.user, date(2026, 12, 19), masters.calendar())
    assert Enrolment.objects.get().proposed_start == date(2027, 2, 1)


def test_a_case_that_misses_the_last_month_of_its_period_ends_and_its_money_is_free(quote: Quote, approver: Person):
    builder.form_in(quote, approver.user)
    paid = pays(quote, date(2026, 11, 12), 100_000)
    assert night(date(2027, 1, 19)) == {"complete": 0, "later": 0, "miss": 1}
    case = Case.objects.get()
    assert case.state == CaseState.EXPIRED_QUOTE
    assert "この保険期間には加入できません" in case.comment
    paid.refresh_from_db()
    assert paid.open_amount == 100_000
    assert conserved()


def test_short_money_is_never_enough_and_what_completes_it_gives_the_day(
    quote: Quote, approver: Person, staff: Person, clock: time_machine.Traveller
):
    builder.form_in(quote, approver.user)
    accept(quote, staff)
    pays(quote, date(2026, 11, 12), 239_340)
    invoice = Invoice.objects.get()
    assert (invoice.state, invoice.missing, invoice.money_day) == (InvoiceState.PARTIAL, 660, None)
    at(clock, date(2026, 11, 18))
    pays(quote, date(2026, 11, 18), 660)
    assert Invoice.objects.get().money_day == date(2026, 11, 18)
    assert night(date(2026, 11, 18))["later"] == 1


def test_a_corrected_form_counts_from_its_own_day(
    quote: Quote, approver: Person, staff: Person, clock: time_machine.Traveller
):
    builder.form_in(quote, approver.user)
    pays(quote, date(2026, 11, 11))
    enrolment.return_form(EnrolmentForm.objects.get(), "代表者名が違います。", staff.user)
    assert Case.objects.get().state == CaseState.ACCEPTED
    at(clock, date(2026, 11, 18))
    builder.form_in(quote, approver.user)
    # The form itself agrees to the later start; the money is there already, and too much.
    assert Enrolment.objects.get().starts_on == date(2027, 1, 1)
    accept(quote, staff)
    done = Enrolment.objects.get()
    assert done.completed_at
    assert (done.months, done.premium) == (2, 160_000)
    assert Deposit.objects.get().open_amount == 80_000
    assert conserved()
