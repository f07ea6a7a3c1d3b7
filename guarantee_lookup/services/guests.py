"""Guests: who applies has no account yet, so each application gets one of its own that can do nothing else.

A guest has no password; who comes back proves it with the number, the 利用管理者's address and a code sent there.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from guarantee_lookup.enums import UsageState
from guarantee_lookup.models import UsageApplication
from portal import audit
from portal.accounts import limiter, sessions
from portal.accounts import services as accounts
from portal.accounts.backends import GrantBackend
from portal.accounts.models import Grant, Organisation, User
from portal.applications.models import Application
from portal.common.http import HttpRequest
from portal.numbering.series import Series, allocate, calendar_year
from portal.outbox import Message, publish
from portal.wizard import registry, services

APPLICANT = "lookup.applicant"
PROCEDURE = "lookup-usage"
"""Name of the procedure 利用開始申請."""

GUEST = Series("lookup-guest", calendar_year, width=6)
GUEST_DAYS = 30
CODE_TOPIC = "lookup.apply-code"
CODE_SECONDS, CODE_TRIES, CODE_DIGITS = 600, 5, 6
BEGINS_PER_HOUR = 10
CODES_PER_HOUR, CODES_PER_ADDRESS = 3, 20


class TooMany(Exception):
    """A limit is reached; `wait_seconds` until the next try is looked at."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__("too many tries")
        self.wait_seconds = wait_seconds


def _take(name: str, key: str, limit: int, seconds: int) -> None:
    taken = limiter.take(name, key, limit, seconds)
    if not taken.allowed:
        raise TooMany(taken.wait_seconds)


# --- Beginning -----------------------------------------------------------------


def begin(request: HttpRequest, address: str) -> User:
    """申請を始める: make a guest and log it in; raises TooMany above 10 an hour from one address."""
    _take("apply-begin", limiter.network(address), BEGINS_PER_HOUR, accounts.HOUR)
    with transaction.atomic():
        number = allocate(GUEST)
        organisation = Organisation.objects.create(portal="lookup", code=f"G{number}", name="利用開始申請")
        user = User(login=f"guest-{number}", name="申請者", organisation=organisation)
        user.set_unusable_password()
        user.save(force_insert=True)
        Grant.objects.create(user=user, role=APPLICANT, starts_on=timezone.localdate())
        audit.record("lookup.guest_begun", actor=user, organisation=organisation, target=user.login)
        accounts.sign_in(request, user)
    return user


# --- Coming back ---------------------------------------------------------------


@dataclass(frozen=True)
class Pending:
    """A code that was asked for: kept in the visitor's session, the same whether or not anything was found."""

    nonce: str
    number: str
    user: int | None
    asked_at: int


def ask_code(number: str, mail: str, address: str) -> Pending:
    """Send a code to `mail` if it is that of a 利用管理者 in the open application `number`.

    Raises TooMany above 3 an hour for a number and 20 for an address, known or not.
    """
    _take("apply-code-address", limiter.network(address), CODES_PER_ADDRESS, accounts.HOUR)
    _take("apply-code-number", number, CODES_PER_HOUR, accounts.HOUR)
    nonce = secrets.token_hex(16)
    found = _guest_of(number, mail)
    if found is not None:
        guest, registered = found
        # The code itself is made when the mail is written, so that no row ever holds it.
        publish(Message(CODE_TOPIC, nonce, {"to": registered, "number": number}))
        audit.record("lookup.guest_code", actor=guest, organisation=guest.organisation, target=number)
    return Pending(nonce, number, found[0].pk if found else None, sessions.now())


def _guest_of(number: str, mail: str) -> tuple[User, str] | None:
    """Return the guest and the address as it is registered: capitals may be typed, but lead nowhere else."""
    found = Application.objects.filter(number=number, kind=PROCEDURE)
    application: Application | None = found.select_related("created_by__organisation").first()
    if application is None:
        return None
    guest = application.created_by
    if not guest.can_sign_in() or not guest.has_role(APPLICANT):
        return None
    known = addresses_of(application, guest)
    registered = next((address for address in known if address.casefold() == mail.casefold()), None)
    return (guest, registered) if registered else None


def addresses_of(application: Application, guest: User) -> list[str]:
    """Return the mail addresses of the 利用管理者 as far as they are entered."""
    answers = services.read(registry.get(PROCEDURE), application, guest).answers
    typed = (answers.so_far("bank", prefix).get("email") for prefix in ("first", "second"))
    return [address for address in typed if address]


def code_of(nonce: str) -> str:
    """Return the code that belongs to `nonce`: six digits that only this installation can compute."""
    mac = salted_hmac("guarantee_lookup.apply-code", nonce, algorithm="sha256").hexdigest()
    return str(int(mac, 16) % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def come_back(request: HttpRequest, pending: Pending, typed: str) -> bool:
    """Log the guest in again if `typed` is the code of the last ten minutes; raises TooMany above five tries."""
    _take("apply-code-try", pending.nonce, CODE_TRIES, CODE_SECONDS)
    is_right = constant_time_compare(typed, code_of(pending.nonce))
    guest = GrantBackend().get_user(pending.user) if pending.user else None
    is_late = sessions.now() - pending.asked_at > CODE_SECONDS
    if guest is None or not is_right or is_late:
        if guest is not None:
            accounts.record("account.login", guest, outcome="failed")
        return False
    accounts.sign_in(request, guest)
    return True


# --- Closing -------------------------------------------------------------------

OPEN_STATES = (UsageState.RECEIVED, UsageState.REVIEW, UsageState.APPROVED)


def close_guests(day: date) -> int:
    """Close guests of more than 30 days that wait for nothing: no decision, or one of more than 30 days ago."""
    limit = timezone.make_aware(datetime.combine(day - timedelta(days=GUEST_DAYS), time.min))
    waiting = UsageApplication.objects.filter(Q(state__in=OPEN_STATES) | Q(decided_at__gte=limit))
    old = User.objects.filter(grants__role=APPLICANT, is_active=True, date_joined__lt=limit)
    rows = old.exclude(organisation__in=waiting.values("application__organisation")).select_related("organisation")
    closed = 0
    for guest in rows.order_by("pk").distinct():
        with transaction.atomic():
            if User.objects.filter(pk=guest.pk, is_active=True).update(is_active=False):
                Organisation.objects.filter(users=guest).update(is_active=False)
                sessions.end(guest)
                audit.record("lookup.guest_closed", organisation=guest.organisation, target=guest.login)
                closed += 1
    return closed
