"""Who may look up now, and how often: every refusal has its code (guarantee_lookup.md 6.5) and is recorded."""

from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import ip_address, ip_network
from math import ceil
from typing import TYPE_CHECKING

from django.utils import timezone

from guarantee_lookup.enums import Freshness, Outcome
from guarantee_lookup.messages import ANSWERS
from guarantee_lookup.models import Lookup, LookupLock, ServiceRules, Snapshot
from guarantee_lookup.rules.freshness import freshness, is_open
from guarantee_lookup.rules.limits import ALERT_SHARE, HOUR, NONE_LOCK_SECONDS
from guarantee_lookup.selectors.standing import standing_of
from guarantee_lookup.services.alerts import alert
from portal import audit
from portal.accounts import limiter
from portal.ui.errors import waiting_time

if TYPE_CHECKING:
    from portal.accounts.models import User

NONE_LIMIT = "lookup-none"
BANK_DAY = "lookup-bank-day"


class Refused(Exception):
    """No look-up: `code` of guarantee_lookup.md 6.5, the sentence for the page, seconds until it may be tried again."""

    def __init__(self, code: str, detail: str = "", wait_seconds: int = 0) -> None:
        super().__init__(ANSWERS[code] + detail)
        self.code = code
        self.wait_seconds = wait_seconds

    @property
    def wait_text(self) -> str:
        """Say in words how long to wait, "" when waiting does not help."""
        return f"{waiting_time(self.wait_seconds)}ほど待ってからお試しください。" if self.wait_seconds else ""


@dataclass(frozen=True)
class Service:
    """The service as it stands for one request: the rules of the day, the generation that answers, the branch."""

    now: datetime
    rules: ServiceRules
    snapshot: Snapshot
    branch_id: int | None


def open_service(user: "User", address: str) -> Service:
    """Return the service, or raise Refused: hours, contract and network of the bank, data, locks of the person."""
    now = timezone.localtime()
    standing = standing_of(user)
    rules = standing.rules
    closed = {date.fromisoformat(day) for day in rules.closed_days}
    if not is_open(now, rules.opens_at, rules.closes_at, every_day=rules.every_day, closed_days=closed):
        days = "毎日" if rules.every_day else "平日"
        raise Refused("E-HOUR", f"ご利用時間は、{days}{rules.opens_at:%H:%M}から{rules.closes_at:%H:%M}までです。")
    if not standing.has_contract or not is_inside(address, standing.networks):
        raise Refused("E-PERM")
    if standing.snapshot is None:
        raise Refused("E-UPD")
    if freshness(standing.snapshot.as_of, now.date()) == Freshness.STALE:
        raise Refused("E-STALE")
    _refuse_locked(standing.locks, now)
    return Service(now, rules, standing.snapshot, standing.branch_id)


def is_inside(address: str, networks: list[str]) -> bool:
    """Return True when the bank named no networks or `address` lies in one of them; an unknown address lies in none."""
    return not networks or any(ip_address(address) in ip_network(network) for network in networks if address)


def _refuse_locked(locks: list[LookupLock], now: datetime) -> None:
    for lock in locks:
        if lock.until is None:
            raise Refused("E-LOCK")
        if lock.until > now:
            raise Refused("E-LOCK", wait_seconds=int((lock.until - now).total_seconds()) + 1)


def count(user: "User", rules: ServiceRules) -> None:
    """Count a look-up of the person and of the bank before it is made; raises Refused at a limit.

    One statement counts by all limits, so parallel look-ups never pass one together. Nobody knows yet whether it will
    find something, so it counts as one that does not: `found` takes that back.
    """
    person, bank = f"{user.pk}", f"{user.organisation_id}"
    *counted, in_a_row = limiter.take_all(
        limiter.Rule("lookup-user-hour", person, rules.user_hour, HOUR),
        limiter.Rule("lookup-user-day", person, rules.user_day, limiter.DAY),
        limiter.Rule(BANK_DAY, bank, rules.institution_day, limiter.DAY),
        limiter.Rule(NONE_LIMIT, person, rules.none_in_a_row, NONE_LOCK_SECONDS, longest=NONE_LOCK_SECONDS),
    )
    if counted[-1].tries == ceil(rules.institution_day * ALERT_SHARE):
        alert("many", user, f"{timezone.localdate()}-{bank}")
    for taken in counted:
        if not taken.allowed:
            raise Refused("E-LIM", wait_seconds=taken.wait_seconds)
    if not in_a_row.allowed:
        last = Lookup.objects.filter(user=user).values_list("outcome", flat=True)[: rules.none_in_a_row]
        if {*last} == {Outcome.NONE}:
            raise Refused("E-LOCK", wait_seconds=in_a_row.wait_seconds)
        # The others are under way and may find something yet.
        raise Refused("E-LIM", f"同時に照会できるのは{rules.none_in_a_row}件までです。", wait_seconds=1)


def found(user: "User") -> None:
    """Forget the look-ups in a row that found nothing: this one did."""
    limiter.clear(NONE_LIMIT, f"{user.pk}")


def record_refusal(user: "User", refusal: Refused) -> None:
    """Write the refusal into the log; never with the number."""
    audit.record("lookup.refused", actor=user, organisation=user.organisation, outcome=refusal.code)
