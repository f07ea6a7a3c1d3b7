"""利用者管理: who of a bank may use the portal, with which roles; nobody changes himself (guarantee_lookup.md 7.3)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from guarantee_lookup.enums import StopReason
from guarantee_lookup.models import Branch, Clerk, TermsAcceptance
from guarantee_lookup.rules.terms import VERSION
from portal import audit
from portal.accounts import limiter, sessions
from portal.accounts import services as accounts
from portal.accounts.models import Grant, User
from portal.numbering.series import Series, allocate, calendar_year

if TYPE_CHECKING:
    from portal.accounts.models import Organisation

PERSON = Series("lookup-person", calendar_year, width=5)
"""The part of a 利用者ID that follows the 金融機関コード: year, five digits, check digit."""

GIVEN_BY_MASTER = ("lookup.user", "lookup.branch", "lookup.batch")
PASSWORDS_PER_HOUR = 3
RESUMED_BY_MASTER = (StopReason.MASTER, StopReason.UNCONFIRMED, StopReason.IDLE, StopReason.CLOSED)


class Himself(Exception):
    """Nobody adds rights to himself, stops, resumes or confirms himself."""


class NotPossible(Exception):
    """The person is in a state in which this is not done; the text says why, in Japanese."""


@dataclass(frozen=True)
class Person:
    """What is registered of a person: `details` are name, department, phone and email; `roles` role codes."""

    details: Mapping[str, str]
    branch: Branch | None
    roles: Collection[str]


# --- Terms -------------------------------------------------------------------


def has_accepted(user: User) -> bool:
    """Return True for who accepted the present 利用規約; the association's own people need not."""
    return user.organisation_id is None or TermsAcceptance.objects.filter(user=user, version=VERSION).exists()


@transaction.atomic
def accept_terms(user: User) -> None:
    """利用規約に同意する: kept with version and time, once."""
    _, is_new = TermsAcceptance.objects.get_or_create(user=user, version=VERSION, defaults={"at": timezone.now()})
    if is_new:
        _record("lookup.terms_accepted", user, user, version=VERSION)


def refuse_terms(user: User) -> None:
    """同意しない: only recorded; the page ends the session."""
    _record("lookup.terms_refused", user, user, version=VERSION)


# --- Adding and changing -----------------------------------------------------


@transaction.atomic
def add_person(actor: User, organisation: "Organisation", person: Person) -> User:
    """Register a person of a bank with a 利用者ID of ours; the first password is another step."""
    user = User(login=f"{organisation.code}{allocate(PERSON)}", organisation=organisation, **person.details)
    user.set_unusable_password()
    user.save(force_insert=True)
    Clerk.objects.create(user=user, branch=person.branch)
    for role in sorted(person.roles):
        accounts.grant(actor, user, role, timezone.localdate(), None)
    _record("lookup.user_added", actor, user, roles=sorted(person.roles), branch=_code(person.branch))
    return user


@transaction.atomic
def change_person(actor: User, clerk: Clerk, person: Person) -> None:
    """Change data, branch and the roles that a 利用管理者 gives; another address ends the sessions. Raises Himself."""
    user = clerk.user
    _refuse_himself(actor, user)
    changed = [name for name, value in person.details.items() if getattr(user, name) != value]
    for name in changed:
        setattr(user, name, person.details[name])
    user.save(update_fields=changed)
    Clerk.objects.filter(pk=clerk.pk).update(branch=person.branch)
    set_roles(actor, user, person.roles, GIVEN_BY_MASTER)
    if "email" in changed:
        sessions.end(user)
    _record("lookup.user_changed", actor, user, fields=changed, branch=_code(person.branch))


def set_roles(actor: User, user: User, wanted: Collection[str], among: Collection[str]) -> None:
    """Give what of `wanted` is missing and end at once what of `among` is not wanted."""
    today = timezone.localdate()
    held = Grant.objects.filter(Grant.in_force(today), user=user, role__in=among).order_by("pk")
    for given in held:
        if given.role in wanted:
            continue
        if given.starts_on < today:
            accounts.end_grant(actor, given, today - timedelta(days=1))
        else:
            # A grant in force ends with a day; one that began today would hold until midnight.
            accounts.record("account.grant-changed", user, actor=actor, role=given.role, ends_on=today, withdrawn=True)
            given.delete()
    kept = set(Grant.objects.filter(Grant.in_force(today), user=user).values_list("role", flat=True))
    for role in sorted(set(wanted) - kept):
        accounts.grant(actor, user, role, today, None)


# --- Stopping, resuming, confirming --------------------------------------------


def stop(actor: User, clerk: Clerk, reason: StopReason = StopReason.MASTER) -> bool:
    """停止 or 廃止 at once, with all sessions; False when the person was stopped already. Raises Himself."""
    _refuse_himself(actor, clerk.user)
    return stop_where(Q(), clerk, reason, actor)


@transaction.atomic
def stop_where(condition: Q, clerk: Clerk, reason: StopReason, actor: User | None = None) -> bool:
    """Stop the person if the account is active and still as `condition` says; True for the caller who did it."""
    user = clerk.user
    if not User.objects.filter(condition, pk=user.pk, is_active=True).update(is_active=False):
        return False
    Clerk.objects.filter(pk=clerk.pk).update(stop_reason=reason)
    sessions.end(user)
    _record("lookup.user_stopped", actor, user, reason=reason)
    return True


@transaction.atomic
def mark_left(actor: User, clerk: Clerk) -> None:
    """廃止 of a person, also of one who is stopped already: the 利用者ID is not used again. Raises Himself."""
    if not stop(actor, clerk, StopReason.LEFT):
        Clerk.objects.filter(pk=clerk.pk).update(stop_reason=StopReason.LEFT)
        _record("lookup.user_stopped", actor, clerk.user, reason=StopReason.LEFT)


@transaction.atomic
def resume(actor: User, clerk: Clerk) -> bool:
    """停止解除, which confirms the person too; False when active. Raises Himself and NotPossible.

    A 利用管理者 resumes whom he or the calendar stopped; whom the association stopped, only the association.
    """
    user, today = clerk.user, timezone.localdate()
    _refuse_himself(actor, user)
    if clerk.stop_reason == StopReason.LEFT:
        raise NotPossible("廃止した利用者IDは再開できません。新しい利用者として追加してください。")
    if actor.organisation_id is not None and not user.is_active and clerk.stop_reason not in RESUMED_BY_MASTER:
        raise NotPossible("協会が停止した利用者です。停止の解除は協会へご連絡ください。")
    if clerk.branch and clerk.branch.closes_on and clerk.branch.closes_on < today:
        raise NotPossible("店舗が閉店しています。先に店舗を変更してください。")
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        return False
    Clerk.objects.filter(pk=clerk.pk).update(stop_reason="", confirmed_on=today, idle_from=today)
    _record("lookup.user_resumed", actor, user)
    return True


@transaction.atomic
def confirm(actor: User, clerk: Clerk) -> None:
    """継続: the person is still needed (利用者の確認). Raises Himself."""
    _refuse_himself(actor, clerk.user)
    Clerk.objects.filter(pk=clerk.pk).update(confirmed_on=timezone.localdate())
    _record("lookup.user_confirmed", actor, clerk.user)


# --- Password and second factor --------------------------------------------------


def send_first_password(actor: User, clerk: Clerk) -> None:
    """Send a first password for 72 hours to an active person. Raises Himself and NotPossible."""
    _refuse_himself(actor, clerk.user)
    if not clerk.user.is_active:
        raise NotPossible("停止している利用者です。先に停止を解除してください。")
    if not limiter.take("first-password", f"{clerk.pk}", PASSWORDS_PER_HOUR, accounts.HOUR).allowed:
        raise NotPossible(f"仮パスワードを送れるのは、1時間に{PASSWORDS_PER_HOUR}回までです。")
    accounts.send_first_password(actor, clerk.user)


def remove_second_factor(actor: User, clerk: Clerk) -> None:
    """Take the authenticator away: a new one is registered at the next login. Raises Himself."""
    _refuse_himself(actor, clerk.user)
    accounts.remove_second_factor(actor, clerk.user)


# --- Helpers ---------------------------------------------------------------------


def _refuse_himself(actor: User, user: User) -> None:
    if actor.pk == user.pk:
        raise Himself


def _code(branch: Branch | None) -> str:
    return branch.code if branch else ""


def _record(verb: str, actor: User | None, user: User, **detail: object) -> None:
    audit.record(verb, actor=actor, organisation=user.organisation, target=user.login, detail=detail)
