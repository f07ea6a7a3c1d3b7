"""受領, 差戻し and 照合 of a registered version by its 発注者, and the reminder to do so (esurety.md 8.6, 11.2)."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from esurety.enums import SubmissionState
from esurety.models import Registration, Submission
from esurety.selectors.guarantees import addresses
from esurety.selectors.handing import undecided
from esurety.states import SUBMISSION
from portal import audit
from portal.common.states import move
from portal.outbox import Message, publish
from portal.outbox.mail import send

if TYPE_CHECKING:
    from portal.accounts.models import User


REMIND = "esurety.remind_body"


class Decided(Exception):
    """Somebody was faster: the registration waits for no decision any more."""


@transaction.atomic
def accept(registration: Registration, actor: "User") -> None:
    """受領: contractor and office are told; raises Decided."""
    _decide(registration, actor, "accept", "verify.accepted", "")
    _tell(registration, actor, "認証キー受領のお知らせ", "発注者が電子証書を受領しました。", "")


@transaction.atomic
def give_back(registration: Registration, actor: "User", reason: str) -> None:
    """差戻し with its reason: the contractor hands the version in again; raises Decided."""
    _decide(registration, actor, "return", "verify.returned", reason)
    lead = "発注者が電子証書を差し戻しました。理由を確かめ、発注者へ改めてご提出ください。"
    _tell(registration, actor, "差戻しのお知らせ", lead, reason)


def _decide(registration: Registration, actor: "User", event: str, verb: str, reason: str) -> None:
    own = Registration.objects.filter(pk=registration.pk)
    if not move(own, SUBMISSION, event, decided_by=actor, decided_at=timezone.now(), reason=reason):
        raise Decided
    made = registration.certificate
    move(Submission.objects.filter(certificate=made), SUBMISSION, event)
    audit.record(
        verb,
        actor=actor,
        organisation=actor.organisation,
        target=made.guarantee.number,
        detail={"sequence": made.sequence, "sha256": made.payload_sha256, **({"reason": reason} if reason else {})},
    )


def _tell(registration: Registration, actor: "User", subject: str, lead: str, reason: str) -> None:
    """Write to the contractor and to the office (E5): neither key nor certificate nor link."""
    made = registration.certificate
    guarantee = made.guarantee
    now = timezone.localtime()
    body = (
        f"{lead}\n\n保証契約番号：{guarantee}\n対象：{made.target}\n発注者：{guarantee.body}\n"
        f"担当者：{actor.name}\n日時：{now:%Y/%m/%d %H:%M}\n" + (f"理由：{reason}\n" if reason else "")
    )
    for to in dict.fromkeys((*addresses(guarantee), guarantee.office.email)):
        send(f"esurety.decided {registration.pk} {now.isoformat()} {to}", to, subject, body)


@transaction.atomic
def compare(registration: Registration, actor: "User", agreed: Mapping[str, Any]) -> None:
    """Keep the contract's figures that the body entered for 照合: plain values, dates as ISO text."""
    Registration.objects.filter(pk=registration.pk).update(agreed=dict(agreed))
    made = registration.certificate
    audit.record(
        "verify.compared",
        actor=actor,
        organisation=actor.organisation,
        target=made.guarantee.number,
        detail={"sequence": made.sequence, "sha256": made.payload_sha256},
    )


def remind(day: date) -> int:
    """Ask for 受領 or 差戻し of what has waited for three business days, once a version; returns how many."""
    reminded = 0
    for pk in undecided(day).filter(reminded_at=None).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            own = Registration.objects.filter(pk=pk, state=SubmissionState.REGISTERED, reminded_at=None)
            if own.update(reminded_at=timezone.now()):
                publish(Message(REMIND, f"{pk}", {"registration": pk}))
                reminded += 1
    return reminded
