"""お引受条件のご案内: prepared by one person of the insurer, issued by another, answered by the member (5.5, 7.1).

The row of the case is touched first, as in `review`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from credit_insurance.enums import CaseState, Decision, Exclusion, QuoteState, Reason
from credit_insurance.models import Case, LimitDecision, Quote
from credit_insurance.numbers import MOST_REVISIONS, QUOTE, quote_number
from credit_insurance.rules.deadlines import Calendar, Cover, deadlines, outcome, period, quote_valid_until
from credit_insurance.rules.exclusions import are_enough, with_limit
from credit_insurance.rules.facts import Fault
from credit_insurance.rules.offer import offer_faults
from credit_insurance.rules.premium import Rounding, cost_on_sales, line_shares, premium
from credit_insurance.rules.timers import quote_reminders
from credit_insurance.services.review import MANAGER, NEWS, NotAllowed, Overtaken, record, tell, withdraw_prepared
from credit_insurance.states import CASE
from credit_insurance.states import QUOTE as QUOTE_MACHINE
from portal.accounts.models import User
from portal.common.eras import seireki
from portal.common.states import move
from portal.numbering.series import allocate
from portal.outbox import Message, publish

MOST_REVIEWS = 2
"""How often a member may ask for 条件見直し (7.1)."""


class Wrong(Exception):
    """The offer does not fit together; `faults` say what."""

    def __init__(self, faults: Collection[Fault]) -> None:
        super().__init__("the offer has faults")
        self.faults = faults


@dataclass(frozen=True)
class Terms:
    """What the 引受担当 sets for the whole offer: rates are parts of one, 期間中支払限度額 in yen."""

    rate: Decimal
    period_limit: int
    adjustment: Decimal = Decimal(0)
    special_reason: str = ""


@dataclass(frozen=True)
class Figures:
    """What terms come to: amounts in yen, 対売上コスト in per cent."""

    cover: Cover
    total: int
    premium: int
    cost_on_sales: Decimal
    valid_until: date


def figures(case: Case, limits: Collection[int], terms: Terms, today: date, calendar: Calendar) -> Figures:
    """計算: return what an offer of `limits` would be today.

    Cover begins on the 加入希望始期, or on the next start of its period that can still be reached. Raises NotAllowed
    when none is left in the period, whose rates and limits hold for it alone (7.1).
    """
    cover = outcome(case.intended_start, today, today, calendar).cover
    if cover is None:
        raise NotAllowed(
            "この保険期間の締切をすべて過ぎているため、お引受条件を作成できません。"
            "謝絶し、次の保険期間の見積りをご案内ください。"
        )
    total = sum(limits)
    due = premium(total, terms.rate, cover.months, Rounding(case.policy.rounding, case.policy.min_premium))
    cost = cost_on_sales(terms.rate, case.turnover)
    return Figures(cover, total, due, cost, quote_valid_until(today, cover.start, calendar))


@transaction.atomic
def prepare(case: Case, terms: Terms, actor: User, today: date, calendar: Calendar) -> Quote:
    """Prepare the offer of a reviewed case; one that still waits to be issued is withdrawn.

    Fewer debtors with a limit than the policy asks for need a `special_reason`, which whoever issues answers for.
    Raises Wrong for what does not fit together, NotAllowed when no start of the period can be reached any more,
    Overtaken when the case is no longer under review.
    """
    if not Case.objects.filter(pk=case.pk, state=CaseState.UNDER_REVIEW).update(state_at=F("state_at")):
        raise Overtaken
    decisions = list(
        LimitDecision.objects.filter(case=case)
        .select_related("line", "credit_class")
        .order_by("line__position", "line")
    )
    decided = [(Decision(one.decision), one.limit) for one in decisions]
    minimum = case.policy.min_debtors
    faults = offer_faults(decided, terms.period_limit, special_reason=terms.special_reason, minimum=minimum)
    if wrong := list(faults):
        raise Wrong(wrong)
    limits = [limit for _, limit in decided]
    if not any(limits):
        raise NotAllowed("限度額のある取引先がありません。謝絶してください。")
    sums = figures(case, limits, terms, today, calendar)
    withdraw_prepared(case)
    quote = Quote.objects.create(
        case=case,
        number=_number(Quote.objects.filter(case=case).order_by("-pk").first()),
        adjustment=terms.adjustment,
        rate=terms.rate,
        total_limit=sums.total,
        period_limit=terms.period_limit,
        indemnity_ratio=case.policy.indemnity_ratio,
        deductible=case.policy.deductible,
        starts_on=sums.cover.start,
        ends_on=sums.cover.end,
        months=sums.cover.months,
        premium=sums.premium,
        cost_on_sales=sums.cost_on_sales,
        lines=_lines(decisions, sums.premium),
        special_reason="" if are_enough(with_limit(limits), minimum) else terms.special_reason,
        valid_until=sums.valid_until,
        prepared_by=actor,
        prepared_at=timezone.now(),
    )
    record(
        "credit.quote_prepared", case, actor, quote=quote.number, premium=quote.premium, special=quote.special_reason
    )
    return quote


def _number(earlier: Quote | None) -> str:
    """Return the number of the next revision: its last digit one higher; after the ninth a new number."""
    if earlier is None or int(earlier.number[-1]) >= MOST_REVISIONS:
        return quote_number(allocate(QUOTE), 1)
    return quote_number(earlier.number[:-1], int(earlier.number[-1]) + 1)


def _lines(decisions: list[LimitDecision], due: int) -> list[dict[str, Any]]:
    shares = line_shares(due, [one.limit for one in decisions])
    return [
        {
            "line": one.line_id,
            "name": one.line.values.get("debtor_name", ""),
            "corporate_number": one.line.values.get("corporate_number", ""),
            "requested": one.line.values.get("requested_limit", 0),
            "limit": one.limit,
            "decision": one.decision,
            "reasons": _reasons(one),
            "explanation": one.explanation,
            "conditions": one.conditions,
            "premium": share,
        }
        for one, share in zip(decisions, shares, strict=True)
    ]


def _reasons(one: LimitDecision) -> list[str]:
    """Return why a debtor did not get what was asked for; a 特認 has gone around the exclusion."""
    excluded = [] if one.limit else [Exclusion(code).label for code in one.excluded]
    return [*excluded, *(Reason(code).label for code in one.reasons)]


@transaction.atomic
def issue(quote: Quote, actor: User, today: date, calendar: Calendar) -> None:
    """条件提示 by the 引受責任者, another person than who prepared it; raises NotAllowed or Overtaken."""
    if not actor.has_role(MANAGER):
        raise NotAllowed("お引受条件を発行できるのは引受責任者だけです。")
    if quote.prepared_by_id == actor.pk:
        raise NotAllowed("自分が作成したお引受条件は発行できません。ほかの引受責任者に依頼してください。")
    valid_until = quote_valid_until(today, quote.starts_on, calendar)
    if valid_until < today:
        raise NotAllowed("補償開始日の締切を過ぎています。もう一度作成すると、次に間に合う始期になります。")
    now = timezone.now()
    case = Case.objects.filter(pk=quote.case_id)
    terms = {
        "issued_by": actor,
        "issued_at": now,
        "valid_until": valid_until,
        "particulars": _particulars(quote, calendar),
    }
    if not move(case, CASE, "quote", intended_start=quote.starts_on, state_at=now) or not move(
        Quote.objects.filter(pk=quote.pk), QUOTE_MACHINE, "issue", **terms
    ):
        raise Overtaken
    record("credit.quote_issued", quote.case, actor, quote=quote.number, special=quote.special_reason)
    tell(quote.case, "quote")


def _particulars(quote: Quote, calendar: Calendar) -> dict[str, str]:
    """Return the contract, the account and both 締切 of this day, which the issued papers keep."""
    policy, by = quote.case.policy, deadlines(quote.starts_on, calendar)
    first, last = period(policy.year)
    account = (policy.bank_name, policy.bank_branch, policy.account_kind, policy.account_no, policy.account_holder)
    return {
        "policy_no": policy.policy_no,
        "insurer": f"{policy.insurer}　{policy.branch}",
        "agent": policy.agent,
        "period": f"{seireki(first)} から {seireki(last)} まで",
        "form": by.form.isoformat(),
        "money": by.money.isoformat(),
        "account": "　".join(account),
        "wished": quote.case.intended_start.isoformat(),
    }


@transaction.atomic
def withdraw(quote: Quote, reason: str, actor: User) -> None:
    """取り下げ of an offer that was not issued, so that it is prepared anew; raises Overtaken."""
    case = Case.objects.filter(pk=quote.case_id, state=CaseState.UNDER_REVIEW)
    own = Quote.objects.filter(pk=quote.pk)
    ended = {"decided_by": actor, "decided_at": timezone.now(), "comment": reason}
    if not case.update(state_at=F("state_at")) or not move(own, QUOTE_MACHINE, "withdraw", **ended):
        raise Overtaken
    record("credit.quote_withdrawn", quote.case, actor, quote=quote.number)


# --- The member's answer --------------------------------------------------------------


@transaction.atomic
def accept(quote: Quote, actor: User, today: date) -> None:
    """内容を確定する by the 責任者 of the member; raises NotAllowed or Overtaken."""
    if today > quote.valid_until:
        raise NotAllowed("お引受条件の有効期限が過ぎています。もう一度お見積りを依頼してください。")
    _answer(quote, "accept", actor)


@transaction.atomic
def ask_review(quote: Quote, comment: str, actor: User, today: date) -> None:
    """条件見直しを依頼, at most twice and while the offer holds; raises NotAllowed or Overtaken."""
    if today > quote.valid_until:
        raise NotAllowed("お引受条件の有効期限が過ぎています。もう一度お見積りを依頼してください。")
    _answer(quote, "revise", actor, comment=comment)
    if Quote.objects.filter(case=quote.case_id, state=QuoteState.REVISED).count() > MOST_REVIEWS:
        raise NotAllowed(f"条件の見直しを依頼できるのは{MOST_REVIEWS}回までです。")


@transaction.atomic
def refuse(quote: Quote, actor: User) -> None:
    """見送る; raises Overtaken."""
    _answer(quote, "refuse", actor)


def _answer(quote: Quote, event: str, actor: User, **extra: str) -> None:
    now = timezone.now()
    own = Quote.objects.filter(pk=quote.pk, case__member__organisation=actor.organisation_id)
    case = Case.objects.visible_to(actor).filter(pk=quote.case_id)
    if not move(case, CASE, event, state_at=now) or not move(
        own, QUOTE_MACHINE, event, decided_by=actor, decided_at=now, **extra
    ):
        raise Overtaken
    record(f"credit.quote_{event}", quote.case, actor, quote=quote.number)


# --- The night ------------------------------------------------------------------------


def remind(day: date) -> int:
    """Have the members reminded of offers that end in 7 and in 2 days; returns how many reminders were new.

    What a missed night owed is due still: a reminder stays due until the next one takes its place or the offer ends.
    """
    due = {}
    open_offers = Quote.objects.filter(state=QuoteState.ISSUED, valid_until__gte=day).order_by("pk")
    for pk, case, number, until in open_offers.values_list("pk", "case", "number", "valid_until"):
        passed = [one for one in quote_reminders(until) if one <= day]
        if passed:
            due[f"{number} {max(passed)}"] = {"case": case, "quote": pk, "event": "quote_ends"}
    known = set(Message.objects.filter(topic=NEWS, key__in=due).values_list("key", flat=True))
    new = [Message(NEWS, key, payload) for key, payload in due.items() if key not in known]
    publish(*new)
    return len(new)


def expire(day: date) -> int:
    """End the offers whose 有効期限 has passed by `day`, with their cases; returns how many."""
    ended = 0
    late = Quote.objects.filter(state=QuoteState.ISSUED, valid_until__lt=day).order_by("pk")
    for pk in late.values_list("pk", flat=True):
        with transaction.atomic():
            quote = Quote.objects.select_related("case__member__organisation").get(pk=pk)
            now = timezone.now()
            if move(Case.objects.filter(pk=quote.case_id), CASE, "expire", state_at=now) and move(
                Quote.objects.filter(pk=pk), QUOTE_MACHINE, "expire", decided_at=now
            ):
                tell(quote.case, "expire")
                ended += 1
    return ended
