"""決済期間: from 締日 to 支払日, at most one year (credit_insurance.md 5.4 #19 to #23, 8.8 test 4)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from portal.common.calendar import add_months

MONTH_END = 99
"""末日 as a day of the month."""

MOST_MONTHS = 12
MOST_BILL_DAYS = 365


@dataclass(frozen=True)
class Terms:
    """決済条件: closing day and pay day are 1 to 31 or MONTH_END; `bill_days` is the サイト of a bill, else 0."""

    closing_day: int
    month_offset: int
    pay_day: int
    bill_days: int = 0


@dataclass(frozen=True)
class Settlement:
    """決済期間 of one closing; a bill is paid at its maturity."""

    closing: date
    payment: date

    @property
    def days(self) -> int:
        """Days from the closing to the payment."""
        return (self.payment - self.closing).days

    @property
    def is_over_a_year(self) -> bool:
        """True when the payment lies after the same day one year later (29 February: 28 February)."""
        return self.payment > add_months(self.closing, MOST_MONTHS)


def is_day(day: int) -> bool:
    """Return True for a day of the month as it is written in 決済条件: 1 to 31, or MONTH_END."""
    return 1 <= day <= 31 or day == MONTH_END


def are_possible(terms: Terms) -> bool:
    """Return True when every figure is within its range and nothing is paid before it is closed."""
    return (
        is_day(terms.closing_day)
        and is_day(terms.pay_day)
        and 0 <= terms.month_offset <= MOST_MONTHS
        and 0 <= terms.bill_days <= MOST_BILL_DAYS
        and not pays_before_closing(terms)
    )


def _in_month(month: date, day: int) -> date:
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))


def settlement(terms: Terms, month: date) -> Settlement:
    """Return the 決済期間 of what is closed in the month of `month`; a day that a month lacks is its last day.

    `terms` are possible ones.
    """
    closing = _in_month(month, terms.closing_day)
    pay = _in_month(add_months(closing.replace(day=1), terms.month_offset), terms.pay_day)
    return Settlement(closing, pay + timedelta(days=terms.bill_days))


def pays_before_closing(terms: Terms) -> bool:
    """Return True for terms that say the impossible: paid in the month of the closing, on an earlier day."""
    return terms.month_offset == 0 and min(terms.pay_day, 31) < min(terms.closing_day, 31)
