"""Months as 民法 140 and 143 count them, and the days on which banks are open."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common import calendar

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 11, 20), 3, date(2027, 2, 20)),
        (date(2026, 8, 31), 3, date(2026, 11, 30)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -13, date(2024, 12, 15)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_keep_the_day_number_or_end_on_the_last_day(day, months, result):
    assert calendar.add_months(day, months) == result


@given(DAYS, st.integers(-600, 600))
def test_adding_months_moves_by_exactly_that_many_months(day, months):
    later = calendar.add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day


@pytest.mark.parametrize(
    ("start", "end", "months", "exceeded"),
    [
        (date(2026, 11, 30), date(2027, 2, 28), 3, False),
        (date(2026, 11, 30), date(2027, 3, 1), 3, True),
        (date(2026, 4, 1), date(2026, 10, 1), 6, False),
        (date(2026, 4, 1), date(2026, 10, 2), 6, True),
        (date(2026, 4, 1), date(2026, 3, 1), 0, False),
    ],
)
def test_a_term_is_exceeded_only_after_its_last_day(start, end, months, exceeded):
    assert calendar.months_exceeded(start, end, months) is exceeded


@pytest.mark.parametrize(
    ("day", "year"), [(date(2027, 3, 31), 2026), (date(2027, 4, 1), 2027), (date(2027, 1, 1), 2026)]
)
def test_the_fiscal_year_begins_in_april(day, year):
    assert calendar.fiscal_year(day) == year


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 11, 21),  # Saturday
        date(2026, 11, 22),  # Sunday
        date(2026, 11, 23),  # 勤労感謝の日
        date(2026, 5, 6),  # 振替休日: 憲法記念日 fell on a Sunday
        date(2026, 9, 22),  # 国民の休日 between two holidays
        date(2026, 12, 31),
        date(2027, 1, 1),
        date(2027, 1, 2),
        date(2025, 1, 3),
        date(2019, 5, 1),  # the day of the accession
    ],
)
def test_banks_are_closed(day):
    assert not calendar.is_business_day(day)


@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2026, 12, 30), date(2027, 1, 4), date(2026, 5, 7)])
def test_banks_are_open(day):
    assert calendar.is_business_day(day)


def test_the_neighbouring_business_days_step_over_holidays_and_never_count_the_day_itself():
    assert calendar.previous_business_day(date(2026, 11, 24)) == date(2026, 11, 20)
    assert calendar.next_business_day(date(2026, 11, 20)) == date(2026, 11, 24)
    assert calendar.previous_business_day(date(2027, 1, 4)) == date(2026, 12, 30)
    assert calendar.next_business_day(date(2026, 12, 30)) == date(2027, 1, 4)


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_previous_and_next_are_inverse_on_business_days(day):
    following = calendar.next_business_day(day)
    assert following > day
    assert calendar.is_business_day(following)
    before = calendar.previous_business_day(following)
    assert before <= day
    assert (before == day) == calendar.is_business_day(day)
