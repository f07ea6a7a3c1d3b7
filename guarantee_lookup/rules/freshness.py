"""When may be looked up: age of the data and hours of service (guarantee_lookup.md 6.2)."""

from collections.abc import Collection
from datetime import date, datetime, time

from guarantee_lookup.enums import Freshness
from portal.common.calendar import is_business_day, next_business_day, previous_business_day

STALE_AFTER = 5
"""Business days behind the previous one from which nothing is shown any more."""


def freshness(as_of: date, today: date) -> Freshness:
    """Return the state of data as of `as_of`: the previous business day or later is fresh."""
    expected, behind = previous_business_day(today), 0
    while as_of < expected and behind < STALE_AFTER:
        as_of = next_business_day(as_of)
        behind += 1
    if behind == 0:
        return Freshness.FRESH
    return Freshness.LATE if behind < STALE_AFTER else Freshness.STALE


def is_open(
    now: datetime, opens: time, closes: time, *, every_day: bool = False, closed_days: Collection[date] = ()
) -> bool:
    """Return True within the hours of service of a business day (Tokyo time); `every_day` ignores the calendar."""
    if not every_day and (not is_business_day(now.date()) or now.date() in closed_days):
        return False
    return opens <= now.time() < closes or opens == closes
