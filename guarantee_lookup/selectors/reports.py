"""What the association reviews each month (guarantee_lookup.md 9.5), and 利用統計 (S17): few grouped statements."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import ExtractHour, TruncMonth, TruncWeek
from django.utils import timezone

from guarantee_lookup.enums import Basis, Outcome
from guarantee_lookup.models import Lookup
from portal.accounts.models import Organisation
from portal.audit.models import Event
from portal.common.calendar import is_business_day

MOST = 1_000
"""Rows of one report."""

DAY_FROM, DAY_TO = 8, 21
"""Hours outside of which, or on no business day, somebody looks up at night or on a holiday."""

MOST_USERS = 20
NONE_SHARE, NONE_LEAST = 20, 20
"""該当なし above this share (percent) of at least so many look-ups of a week is looked at."""

MANY_BANKS = 5
MINUTES_SAVED = 15
"""Minutes of the association's work that a look-up replaces (guarantee_lookup.md 1.3)."""

Rows = Iterable[Mapping[str, Any]]


def midnight(day: date) -> datetime:
    """Return the first moment of a day in Japanese time."""
    return timezone.make_aware(datetime.combine(day, time.min))


def next_month(month: date) -> date:
    """Return the first day of the month after that of `month`."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def _between(since: date, before: date) -> QuerySet[Lookup]:
    found: QuerySet[Lookup] = Lookup.objects.filter(at__gte=midnight(since), at__lt=midnight(before))
    return found.order_by()


def unrelated(month: date) -> QuerySet[Lookup]:
    """Return the look-ups on the ground of own dealings by a bank that has no guarantee with the customer."""
    rows = _between(month, next_month(month)).filter(basis=Basis.RELATION, is_related=False)
    return rows.select_related("user", "organisation").order_by("at", "pk")[:MOST]


def at_night(month: date) -> Rows:
    """Return the people who looked up, or tried to, at night or on a holiday: refused and answered, most first."""
    before = next_month(month)
    days = (month + timedelta(days=offset) for offset in range((before - month).days))
    closed = Q()
    for day in days:
        if not is_business_day(day):
            closed |= Q(at__gte=midnight(day), at__lt=midnight(day + timedelta(days=1)))
    made = _between(month, before).annotate(hour=ExtractHour("at"))
    made = made.filter(closed | Q(hour__lt=DAY_FROM) | Q(hour__gte=DAY_TO))
    answered = made.values("user__login", "organisation__code").annotate(count=Count("pk"))
    refused = Event.objects.filter(
        at__gte=midnight(month), at__lt=midnight(before), verb="lookup.refused", outcome="E-HOUR"
    ).order_by()
    tried = refused.values("actor_login", "organisation_code").annotate(count=Count("pk"))
    answers = Counter({(row["user__login"], row["organisation__code"] or ""): row["count"] for row in answered})
    tries = Counter({(row["actor_login"], row["organisation_code"]): row["count"] for row in tried})
    people = sorted(answers.keys() | tries.keys(), key=lambda who: (-answers[who] - tries[who], who))
    return [{"login": who[0], "bank": who[1], "answered": answers[who], "refused": tries[who]} for who in people[:MOST]]


def top_users(month: date) -> Iterable[Mapping[str, Any]]:
    """Return the people with the most look-ups of the month, with their 該当なし."""
    return (
        _between(month, next_month(month))
        .values("user__login", "user__name", "organisation__code", "organisation__name")
        .annotate(count=Count("pk"), none=Count("pk", filter=Q(outcome=Outcome.NONE)))
        .order_by("-count", "user__login")[:MOST_USERS]
    )


def many_misses(month: date) -> Rows:
    """Return the banks whose share of 該当なし was high in a week that began in the month."""
    monday = month + timedelta(days=-month.weekday() % 7)
    before = next_month(month)
    end = before + timedelta(days=-before.weekday() % 7)
    weeks = (
        _between(monday, end)
        .annotate(week=TruncWeek("at"))
        .values("week", "organisation__code", "organisation__name")
        .annotate(count=Count("pk"), none=Count("pk", filter=Q(outcome=Outcome.NONE)))
        .filter(count__gte=NONE_LEAST)
        .order_by("week", "organisation__code")
    )
    return [row for row in weeks if row["none"] * 100 > row["count"] * NONE_SHARE][:MOST]


def shared_customers(month: date) -> Iterable[Mapping[str, Any]]:
    """Return the customers that many banks looked up in the month: how many, and one look-up to begin with."""
    return (
        _between(month, next_month(month))
        .exclude(customer=None)
        .values("customer")
        .annotate(banks=Count("organisation", distinct=True), count=Count("pk"), example=Min("receipt"))
        .filter(banks__gte=MANY_BANKS)
        .order_by("-banks", "example")[:MOST]
    )


# --- 利用統計 -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Usage:
    """Look-ups of one bank in one month, by outcome; `bank` is None for the association itself, "" in the total."""

    month: str
    bank: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def none_percent(self) -> str:
        """Return the share of 該当なし: `12.5%`."""
        return f"{self.counts.get(Outcome.NONE, 0) * 100 / self.total:.1f}%" if self.total else "—"

    @property
    def hours_saved(self) -> str:
        """Return the hours of paper inquiries that these look-ups replace."""
        return f"{self.total * MINUTES_SAVED / 60:,.2f}".removesuffix("0").removesuffix(".0")


def usage(since: date, until: date) -> list[Usage]:
    """Return the look-ups by month and bank, from the month of `since` to that of `until`, and their total."""
    rows = (
        _between(since, next_month(until))
        .annotate(month=TruncMonth("at"), bank=F("organisation"))
        .values("month", "bank", "outcome")
        .annotate(count=Count("pk"))
        .order_by("month", "bank", "outcome")
    )
    found: dict[tuple[str, int | None], dict[str, int]] = {}
    for row in rows:
        key = (f"{timezone.localtime(row['month']):%Y-%m}", row["bank"])
        found.setdefault(key, {})[row["outcome"]] = row["count"]
    names = _names({bank for _, bank in found if bank})
    listed = [Usage(month, names[bank] if bank else "信用保証協会", counts) for (month, bank), counts in found.items()]
    listed.sort(key=lambda one: (one.month, one.bank))
    total: Counter[str] = Counter()
    for one in listed:
        total.update(one.counts)
    return [*listed, Usage("合計", "", dict(total))]


def _names(banks: Iterable[int]) -> dict[int, str]:
    return {bank.pk: f"{bank.code} {bank.name}" for bank in Organisation.objects.filter(pk__in=banks)}
