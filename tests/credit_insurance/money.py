"""What the tests of 入金消込 have in common: cases with an invoice, deposits, files of the bank."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from credit_insurance.demo.bank import Entry, notice
from credit_insurance.enums import CaseKind, CaseState, QuoteState
from credit_insurance.models import Case, Deposit, Invoice, MasterPolicy, Member, Quote
from credit_insurance.rules.deadlines import cover_from, period_year
from portal.accounts.models import User
from portal.applications.models import Application
from tests.conftest import Person
from tests.credit_insurance import builder

ACCOUNT = "0000001"
IMPORT = "/admin/credit_insurance/bankfile/import/"
DESK = "/admin/credit_insurance/deposit/desk/"


def at(clock: time_machine.Traveller, day: date, hour: int = 12) -> None:
    clock.move_to(datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - timedelta(hours=9))


def deposit(day: date, amount: int, payer: str) -> Deposit:
    made: Deposit = Deposit.objects.create(
        booked_on=day, value_on=day, amount=amount, open_amount=amount, payer=payer, entered_at=timezone.now()
    )
    return made


def conserved() -> bool:
    """Say whether every yen of every deposit is somewhere, and no invoice has more than its amount."""

    def of(rows: object) -> int:
        return rows.aggregate(sum=Sum("amount", default=0))["sum"]  # type: ignore[attr-defined, no-any-return]

    deposits = all(
        one.open_amount
        == (
            0
            if one.is_cancellation or Deposit.objects.filter(cancels=one).exists()
            else one.amount - of(one.allocations.filter(undone_at=None)) - of(one.refunds.exclude(state="rejected"))
        )
        for one in Deposit.objects.all()
    )
    invoices = all(
        one.received == of(one.allocations.filter(undone_at=None)) <= one.amount for one in Invoice.objects.all()
    )
    return deposits and invoices


def bank_file(entries: Sequence[Entry], account: str = ACCOUNT) -> bytes:
    return notice(account, entries, timezone.localdate())


def takes(person: Person, content: bytes, name: str = "nyukin.txt"):
    """Upload a file of the bank."""
    return person.post(IMPORT, {"file": SimpleUploadedFile(name, content)})


def page_of(one: Deposit) -> str:
    return f"/admin/credit_insurance/deposit/{one.pk}/change/"


def in_list(person: Person, name: str) -> str:
    """Return one list of 入金消込 as words."""
    answer = person.get(DESK, {"list": name})
    assert answer.status_code == 200
    return str(answer.content.decode())


TOTAL, RATE = 120_000_000, Decimal("0.01")
"""What makes a month cost 100,000 yen."""


def accepted(member: Member, approver: User, start: date) -> Quote:
    """An offer that the member has accepted, written straight into the tables: 12 debtors, 100,000 yen a month."""
    now, cover = timezone.now(), cover_from(start)
    policy = MasterPolicy.objects.get(year=period_year(start))
    sheet = Application.objects.create(
        number=f"6{uuid4().hex[:11]}",
        kind="case",
        organisation=member.organisation,
        state="submitted",
        data={"schema": 1, "steps": {"summary": {"main-intended_start": [start.isoformat()]}}, "review": []},
        created_by=approver,
        saved_by=approver,
        submitted_by=approver,
        created_at=now,
        saved_at=now,
        submitted_at=now,
    )
    case = Case.objects.create(
        number=sheet.number,
        sheet=sheet,
        member=member,
        policy=policy,
        kind=CaseKind.MIDTERM,
        state=CaseState.ACCEPTED,
        state_at=now,
        intended_start=start,
        debtors=12,
        requested=TOTAL,
    )
    quote: Quote = Quote.objects.create(
        case=case,
        number=f"Q{uuid4().hex[:12]}",
        state=QuoteState.ACCEPTED,
        rate=RATE,
        total_limit=TOTAL,
        period_limit=TOTAL,
        indemnity_ratio=policy.indemnity_ratio,
        deductible=0,
        starts_on=start,
        ends_on=cover.end,
        months=cover.months,
        premium=cover.months * 100_000,
        cost_on_sales=0,
        lines=[],
        valid_until=start,
        prepared_by=approver,
        prepared_at=now,
    )
    return quote


def invoiced(member: Member, approver: User, start: date) -> Invoice:
    """The 払込のご案内 of a 加入依頼書 that was submitted now."""
    quote = accepted(member, approver, start)
    with transaction.atomic():
        builder.form_in(quote, approver)
    found: Invoice = Invoice.objects.select_related("case__member").get(case=quote.case)
    return found
