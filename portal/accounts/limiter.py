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
WITH asked (name, key, most, seconds, longest, present) AS (VALUES {rows})
INSERT INTO accounts_limit AS l (name, key, tries, ends_at, lock_seconds)
SELECT name, key, 1, present + seconds, 0 FROM asked WHERE true
ON CONFLICT (name, key) DO UPDATE SET (tries, ends_at, lock_seconds) = (
    SELECT CASE
        WHEN l.ends_at <= present THEN 1
        WHEN l.tries > most THEN l.tries
        ELSE l.tries + 1 END,
    CASE
        WHEN l.ends_at <= present THEN present + seconds
        WHEN l.tries + 1 = most AND longest > 0 THEN present + {next_lock}
        ELSE l.ends_at END,
    CASE
        WHEN l.ends_at + longest <= present THEN 0
        WHEN l.ends_at > present AND l.tries + 1 = most AND longest > 0 THEN {next_lock}
        ELSE l.lock_seconds END
    FROM asked WHERE asked.name = l.name AND asked.key = l.key)
RETURNING name, key, tries, ends_at
"""
_NEXT_LOCK = """(CASE WHEN l.lock_seconds = 0 THEN seconds
        WHEN l.lock_seconds * 2 > longest THEN longest ELSE l.lock_seconds * 2 END)"""


@dataclass(frozen=True)
class Rule:
    """At most `most` tries of `key` in `seconds`.

    With `longest` (seconds; needs most > 1) the limit locks: for `seconds` first, then twice as long each time.
    """

    name: str
    key: str
    most: int
    seconds: int
    longest: int = 0


@dataclass(frozen=True)
class Taken:
    """Whether the try may go on, else in how many seconds the next one may; `tries` so far, this one included."""

    allowed: bool
    wait_seconds: int
    tries: int = field(default=0, compare=False)


def _hash(key: str) -> str:
    return salted_hmac("portal.accounts.limiter", key, algorithm="sha256").hexdigest()


def take(name: str, key: str, limit: int, seconds: int, *, longest: int = 0) -> Taken:
    """Count one try of `key` by one Rule."""
    (taken,) = take_all(Rule(name, key, limit, seconds, longest))
    return taken


def take_all(*rules: Rule) -> list[Taken]:
    """Count one try by each of `rules`, which differ in name or key, also when others come in parallel.

    One statement, in the order of `rules`: callers that count by the same rules in one order never wait in a circle.
    """
    present = int(timezone.now().timestamp())
    asked = [(one.name, _hash(one.key), one.most, one.seconds, one.longest, present) for one in rules]
    rows = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(asked))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE.format(rows=rows, next_lock=_NEXT_LOCK), [value for one in asked for value in one])
        found = {(name, key): (tries, ends_at) for name, key, tries, ends_at in cursor.fetchall()}
    return [_taken(most, present, *found[name, key]) for name, key, most, *_ in asked]


def _taken(most: int, present: int, tries: int, ends_at: int) -> Taken:
    return Taken(True, 0, tries) if tries <= most else Taken(False, max(1, ends_at - present), tries)


def give_back(name: str, key: str) -> None:
    """Take one try back: it turned out to be none of those that are limited."""
    Limit.objects.filter(name=name, key=_hash(key), tries__gt=0).update(tries=F("tries") - 1)


def clear(name: str, key: str) -> None:
    """Forget the tries and locks of `key`."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_limit WHERE name = %s AND key = %s", [name, _hash(key)])


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
