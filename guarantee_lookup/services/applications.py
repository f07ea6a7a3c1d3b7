"""申請審査: one member of the association takes an application up, another decides and so carries it out."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from guarantee_lookup.enums import UsageKind, UsageState
from guarantee_lookup.models import UsageApplication
from guarantee_lookup.selectors.applications import obstacles
from guarantee_lookup.services import letters
from guarantee_lookup.services.institutions import Obstacle, carry_out
from portal import audit
from portal.accounts import services as accounts
from portal.accounts.models import User
from portal.accounts.permissions import holders
from portal.common.states import Machine, Transition, move
from portal.outbox import Message, publish

if TYPE_CHECKING:
    from portal.applications.models import Application

ISSUE_TOPIC = "lookup.issue"

MACHINE = Machine(
    [
        Transition("take", [UsageState.RECEIVED], UsageState.REVIEW),
        Transition("approve", [UsageState.REVIEW], UsageState.APPROVED),
        Transition("return", [UsageState.REVIEW], UsageState.RETURNED),
        Transition("refuse", [UsageState.REVIEW], UsageState.REFUSED),
        Transition("issue", [UsageState.APPROVED], UsageState.ISSUED),
    ]
)


class WrongPerson(Exception):
    """Who reviewed an application does not decide it."""


class AlreadyDecided(Exception):
    """Somebody was faster, or pressed before; nothing was written."""


class _Contact:
    """The first 利用管理者 of an application, to whom its letters go."""

    def __init__(self, usage: UsageApplication) -> None:
        self.name = usage.wanted["masters"][0]["name"]
        self.email = usage.wanted["masters"][0]["email"]


def receive(application: "Application", kind: str, code: str, wanted: dict[str, Any]) -> UsageApplication:
    """受付 of a submitted application, in the transaction of its submission."""
    usage = UsageApplication.objects.create(application=application, kind=kind, code=code, wanted=wanted)
    number = application.number
    words = (
        f"利用開始申請（{usage.get_kind_display()}）を受け付けました。\n\nWeb申込番号：{number}\n"
        f"金融機関：{code} {wanted['name']}\n\n審査の結果は、このメールアドレスにお知らせします。\n"
        "申請の状況は、金融機関ポータルの「利用開始申請」で、Web申込番号とこのメールアドレスにより確かめられます。"
    )
    letters.send(letters.Letter(f"lookup.usage {number} received", _Contact(usage), "利用開始申請の受付", words))
    for staff in holders(["lookup.staff"], None, timezone.localdate()).order_by("pk"):
        told = f"利用開始申請を受け付けました。審査してください。\n\n{usage}"
        letters.send(letters.Letter(f"lookup.usage {number} received {staff.pk}", staff, "利用開始申請の受付", told))
    return usage


@transaction.atomic
def take(usage: UsageApplication, actor: User, opinion: str) -> None:
    """審査する: take the application up and leave an opinion for who decides; raises AlreadyDecided."""
    row = UsageApplication.objects.filter(pk=usage.pk)
    if not move(row, MACHINE, "take", reviewer=actor, reviewed_at=timezone.now(), opinion=opinion):
        raise AlreadyDecided
    _record(usage, actor, "take")


@transaction.atomic
def decide(usage: UsageApplication, event: str, actor: User, reason: str) -> None:
    """差し戻す (`return`) or 却下する (`refuse`) with a reason; raises WrongPerson or AlreadyDecided."""
    _decided(usage, event, actor, reason)
    _record(usage, actor, event)
    what = "差戻し" if event == "return" else "却下"
    todo = (
        "「利用開始申請」で、Web申込番号とこのメールアドレスを入力し、内容を直して申請し直してください。"
        if event == "return"
        else "ご不明な点は、協会へお問い合わせください。"
    )
    words = (
        f"利用開始申請（Web申込番号 {usage.application.number}）は、{what}となりました。\n\n理由：{reason}\n\n{todo}"
    )
    key = f"lookup.usage {usage.application.number} {event}"
    letters.send(letters.Letter(key, _Contact(usage), f"利用開始申請の{what}", words))


@transaction.atomic
def approve(usage: UsageApplication, actor: User, reason: str = "") -> None:
    """承認する and carry out; the first passwords follow by `issue`. Raises WrongPerson, AlreadyDecided or Obstacle."""
    _decided(usage, "approve", actor, reason)
    if found := obstacles(usage):
        raise Obstacle("".join(found))
    institution, new = carry_out(usage, actor)
    UsageApplication.objects.filter(pk=usage.pk).update(institution=institution)
    _record(usage, actor, "approve", institution=usage.code, masters=[user.login for user in new])
    number = usage.application.number
    publish(Message(ISSUE_TOPIC, number, {"usage": usage.pk, "people": [user.pk for user in new], "by": actor.pk}))
    outcome = {
        UsageKind.NEW: "ご利用いただけるようになりました。",
        UsageKind.CHANGE: "変更の内容を登録しました。",
        UsageKind.END: "利用を終了しました。利用者IDはすべて停止しました。",
    }[UsageKind(usage.kind)]
    words = f"利用開始申請（Web申込番号 {number}）を承認しました。{outcome}"
    letters.send(letters.Letter(f"lookup.usage {number} approve", _Contact(usage), "利用開始申請の承認", words))
    for user in new:
        told = (
            f"{institution}の利用管理者として登録しました。\n\n利用者ID：{user.login}\n\n"
            "仮パスワードは、別のメールでお送りします。72時間以内にログインし、ご自分のパスワードに変更してください。"
        )
        letters.send(letters.Letter(f"lookup.user {user.pk} login", user, "利用者IDのお知らせ", told))


@transaction.atomic
def issue(pk: int, people: list[int], by: int) -> bool:
    """発行済: have first passwords sent to the new 利用管理者, once; False when it was done before."""
    usage = UsageApplication.objects.select_related("application").get(pk=pk)
    if not move(UsageApplication.objects.filter(pk=pk), MACHINE, "issue", issued_at=timezone.now()):
        return False
    actor = User.objects.select_related("organisation").get(pk=by)
    for user in User.objects.filter(pk__in=people).select_related("organisation").order_by("pk"):
        accounts.send_first_password(actor, user)
    _record(usage, actor, "issue", people=len(people))
    return True


# --- Helpers ---------------------------------------------------------------------


def _decided(usage: UsageApplication, event: str, actor: User, reason: str) -> None:
    """Claim the decision for another person than the reviewer, in one guarded UPDATE."""
    row = UsageApplication.objects.filter(pk=usage.pk)
    decision = {"decided_by": actor, "decided_at": timezone.now(), "reason": reason}
    if not move(row.exclude(reviewer=actor), MACHINE, event, **decision):
        raise WrongPerson if row.filter(reviewer=actor, state=UsageState.REVIEW).exists() else AlreadyDecided


def _record(usage: UsageApplication, actor: User, event: str, **detail: object) -> None:
    audit.record(
        f"lookup.application_{event}",
        actor=actor,
        organisation=usage.institution.organisation if usage.institution else None,
        target=usage.application.number,
        detail={"kind": usage.kind, "code": usage.code, **detail},
    )
