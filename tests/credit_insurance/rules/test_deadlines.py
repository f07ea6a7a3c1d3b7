"""Deadlines and start of cover: T1 to T16 of credit_insurance.md 9.2, the bank days of 8.3, the year of 4.1."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_insurance.rules.deadlines import (
    Calendar,
    Cover,
    Deadlines,
    cover_from,
    deadlines,
    earliest_start,
    form_deadline,
    is_still_possible,
    money_deadline,
    months_left,
    outcome,
    outcome_text,
    quote_valid_until,
    starts_offered,
)
from credit_insurance.rules.matching import standing
from credit_insurance.rules.timers import (
    calendar_of,
    certificate_alarm,
    certificate_warning,
    days_left,
    deadline_reminders,
    quote_reminders,
)
from portal.common.calendar import add_months
from tests.credit_insurance.rules.examples import unhurried

BANKS = Calendar()

MOVED = {
    2021: [(1, 15), (4, 16), (7, 16), (10, 15)],
    2022: [(4, 15), (7, 15), (9, 16), (12, 16)],
    2023: [(6, 16), (7, 14), (9, 15), (12, 15)],
    2024: [(2, 16), (3, 15), (8, 16), (11, 15)],
    2025: [(5, 16), (8, 15)],
    2026: [(1, 16), (5, 15), (10, 16)],
    2027: [(1, 15), (4, 16), (7, 16), (10, 15)],
    2028: [(6, 16), (7, 14), (9, 15), (12, 15)],
}


@pytest.mark.parametrize("year", MOVED)
def test_the_money_is_due_on_the_17th_or_the_bank_day_before(year):
    moved = dict(MOVED[year])
    assert [money_deadline(date(year, month, 1), BANKS) for month in range(1, 13)] == [
        date(year, month, moved.get(month, 17)) for month in range(1, 13)
    ]


@pytest.mark.parametrize(
    ("example", "form", "money", "start", "months"),
    [
        ("T1", date(2021, 5, 10), date(2021, 5, 17), date(2021, 6, 1), 9),
        ("T2", date(2021, 7, 17), date(2021, 7, 16), date(2021, 8, 1), 7),
        ("T3", date(2021, 7, 16), date(2021, 7, 19), date(2021, 9, 1), 6),
        ("T4", date(2021, 7, 18), date(2021, 7, 16), date(2021, 9, 1), 6),
        ("T5", date(2023, 7, 17), date(2023, 7, 14), date(2023, 8, 1), 7),
        ("T6", date(2023, 7, 17), date(2023, 7, 18), date(2023, 9, 1), 6),
        ("T7", date(2024, 2, 17), date(2024, 2, 16), date(2024, 3, 1), 12),
        ("T8", date(2024, 2, 16), date(2024, 2, 19), date(2024, 4, 1), 11),
        ("T9", date(2026, 1, 16), date(2026, 1, 16), date(2026, 2, 1), 1),
        ("T10", date(2021, 2, 17), date(2021, 2, 17), date(2021, 3, 1), 12),
        ("T11", date(2020, 12, 17), date(2020, 12, 17), date(2021, 1, 1), 2),
        ("T13", date(2021, 5, 18), date(2021, 5, 11), date(2021, 7, 1), 8),
    ],
)
def test_cover_begins_after_the_first_month_in_which_form_and_money_are_in_time(example, form, money, start, months):
    assert earliest_start(form, money, BANKS) == start
    assert cover_from(start).months == months


@pytest.mark.parametrize(
    ("example", "start", "end"),
    [
        ("T7", date(2024, 3, 1), date(2025, 2, 28)),
        ("T9", date(2026, 2, 1), date(2026, 2, 28)),
        ("T10", date(2021, 3, 1), date(2022, 2, 28)),
        ("T14", date(2023, 3, 1), date(2024, 2, 29)),
        ("P11", date(2024, 2, 1), date(2024, 2, 29)),
    ],
)
def test_cover_ends_on_the_last_day_of_february(example, start, end):
    assert cover_from(start).end == end


def test_cover_begins_on_the_first_of_a_month_only():
    with pytest.raises(ValueError, match="1st of a month"):
        cover_from(date(2021, 3, 2))


def test_t11_in_the_campaign_the_running_period_or_the_next_may_be_chosen():
    campaign = date(2020, 11, 24)
    assert starts_offered(campaign, BANKS, campaign) == [date(2021, 1, 1), date(2021, 2, 1), date(2021, 3, 1)]
    assert starts_offered(campaign, BANKS, campaign + timedelta(1)) == [date(2021, 1, 1), date(2021, 2, 1)]
    paid = date(2020, 12, 17)
    assert outcome(date(2021, 1, 1), paid, paid, BANKS).cover == Cover(date(2021, 1, 1), date(2021, 2, 28), 2)
    assert outcome(date(2021, 3, 1), paid, paid, BANKS).cover == Cover(date(2021, 3, 1), date(2022, 2, 28), 12)


def test_after_the_last_midterm_month_only_the_next_period_is_offered():
    assert starts_offered(date(2027, 1, 15), BANKS)[0] == date(2027, 2, 1)
    assert starts_offered(date(2027, 1, 16), BANKS)[0] == date(2027, 3, 1)
    late = starts_offered(date(2027, 2, 18), BANKS)
    assert (late[0], late[-1], len(late)) == (date(2027, 4, 1), date(2028, 2, 1), 11)


def test_t12_a_bank_fee_that_is_topped_up_late_moves_the_start():
    paid = standing(100_000, [(date(2021, 5, 10), 99_340), (date(2021, 5, 18), 660)])
    assert paid.money_day == date(2021, 5, 18)
    assert earliest_start(date(2021, 5, 5), paid.money_day, BANKS) == date(2021, 7, 1)


@pytest.mark.parametrize(
    ("example", "form", "money"),
    [("T15", date(2027, 1, 18), date(2027, 1, 15)), ("T16", date(2027, 1, 17), date(2027, 1, 18))],
)
def test_a_case_that_misses_the_last_month_of_its_period_needs_a_new_case(example, form, money):
    assert deadlines(date(2027, 2, 1), BANKS) == Deadlines(date(2027, 1, 17), date(2027, 1, 15))
    missed = outcome(date(2027, 2, 1), form, money, BANKS)
    assert missed.cover is None
    assert outcome_text(missed, date(2027, 2, 1), BANKS) == (
        "2027年2月1日の締切（加入依頼書2027年1月17日、入金2027年1月15日）に間に合わなかったため、この保険期間には加入できません。"
        "2027年3月1日からの保険期間について、新しい見積りをご依頼ください。"
    )


def test_a_late_case_moves_by_a_month_inside_its_period():
    late = outcome(date(2021, 8, 1), date(2021, 7, 16), date(2021, 7, 19), BANKS)
    assert (late.cover, late.is_later) == (Cover(date(2021, 9, 1), date(2022, 2, 28), 6), True)
    assert "補償の開始は2021年9月1日になります（6か月分）" in outcome_text(late, date(2021, 8, 1), BANKS)
    in_time = outcome(date(2021, 9, 1), date(2021, 7, 16), date(2021, 7, 19), BANKS)
    assert (in_time.cover, outcome_text(in_time, date(2021, 9, 1), BANKS)) == (late.cover, "")
    new_period = outcome(date(2024, 3, 1), date(2024, 2, 16), date(2024, 2, 19), BANKS)
    assert (new_period.cover, new_period.is_later) == (Cover(date(2024, 4, 1), date(2025, 2, 28), 11), True)


@pytest.mark.parametrize(
    ("today", "has_form", "has_money", "possible"),
    [
        (date(2021, 7, 16), False, False, True),
        (date(2021, 7, 17), False, True, True),
        (date(2021, 7, 17), True, False, False),
        (date(2021, 7, 18), False, True, False),
        (date(2021, 7, 18), True, True, True),
    ],
)
def test_a_case_can_reach_its_start_until_a_deadline_passes_without_its_part(today, has_form, has_money, possible):
    start = date(2021, 8, 1)
    assert is_still_possible(start, today, BANKS, has_form=has_form, has_money=has_money) is possible


def test_the_calendar_is_corrected_by_its_table():
    closed = Calendar(closed=frozenset({date(2021, 5, 17)}))
    assert money_deadline(date(2021, 5, 1), closed) == date(2021, 5, 14)
    opened = Calendar(opened=frozenset({date(2023, 7, 17)}))
    assert money_deadline(date(2023, 7, 1), opened) == date(2023, 7, 17)
    after_outage = Calendar(extended=frozenset({date(2021, 5, 17)}))
    assert form_deadline(date(2021, 5, 20), after_outage) == date(2021, 5, 18)
    assert money_deadline(date(2021, 5, 1), after_outage) == date(2021, 5, 17)
    assert earliest_start(date(2021, 5, 18), date(2021, 5, 17), after_outage) == date(2021, 6, 1)


@pytest.mark.parametrize(
    ("issued", "until"), [(date(2021, 6, 1), date(2021, 7, 1)), (date(2021, 7, 1), date(2021, 7, 16))]
)
def test_a_quote_ends_after_30_days_or_with_the_money_deadline(issued, until):
    assert quote_valid_until(issued, date(2021, 8, 1), BANKS) == until


@pytest.mark.parametrize(
    ("effective", "months"),
    [
        (date(2021, 8, 9), 6),
        (date(2021, 9, 1), 6),
        (date(2021, 9, 2), 5),
        (date(2022, 2, 1), 1),
        (date(2022, 2, 2), 0),
        (date(2021, 3, 1), 12),
    ],
)
def test_a_reduction_counts_whole_months_to_the_end_of_its_period(effective, months):
    assert months_left(effective) == months


days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@unhurried
@given(days, days)
def test_the_start_is_the_first_month_after_both_and_at_most_two_months_away(form, money):
    start = earliest_start(form, money, BANKS)
    last = max(form, money).replace(day=1)
    assert start in {add_months(last, 1), add_months(last, 2)}
    by = deadlines(start, BANKS)
    assert form <= by.form
    assert money <= by.money
    before = deadlines(add_months(start, -1), BANKS)
    assert form > before.form or money > before.money


@unhurried
@given(days, days, days)
def test_no_case_begins_before_its_start_or_in_another_period(intended, form, money):
    intended = intended.replace(day=1)
    found = outcome(intended, form, money, BANKS)
    if found.cover:
        assert intended <= found.cover.start <= cover_from(intended).end
        assert found.is_later is (found.cover.start > intended)
        assert found.cover.months + (found.cover.start - intended).days // 28 >= cover_from(intended).months
    else:
        assert earliest_start(form, money, BANKS) > cover_from(intended).end


@unhurried
@given(days)
def test_what_is_offered_can_still_be_reached(today):
    for start in starts_offered(today, BANKS, date(1999, 1, 1)):
        assert is_still_possible(start, today, BANKS, has_form=False, has_money=False)


# --- Timers --------------------------------------------------------------------------


def test_the_year_of_the_pamphlet():
    year = calendar_of(2021)
    assert (year.campaign_open, year.campaign_close) == (date(2020, 11, 24), date(2021, 2, 17))
    assert (year.starts, year.ends) == (date(2021, 3, 1), date(2022, 2, 28))
    assert (year.renewal_sheets_due, year.renewal_quotes_due) == (date(2020, 12, 20), date(2021, 1, 25))
    assert year.masters_due == date(2020, 10, 1)


@pytest.mark.parametrize("year", range(2021, 2035))
def test_the_campaign_opens_on_the_fourth_tuesday_of_november(year):
    opens = calendar_of(year).campaign_open
    assert (opens.year, opens.month, opens.weekday()) == (year - 1, 11, 1)
    assert 22 <= opens.day <= 28


def test_deadlines_and_quotes_are_reminded_of():
    assert deadline_reminders(date(2021, 7, 16)) == [date(2021, 7, day) for day in (6, 11, 14, 16)]
    assert quote_reminders(date(2021, 7, 16)) == [date(2021, 7, 9), date(2021, 7, 14)]
    by = deadlines(date(2021, 8, 1), BANKS)
    assert days_left(by, date(2021, 7, 17)) == (0, -1)


@pytest.mark.parametrize(
    ("start", "alarm"),
    [
        (date(2021, 3, 1), date(2021, 3, 31)),
        (date(2021, 4, 1), date(2021, 4, 30)),
        (date(2022, 2, 1), date(2022, 2, 28)),
    ],
)
def test_a_certificate_is_late_after_a_month(start, alarm):
    assert certificate_alarm(start) == alarm
    assert certificate_warning(start) == start + timedelta(days=20) < alarm
