"""返金 of deposits: asked for by one person of the 団体事務局, decided by another (credit_insurance.md 5.6, 7.4)."""

from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from credit_insurance.enums import RefundReason
from credit_insurance.models import Deposit, Refund
from credit_insurance.services.review import NotAllowed, Overtaken
from credit_insurance.states import REFUND
from portal import audit
from portal.accounts.models import User
from portal.common.states import move

MANAGER = "credit.fed_manager"


@transaction.atomic
def ask(deposit: Deposit, amount: int, reason: RefundReason, account: str, actor: User) -> Refund:
    """返金依頼 of `amount` yen of what is open; raises Overtaken when less is left."""
    own = Deposit.objects.filter(pk=deposit.pk, open_amount__gte=amount, is_cancellation=False)
    if amount <= 0 or not own.update(open_amount=F("open_amount") - amount):
        raise Overtaken
    made: Refund = Refund.objects.create(
        deposit=deposit, amount=amount, reason=reason, account=account, requested_by=actor, requested_at=timezone.now()
    )
    _record("credit.refund_requested", made, actor, reason=reason.value)
    return made


@transaction.atomic
def approve(refund: Refund, actor: User) -> None:
    """承認; raises NotAllowed for who asked for it, Overtaken when it is decided already."""
    _decide(refund, "approve", "", actor)


@transaction.atomic
def reject(refund: Refund, comment: str, actor: User) -> None:
    """却下: the deposit has its yen back; raises as `approve` does."""
    if not comment:
        raise NotAllowed("却下の理由を入力してください。")
    _decide(refund, "reject", comment, actor)
    Deposit.objects.filter(pk=refund.deposit_id).update(open_amount=F("open_amount") + refund.amount)


def _decide(refund: Refund, event: str, comment: str, actor: User) -> None:
    if not actor.has_role(MANAGER):
        raise NotAllowed("返金の承認と却下は団体事務局の承認者が行います。")
    if refund.requested_by_id == actor.pk:
        raise NotAllowed("自分が依頼した返金は承認・却下できません。ほかの承認者が行ってください。")
    now = timezone.now()
    if not move(Refund.objects.filter(pk=refund.pk), REFUND, event, decided_by=actor, decided_at=now, comment=comment):
        raise Overtaken
    _record("credit.refund_decided", refund, actor, decision=event, comment=comment)


@transaction.atomic
def pay(refund: Refund, paid_on: date, actor: User) -> None:
    """返金済み on a day that is not before the approval and not in the future; raises NotAllowed or Overtaken."""
    if paid_on > timezone.localdate():
        raise NotAllowed("返金日は今日までの日を入力してください。")
    if refund.decided_at and paid_on < timezone.localdate(refund.decided_at):
        raise NotAllowed("返金日は承認日以後の日を入力してください。")
    if not move(Refund.objects.filter(pk=refund.pk), REFUND, "pay", paid_on=paid_on):
        raise Overtaken
    _record("credit.refund_paid", refund, actor, paid_on=paid_on.isoformat())


def _record(verb: str, refund: Refund, actor: User, **detail: object) -> None:
    audit.record(verb, actor=actor, target=f"refund:{refund.pk}", detail={"amount": refund.amount, **detail})
