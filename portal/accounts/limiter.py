"""Limits on tries, kept in the database: each try is counted by one statement before anything costly happens.

One statement, because two (read, then write) let parallel tries pass together; see the pair of race tests.
"""

import ipaddress
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.accounts.models import Limit

DAY = 86_400

# `tries` stops at limit + 1, which means refused. With `longest`, the last allowed try starts a lock that doubles from
# one time to the next, and is forgotten `longest` seconds after it ended.
_TAKE = """
INSERT INTO accounts_limit AS l (name, key, tries, ends_at, lock_seconds)
VALUES (%(name)s, %(key)s, 1, %(now)s + %(seconds)s, 0)
ON CONFLICT (name, key) DO UPDATE SET
    tries = CASE
        WHEN l.ends_at <= %(now)s THEN 1
        WHEN l.tries > %(limit)s THEN l.tries
        ELSE l.tries + 1 END,
    ends_at = CASE
        WHEN l.ends_at <= %(now)s THEN %(now)s + %(seconds)s
        WHEN l.tries + 1 = %(limit)s AND %(longest)s > 0 THEN %(now)s + {next_lock}
        ELSE l.ends_at END,
    lock_seconds = CASE
        WHEN l.ends_at + %(longest)s <= %(now)s THEN 0
        WHEN l.ends_at > %(now)s AND l.tries + 1 = %(limit)s AND %(longest)s > 0 THEN {next_lock}
        ELSE l.lock_seconds END
RETURNING tries, ends_at
""".format(
    next_lock="""(CASE WHEN l.lock_seconds = 0 THEN %(seconds)s
        WHEN l.lock_seconds * 2 > %(longest)s THEN %(longest)s ELSE l.lock_seconds * 2 END)"""
)


@dataclass(frozen=True)
class Taken:
    """Whether the try may go on, else in how many seconds the next one may; `tries` so far, this one included."""

    allowed: bool
    wait_seconds: int
    tries: int = field(default=0, compare=False)


def _hash(key: str) -> str:
    return salted_hmac("portal.accounts.limiter", key, algorithm="sha256").hexdigest()


def take(name: str, key: str, limit: int, seconds: int, *, longest: int = 0) -> Taken:
    """Count one try of `key`: at most `limit` in `seconds` are allowed, also when they come in parallel.

    With `longest` (seconds; needs limit > 1) the limit locks: for `seconds` first, then twice as long each time.
    """
    present = int(timezone.now().timestamp())
    values: dict[str, str | int] = {
        "name": name, "key": _hash(key), "limit": limit, "seconds": seconds, "longest": longest, "now": present,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        tries, ends_at = cursor.fetchone()
    return Taken(True, 0, tries) if tries <= limit else Taken(False, max(1, ends_at - present), tries)


def give_back(name: str, key: str) -> None:
    """Take one try back: it turned out to be none of those that are limited."""
    Limit.objects.filter(name=name, key=_hash(key), tries__gt=0).update(tries=F("tries") - 1)


def clear(name: str, key: str) -> None:
    """Forget the tries and locks of `key`."""
    Limit.objects.filter(name=name, key=_hash(key)).delete()


def forget_old() -> int:
    """Delete rows that no longer limit anything; returns how many (a nightly job)."""
    return Limit.objects.filter(ends_at__lt=int(timezone.now().timestamp()) - DAY).delete()[0]


def network(address: str) -> str:
    """The key for an address: IPv6 by /64, since one household has that many addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
