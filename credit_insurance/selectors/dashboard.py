"""団体ダッシュボード: counts and sums of all members, no debtor and no limit (credit_insurance.md 10, S34)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, Sum

from credit_insurance.enums import CaseState, InvoiceState, RefundState
from credit_insurance.models import Case, Deposit, Enrolment, Invoice, Refund

LEFT = F("amount") - F("received")
UNDER_WAY = (CaseState.ACCEPTED, CaseState.FORM_SUBMITTED, CaseState.FORM_ACCEPTED)


@dataclass(frozen=True)
class Figure:
    """One line: how many cases, how many of them with fixed cover, and their premium in yen."""

    label: str
    cases: int
    covered: int = 0
    premium: int = 0


@dataclass(frozen=True)
class Money:
    """A sum that somebody has to look after: how many, and yen."""

    label: str
    count: int
    amount: int


def by_state(year: int) -> list[Figure]:
    """Return the cases of a 保険期間 by 手続状況, in the order of their life; one query."""
    covered = Q(enrolment__completed_at__isnull=False)
    rows = Case.objects.filter(policy__year=year).order_by().values("state")
    found = {
        row["state"]: row
        for row in rows.annotate(
            cases=Count("pk"),
            covered=Count("pk", filter=covered),
            premium=Sum("enrolment__premium", filter=covered, default=0),
        )
    }
    return [
        Figure(state.label, found[state]["cases"], found[state]["covered"], found[state]["premium"])
        for state in CaseState
        if state in found
    ]


def by_prefecture(year: int, names: dict[str, str]) -> list[Figure]:
    """Return the cases of a 保険期間 by the 中央会 of the member's 組合, by `names` of prefectures; one query."""
    covered = Q(enrolment__completed_at__isnull=False)
    places = Case.objects.filter(policy__year=year).order_by().values_list("member__union__prefecture")
    rows = places.annotate(
        cases=Count("pk"),
        covered=Count("pk", filter=covered),
        premium=Sum("enrolment__premium", filter=covered, default=0),
    )
    return [
        Figure(names.get(place or "", "所属組合なし"), cases, covered, premium)
        for place, cases, covered, premium in sorted(rows, key=lambda row: row[0] or "99")
    ]


def money(today: date) -> list[Money]:
    """Return what is open and late today; four queries."""
    waiting = Invoice.objects.filter(cancelled_at=None, state__in=[InvoiceState.OPEN, InvoiceState.PARTIAL])
    late = Q(due_on__lt=today)
    invoices = waiting.aggregate(
        count=Count("pk"), sum=Sum(LEFT, default=0),
        late=Count("pk", filter=late), late_sum=Sum(LEFT, filter=late, default=0),
    )  # fmt: skip
    deposits = Deposit.objects.filter(open_amount__gt=0).aggregate(count=Count("pk"), sum=Sum("open_amount", default=0))
    refunds = Refund.objects.filter(state__in=[RefundState.REQUESTED, RefundState.APPROVED]).aggregate(
        count=Count("pk"), sum=Sum("amount", default=0)
    )
    later = Enrolment.objects.filter(proposed_start__isnull=False, case__state__in=UNDER_WAY).aggregate(
        count=Count("pk"), sum=Sum("proposed_premium", default=0)
    )
    return [
        Money("入金待ちの保険料", invoices["count"], invoices["sum"]),
        Money("うち払込期限を過ぎたもの", invoices["late"], invoices["late_sum"]),
        Money("消し込んでいない入金", deposits["count"], deposits["sum"]),
        Money("手続中の返金", refunds["count"], refunds["sum"]),
        Money("開始日の変更の確認待ち", later["count"], later["sum"]),
    ]
