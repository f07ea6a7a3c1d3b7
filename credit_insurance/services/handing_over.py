"""回付: the 担当者 hands a 加入依頼書 to the 責任者, who submits it or gives it back (credit_insurance.md 2)."""

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from credit_insurance.models import HandOver
from credit_insurance.services.review import Overtaken
from portal import audit
from portal.accounts.models import User
from portal.accounts.permissions import holders
from portal.applications.models import Application, State
from portal.outbox import mail

APPROVER = "credit.approver"

LETTERS = {
    "over": (
        "加入依頼書の回付",
        "{by}さんから、加入依頼書が回付されました。\n取引信用保険ポータルにログインし、トップの「お手続きが必要です」"
        "から内容を確かめて、提出してください。",
    ),
    "back": (
        "加入依頼書の差戻し",
        "{by}さんが、加入依頼書を戻しました。\n取引信用保険ポータルにログインし、トップの「お手続きが必要です」"
        "から内容を確かめてください。",
    ),
}
FOOT = "このメールにはリンクを記載していません。いつもお使いのアドレスから画面を開いてください。"


def approvers(user: User) -> "QuerySet[User]":
    """Return who may submit for the user's company today."""
    return holders([APPROVER], user.organisation_id, timezone.localdate()).order_by("kana", "login")


@transaction.atomic
def hand_over(draft: Application, note: str, actor: User) -> int:
    """回付 of a draft of the actor's company: mail its 責任者; returns how many. Raises Overtaken for no draft."""
    _claim(draft, actor)
    now = timezone.now()
    given = {"by": actor, "at": now, "note": note, "returned_by": None, "returned_at": None, "reply": ""}
    if not HandOver.objects.filter(application=draft).update(**given):
        HandOver.objects.create(application=draft, **given)
    _record("over", draft, actor)
    people = list(approvers(actor).exclude(email=""))
    for person in people:
        _write("over", draft, person, actor)
    return len(people)


@transaction.atomic
def give_back(draft: Application, reply: str, actor: User) -> None:
    """差戻し to who handed it over; raises Overtaken when it is no draft any more, or was given back already."""
    _claim(draft, actor)
    own = HandOver.objects.filter(application=draft, returned_at=None)
    if not own.update(returned_by=actor, returned_at=timezone.now(), reply=reply):
        raise Overtaken
    _record("back", draft, actor)
    by = HandOver.objects.select_related("by").get(application=draft).by
    if by.email and by.is_active:
        _write("back", draft, by, actor)


def _claim(draft: Application, actor: User) -> None:
    """Hold the draft until the commit: it is not submitted meanwhile."""
    own = Application.objects.visible_to(actor).filter(pk=draft.pk, state=State.DRAFT)
    if not own.update(saved_at=F("saved_at")):
        raise Overtaken


def _record(way: str, draft: Application, actor: User) -> None:
    audit.record(
        f"credit.form_handed_{way}", actor=actor, organisation=actor.organisation, target=draft.number,
        detail={"revision": draft.revision},
    )  # fmt: skip


def _write(way: str, draft: Application, to: User, by: User) -> None:
    subject, words = LETTERS[way]
    key = f"credit.hand_{way} {draft.number} {timezone.now():%Y%m%d%H%M%S%f} {to.pk}"
    body = f"{to.name} 様\n\n{words.format(by=by.name)}\n\n受付番号：{draft.number}\n\n{FOOT}\n"
    mail.send(key, to.email, f"【貸倒補償制度】{subject}", body)
