"""When somebody is reminded: the year of the scheme, both deadlines, the 加入者証 (credit_insurance.md 4.1, 12)."""

from dataclasses import dataclass
from datetime import date, timedelta

from credit_insurance.rules.deadlines import CLOSING_DAY, Deadlines, period
from portal.common.calendar import add_months

TUESDAY = 1
BEFORE_DEADLINE = (10, 5, 2, 0)
BEFORE_QUOTE_ENDS = (7, 2)
CERTIFICATE_WARNING_DAYS = 20
CERTIFICATE_ALARM_DAYS = 30
LAST_REMINDER_DAY = 10
"""Day of February on which the renewal is reminded of for the last time."""


@dataclass(frozen=True)
class Year:
    """The proposed calendar of a period, to be entered with its master policy."""

    masters_due: date
    campaign_open: date
    renewal_sheets_due: date
    renewal_quotes_due: date
    campaign_close: date
    starts: date
    ends: date


def calendar_of(year: int) -> Year:
    """Return the dates of the period that begins on 1 March of `year`; 募集開始 is the fourth Tuesday of November."""
    november = date(year - 1, 11, 1)
    first_tuesday = november + timedelta(days=(TUESDAY - november.weekday()) % 7)
    starts, ends = period(year)
    return Year(
        masters_due=date(year - 1, 10, 1),
        campaign_open=first_tuesday + timedelta(weeks=3),
        renewal_sheets_due=date(year - 1, 12, 20),
        renewal_quotes_due=date(year, 1, 25),
        campaign_close=date(year, 2, CLOSING_DAY),
        starts=starts,
        ends=ends,
    )


def deadline_reminders(deadline: date) -> list[date]:
    """Return the days on which the form or the money is reminded of: 10, 5, 2 and 0 days before."""
    return [deadline - timedelta(days=days) for days in BEFORE_DEADLINE]


def quote_reminders(valid_until: date) -> list[date]:
    """Return the days on which the end of a quote is reminded of: 7 and 2 days before."""
    return [valid_until - timedelta(days=days) for days in BEFORE_QUOTE_ENDS]


def renewal_reminders(campaign_open: date, year: int) -> list[date]:
    """Return the days on which the renewal for the period `year` is reminded of, from 募集開始 to 10 February."""
    soft = calendar_of(year)
    return [campaign_open, soft.renewal_sheets_due, soft.renewal_quotes_due, date(year, 2, LAST_REMINDER_DAY)]


def days_left(by: Deadlines, today: date) -> tuple[int, int]:
    """Return the days to the deadline of the form and of the money; 0 on the day itself, negative afterwards."""
    return (by.form - today).days, (by.money - today).days


def certificate_warning(start: date) -> date:
    """Return the day from which a 加入者証 that is not issued is pointed out to the insurer."""
    return start + timedelta(days=CERTIFICATE_WARNING_DAYS)


def certificate_alarm(start: date) -> date:
    """Return the day from which a 加入者証 that is not issued is late: 30 days, or the month where that is shorter.

    The pamphlet tells the member to ask after a month: by then the insurer must have been told.
    """
    return min(start + timedelta(days=CERTIFICATE_ALARM_DAYS), add_months(start, 1) - timedelta(days=1))
