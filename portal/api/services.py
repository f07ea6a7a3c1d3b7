"""Tokens: made and shown once, found again by their hash, revoked for good."""

import base64
import hashlib
import secrets
from datetime import timedelta

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal import audit
from portal.accounts import roles
from portal.accounts.models import User
from portal.api.models import Token, TokenState

LONGEST_DAYS = 365
SECRET_BYTES = 32

log = structlog.get_logger(__name__)


class LabelTaken(Exception):
    """The organisation has a token of this name that was not revoked."""


def create(user: User, portal: str, role: str, label: str, days: int) -> tuple[Token, str]:
    """Return a token of the user's organisation, valid for `days` (1 to 365) more days, and the text to send.

    The text exists nowhere else. Raises LabelTaken for a name in use.
    """
    if user.organisation is None or not 1 <= days <= LONGEST_DAYS:
        raise ValueError("a token needs an organisation and 1 to 365 days")
    prefix = f"{portal}_{base64.b32encode(secrets.token_bytes(5)).decode().lower()}"
    text = f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    now = timezone.now()
    try:
        with transaction.atomic():
            token = Token.objects.create(
                prefix=prefix,
                digest=_digest(text),
                organisation=user.organisation,
                label=label,
                role=role,
                created_by=user,
                created_at=now,
                expires_on=timezone.localdate(now) + timedelta(days=days),
            )
            detail = {"label": label, "role": role, "expires_on": token.expires_on}
            _record("api.token-created", token, user, detail)
    except IntegrityError as error:
        raise LabelTaken from error
    return token, text


def revoke(token: Token, actor: User) -> bool:
    """End a token at once; False when it was revoked before."""
    with transaction.atomic():
        if not Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            return False
        _record("api.token-revoked", token, actor, {"label": token.label})
    return True


def find(text: str, role: str) -> Token | None:
    """Return the token that `text` is, if it is in force and gives `role`; one query, whatever is wrong with it.

    The database compares hashes, so its time tells nothing of a secret.
    """
    found = Token.objects.select_related("organisation").filter(digest=_digest(text))
    token: Token | None = next(iter(found), None)
    if token is None:
        return None
    state = token.state_on(timezone.localdate())
    is_usable = state is TokenState.LIVE and token.organisation.is_active and role in roles.expand([token.role])
    if not is_usable:
        log.warning("api token refused", token=token.prefix, state=state.value)
    return token if is_usable else None


def note_use(token: Token) -> None:
    """Remember the day of the last use; writes once a day."""
    today = timezone.localdate()
    if token.last_used_on != today:
        Token.objects.filter(pk=token.pk).update(last_used_on=today)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _record(verb: str, token: Token, actor: User, detail: dict[str, object]) -> None:
    audit.record(verb, actor=actor, organisation=token.organisation, target=token.prefix, detail=detail)
