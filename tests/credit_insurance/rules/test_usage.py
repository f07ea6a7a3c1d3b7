"""利用率 of a limit, and the days of an overdue debt (credit_insurance.md 8.7, 9.3, 12)."""

from datetime import date

import pytest

from credit_insurance.rules.usage import Usage, elapsed, per_cent, stops_on, usage


@pytest.mark.parametrize(
    ("balance", "limit", "found", "words"),
    [
        (900, 1000, Usage.USUAL, "90%"),
        (901, 1000, Usage.NEAR, "91%"),
        (1000, 1000, Usage.NEAR, "100%"),
        (1001, 1000, Usage.OVER, "101%"),
        (0, 0, Usage.USUAL, "－"),
        (1, 0, Usage.OVER, "－"),
    ],
)
def test_a_balance_is_near_above_90_per_cent_and_over_above_the_limit(balance, limit, found, words):
    assert (usage(balance, limit), per_cent(balance, limit)) == (found, words)


@pytest.mark.parametrize(
    ("due", "last_insured", "excluded_from", "default"),
    [
        (date(2021, 4, 30), date(2021, 5, 30), date(2021, 5, 31), date(2021, 7, 30)),
        (date(2021, 5, 15), date(2021, 6, 15), date(2021, 6, 16), date(2021, 8, 15)),
        (date(2021, 1, 31), date(2021, 3, 1), date(2021, 3, 2), date(2021, 5, 1)),
        (date(2021, 3, 31), date(2021, 5, 1), date(2021, 5, 2), date(2021, 7, 1)),
        (date(2023, 11, 30), date(2023, 12, 30), date(2023, 12, 31), date(2024, 3, 1)),
        (date(2024, 2, 29), date(2024, 3, 29), date(2024, 3, 30), date(2024, 5, 29)),
        (date(2021, 12, 31), date(2022, 1, 31), date(2022, 2, 1), date(2022, 3, 31)),
    ],
)
def test_a_month_and_three_months_elapse_as_the_specification_counts_them(due, last_insured, excluded_from, default):
    assert (elapsed(due, 1), stops_on(due), elapsed(due, 3)) == (last_insured, excluded_from, default)
