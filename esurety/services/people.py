"""利用者管理 of a 発注者: who of it may use 発注者確認, and as what; nobody changes himself (esurety.md 11.2, 12.3)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from esurety.models import Suspension
from portal import audit
from portal.accounts import limiter, sessions
from portal.accounts import services as accounts
from portal.accounts.models import Grant, User
from portal.numbering.series import Series, allocate, calendar_year

if TYPE_CHECKING:
    from portal.accounts.models import Organisation

PERSON = Series("verify-person", calendar_year, width=5)
"""The part of a ユーザーID that follows the 団体コード: year, five digits, check digit."""

GIVEN_BY_ADMIN = ("verify.view", "verify.user")
"""What an administrator gives; the administrator's own role is given by the surety company."""

PASSWORDS_PER_HOUR = 3


class NotPossible(Exception):
    """This is not done with this person; the text says why, in Japanese."""


HIMSELF = "ご自身の利用者IDは変更できません。ほかの発注者管理者または保証会社へ依頼してください。"


@transaction.atomic
def add(actor: User, organisation: "Organisation", details: Mapping[str, str], role: str) -> User:
    """Register a person with a ユーザーID of ours; the first password is another step."""
    user = User(login=f"{organisation.code}{allocate(PERSON)}", organisation=organisation, **details)
    user.set_unusable_password()
    user.save(force_insert=True)
    accounts.grant(actor, user, role, timezone.localdate(), None)
    _record("verify.user_added", actor, user, role=role)
    return user


@transaction.atomic
def change(actor: User, user: User, details: Mapping[str, str], role: str | None) -> None:
    """Change data and role (None: stays as it is); another address or role ends the sessions. Raises NotPossible."""
    _refuse_himself(actor, user)
    changed = [name for name, value in details.items() if getattr(user, name) != value]
    for name in changed:
        setattr(user, name, details[name])
    user.save(update_fields=changed)
    if role is not None and _set_role(actor, user, role):
        changed.append("role")
    if {"email", "role"} & set(changed):
        sessions.end(user)
    _record("verify.user_changed", actor, user, fields=changed)


def _set_role(actor: User, user: User, wanted: str) -> bool:
    """Give the role and end at once the other one that an administrator gives; False when nothing had to be done."""
    today = timezone.localdate()
    held = list(Grant.objects.filter(Grant.in_force(today), user=user, role__in=GIVEN_BY_ADMIN).order_by("pk"))
    for given in (one for one in held if one.role != wanted):
        if given.starts_on < today:
            accounts.end_grant(actor, given, today - timedelta(days=1))
        else:
            # A grant ends with a day; one that began today would hold until midnight.
            accounts.record("account.grant-changed", user, actor=actor, role=given.role, ends_on=today, withdrawn=True)
            given.delete()
    if any(one.role == wanted for one in held):
        return len(held) > 1
    accounts.grant(actor, user, wanted, today, None)
    return True


@transaction.atomic
def stop(actor: User, user: User) -> None:
    """停止 at once, with all sessions; raises NotPossible."""
    _refuse_himself(actor, user)
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        raise NotPossible("すでに停止しています。")
    # One may be left from a time when the surety company let the person in again.
    Suspension.objects.filter(user=user).delete()
    Suspension.objects.create(user=user, by=actor, at=timezone.now())
    sessions.end(user)
    _record("verify.user_stopped", actor, user)


@transaction.atomic
def resume(actor: User, user: User) -> None:
    """停止解除 of whom an administrator of the body stopped; raises NotPossible."""
    _refuse_himself(actor, user)
    if not Suspension.objects.filter(user=user).delete()[0]:
        raise NotPossible("停止していないか、保証会社が停止した利用者です。保証会社へご連絡ください。")
    User.objects.filter(pk=user.pk).update(is_active=True)
    _record("verify.user_resumed", actor, user)


def send_first_password(actor: User, user: User) -> None:
    """Send a first password for 72 hours; raises NotPossible."""
    _refuse_himself(actor, user)
    if not user.is_active:
        raise NotPossible("停止している利用者です。先に停止を解除してください。")
    if not limiter.take("first-password", f"{user.pk}", PASSWORDS_PER_HOUR, accounts.HOUR).allowed:
        raise NotPossible(f"仮パスワードを送れるのは、1時間に{PASSWORDS_PER_HOUR}回までです。")
    accounts.send_first_password(actor, user)


def remove_second_factor(actor: User, user: User) -> None:
    """Take the authenticator away: a new one is registered at the next login. Raises NotPossible."""
    _refuse_himself(actor, user)
    accounts.remove_second_factor(actor, user)


def _refuse_himself(actor: User, user: User) -> None:
    if actor.pk == user.pk:
        raise NotPossible(HIMSELF)


def _record(verb: str, actor: User, user: User, **detail: object) -> None:
    audit.record(verb, actor=actor, organisation=user.organisation, target=user.login, detail=detail)
