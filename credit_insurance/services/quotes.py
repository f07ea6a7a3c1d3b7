"""お引受条件のご案内: prepared by one person of the insurer, issued by another, answered by the member (5.5, 7.1)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from credit_insurance.enums import Decision, QuoteState, Reason
from credit_insurance.models import Case, LimitDecision, Quote
from credit_insurance.numbers import MOST_REVISIONS, QUOTE, quote_number
from credit_insurance.rules.deadlines import Calendar, cover_from, is_still_possible, quote_valid_until
from credit_insurance.rules.facts import Fault
from credit_insurance.rules.offer import offer_faults
from credit_insurance.rules.premium import Rounding, cost_on_sales, line_shares, premium
from credit_insurance.services.review import MANAGER, NotAllowed, Overtaken, record, tell
from credit_insurance.states import CASE
from credit_insurance.states import QUOTE as QUOTE_MACHINE
from portal.accounts.models import User
from portal.common.states import move
from portal.numbering.series import allocate

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


@transaction.atomic
def prepare(case: Case, terms: Terms, actor: User, today: date, calendar: Calendar) -> Quote:
    """Prepare the offer of a reviewed case; one that still waits to be issued is withdrawn.

    Raises Wrong for what does not fit together, NotAllowed when the start can no longer be reached or this is not
    the actor's to do, Overtaken when the case is no longer under review.
    """
    if terms.special_reason and not actor.has_role(MANAGER):
        raise NotAllowed("特認は引受責任者だけが行えます。")
    if not is_still_possible(case.intended_start, today, calendar, has_form=False, has_money=False):
        raise NotAllowed("加入希望始期の締切を過ぎています。加入者に始期の変更を依頼してください。")
    if not Case.objects.filter(pk=case.pk, state="under_review").update(taken_by=case.taken_by):
        raise Overtaken
    decisions = list(
        LimitDecision.objects.filter(case=case)
        .select_related("line", "credit_class")
        .order_by("line__position", "line")
    )
    decided = [(Decision(one.decision), one.limit) for one in decisions]
    faults = list(
        offer_faults(decided, terms.period_limit, special_reason=terms.special_reason, minimum=case.policy.min_debtors)
    )
    if faults:
        raise Wrong(faults)
    Quote.objects.filter(case=case, state=QuoteState.PREPARED).update(state=QuoteState.WITHDRAWN)
    cover = cover_from(case.intended_start)
    total = sum(limit for _, limit in decided)
    due = premium(total, terms.rate, cover.months, Rounding(case.policy.rounding, case.policy.min_premium))
    earlier = Quote.objects.filter(case=case).order_by("-pk").first()
    quote = Quote.objects.create(
        case=case,
        number=_number(earlier),
        adjustment=terms.adjustment,
        rate=terms.rate,
        total_limit=total,
        period_limit=terms.period_limit,
        indemnity_ratio=case.policy.indemnity_ratio,
        deductible=case.policy.deductible,
        starts_on=cover.start,
        ends_on=cover.end,
        months=cover.months,
        premium=due,
        cost_on_sales=cost_on_sales(terms.rate, case.turnover),
        lines=_lines(decisions, due),
        special_reason=terms.special_reason,
        valid_until=quote_valid_until(today, cover.start, calendar),
        prepared_by=actor,
        prepared_at=timezone.now(),
    )
    record("credit.quote_prepared", case, actor, quote=quote.number, premium=due)
    return quote


def _number(earlier: Quote | None) -> str:
    """Return the number of the next revision: the same number with its last digit one higher."""
    if earlier is None:
        return quote_number(allocate(QUOTE), 1)
    revision = int(earlier.number[-1]) + 1
    if revision > MOST_REVISIONS:
        raise NotAllowed(f"お引受条件を作り直せるのは{MOST_REVISIONS}回までです。")
    return quote_number(earlier.number[:-1], revision)


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
            "reasons": [Reason(code).label for code in one.reasons],
            "conditions": one.conditions,
            "premium": share,
        }
        for one, share in zip(decisions, shares, strict=True)
    ]


@transaction.atomic
def issue(quote: Quote, actor: User, today: date, calendar: Calendar) -> None:
    """条件提示 by the 引受責任者, another person than who prepared it; raises NotAllowed or Overtaken."""
    if not actor.has_role(MANAGER):
        raise NotAllowed("お引受条件を発行できるのは引受責任者だけです。")
    if quote.prepared_by_id == actor.pk:
        raise NotAllowed("自分が作成したお引受条件は発行できません。ほかの引受責任者に依頼してください。")
    valid_until = quote_valid_until(today, quote.starts_on, calendar)
    if valid_until < today:
        raise NotAllowed("加入希望始期の締切を過ぎています。始期を変えて作り直してください。")
    now = timezone.now()
    own = Quote.objects.filter(pk=quote.pk)
    won = move(own, QUOTE_MACHINE, "issue", issued_by=actor, issued_at=now, valid_until=valid_until)
    if not won or not move(Case.objects.filter(pk=quote.case_id), CASE, "quote", state_at=now):
        raise Overtaken
    record("credit.quote_issued", quote.case, actor, quote=quote.number)
    tell(quote.case, "quote")


@transaction.atomic
def accept(quote: Quote, actor: User, today: date) -> None:
    """内容を確定する by the 責任者 of the member; raises NotAllowed or Overtaken."""
    if today > quote.valid_until:
        raise NotAllowed("お引受条件の有効期限が過ぎています。もう一度お見積りを依頼してください。")
    _answer(quote, "accept", actor)


@transaction.atomic
def ask_review(quote: Quote, comment: str, actor: User) -> None:
    """条件見直しを依頼, at most twice; raises NotAllowed or Overtaken."""
    if Quote.objects.filter(case=quote.case_id, state=QuoteState.REVISED).count() >= MOST_REVIEWS:
        raise NotAllowed(f"条件の見直しを依頼できるのは{MOST_REVIEWS}回までです。")
    _answer(quote, "revise", actor, comment=comment)


@transaction.atomic
def refuse(quote: Quote, actor: User) -> None:
    """見送る; raises Overtaken."""
    _answer(quote, "refuse", actor)


def _answer(quote: Quote, event: str, actor: User, **extra: str) -> None:
    now = timezone.now()
    own = Quote.objects.filter(pk=quote.pk, case__member__organisation=actor.organisation_id)
    case = Case.objects.visible_to(actor).filter(pk=quote.case_id)
    won = move(own, QUOTE_MACHINE, event, decided_by=actor, decided_at=now, **extra)
    if not won or not move(case, CASE, event, state_at=now):
        raise Overtaken
    record(f"credit.quote_{event}", quote.case, actor, quote=quote.number)


def expire(day: date) -> int:
    """End the offers whose 有効期限 has passed by `day`, with their cases; returns how many."""
    ended = 0
    late = Quote.objects.filter(state=QuoteState.ISSUED, valid_until__lt=day).order_by("pk")
    for pk in late.values_list("pk", flat=True):
        with transaction.atomic():
            quote = Quote.objects.select_related("case__member__organisation").get(pk=pk)
            now = timezone.now()
            if move(Quote.objects.filter(pk=pk), QUOTE_MACHINE, "expire", decided_at=now) and move(
                Case.objects.filter(pk=quote.case_id), CASE, "expire", state_at=now
            ):
                tell(quote.case, "expire")
                ended += 1
    return ended
