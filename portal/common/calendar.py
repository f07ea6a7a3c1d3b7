"""Months, fiscal years and bank business days; every date comes in as an argument."""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

import holidays

_ONE_DAY = timedelta(days=1)


def add_months(day: date, n: int) -> date:
    """Return the same day number `n` months later (earlier when negative), else the month's last day (nexi.md 5.7)."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_exceeded(start: date, end: date, n: int) -> bool:
    """Return True when `end` lies after `start` + `n` months (nexi.md 5.6)."""
    return end > add_months(start, n)


def fiscal_year(day: date) -> int:
    """Return the Japanese fiscal year of `day`: it begins on 1 April."""
    return day.year if day.month >= 4 else day.year - 1


@lru_cache(maxsize=64)
def _national_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("JP", years=year))


def is_business_day(day: date) -> bool:
    """Return True when banks are open: no Saturday, Sunday, national holiday, nor 31 December to 3 January."""
    year_end = (day.month, day.day) in {(12, 31), (1, 1), (1, 2), (1, 3)}
    return day.weekday() < 5 and not year_end and day not in _national_holidays(day.year)


def previous_business_day(day: date) -> date:
    """Return the last business day before `day` (`day` itself never counts)."""
    day -= _ONE_DAY
    while not is_business_day(day):
        day -= _ONE_DAY
    return day


def next_business_day(day: date) -> date:
    """Return the first business day after `day` (`day` itself never counts)."""
    day += _ONE_DAY
    while not is_business_day(day):
        day += _ONE_DAY
    return day
