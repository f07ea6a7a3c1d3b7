"""Numbers, settlements, age of the data and hours of service."""

from datetime import date, datetime, time

import pytest

from guarantee_lookup.enums import Freshness
from guarantee_lookup.rules import numbers
from guarantee_lookup.rules.freshness import freshness, is_open
from guarantee_lookup.rules.settlements import Settlement, models_differ, newest_two


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123459816", "123459816"),
        ("１２３４５９８１６", "123459816"),
        ("123-459-816", "123459816"),
        (" 0012 34567 ", "001234567"),
    ],
)
def test_t15_numbers_are_read_as_people_type_them(typed: str, read: str) -> None:
    assert numbers.read(typed) == read


@pytest.mark.parametrize(("number", "shown"), [("123459816", "*****9816"), ("1234567890", "*****7890")])
def test_the_mask_hides_the_length(number: str, shown: str) -> None:
    assert numbers.masked(number) == shown


@pytest.mark.parametrize(
    ("asked", "walks"),
    [
        (["100000001", "100000002", "100000003"], True),
        (["100000005", "100000003", "100000001"], True),
        (["900000000", "100000001", "100000003", "100000004"], True),
        (["100000001", "100000001", "100000001"], False),
        (["100000001", "100000002"], False),
        (["100000001", "100000002", "100000009"], False),
    ],
)
def test_who_counts_numbers_up_is_noticed(asked: list[str], walks: bool) -> None:
    assert numbers.is_walk(asked) is walks


def test_the_two_newest_periods_are_shown_as_registered_last() -> None:
    found = newest_two(
        [
            Settlement("2024-03", 5, "2024-06-28"),
            Settlement("2025-03", 4, "2025-06-30"),
            Settlement("2025-03", 5, "2025-08-01"),
            Settlement("2023-03", 7, "2023-06-28"),
        ]
    )
    assert [one.shown() for one in found] == ["2025/03・5", "2024/03・5"]
    assert not models_differ(found)


def test_t21_two_models_are_noticed_and_a_missing_score_is_a_dash() -> None:
    found = newest_two([Settlement("2025-04", 5, "2025-07-01"), Settlement("2026-04", None, "2026-07-01")])
    assert [one.shown() for one in found] == ["2026/04・—", "2025/04・5"]
    assert models_differ(found)


@pytest.mark.parametrize(
    ("as_of", "today", "state"),
    [
        (date(2026, 3, 18), date(2026, 3, 19), Freshness.FRESH),
        (date(2026, 3, 19), date(2026, 3, 23), Freshness.FRESH),
        (date(2026, 3, 18), date(2026, 3, 23), Freshness.LATE),
        (date(2026, 3, 13), date(2026, 3, 20), Freshness.LATE),
        (date(2026, 3, 12), date(2026, 3, 23), Freshness.STALE),
        (date(2026, 3, 21), date(2026, 3, 22), Freshness.FRESH),
    ],
)
def test_the_age_of_the_data_is_counted_in_business_days(as_of: date, today: date, state: Freshness) -> None:
    assert freshness(as_of, today) == state


@pytest.mark.parametrize(
    ("now", "opened"),
    [
        (datetime(2026, 3, 19, 8, 0), True),
        (datetime(2026, 3, 19, 7, 59), False),
        (datetime(2026, 3, 19, 20, 59), True),
        (datetime(2026, 3, 19, 21, 0), False),
        (datetime(2026, 3, 20, 10, 0), False),  # 春分の日
        (datetime(2026, 3, 21, 10, 0), False),
        (datetime(2026, 12, 31, 10, 0), False),
    ],
)
def test_the_service_is_open_on_business_days_within_its_hours(now: datetime, opened: bool) -> None:
    assert is_open(now, time(8), time(21)) is opened


def test_a_closed_day_is_closed_and_every_day_is_every_day() -> None:
    monday = datetime(2026, 3, 23, 10, 0)
    assert not is_open(monday, time(8), time(21), closed_days=[monday.date()])
    assert is_open(datetime(2026, 3, 21, 3, 0), time(0), time(0), every_day=True)
