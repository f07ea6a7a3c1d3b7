"""審査: the insurer takes a case, decides about every debtor, asks, returns, declines (credit_insurance.md 7.1)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from credit_insurance.enums import CaseKind, CaseState, Decision, Exclusion, Membership, Reason, RequestType
from credit_insurance.models import Case, CreditClass, LimitDecision, Line
from credit_insurance.rules.facts import Fault
from credit_insurance.rules.offer import Ruling, ruling_faults
from credit_insurance.states import CASE
from portal import audit
from portal.accounts.models import User
from portal.common.states import move
from portal.outbox import Message, publish

NEWS = "credit.news"
"""Topic: the member is told that its case has moved; the mail names no debtor and no amount."""

MANAGER = "credit.uw_manager"


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
    """What the 引受担当 enters for one debtor; `limit` in yen."""

    decision: Decision
    credit_class: CreditClass | None = None
    limit: int = 0
    reasons: tuple[Reason, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    conditions: str = ""
    special_reason: str = ""
    question: str = ""


def record(verb: str, case: Case, actor: User, **detail: object) -> None:
    """Write an event about a case into the audit log."""
    audit.record(verb, actor=actor, organisation=case.member.organisation, target=case.number, detail=detail)


def tell(case: Case, event: str) -> None:
    """Have the member told that its case has moved."""
    publish(Message(NEWS, f"{case.number} {event} {timezone.now():%Y%m%d%H%M%S%f}", {"case": case.pk, "event": event}))


@transaction.atomic
def take(case: Case, excluded: Mapping[int, Collection[Exclusion]], actor: User) -> None:
    """審査開始: give every line its open decision; `excluded` are the automatic reasons by line (pk).

    Raises NotAllowed while the 所属組合 has not confirmed the member, Overtaken when somebody was faster.
    """
    if case.member.membership != Membership.CONFIRMED:
        raise NotAllowed("所属組合の会員確認が済んでいません。確認のあとに審査を始めてください。")
    moved = move(Case.objects.filter(pk=case.pk), CASE, "review", taken_by=actor, state_at=timezone.now())
    if not moved:
        raise Overtaken
    LimitDecision.objects.filter(case=case).delete()  # of a sheet that was returned before
    renewal = case.kind == CaseKind.RENEWAL
    LimitDecision.objects.bulk_create(
        LimitDecision(
            case=case,
            line=line,
            request_type=RequestType.RENEWAL if renewal else RequestType.NEW,
            excluded=[why.value for why in excluded.get(line.pk, ())],
        )
        for line in Line.objects.filter(sheet=case.sheet_id).order_by("position", "pk")
    )
    record("credit.review_begun", case, actor)


@transaction.atomic
def rule(decision: LimitDecision, entered: Entered, actor: User, revision: int) -> None:
    """Decide about one debtor, or ask about it; raises Wrong, NotAllowed or Overtaken and then nothing changes."""
    case = decision.case
    if not Case.objects.filter(pk=case.pk, state=CaseState.UNDER_REVIEW).update(state_at=F("state_at")):
        raise NotAllowed("この加入手続は審査中ではありません。")
    if entered.special_reason and not actor.has_role(MANAGER):
        raise NotAllowed("特認は引受責任者だけが行えます。")
    ruling = Ruling(
        entered.decision,
        entered.limit,
        int(decision.line.values.get("requested_limit", 0)),
        entered.credit_class.ceiling if entered.credit_class else 0,
        entered.reasons,
        entered.conditions,
        entered.excluded,
        entered.special_reason,
    )
    if faults := list(ruling_faults(ruling)):
        raise Wrong(faults)
    now = timezone.now()
    asks = entered.decision is Decision.INFO
    own = LimitDecision.objects.filter(pk=decision.pk, revision=revision)
    won = own.update(
        decision=entered.decision,
        credit_class=entered.credit_class,
        limit=entered.limit,
        reasons=[reason.value for reason in entered.reasons],
        excluded=[why.value for why in entered.excluded],
        conditions=entered.conditions,
        special_reason=entered.special_reason,
        question=entered.question if asks else "",
        asked_at=now if asks else None,
        decided_by=actor,
        decided_at=now,
        revision=F("revision") + 1,
    )
    if not won:
        raise Overtaken
    record(
        "credit.limit_decided",
        case,
        actor,
        line=decision.line_id,
        decision=entered.decision.value,
        limit=entered.limit,
        reasons=[reason.value for reason in entered.reasons],
        special=bool(entered.special_reason),
    )


@transaction.atomic
def ask(case: Case, actor: User) -> None:
    """追加情報依頼: wait for the member's answers to the questions of the lines; raises NotAllowed or Overtaken."""
    if not case.decisions.filter(decision=Decision.INFO).exists():
        raise NotAllowed("追加情報を依頼する取引先がありません。取引先の結果を「追加情報依頼」にしてください。")
    if not move(Case.objects.filter(pk=case.pk), CASE, "ask", state_at=timezone.now()):
        raise Overtaken
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
    record("credit.declined", case, actor)
    tell(case, "decline")
