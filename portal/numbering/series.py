"""Series of application numbers, and the one statement that takes the next numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from portal.common.calendar import fiscal_year
from portal.common.checkdigit import damm

# The row lock (PostgreSQL) or write lock (SQLite) is taken before anything is read, so two callers
# can never see the same `last`; the first call of a period needs no separate insert.
_TAKE = """
    INSERT INTO numbering_counter (series, period, last) VALUES (%s, %s, %s)
    ON CONFLICT (series, period) DO UPDATE SET last = numbering_counter.last + excluded.last
    RETURNING last
"""


def single_day(day: date) -> str:
    """Period of one day: `261120`."""
    return f"{day:%y%m%d}"


def calendar_year(day: date) -> str:
    """Period of one calendar year: `26`."""
    return f"{day:%y}"


def japanese_fiscal_year(day: date) -> str:
    """Period of one fiscal year from 1 April: `26` on 2027-03-31."""
    return f"{fiscal_year(day) % 100:02d}"


@dataclass(frozen=True)
class Series:
    """A declared series: digits of prefix + period + sequence + Damm check digit (none where not `checked`).

    `width` digits are the usual length of the sequence; an overfull series grows a digit, it never wraps.
    Gaps are allowed, reuse never: a rollback gives the number back, an abandoned draft keeps it.
    """

    code: str
    period: Callable[[date], str]
    width: int
    prefix: str = ""
    checked: bool = True

    def format(self, period: str, sequence: int) -> str:
        """Return the number for the `sequence`-th item of `period`."""
        digits = f"{self.prefix}{period}{sequence:0{self.width}d}"
        return digits + damm(digits) if self.checked else digits


# Web申込番号 of every portal: YYMMDD + five digits of the day + check digit (nexi.md 3.3).
WEB_APPLICATION = Series("web", single_day, width=5)


def allocate(series: Series) -> str:
    """Take the next number of `series` in the caller's transaction; RuntimeError outside one."""
    (number,) = allocate_many(series, 1)
    return number


def allocate_many(series: Series, count: int) -> list[str]:
    """Take the next `count` (at least 1) numbers of `series` in the caller's transaction, with one statement.

    Raises RuntimeError outside a transaction: the number and the row that bears it are born together.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("allocate() needs the caller's transaction")
    period = series.period(timezone.localdate())
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [series.code, period, count])
        (last,) = cursor.fetchone()
    return [series.format(period, sequence) for sequence in range(last - count + 1, last + 1)]
