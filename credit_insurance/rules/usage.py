"""How much of a 支払限度額 the member's own 債権残高 takes, and what comes of an overdue debt (5.5, 8.7, 12)."""

from datetime import date, timedelta
from enum import Enum

from portal.common.calendar import add_months

NEAR_PER_CENT = 90


class Usage(Enum):
    """利用率 of a limit: up to 90 %, more than 90 %, more than the limit."""

    USUAL = ""
    NEAR = "90%超"
    OVER = "限度額超過"


def usage(balance: int, limit: int) -> Usage:
    """Return how a 債権残高 stands to its 支払限度額, both in yen; any balance is too much for a limit of nothing."""
    if balance > limit:
        return Usage.OVER
    return Usage.NEAR if balance * 100 > limit * NEAR_PER_CENT else Usage.USUAL


def per_cent(balance: int, limit: int) -> str:
    """Return 利用率 in words, rounded up so that 100 % is never shown for more; "－" for a limit of nothing."""
    return f"{-(-balance * 100 // limit)}%" if limit else "－"


def elapsed(due: date, months: int) -> date:
    """Return 経過した日 (8.7): the due date is day 1, a month without its day ends with the month."""
    month = add_months(due, months)
    # add_months moves to the end of a shorter month: that day is the last one of the period itself.
    return month if month.day == due.day else month + timedelta(days=1)


def stops_on(due: date) -> date:
    """Return the first day whose deliveries are not insured: the day after one month has elapsed."""
    return elapsed(due, 1) + timedelta(days=1)
