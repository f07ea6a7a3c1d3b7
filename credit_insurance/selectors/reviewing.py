"""What the insurer looks at: the queue, a case with its lines, and what was decided before (7.1, 8.6, 10)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from credit_insurance.enums import CaseState, ContractType, Decision, Exclusion, Membership, QuoteState, Reason
from credit_insurance.models import Case, CreditClass, LimitDecision, Line, Quote
from credit_insurance.rules.inquiry import answer_due, needs_inquiry
from credit_insurance.rules.plausibility import BAD_CLASSES, GOOD_CLASSES, Plausibility, is_adverse, plausibility
from credit_insurance.rules.premium import ClassLimit, applied_rate, proposed_period_limit, weighted_rate
from credit_insurance.selectors.exposure import Exposure, exposures
from portal.audit.models import Event
from portal.common.money import yen

DECIDED = "credit.limit_decided"
"""Verb of one ruling; its events are the history of a debtor."""

ADVERSE = "逆選択の疑い"
MOST_HISTORY = 50


# --- A case ------------------------------------------------------------------------------


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
    def needs_inquiry(self) -> bool:
        return _contract_needs_inquiry(self.values.get("contract_type", ""))

    @property
    def base_rate(self) -> Decimal | None:
        return self.decision.credit_class.base_rate if self.decision.credit_class else None


def _contract_needs_inquiry(code: str) -> bool:
    return bool(code) and ContractType(code).needs_inquiry


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

    @cached_property
    def results(self) -> Counter[Decision]:
        """Return how many lines have which result."""
        return Counter(decision for decision, _ in self.decided)

    @property
    def is_decided(self) -> bool:
        return bool(self.lines) and all(decision.is_final for decision, _ in self.decided)

    @property
    def is_adverse(self) -> bool:
        """True for 逆選択の疑い, as far as classes are set (8.6)."""
        return is_adverse(
            (line.decision.credit_class.number, line.fit.ratio)
            for line in self.lines
            if line.decision.credit_class and line.fit.ratio is not None
        )

    def weighted(self) -> Decimal | None:
        """Return the mean base rate as 適用料率 without 調整率; None while no debtor has a limit."""
        if not self.limits:
            return None
        return applied_rate(weighted_rate(ClassLimit(line.decision.limit, line.base_rate) for line in self.lines))

    def period_limit(self) -> int:
        """Return 期間中支払限度額 to propose."""
        return proposed_period_limit(self.limits)


def _reviewed(one: LimitDecision, exposure: Exposure) -> Reviewed:
    return Reviewed(one, _fit(one.line.values), exposure)


def _fit(values: dict[str, Any]) -> Plausibility:
    """Return how the limit asked for fits the trade; figures may be texts, as a database gives them out of JSON."""
    requested, highest = (int(values.get(name) or 0) for name in ("requested_limit", "balance_max12"))
    return plausibility(requested, highest, int(values.get("balance_forecast") or 0))


def decisions_of(case: Case) -> "QuerySet[LimitDecision]":
    """Return the rulings of a case in the order of its sheet, with what lists show of them."""
    found = LimitDecision.objects.filter(case=case).select_related("line", "credit_class", "decided_by")
    return found.defer("line__typed", "line__unread").order_by("line__position", "line")


def review_of(case: Case) -> Review:
    """Return a case with its lines; four queries however many they are."""
    decisions = list(decisions_of(case))
    others = exposures((one.line.debtor_key for one in decisions), case)
    lines = [_reviewed(one, others.get(one.line.debtor_key, Exposure())) for one in decisions]
    return Review(case, lines, list(CreditClass.objects.filter(policy=case.policy_id).order_by("number")))


def reviewed(decision: LimitDecision) -> Reviewed:
    """Return one line of a case; two queries."""
    key = decision.line.debtor_key
    return _reviewed(decision, exposures([key], decision.case).get(key, Exposure()))


# --- What is pointed out -----------------------------------------------------------------


def warnings_of(case: Case, found: Review) -> list[str]:
    """Return in sentences what the underwriter should look at before deciding about a case."""
    said = []
    if case.member.membership != Membership.CONFIRMED:
        said.append("所属組合の会員確認が済んでいません。")
    if needs_inquiry(case.member.industry_code):
        said.append("要個別照会：加入者の業種は、引受けの可否を個別に確認してください。")
    if any(line.needs_inquiry for line in found.lines):
        said.append("要個別照会：工事請負契約の取引先があります。契約の内容を確認してください。")
    if found.is_adverse:
        said.append(
            f"{ADVERSE}：区分1・2の取引先の希望限度額は取引額より少なく、区分4・5の取引先では多くなっています。"
        )
    if is_unanswered(case, timezone.localdate()):
        said.append("追加情報の依頼から14日を過ぎましたが、回答がありません。")
    return said


def is_unanswered(case: Case, today: date) -> bool:
    """Return True when the time for answers to 追加情報 is over."""
    return case.state == CaseState.INFO_WAIT and today > answer_due(timezone.localdate(case.state_at))


def flags_of(cases: Sequence[Case]) -> dict[int, list[str]]:
    """Return the short flags of listed cases (with their members), by pk; three queries however many they are."""
    today = timezone.localdate()
    pks = [case.pk for case in cases]
    building = set(
        Line.objects.filter(
            sheet__credit_case__in=pks, values__contract_type=ContractType.CONSTRUCTION.value
        ).values_list("sheet__credit_case", flat=True)
    )
    again = set(Quote.objects.filter(case__in=pks, state=QuoteState.REVISED).values_list("case", flat=True))
    adverse = _adverse([case.pk for case in cases if case.state == CaseState.UNDER_REVIEW])
    return {
        case.pk: [
            word
            for word, holds in (
                ("会員未確認", case.member.membership != Membership.CONFIRMED),
                ("要個別照会", case.pk in building or needs_inquiry(case.member.industry_code)),
                (ADVERSE, case.pk in adverse),
                ("条件見直し", case.pk in again and case.state == CaseState.UNDER_REVIEW),
                ("回答なし", is_unanswered(case, today)),
            )
            if holds
        ]
        for case in cases
    }


def _adverse(cases: Sequence[int]) -> set[int]:
    names = ("requested_limit", "balance_max12", "balance_forecast")
    classed = LimitDecision.objects.filter(case__in=cases, credit_class__number__in=(*GOOD_CLASSES, *BAD_CLASSES))
    figures = classed.order_by("pk").values_list(
        "case", "credit_class__number", *(KeyTextTransform(name, "line__values") for name in names)
    )
    found: dict[int, list[tuple[int, Decimal]]] = {}
    for case, number, *texts in figures:
        ratio = _fit(dict(zip(names, texts, strict=True))).ratio
        if ratio is not None:
            found.setdefault(case, []).append((number, ratio))
    return {case for case, lines in found.items() if is_adverse(lines)}


# --- What was decided before -------------------------------------------------------------


@dataclass(frozen=True)
class Ruled:
    """One ruling of the past, in words."""

    at: datetime
    who: str
    result: str
    why: str


def history(decision: LimitDecision) -> Iterator[Ruled]:
    """Yield every ruling about a line, newest first, from the audit log; one query."""
    events = Event.objects.filter(target=decision.case.number, verb=DECIDED, detail__line=decision.line_id)
    for event in events.select_related("actor").order_by("-at", "-id")[:MOST_HISTORY]:
        found = event.detail
        number = f"区分{found['class']}　" if found.get("class") else ""
        why = [
            *(Exclusion(code).label for code in found.get("excluded", ())),
            *(Reason(code).label for code in found["reasons"]),
            *([f"特認：{found['special']}"] if found.get("special") else []),
        ]
        who = event.actor.name if event.actor else ""
        result = f"{Decision(found['decision']).label}　{number}{yen(found['limit'])}"
        yield Ruled(event.at, who, result, "、".join(why))
