"""提出 by the contractor: looked at, taken, sent or marked, opened again; reminders (esurety.md 8.6, 12.1.1, 13).

A message holds ids only: the job opens the key, makes the sheet and sends it, so that no key is stored on the way.
"""

import uuid
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from esurety import vault
from esurety.enums import HandInChannel, KeyState, SubmissionState, VersionState
from esurety.models import AuthKey, Certificate, Submission
from esurety.rules.numbers import plain
from esurety.selectors import handing
from esurety.services import keys
from esurety.services.issuing import Refused
from esurety.states import SUBMISSION
from portal import audit
from portal.common.states import move
from portal.outbox import Message, publish

if TYPE_CHECKING:
    from portal.accounts.models import User

HAND_IN = "esurety.hand_in"
REISSUED = "esurety.key_reissued"
REMIND = "esurety.remind"
DUE = "esurety.due"

NOT_NOW = "この証書の提出状況が変わりました。画面を開き直して確認してください。"
NOT_IN_FORCE = "この証書は現在有効な証書ではないため、提出できません。最新の証書の認証キーを提出してください。"
FROZEN = (
    "この認証キーは、誤った入力が続いたため停止しています。管理者の方が再発行を行うか、取扱箇所へお問い合わせください。"
)
WITH_KEY = "認証キーは、件名・本文・メモに書かないでください。添付する「認証キーのお知らせ」でお知らせします。"


def saw_certificate(made: Certificate) -> None:
    """Note that the contractor has looked at the certificate: step 1 of handing it in."""
    Submission.objects.filter(certificate=made, seen_at=None).update(seen_at=timezone.now())


def took_sheet(made: Certificate) -> None:
    """Note that the contractor has taken the 認証キーのお知らせ: step 2."""
    Submission.objects.filter(certificate=made, sheet_at=None).update(sheet_at=timezone.now())


def _tells_key(key: AuthKey, *texts: str) -> bool:
    """Return True when a text that is to be stored holds the key, however it is written."""
    clear = vault.open_sealed(keys.sealed_of(key), keys.binding_of(key))
    return any(clear in plain(text) for text in texts)


def is_own_sheet(made: Certificate, code: str) -> bool:
    """Return True when the QR text of a 認証キーのお知らせ names this version and the key that it has now."""
    key = keys.alive(made)
    _, _, rest = code.partition(":")
    number, _, text = rest.partition(":")
    fits = key and vault.fits(bytes(key.mac), key.mac_by, plain(text), keys.binding_of(key))
    return bool(fits) and plain(number) == made.guarantee.number


def _usable_key(made: Certificate) -> AuthKey:
    """Return the key that may be handed in; raises Refused with the reason when there is none."""
    key = keys.alive(made)
    if made.state != VersionState.ISSUED or key is None:
        raise Refused(NOT_IN_FORCE)
    if key.state == KeyState.FROZEN:
        raise Refused(FROZEN)
    return key


def _hand_in(made: Certificate, actor: "User", at: datetime, **said: Any) -> None:
    """未提出 or 差戻し → 提出済, once, in the caller's transaction; raises Refused when somebody was faster."""
    own = Submission.objects.filter(certificate=made, certificate__state=VersionState.ISSUED)
    if not move(own, SUBMISSION, "send", sent_at=at, sent_by=actor, **said):
        raise Refused(NOT_NOW)
    _record(made, actor, channel=said["channel"])


def _record(made: Certificate, actor: "User", **detail: object) -> None:
    guarantee = made.guarantee
    audit.record(
        "surety.submitted",
        actor=actor,
        organisation=guarantee.organisation,
        target=guarantee.number,
        detail={"sequence": made.sequence, **detail},
    )


@transaction.atomic
def send(made: Certificate, actor: "User", *, address: str, subject: str, text: str) -> None:
    """送信する: let the job mail the 認証キーのお知らせ, and nothing else, to `address`; raises Refused."""
    key = _usable_key(made)
    if _tells_key(key, subject, text):
        raise Refused(WITH_KEY)
    now = timezone.now()
    _hand_in(
        made,
        actor,
        now,
        channel=HandInChannel.MAIL,
        addressee=address,
        subject=subject,
        text=text,
        note="",
        sheet_at=now,
    )
    place = f"{made.guarantee.number}-{made.sequence} {uuid.uuid4().hex}"
    publish(Message(HAND_IN, place, {"certificate": made.pk, "at": now.isoformat()}))


@transaction.atomic
def mark(made: Certificate, actor: "User", *, channel: str, day: date, note: str) -> None:
    """提出済みにする: it was handed in on `day` by another way; raises Refused."""
    key = _usable_key(made)
    if _tells_key(key, note):
        raise Refused(WITH_KEY)
    now = timezone.now()
    noon = timezone.make_aware(datetime.combine(day, time(12)))
    at = now if day == timezone.localdate() else noon
    _hand_in(made, actor, at, channel=channel, addressee="", subject="", text="", note=note)


def _reopened(made: Certificate, **more: Any) -> bool:
    own = Submission.objects.filter(certificate=made)
    empty = dict.fromkeys(("channel", "addressee", "subject", "text", "note"), "")
    return move(own, SUBMISSION, "reopen", sent_at=None, sent_by=None, reminded_at=None, **empty, **more)


@transaction.atomic
def reopen(made: Certificate, actor: "User") -> None:
    """未提出に戻す: after a 差戻し, or when it was marked by mistake; raises Refused once the body has entered it."""
    if not _reopened(made):
        raise Refused(NOT_NOW)
    _record(made, actor, state=SubmissionState.OPEN)


@transaction.atomic
def renew_key(made: Certificate, actor: "User", reason: str) -> AuthKey:
    """認証キー再発行, told to contractor and office; raises Refused.

    What was handed in but not registered is 未提出 again; what a body has registered stays registered.
    """
    if made.state != VersionState.ISSUED:
        raise Refused(NOT_IN_FORCE)
    key = keys.reissue(made, actor, reason)
    if key is None:
        raise Refused(NOT_NOW)
    Submission.objects.filter(certificate=made).update(sheet_at=None)
    _reopened(made)
    publish(Message(REISSUED, f"{made.guarantee.number}-{made.sequence}-{key.generation}", {"key": key.pk}))
    return key


# --- Nights -----------------------------------------------------------------------


def remind(day: date) -> int:
    """Ask to hand in what has waited for two business days, once each; returns how many were asked (E4)."""
    reminded = 0
    for row in handing.unreminded(day):
        with transaction.atomic():
            own = Submission.objects.filter(pk=row.pk, state=SubmissionState.OPEN, reminded_at=None)
            if own.update(reminded_at=timezone.now()):
                number = row.certificate.guarantee.number
                publish(Message(REMIND, f"{number}-{row.certificate.sequence} {day}", {"certificate": row.pk}))
                reminded += 1
    return reminded


def tell_due(day: date) -> int:
    """Tell of 保証期限 60, 30 and 7 days before and the day after, once each; returns how many were told (E7)."""
    due = {
        f"{guarantee.number} {guarantee.due_on} {days}": {"guarantee": guarantee.pk, "days": days}
        for guarantee, days in handing.near_due(day)
    }
    known = set(Message.objects.filter(topic=DUE, key__in=due).values_list("key", flat=True))
    publish(*(Message(DUE, key, payload) for key, payload in due.items() if key not in known))
    return len(due.keys() - known)
