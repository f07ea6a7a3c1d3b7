"""The cover of a member: its periods, its debtors with their limits, its 加入者証 (credit_insurance.md 7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models import Case as If
from django.utils import timezone

from credit_insurance.enums import CertificateState, LimitState
from credit_insurance.models import Certificate, CoveredDebtor, Enrolment, LimitHistory
from credit_insurance.rules.timers import certificate_alarm, certificate_warning
from credit_insurance.rules.usage import NEAR_PER_CENT
from portal.accounts.models import User

ENDED = (LimitState.CLOSED_CUSTOMER, LimitState.EXPIRED)
"""States of debtors on whom nothing new is at risk."""

NO_LIMIT = 10**9
"""利用率 to sort by of a debtor whose limit is nothing."""


# --- Periods --------------------------------------------------------------------------


def covers(user: User) -> list[Enrolment]:
    """Return every completed 加入 of the user's company, the newest first; one query."""
    own = Enrolment.objects.visible_to(user).filter(completed_at__isnull=False)
    return list(own.select_related("case__member__organisation", "case__policy", "quote").order_by("-starts_on", "-pk"))


def shown(found: Sequence[Enrolment], number: str = "") -> Enrolment | None:
    """Return the 加入 of the case `number`; without one the running one, else the next, else the last."""
    if number:
        return next((one for one in found if one.case.number == number), None)
    today = timezone.localdate()
    open_ = [one for one in found if one.ends_on >= today]
    return min(open_, key=lambda one: one.starts_on) if open_ else next(iter(found), None)


def paid(enrolment: Enrolment) -> int:
    """Return 支払済の保険金 of the period in yen: what 保険金請求 has paid, which begins with its own procedure."""
    return 0


# --- 加入者証 --------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """How long a 加入者証 that is not issued has been waited for; `level` is "", "warning" or "alarm"."""

    days: int
    level: str
    alarm_on: date


def waiting(enrolment: Enrolment, today: date) -> Waiting | None:
    """Return how late a 加入者証 is; None once it is issued and before the cover is complete."""
    if enrolment.certificate_number or enrolment.completed_at is None:
        return None
    start = enrolment.starts_on
    alarm_on = certificate_alarm(start)
    level = "alarm" if today >= alarm_on else "warning" if today >= certificate_warning(start) else ""
    return Waiting((today - start).days, level, alarm_on)


def versions(enrolment: Enrolment) -> list[Certificate]:
    """Return every version of the 加入者証, the newest first; one query."""
    return list(enrolment.certificates.select_related("issued_by", "asked_by").defer("facts").order_by("-version"))


def own_certificate(user: User, number: str, version: int) -> Certificate | None:
    """Return a version of a 加入者証 of the user's company; None for others and unknown ones."""
    own = Enrolment.objects.visible_to(user).exclude(certificate_number="").filter(certificate_number=number)
    found = Certificate.objects.filter(enrolment__in=own, version=version)
    return found.select_related("enrolment__case__member__organisation").first()


def asked(found: Iterable[Certificate]) -> Certificate | None:
    """Return the issued version whose 再発行 the member asked for."""
    return next((one for one in found if one.state == CertificateState.ISSUED and one.asked_at), None)


# --- 取引先一覧 ------------------------------------------------------------------------


def debtors_of(enrolment: Enrolment) -> Any:
    """Return the debtors of a 加入 that the caller may see, with 利用率 in per cent (`used`) to sort and narrow by."""
    rate = F("balance") * 100 / F("limit")
    no_limit = If(When(balance=0, then=Value(0)), default=Value(NO_LIMIT), output_field=BigIntegerField())
    return CoveredDebtor.objects.filter(enrolment=enrolment).annotate(
        used=If(When(limit__gt=0, then=rate), default=no_limit, output_field=BigIntegerField())
    )


NEAR = Q(balance__lte=F("limit"), balance__gt=F("limit") * NEAR_PER_CENT / 100)
OVER = Q(balance__gt=F("limit"))
LEVELS = {"near": NEAR, "over": OVER, "overdue": Q(oldest_due__isnull=False)}


def narrowed(rows: Any, words: str, level: str, state: str) -> Any:
    """Return the debtors called like `words`, of one level of 利用率 (or overdue), in one state."""
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(corporate_number=words))
    if level in LEVELS:
        rows = rows.filter(LEVELS[level])
    return rows.filter(state=state) if state else rows


@dataclass(frozen=True)
class Sums:
    """What a member's debtors come to: how many, limits and balances in yen, how many need attention."""

    debtors: int
    limits: int
    balances: int
    near: int
    over: int
    overdue: int


def sums(enrolment: Enrolment) -> Sums:
    """Return the sums of a 加入; one query."""
    live = CoveredDebtor.objects.filter(enrolment=enrolment).exclude(state__in=ENDED)
    found = live.aggregate(
        debtors=Count("pk"),
        limits=Sum("limit", default=0),
        balances=Sum("balance", default=0),
        near=Count("pk", filter=NEAR),
        over=Count("pk", filter=OVER),
        overdue=Count("pk", filter=LEVELS["overdue"]),
    )
    return Sums(**found)


def largest(enrolment: Enrolment, most: int) -> list[tuple[str, int, int]]:
    """Return name, limit and balance of the debtors with the largest limits; one query."""
    live = CoveredDebtor.objects.filter(enrolment=enrolment).exclude(state__in=ENDED)
    return list(live.order_by("-limit", "-balance", "pk").values_list("name", "limit", "balance")[:most])


def own_debtor(user: User, pk: int) -> CoveredDebtor | None:
    """Return a debtor of the user's company with its 加入; None for others and unknown ones."""
    found = CoveredDebtor.objects.visible_to(user).filter(pk=pk, enrolment__completed_at__isnull=False)
    return found.select_related("enrolment__case__member__organisation").first()


def history(debtor: CoveredDebtor) -> "QuerySet[LimitHistory]":
    """Return every 支払限度額 of a debtor, the newest first."""
    return LimitHistory.objects.filter(debtor=debtor).order_by("-effective_from", "-pk")
