"""When cover begins and what must be there by when (credit_insurance.md 8.3): form by the 17th, money by the bank day.

Days are calendar days in Japan. "Start" is 0:00 of a day, "end" 24:00 of a day. A period is named by the year of its
1 March.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from credit_insurance.messages import text
from portal.common.calendar import add_months, is_business_day
from portal.common.eras import seireki

CLOSING_DAY = 17
QUOTE_DAYS = 30
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """Bank days, with what a SYSADMIN corrected: holidays that a law adds (`closed`) or takes away (`opened`).

    `extended` holds the 17ths whose form deadline a FED_MANAGER moved by one day after an outage.
    """

    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()
    extended: frozenset[date] = frozenset()

    def is_open(self, day: date) -> bool:
        """Return True when banks are open."""
        return day in self.opened or (is_business_day(day) and day not in self.closed)

    def last_open(self, day: date) -> date:
        """Return the last bank day up to and including `day`."""
        while not self.is_open(day):
            day -= _ONE_DAY
        return day


@dataclass(frozen=True)
class Deadlines:
    """締切: last day of the 加入依頼書 (until 23:59:59) and last 起算日 of the money."""

    form: date
    money: date


@dataclass(frozen=True)
class Cover:
    """補償期間 from `start` 0:00 to `end` 24:00; `months` are what the premium counts."""

    start: date
    end: date
    months: int


@dataclass(frozen=True)
class Outcome:
    """What became of a case that is complete: `cover` is None when it missed the last month of its period.

    Such a case ends: its quote expires, the money is refunded or kept for a new case of the next period, which needs a
    new sheet and a new quote. `is_later` means later than intended: months and premium are to be recomputed and
    confirmed.
    """

    cover: Cover | None
    is_later: bool = False


def _first(day: date) -> date:
    return day.replace(day=1)


def period_year(day: date) -> int:
    """Return the period that `day` belongs to: March to December its own year, January and February the one before."""
    return day.year if day.month >= 3 else day.year - 1


def period(year: int) -> tuple[date, date]:
    """Return 保険期間 `year`: 1 March and the last day of February of the next year (29 in a leap year)."""
    return date(year, 3, 1), date(year + 1, 3, 1) - _ONE_DAY


def cover_from(start: date) -> Cover:
    """Return the cover of a member who joins on `start`, the 1st of a month; ValueError for another day."""
    if start.day != 1:
        raise ValueError(f"cover begins on the 1st of a month, not on {start}")
    return Cover(start, period(period_year(start))[1], 12 - (start.month - 3) % 12)


def last_midterm_start(year: int) -> date:
    """Return 1 February, the last start in the period `year`."""
    return date(year + 1, 2, 1)


def money_deadline(month: date, calendar: Calendar) -> date:
    """Return B17 of the month of `month`: the last bank day up to the 17th."""
    return calendar.last_open(month.replace(day=CLOSING_DAY))


def form_deadline(month: date, calendar: Calendar) -> date:
    """Return D17 of the month of `month`: the 17th itself, open banks or not, one day more where it was extended."""
    day = month.replace(day=CLOSING_DAY)
    return day + _ONE_DAY if day in calendar.extended else day


def deadlines(start: date, calendar: Calendar) -> Deadlines:
    """Return what must be there by when for cover from `start`: both lie in the month before."""
    month = add_months(_first(start), -1)
    return Deadlines(form_deadline(month, calendar), money_deadline(month, calendar))


def earliest_start(form_day: date, money_day: date, calendar: Calendar) -> date:
    """Return the 1st of the month after the first month in which form and money are both in time.

    `form_day` is the day of the complete form (of the corrected one after a return), `money_day` the 起算日 of the
    deposit that completes the sum.
    """
    form_month, money_month = _first(form_day), _first(money_day)
    if form_day > form_deadline(form_month, calendar):
        form_month = add_months(form_month, 1)
    if money_day > money_deadline(money_month, calendar):
        money_month = add_months(money_month, 1)
    return add_months(max(form_month, money_month), 1)


def outcome(intended: date, form_day: date, money_day: date, calendar: Calendar) -> Outcome:
    """Return the cover of a case that is meant to begin on `intended` (7.1): never before it, never in another period.

    A case for 1 March that is late begins on 1 April; a case for 1 February that is late does not begin on 1 March.
    """
    start = max(intended, earliest_start(form_day, money_day, calendar))
    if start > last_midterm_start(period_year(intended)):
        return Outcome(None, is_later=True)
    return Outcome(cover_from(start), is_later=start > intended)


def prospect(agreed: date, form_day: date | None, money_day: date | None, today: date, calendar: Calendar) -> Outcome:
    """Return what a case that is agreed to begin on `agreed` can still become; what is missing comes today at best.

    A later start that nobody confirmed before it came is no longer offered: cover does not begin in the past unseen.
    """
    found = outcome(agreed, form_day or today, money_day or today, calendar)
    if found.cover and found.is_later and found.cover.start <= today:
        start = add_months(_first(today), 1)
        return Outcome(cover_from(start) if start <= last_midterm_start(period_year(agreed)) else None, is_later=True)
    return found


def outcome_text(found: Outcome, intended: date, calendar: Calendar) -> str:
    """Return what the member is told of a case that does not begin on `intended`: why, and what to do; else ""."""
    if not found.is_later:
        return ""
    by = deadlines(intended, calendar)
    words = {"始期": seireki(intended), "書類": seireki(by.form), "入金": seireki(by.money)}
    if found.cover:
        return text("C-LATER", **words, 新しい始期=seireki(found.cover.start), 月数=found.cover.months)
    return text("C-MISSED", **words, 次の始期=seireki(period(period_year(intended) + 1)[0]))


def is_still_possible(intended: date, today: date, calendar: Calendar, *, has_form: bool, has_money: bool) -> bool:
    """Return False once the case can no longer begin on `intended`: a deadline has passed and its part is missing."""
    by = deadlines(intended, calendar)
    return (has_form or today <= by.form) and (has_money or today <= by.money)


def starts_offered(today: date, calendar: Calendar, next_campaign: date | None = None) -> list[date]:
    """Return the 加入希望始期 that a new case may choose on `today`, the nearest first.

    The nearest is the first whose money can still be paid in time; then every later one of its period; then 1 March of
    the next period, once its 募集期間 has begun (`next_campaign`, None while its master policy is not entered).
    """
    start = add_months(_first(today), 1 if today <= money_deadline(today, calendar) else 2)
    year = period_year(start)
    found = [start]
    while found[-1] < last_midterm_start(year):
        found.append(add_months(found[-1], 1))
    if next_campaign and next_campaign <= today and start < period(year + 1)[0]:
        found.append(period(year + 1)[0])
    return found


def quote_valid_until(issued: date, start: date, calendar: Calendar) -> date:
    """Return the last day of a quote: 30 days after its issue, at most the money deadline of its start (5.5)."""
    return min(issued + timedelta(days=QUOTE_DAYS), deadlines(start, calendar).money)


def months_left(effective: date) -> int:
    """Return the whole months from `effective` to the end of its period, as a refund counts them (8.13)."""
    first = _first(effective) if effective.day == 1 else add_months(_first(effective), 1)
    return cover_from(first).months if period_year(first) == period_year(effective) else 0
