"""登録: a body enters 保証契約番号 and 認証キー (esurety.md 4.2, 8.6, 9.2, 11.2; security C1 to C3, C8).

Whatever is wrong, the answer is `messages.NEUTRAL` after the same statements: one counts the try, one reads the keys of
the number, one event, one message. What only some refusals lead to is done by the job of that message.
"""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from esurety import vault
from esurety.enums import KeyState, RegistrationSource, VersionState
from esurety.models import AuthKey, Certificate, Guarantee, Registration, Submission
from esurety.rules.numbers import is_number, plain
from esurety.states import SUBMISSION
from portal import audit
from portal.accounts import limiter
from portal.common.states import move
from portal.outbox import Message, publish

if TYPE_CHECKING:
    from portal.accounts.models import User

TOPIC = "esurety.refused"

TRIES, PAUSE = 5, 900
"""Tries of a person at one number, and for how many seconds the next ones are refused; doubled each time."""
FREEZE_AFTER = 20
"""Failures of one organisation at one number within a day, after which the key of its own certificate stops."""
ORGANISATION_DAY, ADDRESS_HOUR, SYSTEM_HOUR = 30, 200, 600
PAIR, NUMBER, ORGANISATION, ADDRESS, SYSTEM = (
    "verify-pair",
    "verify-number",
    "verify-organisation",
    "verify-address",
    "verify-system",
)


@dataclass(frozen=True)
class Answer:
    """What a try led to: `registration`, or None for every refusal; `is_slow` asks for a pause before the answer."""

    registration: Registration | None
    is_slow: bool = False


@dataclass(frozen=True)
class _Key:
    """A key of the number, as much as the check needs."""

    mac: Any
    mac_by: str
    generation: int
    state: str
    certificate: int
    sequence: int
    sha256: str
    body: int
    organisation: int | None


def register(user: "User", number: str, key: str, source: RegistrationSource, address: str) -> Answer:
    """Register the version that `key` opens for the user's body, once; number and key as typed, in any width.

    A key of another body's certificate, a frozen or void one, and everything that comes during a pause is refused as
    if nothing had fitted.
    """
    number, key = plain(number), plain(key)
    # Somebody may have put the key into the field of the number: only what is a number is kept anywhere.
    target = number if is_number(number) else ""
    # One commit for the count alone: it stands whatever happens afterwards.
    taken = limiter.take_all(*_rules(user, number, address))
    pair, often, organisation, by_address, by_all = taken
    may_try = pair.allowed and organisation.allowed
    found = _find(number, key, may_try=may_try)
    outcome = _outcome(user, found, may_try=may_try)
    if outcome == "ok" and found:
        with transaction.atomic():
            registration = _registered(user, found, target, source)
        _forgive(user, number, address)
        return Answer(registration)
    with transaction.atomic():
        audit.record(
            "verify.foreign" if outcome == "foreign" else "verify.tried",
            actor=user,
            organisation=user.organisation,
            target=target,
            outcome=outcome,
            detail={"source": source},
        )
        payload = {
            "user": user.pk,
            "number": target,
            "foreign": outcome == "foreign",
            "often": often.tries >= FREEZE_AFTER,
            "many": by_all.tries == SYSTEM_HOUR,
        }
        publish(Message(TOPIC, secrets.token_hex(16), payload))
    return Answer(None, is_slow=not (by_address.allowed and by_all.allowed))


def _pair(user: "User", number: str) -> str:
    return f"{user.pk}/{number}"


def _rules(user: "User", number: str, address: str) -> list[limiter.Rule]:
    """Return the limits in the one order in which all count; `NUMBER` only counts, its job decides."""
    organisation = f"{user.organisation_id}"
    return [
        limiter.Rule(PAIR, _pair(user, number), TRIES, PAUSE, longest=limiter.DAY),
        limiter.Rule(NUMBER, f"{organisation}/{number}", FREEZE_AFTER, limiter.DAY),
        limiter.Rule(ORGANISATION, organisation, ORGANISATION_DAY, limiter.DAY),
        limiter.Rule(ADDRESS, limiter.network(address), ADDRESS_HOUR, 3600),
        limiter.Rule(SYSTEM, "", SYSTEM_HOUR, 3600),
    ]


def _forgive(user: "User", number: str, address: str) -> None:
    """Take this try back: only failures are limited."""
    limiter.clear(PAIR, _pair(user, number))
    for rule in _rules(user, number, address)[1:]:
        limiter.give_back(rule.name, rule.key)


def _find(number: str, key: str, *, may_try: bool) -> _Key | None:
    """Return the key of the number that `key` is; by one indexed query, and with a MAC computed in every case."""
    rows = (
        AuthKey.objects.filter(certificate__guarantee__number=number)
        .exclude(certificate__state=VersionState.PENDING)
        .order_by("pk")
        .values_list(
            "mac",
            "mac_by",
            "generation",
            "state",
            "certificate",
            "certificate__sequence",
            "certificate__payload_sha256",
            "certificate__guarantee__body",
            "certificate__guarantee__body__organisation",
        )
    )
    known = [_Key(*row) for row in rows]
    if not known or not may_try:
        vault.mac(next(iter(vault.mac_keys().values())), key, vault.binding(number, 0, 0))
        return None
    fitting = None
    for one in known:
        if vault.fits(bytes(one.mac), one.mac_by, key, vault.binding(number, one.sequence, one.generation)):
            fitting = one
    return fitting


def _outcome(user: "User", found: _Key | None, *, may_try: bool) -> str:
    """Return what the log says of a try: ok, locked, wrong, foreign, or the state of a key that is not valid."""
    if not may_try:
        return "locked"
    if found is None:
        return "wrong"
    if found.organisation is None or found.organisation != user.organisation_id:
        return "foreign"
    return "ok" if found.state == KeyState.VALID else found.state


def _registered(user: "User", key: _Key, number: str, source: RegistrationSource) -> Registration:
    """Write the registration unless it is there; what was returned before comes back to life."""
    now = timezone.now()
    registration, is_new = Registration.objects.get_or_create(
        body_id=key.body,
        certificate_id=key.certificate,
        defaults={"source": source, "registered_by": user, "registered_at": now},
    )
    own = Registration.objects.filter(pk=registration.pk)
    again = {"registered_at": now, "decided_at": None, "decided_by": None, "reason": ""}
    if is_new or move(own, SUBMISSION, "register", **again):
        move(Submission.objects.filter(certificate=key.certificate), SUBMISSION, "register")
    audit.record(
        "verify.registered",
        actor=user,
        organisation=user.organisation,
        target=number,
        detail={"sequence": key.sequence, "source": source, "sha256": key.sha256, "again": not is_new},
    )
    return registration


# --- What a refusal leads to ------------------------------------------------------


@transaction.atomic
def freeze(guarantee: Guarantee, user: "User") -> AuthKey | None:
    """停止 of the key in force after too many failures of the body's own people; None when that is not so.

    People of other organisations cannot freeze anything (security C2).
    """
    if guarantee.current_id is None or guarantee.body.organisation_id != user.organisation_id:
        return None
    own = AuthKey.objects.filter(certificate=guarantee.current_id, state=KeyState.VALID)
    key = own.select_related("certificate").first()
    if key is None or not own.filter(pk=key.pk).update(state=KeyState.FROZEN):
        return None
    audit.record(
        "verify.frozen",
        actor=user,
        organisation=guarantee.organisation,
        target=guarantee.number,
        detail={"sequence": key.certificate.sequence, "generation": key.generation},
    )
    return key


@transaction.atomic
def unlock(key: AuthKey, actor: "User", reason: str) -> bool:
    """停止解除: a frozen key is valid again, and nobody of its body has to wait any longer; False for a void key."""
    if not AuthKey.objects.filter(pk=key.pk).exclude(state=KeyState.VOID).update(state=KeyState.VALID):
        return False
    made: Certificate = key.certificate
    guarantee = made.guarantee
    body = guarantee.body.organisation
    if body is not None:
        limiter.clear(NUMBER, f"{body.pk}/{guarantee.number}")
        limiter.clear(ORGANISATION, f"{body.pk}")
        for user in body.users.order_by("pk"):
            limiter.clear(PAIR, _pair(user, guarantee.number))
    audit.record(
        "verify.unlocked",
        actor=actor,
        organisation=guarantee.organisation,
        target=guarantee.number,
        detail={"sequence": made.sequence, "generation": key.generation, "reason": reason},
    )
    return True
