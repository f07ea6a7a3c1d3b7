"""What all members have, or were promised, on a debtor: for the insurer alone (credit_insurance.md 5.1, 6.6 X06)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from credit_insurance.enums import CaseState
from credit_insurance.models import Case, CoveredDebtor, LimitDecision
from credit_insurance.selectors.cover import ENDED

PROMISED = (
    *(CaseState.UNDER_REVIEW, CaseState.INFO_WAIT, CaseState.QUOTED, CaseState.ACCEPTED),
    *(CaseState.FORM_SUBMITTED, CaseState.FORM_ACCEPTED),
)
"""States of cases whose limits are decided but not in force; what is in force stands in its own rows."""


@dataclass(frozen=True)
class Exposure:
    """What other cases have on a debtor: how many, and the sum of their limits in yen."""

    cases: int = 0
    amount: int = 0


@dataclass(frozen=True)
class Holding:
    """One limit on a debtor, in yen: whose, by which case, where that stands, and from when on."""

    member: str
    case: int
    number: str
    state: str
    starts_on: date
    limit: int


def _promised(keys: Iterable[str], case: Case) -> Any:
    found = LimitDecision.objects.filter(line__debtor_key__in=keys, limit__gt=0, case__state__in=PROMISED)
    return found.exclude(case=case)


def _covered(keys: Iterable[str], case: Case) -> Any:
    live = CoveredDebtor.objects.filter(debtor_key__in=keys, limit__gt=0, ends_on__gte=timezone.localdate())
    return live.exclude(state__in=ENDED).exclude(enrolment__case=case)


def exposures(keys: Iterable[str], case: Case) -> dict[str, Exposure]:
    """Return by debtor what all other cases of all members have; two queries however many debtors."""
    wanted = {key for key in keys if key}
    found: dict[str, list[int]] = {}
    rows = [
        *_promised(wanted, case).order_by("pk").values_list("line__debtor_key", "limit"),
        *_covered(wanted, case).order_by("pk").values_list("debtor_key", "limit"),
    ]
    for key, limit in rows:
        found.setdefault(key, []).append(limit)
    return {key: Exposure(len(limits), sum(limits)) for key, limits in found.items()}


def holdings(decision: LimitDecision) -> list[Holding]:
    """Return the limits of all other cases on the debtor of a line, the largest first."""
    key = decision.line.debtor_key
    return sorted(_holdings(key, decision.case), key=lambda one: (-one.limit, one.number)) if key else []


def _holdings(key: str, case: Case) -> Iterator[Holding]:
    promised = _promised([key], case).select_related("case__member").order_by("pk")
    rows = [(one.case, one.case.intended_start, one.limit) for one in promised]
    covered = _covered([key], case).select_related("enrolment__case__member").order_by("pk")
    rows += [(one.enrolment.case, one.starts_on, one.limit) for one in covered]
    for found, start, limit in rows:
        yield Holding(str(found.member), found.pk, found.number, found.get_state_display(), start, limit)
