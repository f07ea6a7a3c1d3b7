"""変更, 訂正, 変更取消 and 取消: prepared by one person, released or refused by another (esurety.md 6.8, 9.2)."""

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from esurety.enums import RevisionKind
from esurety.models import Certificate, FeeTable, Guarantee, Revision
from esurety.rules.changes import Advice
from esurety.rules.facts import Contents
from esurety.rules.versions import refusal
from esurety.selectors.reviewing import LIVE
from esurety.selectors.revising import advices, differences, in_force, is_registered, new_fee, versions_of
from esurety.services import billing, issuing
from esurety.services.issuing import Refused
from esurety.services.review import WrongPerson
from esurety.states import REVISION
from portal import audit
from portal.common.states import move
from portal.outbox.mail import send

if TYPE_CHECKING:
    from portal.accounts.models import User

WAITING = "この保証契約には、承認を待っている起案があります。決裁が終わってから起案してください。"

NO_TABLE = "この保証契約の保証料率表がありません。経理に登録を依頼してください。"


class NotNeeded(Refused):
    """The rules need no change of the guarantee (F12); `advices` say why."""

    def __init__(self, found: list[Advice]) -> None:
        self.advices = found
        super().__init__("".join(dict.fromkeys(advice.message for advice in found)))


@transaction.atomic
def prepare(
    guarantee: Guarantee,
    kind: str,
    actor: "User",
    reason: str,
    facts: Contents | None = None,
    *,
    at_fault: bool = False,
    body_agreed: bool = False,
) -> Revision:
    """起案: keep what is to be done until another person releases it; `facts` for 変更 and 訂正.

    Raises NotNeeded for a change that needs none, Refused where the versions do not allow it.
    """
    _check(guarantee, RevisionKind(kind), facts, body_agreed=body_agreed)
    try:
        with transaction.atomic():
            revision: Revision = Revision.objects.create(
                guarantee=guarantee,
                kind=kind,
                facts=facts,
                reason=reason,
                at_fault=at_fault and kind == RevisionKind.CORRECTION,
                body_agreed=body_agreed,
                prepared_by=actor,
                prepared_at=timezone.now(),
            )
    except IntegrityError:
        raise Refused(WAITING) from None
    audit.record(
        "surety.prepared",
        actor=actor,
        organisation=guarantee.organisation,
        target=guarantee.number,
        detail={"kind": kind, "reason": reason},
    )
    return revision


def _check(guarantee: Guarantee, kind: RevisionKind, facts: Contents | None, *, body_agreed: bool) -> None:
    if guarantee.revisions.filter(state="prepared").exists():
        raise Refused(WAITING)
    if guarantee.state not in LIVE:
        raise Refused(f"この保証契約は「{guarantee.get_state_display()}」のため、変更できません。")
    registered = is_registered(guarantee)
    if words := refusal(kind, versions_of(guarantee), is_registered=registered, body_agreed=body_agreed):
        raise Refused(words)
    if kind not in {RevisionKind.CHANGE, RevisionKind.CORRECTION}:
        return
    if facts is None or not differences(in_force(guarantee), facts):
        raise Refused("いまの証書と同じ内容です。変わる項目を直してください。")
    found = advices(guarantee, facts) if kind == RevisionKind.CHANGE else []
    # None: it depends on what the 発注者 or the contractor asks for, which the clerk knows.
    if found and all(advice.needed is False for advice in found):
        raise NotNeeded(found)


@transaction.atomic
def release(revision: Revision, actor: "User") -> Certificate | None:
    """実行 by another person: what `issuing.release` does, and the 追加 or 返還 of the fee with it.

    Raises WrongPerson, Refused or MissingGlyphs.
    """
    if revision.prepared_by_id == actor.pk:
        raise WrongPerson("自分が起案したものは承認できません。別の決裁者が承認してください。")
    fresh = Revision.objects.select_related("guarantee__item__request", "guarantee__body", "guarantee__current").get(
        pk=revision.pk
    )
    current = fresh.guarantee.current
    if current is None:
        raise Refused("有効な証書がありません。")
    try:
        quote, net = new_fee(fresh)
    except FeeTable.DoesNotExist:
        raise Refused(NO_TABLE) from None
    made = issuing.release(fresh, actor)
    after = Guarantee.objects.get(pk=fresh.guarantee_id)
    # Only one revision waits at a time; a version that arrived between reading and releasing would show here.
    if (made.previous_id if made else current.pk) != current.pk or (made and after.current_id != current.pk):
        raise Refused("承認の間に証書が変わりました。画面を開き直して確認してください。")
    if quote and net:
        billing.difference_fee(fresh.guarantee, made, quote, net)
    if made is None:
        _tell(fresh)
    return made


def _tell(revision: Revision) -> None:
    """Mail what makes no version: 変更取消 and 取消. A new version is told of when it has arrived."""
    guarantee = revision.guarantee
    request = guarantee.item.request
    if not request.email:
        return
    what = revision.get_kind_display()
    todo = (
        "ひとつ前の証書と、その認証キーがふたたび有効になりました。"
        if revision.kind == RevisionKind.WITHDRAWAL
        else "この保証契約の証書と認証キーは効力を失いました。"
    )
    send(
        f"esurety.revised {guarantee.number} {revision.pk}",
        request.email,
        f"{what}のお知らせ",
        f"次の保証契約について、{what}を行いました。\n\n保証契約番号：{guarantee}\n工事名：{guarantee.work}\n"
        f"発注者：{guarantee.body}\n理由：{revision.reason}\n\n{todo}\n"
        "内容は、電子保証ポータルにログインし、「保証契約一覧」でご確認ください。\n",
    )


@transaction.atomic
def refuse(revision: Revision, actor: "User", reason: str) -> None:
    """却下 by another person, with a reason for who prepared it; raises WrongPerson or Refused."""
    if revision.prepared_by_id == actor.pk:
        raise WrongPerson("自分が起案したものは却下できません。別の決裁者に依頼してください。")
    row = Revision.objects.filter(pk=revision.pk)
    if not move(row, REVISION, "refuse", decided_by=actor, decided_at=timezone.now(), decision_reason=reason):
        raise Refused("この起案はすでに処理されています。")
    audit.record(
        "surety.revision_refused",
        actor=actor,
        organisation=revision.guarantee.organisation,
        target=revision.guarantee.number,
        detail={"kind": revision.kind, "reason": reason},
    )
