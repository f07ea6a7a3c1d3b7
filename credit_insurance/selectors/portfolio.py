"""引受状況: what the insurer, and nobody else, sees of debtors over all members (credit_insurance.md 10, S34)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, Sum

from credit_insurance.models import CoveredDebtor
from credit_insurance.selectors.cover import ENDED

MOST = 50
SUMS = {
    "limits": Sum("limit", default=0),
    "debtors": Count("pk"),
    "members": Count("enrolment", distinct=True),
}


@dataclass(frozen=True)
class Held:
    """What is held on one debtor: the sum of its limits in yen, of how many members; `pk` one of its rows."""

    pk: int
    name: str
    number: str
    limits: int
    members: int


def _live() -> Any:
    return CoveredDebtor.objects.exclude(state__in=ENDED)


def by_period(today: date) -> list[dict[str, Any]]:
    """Return limits, debtors and members of every period that is not over, by its last day."""
    found = _live().filter(ends_on__gte=today).order_by("ends_on").values("ends_on").annotate(**SUMS)
    return list(found)


def by_class(ends_on: date) -> list[dict[str, Any]]:
    """Return limits, debtors and members of a period by 区分."""
    path = "line__decision__credit_class__"
    found = _live().filter(ends_on=ends_on).order_by(f"{path}number")
    return list(found.values_list(f"{path}number", f"{path}meaning").annotate(*SUMS.values()))


def largest(ends_on: date, words: str = "") -> list[Held]:
    """Return the debtors of a period with the largest sums of limits, narrowed to a 法人番号 or a part of the name."""
    rows = _live().filter(ends_on=ends_on).exclude(debtor_key="")
    if words:
        rows = rows.filter(debtor_key=words) if words.isdecimal() else rows.filter(name__icontains=words)
    sums = rows.values("debtor_key").annotate(limits=SUMS["limits"], members=SUMS["members"])
    top = list(sums.order_by("-limits", "debtor_key")[:MOST])
    keys = [one["debtor_key"] for one in top]
    named = _live().filter(ends_on=ends_on, debtor_key__in=keys).order_by().values_list("debtor_key")
    first = dict(named.annotate(Min("pk")))
    rows_of = CoveredDebtor.objects.order_by().in_bulk(first.values())
    return [
        Held(
            first[one["debtor_key"]],
            rows_of[first[one["debtor_key"]]].name,
            rows_of[first[one["debtor_key"]]].corporate_number,
            one["limits"],
            one["members"],
        )
        for one in top
    ]


def holders(debtor: CoveredDebtor) -> list[CoveredDebtor]:
    """Return what every member has on the same debtor in the same period, the largest limit first."""
    same = _live().filter(ends_on=debtor.ends_on, debtor_key=debtor.debtor_key)
    if not debtor.debtor_key:
        same = same.filter(pk=debtor.pk)
    found = same.select_related("enrolment__case__member", "line__decision__credit_class").order_by("-limit", "pk")
    return list(found.defer("line__typed", "line__values", "line__unread"))
