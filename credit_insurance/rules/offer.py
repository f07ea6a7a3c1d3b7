"""May the insurer decide and offer this (credit_insurance.md 5.5, 6.6, 6.12, 7.1, 8.2, 8.5)?"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from credit_insurance.enums import Decision, Exclusion, Reason
from credit_insurance.rules.exclusions import MIN_DEBTORS, are_enough, with_limit
from credit_insurance.rules.facts import Fault, fault
from credit_insurance.rules.premium import period_limit_bounds
from portal.common.money import yen


@dataclass(frozen=True)
class Ruling:
    """What the 引受担当 enters for one debtor; amounts in yen, `ceiling` of its class (None without a class).

    `special_reason` is that of a 特認, which only the 引受責任者 gives and which lifts X01 to X04.
    """

    decision: Decision
    limit: int
    requested: int
    ceiling: int | None
    reasons: Collection[Reason] = ()
    conditions: str = ""
    excluded: Collection[Exclusion] = ()
    special_reason: str = ""
    explanation: str = ""


def ruling_faults(ruling: Ruling) -> Iterator[Fault]:
    """Yield what does not fit together in the decision on a new limit; nothing while it is still open."""
    if not ruling.decision.is_final:
        return
    yield from _limit(ruling)
    if ruling.limit and ruling.ceiling is None:
        yield fault("credit_class", "D-CLASS")
    elif ruling.ceiling is not None and ruling.limit > ruling.ceiling:
        yield fault("limit", "D-CEILING", 上限=yen(ruling.ceiling))
    if ruling.decision.needs_reason and not (ruling.reasons or ruling.excluded):
        yield fault("reasons", "D-REASON", 結果=ruling.decision.label)
    if not ruling.explanation and (found := [why.label for why in ruling.excluded if why.needs_explanation]):
        yield fault("explanation", "D-EXPLANATION", 理由="、".join(found))
    if ruling.decision is Decision.CONDITIONAL and not ruling.conditions:
        yield fault("conditions", "D-CONDITIONS")
    if ruling.limit:
        hard = [why.label for why in ruling.excluded if not why.allows_special_acceptance]
        if hard:
            yield fault("limit", "D-EXCLUDED", 理由="、".join(hard))
        elif ruling.excluded and not ruling.special_reason:
            yield fault("special_reason", "D-SPECIAL", 理由="、".join(why.label for why in ruling.excluded))


def _limit(ruling: Ruling) -> Iterator[Fault]:
    requested = yen(ruling.requested)
    if ruling.decision is Decision.APPROVED and ruling.limit != ruling.requested:
        yield fault("limit", "D-APPROVED", 希望限度額=requested)
    elif ruling.decision is Decision.PARTIAL and not 0 < ruling.limit < ruling.requested:
        yield fault("limit", "D-PARTIAL", 結果=ruling.decision.label, 希望限度額=requested, 以下="未満")
    elif ruling.decision is Decision.CONDITIONAL and not 0 < ruling.limit <= ruling.requested:
        yield fault("limit", "D-PARTIAL", 結果=ruling.decision.label, 希望限度額=requested, 以下="以下")
    elif ruling.decision is Decision.DECLINED and ruling.limit:
        yield fault("limit", "D-DECLINED", 結果=ruling.decision.label)


def offer_faults(
    decided: Sequence[tuple[Decision, int]],
    period_limit: int,
    *,
    special_reason: str = "",
    minimum: int = MIN_DEBTORS,
) -> Iterator[Fault]:
    """Yield what stands against an offer of the `decided` results and limits with 期間中支払限度額 in yen.

    Fewer than `minimum` debtors with a limit need the reason of a 特認.
    """
    limits = [limit for _, limit in decided]
    if undecided := sum(not decision.is_final for decision, _ in decided):
        yield fault("lines", "Q-UNDECIDED", 件数=undecided)
    if not are_enough(with_limit(limits), minimum) and not special_reason:
        yield fault("special_reason", "Q-TOO-FEW", 件数=with_limit(limits), 最低=minimum)
    least, most = period_limit_bounds(limits)
    if not least <= period_limit <= most:
        yield fault("period_limit", "Q-PERIOD-LIMIT", 下限=yen(least), 上限=yen(most))
