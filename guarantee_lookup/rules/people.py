"""Days that decide about the people of a bank: 利用者の確認 twice a year, 90 days without a login, warnings before."""

from datetime import date, timedelta

CONFIRM_MONTHS = (4, 10)
"""Months whose first day begins a round of 利用者の確認 (guarantee_lookup.md 7.3)."""

CONFIRM_DAYS = 30
IDLE_DAYS = 90
WARN_DAYS = (14, 3)
"""How many days before somebody is stopped we write, at the latest."""


def round_of(day: date) -> date:
    """Return the first day of the round of 利用者の確認 that `day` lies in."""
    month = max((month for month in CONFIRM_MONTHS if month <= day.month), default=0)
    return date(day.year, month, 1) if month else date(day.year - 1, CONFIRM_MONTHS[-1], 1)


def next_round(day: date) -> date:
    """Return the first day of the round after that of `day`."""
    month = next((month for month in CONFIRM_MONTHS if month > day.month), 0)
    return date(day.year, month, 1) if month else date(day.year + 1, CONFIRM_MONTHS[0], 1)


def due_of(first: date) -> date:
    """Return the last day on which the people of a round may be confirmed."""
    return first + timedelta(days=CONFIRM_DAYS)


def is_to_confirm(confirmed_on: date, day: date) -> bool:
    """Return True for who was not confirmed in the round of `day`."""
    return confirmed_on < round_of(day)


def idle_until(used_on: date) -> date:
    """Return the last day on which somebody who was last here on `used_on` may still log in."""
    return used_on + timedelta(days=IDLE_DAYS)
