"""What the insurer looks at: queues, a case with its lines, and what all members have on a debtor (6.6 X06, 7.1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Sum

from credit_insurance.enums import CaseState, Decision, Exclusion
from credit_insurance.models import Case, CreditClass, LimitDecision
from credit_insurance.rules.plausibility import Plausibility, plausibility
from credit_insurance.rules.premium import ClassLimit, applied_rate, proposed_period_limit, weighted_rate

LIVE = (
    *(CaseState.UNDER_REVIEW, CaseState.INFO_WAIT, CaseState.QUOTED, CaseState.ACCEPTED, CaseState.FORM_SUBMITTED),
    *(CaseState.FORM_ACCEPTED, CaseState.COMPLETED, CaseState.CERT_ISSUED, CaseState.IN_FORCE, CaseState.EXHAUSTED),
)
"""States of cases whose limits use up what the insurer can take on a debtor."""


@dataclass(frozen=True)
class Exposure:
    """What other cases have on a debtor: how many, and the sum of their limits in yen."""

    cases: int = 0
    amount: int = 0


def exposures(keys: Iterable[str], case: Case) -> dict[str, Exposure]:
    """Return by debtor what all other live cases of all members have decided; for the insurer only. One query."""
    wanted = {key for key in keys if key}
    rows = (
        LimitDecision.objects.filter(line__debtor_key__in=wanted, limit__gt=0, case__state__in=LIVE)
        .exclude(case=case)
        .order_by()
        .values_list("line__debtor_key", "case", "limit")
    )
    found: dict[str, list[int]] = {}
    for key, _, limit in rows:
        found.setdefault(key, []).append(limit)
    return {key: Exposure(len(limits), sum(limits)) for key, limits in found.items()}


@dataclass(frozen=True)
class Reviewed:
    """One line as the 引受担当 sees it."""

    decision: LimitDecision
    fit: Plausibility
    exposure: Exposure

    @property
    def values(self) -> dict[str, Any]:
        values: dict[str, Any] = self.decision.line.values
        return values

    @property
    def requested(self) -> int:
        return int(self.values.get("requested_limit", 0))

    @property
    def excluded(self) -> list[Exclusion]:
        return [Exclusion(code) for code in self.decision.excluded]

    @property
    def base_rate(self) -> Decimal | None:
        return self.decision.credit_class.base_rate if self.decision.credit_class else None


@dataclass(frozen=True)
class Review:
    """A case under review: its lines, and what they add up to."""

    case: Case
    lines: Sequence[Reviewed]
    classes: Sequence[CreditClass]

    @cached_property
    def decided(self) -> list[tuple[Decision, int]]:
        """Return result and limit of every line."""
        return [(Decision(line.decision.decision), line.decision.limit) for line in self.lines]

    @cached_property
    def limits(self) -> list[int]:
        return [line.decision.limit for line in self.lines if line.decision.limit]

    @property
    def is_decided(self) -> bool:
        return all(decision.is_final for decision, _ in self.decided)

    def weighted(self) -> Decimal | None:
        """Return the mean base rate as 適用料率 without 調整率; None while no debtor has a limit."""
        if not self.limits:
            return None
        return applied_rate(weighted_rate(ClassLimit(line.decision.limit, line.base_rate) for line in self.lines))

    def period_limit(self) -> int:
        """Return 期間中支払限度額 to propose."""
        return proposed_period_limit(self.limits)


def review_of(case: Case) -> Review:
    """Return a case with its lines; four queries however many they are."""
    decisions = list(
        LimitDecision.objects.filter(case=case)
        .select_related("line", "credit_class", "decided_by")
        .order_by("line__position", "line")
    )
    others = exposures((one.line.debtor_key for one in decisions), case)
    lines = [
        Reviewed(
            one,
            plausibility(
                one.line.values.get("requested_limit", 0),
                one.line.values.get("balance_max12", 0),
                one.line.values.get("balance_forecast"),
            ),
            others.get(one.line.debtor_key, Exposure()),
        )
        for one in decisions
    ]
    return Review(case, lines, list(CreditClass.objects.filter(policy=case.policy_id).order_by("number")))


def total_exposure(key: str) -> int:
    """Return what all live cases have on a debtor, in yen."""
    rows = LimitDecision.objects.filter(line__debtor_key=key, case__state__in=LIVE)
    return int(rows.aggregate(total=Sum("limit"))["total"] or 0)
