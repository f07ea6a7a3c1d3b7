"""The worked examples of both 締切 (credit_insurance.md 9.2) through the services, day by day under a moved clock."""

from dataclasses import dataclass
from datetime import date

import pytest
import time_machine
from django.utils import timezone

from credit_insurance.enums import CaseState, MatchWay
from credit_insurance.models import (
    Case,
    Deposit,
    Enrolment,
    EnrolmentForm,
    Invoice,
    MasterPolicy,
    Member,
    Quote,
)
from credit_insurance.rules.deadlines import period_year
from credit_insurance.selectors import masters
from credit_insurance.services import deposits, enrolment
from tests.conftest import Person
from tests.credit_insurance import builder
from tests.credit_insurance.money import accepted, at, conserved, deposit

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Example:
    """Days of the forms (the first of two is returned) and 起算日 of the money (the first of two is `short`)."""

    intended: date
    forms: list[date]
    money: list[date]
    start: date | None
    months: int = 0
    end: date | None = None
    short: int = 0


def d(text: str) -> date:
    return date.fromisoformat(text)


EXAMPLES = {
    "T1": Example(d("2021-06-01"), [d("2021-05-10")], [d("2021-05-17")], d("2021-06-01"), 9),
    "T2": Example(d("2021-08-01"), [d("2021-07-17")], [d("2021-07-16")], d("2021-08-01"), 7),
    "T3": Example(d("2021-08-01"), [d("2021-07-16")], [d("2021-07-19")], d("2021-09-01"), 6),
    "T4": Example(d("2021-08-01"), [d("2021-07-18")], [d("2021-07-16")], d("2021-09-01"), 6),
    "T5": Example(d("2023-08-01"), [d("2023-07-17")], [d("2023-07-14")], d("2023-08-01"), 7),
    "T6": Example(d("2023-08-01"), [d("2023-07-17")], [d("2023-07-18")], d("2023-09-01"), 6),
    "T7": Example(d("2024-03-01"), [d("2024-02-17")], [d("2024-02-16")], d("2024-03-01"), 12, d("2025-02-28")),
    "T8": Example(d("2024-03-01"), [d("2024-02-16")], [d("2024-02-19")], d("2024-04-01"), 11),
    "T9": Example(d("2026-02-01"), [d("2026-01-16")], [d("2026-01-16")], d("2026-02-01"), 1, d("2026-02-28")),
    "T10": Example(d("2021-03-01"), [d("2021-02-17")], [d("2021-02-17")], d("2021-03-01"), 12, d("2022-02-28")),
    "T11 now": Example(d("2021-01-01"), [d("2020-12-17")], [d("2020-12-17")], d("2021-01-01"), 2, d("2021-02-28")),
    "T11 waiting": Example(d("2021-03-01"), [d("2020-12-17")], [d("2020-12-17")], d("2021-03-01"), 12),
    "T12": Example(
        d("2021-06-01"), [d("2021-05-05")], [d("2021-05-10"), d("2021-05-18")], d("2021-07-01"), 8, short=660
    ),
    "T13": Example(
        d("2021-06-01"), [d("2021-05-10"), d("2021-05-18")], [d("2021-05-11")], d("2021-07-01"), 8,
    ),
    "T15": Example(d("2027-02-01"), [d("2027-01-18")], [d("2027-01-15")], None),
    "T16": Example(d("2027-02-01"), [d("2027-01-17")], [d("2027-01-18")], None),
}  # fmt: skip


@pytest.fixture
def clock():
    with time_machine.travel(d("2020-11-24"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def policies(db: None) -> None:
    for year in {period_year(one.intended) for one in EXAMPLES.values()}:
        MasterPolicy.objects.create(
            year=year, policy_no=f"TC-{year}", insurer="架空海上", branch="見本支社", agent="架空代理店",
            campaign_open=date(year - 1, 11, 24), campaign_close=date(year, 2, 17), bank_name="架空中央金庫",
            bank_branch="本店", account_no="0000001", account_holder="架空中央会",
        )  # fmt: skip


@dataclass
class Life:
    """One case and the people who bring it on."""

    quote: Quote
    member: Person
    clerk: Person

    def submits(self, is_returned: bool) -> None:
        """加入依頼書, where the wizard still takes one; it is returned the next day or received at once."""
        today = timezone.localdate()
        if enrolment.expected(self.quote, today, masters.calendar()).cover is None:
            return
        builder.form_in(self.quote, self.member.user)
        form = EnrolmentForm.objects.get(case=self.quote.case, state="submitted")
        if is_returned:
            enrolment.return_form(form, "不備があります。", self.clerk.user)
        else:
            enrolment.accept_form(form, self.clerk.user, masters.calendar())

    def pays(self, day: date, short: int) -> None:
        """Money for the 払込のご案内 if there is one; else it has no number to name."""
        invoice = Invoice.objects.filter(case=self.quote.case, cancelled_at=None).first()
        amount = invoice.missing - short if invoice else self.quote.premium
        made = deposit(day, amount, invoice.number if invoice else "ﾅﾏｴﾀﾞｹ")
        if invoice and invoice not in deposits.settle_certain():
            deposits.allocate(made, invoice, amount, MatchWay.NUMBER_OTHER_AMOUNT, None)

    def sleeps(self) -> None:
        """The night settles; the member agrees to a later start."""
        today, calendar = timezone.localdate(), masters.calendar()
        enrolment.settle_all(today, calendar)
        found = Enrolment.objects.exclude(proposed_start=None).first()
        if found:
            enrolment.confirm_later(
                found, found.proposed_start, found.proposed_premium, self.member.user, today, calendar
            )


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_worked_example(
    example: Example, policies: None, clock: time_machine.Traveller, member: Member, approver: Person, staff: Person
) -> None:
    first = min(example.forms)
    at(clock, first)
    life = Life(accepted(member, approver.user, example.intended), approver, staff)
    # Money that came before the form is allocated when there is something to pay; its 起算日 counts.
    days = [(day, "form") for day in example.forms] + [(max(day, first), "money") for day in example.money]
    money = list(example.money)
    for day, what in sorted(days):
        at(clock, day)
        if what == "form":
            life.submits(is_returned=len(example.forms) > 1 and day == first)
        else:
            life.pays(money.pop(0), example.short if money else 0)
        life.sleeps()
    case = Case.objects.get()
    if example.start is None:
        assert case.state == CaseState.EXPIRED_QUOTE
        assert "この保険期間には加入できません" in case.comment
        assert sum(one.open_amount for one in Deposit.objects.all()) == 100_000
    else:
        cover = Enrolment.objects.get()
        assert cover.completed_at
        assert (cover.starts_on, cover.months) == (example.start, example.months)
        assert example.end in (None, cover.ends_on)
        assert cover.premium == example.months * 100_000
    assert conserved()
