"""審査: the insurer takes a case, decides about every debtor, asks, returns, declines (credit_insurance.md 7.1).

Whoever writes about a case touches its row first: rulings, offers and answers of one case follow one another.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from credit_insurance.enums import CaseKind, CaseState, Decision, Exclusion, Membership, Reason, RequestType
from credit_insurance.models import Case, CreditClass, LimitDecision, Line, Quote
from credit_insurance.rules.facts import Fault
from credit_insurance.rules.inquiry import ANSWER_DAYS
from credit_insurance.rules.offer import Ruling, ruling_faults
from credit_insurance.selectors.reviewing import DECIDED
from credit_insurance.states import CASE, QUOTE
from portal import audit
from portal.accounts.models import User
from portal.common.states import move
from portal.outbox import Message, publish

NEWS = "credit.news"
"""Topic: the member is told that its case has moved; the mail names no debtor and no amount."""

MANAGER = "credit.uw_manager"

AT_THE_DESK = (CaseState.SUBMITTED, CaseState.UNDER_REVIEW, CaseState.INFO_WAIT, CaseState.QUOTED)
"""States in which a case is somebody's work."""


class Overtaken(Exception):
    """Somebody was faster: the case or the line is no longer as it was shown."""


class NotAllowed(Exception):
    """This is not done now, or not by this person; the text says why, in Japanese."""


class Wrong(Exception):
    """The ruling does not fit together; `faults` say what."""

    def __init__(self, faults: Collection[Fault]) -> None:
        super().__init__("the ruling has faults")
        self.faults = faults


@dataclass(frozen=True)
class Entered:
    """What the 引受担当 enters for one debtor; `limit` in yen, `excluded` what the review itself found."""

    decision: Decision
    credit_class: CreditClass | None = None
    limit: int = 0
    reasons: tuple[Reason, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    explanation: str = ""
    conditions: str = ""
    special_reason: str = ""
    question: str = ""


def record(verb: str, case: Case, actor: User | None, **detail: object) -> None:
    """Write an event about a case into the audit log; `actor` None for the night."""
    audit.record(verb, actor=actor, organisation=case.member.organisation, target=case.number, detail=detail)


def tell(case: Case, event: str) -> None:
    """Have the member told that its case has moved."""
    publish(Message(NEWS, f"{case.number} {event} {timezone.now():%Y%m%d%H%M%S%f}", {"case": case.pk, "event": event}))


@transaction.atomic
def take(case: Case, excluded: Mapping[int, Collection[Exclusion]], actor: User) -> None:
    """審査開始: give every line its open decision; `excluded` are the automatic reasons by line (pk), which decide.

    Raises NotAllowed while the 所属組合 has not confirmed the member, Overtaken when somebody was faster.
    """
    if case.member.membership != Membership.CONFIRMED:
        raise NotAllowed("所属組合の会員確認が済んでいません。確認のあとに審査を始めてください。")
    now = timezone.now()
    if not move(Case.objects.filter(pk=case.pk, sheet=case.sheet_id), CASE, "review", taken_by=actor, state_at=now):
        raise Overtaken
    LimitDecision.objects.filter(case=case).delete()  # of a sheet that was returned before
    kind = RequestType.RENEWAL if case.kind == CaseKind.RENEWAL else RequestType.NEW
    LimitDecision.objects.bulk_create(
        LimitDecision(case=case, line=line, request_type=kind, **_automatic(excluded.get(line.pk, ()), now))
        for line in Line.objects.filter(sheet=case.sheet_id).order_by("position", "pk")
    )
    record("credit.review_begun", case, actor)


def _automatic(why: Collection[Exclusion], now: datetime) -> dict[str, Any]:
    codes = [one.value for one in why]
    found = {"decision": Decision.DECLINED, "decided_at": now, "excluded": codes, "automatic": codes}
    return found if codes else {}


@transaction.atomic
def assign(case: Case, actor: User) -> None:
    """自分に割当, also from a colleague; raises Overtaken when the case is nobody's work any more."""
    if not Case.objects.filter(pk=case.pk, state__in=AT_THE_DESK).update(taken_by=actor):
        raise Overtaken
    record("credit.assigned", case, actor, before=case.taken_by.login if case.taken_by else "")


# --- One debtor, or several -----------------------------------------------------------


@transaction.atomic
def rule(decision: LimitDecision, entered: Entered, actor: User, revision: int) -> None:
    """Decide about one debtor, or ask about it; raises Wrong, NotAllowed or Overtaken and then nothing changes."""
    case = decision.case
    _hold(case)
    detail = _rule(decision, entered, actor, revision)
    withdraw_prepared(case)
    record(DECIDED, case, actor, **detail)


@transaction.atomic
def rule_each(
    case: Case, rulings: Sequence[tuple[LimitDecision, Entered, int]], actor: User
) -> list[tuple[LimitDecision, str]]:
    """まとめて設定: each (decision, what was entered, its revision) by itself; returns the refused ones and why.

    Raises NotAllowed when the case is not under review: then nothing changes.
    """
    _hold(case)
    refused, details = [], []
    for decision, entered, revision in rulings:
        try:
            details.append(_rule(decision, entered, actor, revision))
        except Wrong as wrong:
            refused.append((decision, "".join(dict.fromkeys(fault.message for fault in wrong.faults))))
        except NotAllowed as refusal:
            refused.append((decision, str(refusal)))
        except Overtaken:
            refused.append((decision, "ほかの方が先に変更しました。いまの内容を確かめてください。"))
    if details:
        withdraw_prepared(case)
    about = case.member.organisation
    audit.record_each(DECIDED, ((about, case.number, detail) for detail in details), actor=actor)
    return refused


def _hold(case: Case) -> None:
    """Make whoever else writes about the case wait; raises NotAllowed when it is not under review."""
    if not Case.objects.filter(pk=case.pk, state=CaseState.UNDER_REVIEW).update(state_at=F("state_at")):
        raise NotAllowed("この加入手続は審査中ではありません。")


def withdraw_prepared(case: Case) -> None:
    """Withdraw an offer that waits to be issued: what it was made of has changed, or another takes its place."""
    move(Quote.objects.filter(case=case), QUOTE, "withdraw", decided_at=timezone.now())


def _rule(decision: LimitDecision, entered: Entered, actor: User, revision: int) -> dict[str, Any]:
    """Write one ruling; returns what the audit log keeps of it."""
    automatic = tuple(Exclusion(code) for code in decision.automatic)
    excluded = tuple(dict.fromkeys((*automatic, *(why for why in entered.excluded if why.is_judged))))
    is_special = bool(entered.limit and excluded)
    if is_special and entered.special_reason and not actor.has_role(MANAGER):
        raise NotAllowed("特認は引受責任者だけが行えます。")
    ruling = Ruling(
        entered.decision,
        entered.limit,
        int(decision.line.values.get("requested_limit", 0)),
        entered.credit_class.ceiling if entered.credit_class else None,
        entered.reasons,
        entered.conditions,
        excluded,
        entered.special_reason,
        entered.explanation,
    )
    if faults := list(ruling_faults(ruling)):
        raise Wrong(faults)
    asks = entered.decision is Decision.INFO
    says_why = entered.decision.needs_reason
    reasons = [reason.value for reason in entered.reasons] if says_why else []
    special = entered.special_reason if is_special else ""
    won = LimitDecision.objects.filter(pk=decision.pk, revision=revision).update(
        decision=entered.decision,
        credit_class=entered.credit_class,
        limit=0 if asks else entered.limit,
        reasons=reasons,
        excluded=[why.value for why in excluded],
        explanation=entered.explanation if says_why else "",
        conditions=entered.conditions if entered.decision is Decision.CONDITIONAL else "",
        special_reason=special,
        decided_by=actor,
        decided_at=timezone.now(),
        revision=F("revision") + 1,
        **({"question": entered.question, "answer": "", "asked_at": None} if asks else {}),
    )
    if not won:
        raise Overtaken
    return {
        "line": decision.line_id,
        "decision": entered.decision.value,
        "class": entered.credit_class.number if entered.credit_class else None,
        "limit": 0 if asks else entered.limit,
        "reasons": reasons,
        "excluded": [why.value for why in excluded],
        "special": special,
    }


# --- 追加情報 --------------------------------------------------------------------------


@transaction.atomic
def ask(case: Case, actor: User) -> None:
    """追加情報依頼: wait for the member's answers to the questions of the lines; raises NotAllowed or Overtaken."""
    now = timezone.now()
    if not move(Case.objects.filter(pk=case.pk), CASE, "ask", state_at=now):
        raise Overtaken
    if not case.decisions.filter(decision=Decision.INFO).update(asked_at=now):
        raise NotAllowed("追加情報を依頼する取引先がありません。取引先の結果を「追加情報依頼」にしてください。")
    record("credit.info_asked", case, actor)
    tell(case, "ask")


@transaction.atomic
def answer(case: Case, answers: Mapping[int, str], actor: User) -> None:
    """回答 of the member to the questions, by decision (pk); the review goes on. Raises Overtaken."""
    if not move(Case.objects.visible_to(actor).filter(pk=case.pk), CASE, "answer", state_at=timezone.now()):
        raise Overtaken
    for pk, text in answers.items():
        case.decisions.filter(pk=pk, decision=Decision.INFO).update(
            answer=text, decision=Decision.PENDING, revision=F("revision") + 1
        )
    record("credit.info_answered", case, actor, lines=sorted(answers))


@transaction.atomic
def resume(case: Case, actor: User, today: date) -> None:
    """Go on without the answers, whose 14 days are over: the debtors asked about are X18. Raises NotAllowed."""
    first_open = timezone.make_aware(datetime.combine(today - timedelta(days=ANSWER_DAYS), time.min))
    now = timezone.now()
    unanswered = Case.objects.filter(pk=case.pk, state_at__lt=first_open)
    if not move(unanswered, CASE, "resume", state_at=now):
        raise NotAllowed(f"追加情報の回答を待つ{ANSWER_DAYS}日が過ぎていないか、すでに回答がありました。")
    for decision in case.decisions.filter(decision=Decision.INFO).order_by("pk"):
        codes = list(dict.fromkeys((*decision.automatic, Exclusion.NO_ANSWER.value)))
        reasons = [Reason.NO_INFORMATION.value]
        LimitDecision.objects.filter(pk=decision.pk).update(
            decision=Decision.DECLINED,
            excluded=codes,
            reasons=reasons,
            explanation="",
            decided_by=actor,
            decided_at=now,
            revision=F("revision") + 1,
        )
        found = {"line": decision.line_id, "decision": Decision.DECLINED.value, "class": None, "limit": 0}
        record(DECIDED, case, actor, **found, reasons=reasons, excluded=codes, special="")
    record("credit.info_missing", case, actor)


# --- The whole case -------------------------------------------------------------------


@transaction.atomic
def send_back(case: Case, comment: str, actor: User) -> None:
    """差戻し: the member corrects a copy of the sheet; raises Overtaken."""
    moved = move(Case.objects.filter(pk=case.pk), CASE, "return", comment=comment, state_at=timezone.now())
    if not moved:
        raise Overtaken
    record("credit.returned", case, actor)
    tell(case, "return")


@transaction.atomic
def decline(case: Case, reason: str, actor: User) -> None:
    """謝絶 by the 引受責任者; raises NotAllowed or Overtaken."""
    if not actor.has_role(MANAGER):
        raise NotAllowed("謝絶は引受責任者だけが行えます。")
    moved = move(Case.objects.filter(pk=case.pk), CASE, "decline", comment=reason, state_at=timezone.now())
    if not moved:
        raise Overtaken
    withdraw_prepared(case)
    record("credit.declined", case, actor)
    tell(case, "decline")
