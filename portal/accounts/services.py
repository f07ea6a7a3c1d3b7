"""What changes an account: login and its limits, own data, passwords, grants. Each is recorded in the audit log."""

import base64
import secrets
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth import authenticate, update_session_auth_hash
from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.accounts import limiter, sessions
from portal.accounts.models import Grant, SecondFactor, User
from portal.common.http import HttpRequest, client_address
from portal.outbox import Message, mail, publish

MINUTE, HOUR, DAY = 60, 3600, 86_400
PASSWORD_MOST = 1024
FIRST_PASSWORD_VALID = timedelta(hours=72)
# Registration data that the user keeps himself; everything else is the organisation's or the office's.
OWN_DATA = ("name", "kana", "department", "post", "phone", "fax", "email")


# None of our mails carries a link, so that a mail with one is known to be false.
EMAIL_CHANGED = """{name} 様

ご登録のメールアドレスが変更されました。
お心当たりがない場合は、すぐに事務局へお電話ください。

このメールにリンクはありません。
"""


@dataclass(frozen=True)
class Refused:
    """No login; `wait_seconds` is 0 when login or password are wrong, else the time until the next try is looked at."""

    wait_seconds: int = 0


def record(verb: str, user: User, *, actor: User | None = None, outcome: str = "ok", **detail: object) -> None:
    """Write an event about the account of `user`, done by `actor` or by the user himself."""
    audit.record(
        verb,
        actor=actor or user,
        organisation=user.organisation,
        target=user.login,
        outcome=outcome,
        detail=detail,
    )


def read_login(text: str) -> str:
    """The ユーザーID as typed, also with the input method left on."""
    return unicodedata.normalize("NFKC", text).strip()


def check_login(request: HttpRequest, login: str, password: str) -> User | Refused:
    """The user, if login and password are right and the limits allow to look (security.md 2.7).

    Every try is counted before the password is hashed: parallel tries neither slip through nor cost a hash each.
    """
    address = limiter.network(client_address(request, settings.PROXY_HOPS))
    for taken in (
        limiter.take("login-address", address, 60, MINUTE),
        limiter.take("login-address-failed", address, 300, HOUR),
    ):
        if not taken.allowed:
            return Refused(taken.wait_seconds)
    for taken in (
        limiter.take("login-account", login, 5, 15 * MINUTE, longest=DAY),
        limiter.take("login-account-day", login, 20, DAY),
    ):
        if not taken.allowed:
            _record_failure(login, "locked")
            return Refused(taken.wait_seconds)
    user = authenticate(request, login=login, password=password) if len(password) <= PASSWORD_MOST else None
    if not isinstance(user, User):
        _record_failure(login, "failed")
        return Refused()
    limiter.give_back("login-address-failed", address)
    limiter.clear("login-account", login)
    limiter.clear("login-account-day", login)
    return user


def _record_failure(login: str, outcome: str) -> None:
    """A login that nobody has may be a password typed into the wrong field: it is not written down."""
    user = User.objects.select_related("organisation").filter(login=login).first()
    if user is None:
        audit.record("account.login", outcome=outcome)
    else:
        record("account.login", user, outcome=outcome)


def sign_in(request: HttpRequest, user: User) -> None:
    """Begin the session of a user whose factors were all checked."""
    with transaction.atomic():
        sessions.begin(request, user)
        record("account.login", user)


def check_password(user: User, password: str) -> Refused | None:
    """None when `password` is the user's; limited, so that an open session is no way around the limits of the login."""
    taken = limiter.take("password-check", str(user.pk), 5, 15 * MINUTE, longest=DAY)
    if not taken.allowed:
        return Refused(taken.wait_seconds)
    if len(password) > PASSWORD_MOST or not user.check_password(password):
        record("account.password-check", user, outcome="failed")
        return Refused()
    limiter.clear("password-check", str(user.pk))
    return None


def change_own_data(user: User, values: dict[str, str]) -> list[str]:
    """Store the user's own registration data; returns the names of the fields that changed.

    A changed address is told to the old and the new one.
    """
    changed = [name for name in OWN_DATA if name in values and values[name] != getattr(user, name)]
    if not changed:
        return []
    old = user.email
    for name in changed:
        setattr(user, name, values[name])
    with transaction.atomic():
        user.save(update_fields=changed)
        record("account.own-data", user, fields=changed)
        if "email" in changed:
            for address in sorted({old, user.email} - {""}):
                text = EMAIL_CHANGED.format(name=user.name)
                mail.send(f"email-changed:{uuid.uuid4().hex}", address, "【電子手続き】メールアドレスの変更", text)
    return changed


def change_password(request: HttpRequest, password: str) -> None:
    """Give the user the new password (checked by the caller); every other session of the user ends."""
    user = request.user
    user.set_password(password)
    user.password_expires_at = None
    with transaction.atomic():
        user.save(update_fields=["password", "password_expires_at"])
        update_session_auth_hash(request, user)
        request.session.save()
        sessions.end(user, but=request.session.session_key)
        record("account.password", user)


def end_other_sessions(request: HttpRequest) -> int:
    """End the user's sessions on other devices; returns how many."""
    user = request.user
    with transaction.atomic():
        ended = sessions.end(user, but=request.session.session_key)
        record("account.sessions-ended", user, ended=ended)
    return ended


def end_sessions(actor: User, user: User) -> None:
    """Log `user` out everywhere."""
    with transaction.atomic():
        ended = sessions.end(user)
        record("account.sessions-ended", user, actor=actor, ended=ended)


def send_first_password(actor: User, user: User) -> None:
    """Ask for a mail with a password for one login within 72 hours; the old password and all sessions end at once.

    The password is made when the mail is written: it is stored nowhere and no colleague sees it.
    """
    with transaction.atomic():
        user.set_unusable_password()
        user.save(update_fields=["password"])
        sessions.end(user)
        publish(Message("account.first-password", uuid.uuid4().hex, {"user": user.pk}))
        record("account.first-password", user, actor=actor)


def make_first_password(user: User) -> str:
    """Set and return a random password (100 bits) that has to be replaced within 72 hours."""
    password = "-".join(base64.b32encode(secrets.token_bytes(13)).decode().lower()[i : i + 5] for i in range(0, 20, 5))
    user.set_password(password)
    user.password_expires_at = timezone.now() + FIRST_PASSWORD_VALID
    user.save(update_fields=["password", "password_expires_at"])
    return password


def remove_second_factor(actor: User, user: User) -> None:
    """For a lost authenticator: the user registers a new one at the next login; all sessions end."""
    with transaction.atomic():
        SecondFactor.objects.filter(user=user).delete()
        user.recovery_codes.all().delete()
        sessions.end(user)
        record("account.second-factor-removed", user, actor=actor)


def grant(actor: User, user: User, role: str, starts_on: date, ends_on: date | None) -> Grant:
    """Give `user` a role; ValueError when somebody gives one to himself."""
    if actor.pk == user.pk:
        raise ValueError("nobody grants a role to himself")
    with transaction.atomic():
        given = Grant.objects.create(user=user, role=role, starts_on=starts_on, ends_on=ends_on, granted_by=actor)
        _record_grant("account.granted", actor, given)
    return given


def end_grant(actor: User, given: Grant, ends_on: date) -> None:
    """Set the last day of a grant; ValueError for one's own, which would be a way to prolong it."""
    if actor.pk == given.user_id:
        raise ValueError("nobody changes his own role")
    with transaction.atomic():
        given.ends_on = ends_on
        given.save(update_fields=["ends_on"])
        _record_grant("account.grant-changed", actor, given)


def _record_grant(verb: str, actor: User, given: Grant) -> None:
    record(verb, given.user, actor=actor, role=given.role, starts_on=given.starts_on, ends_on=given.ends_on)
