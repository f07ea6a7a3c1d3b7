"""Premium, shares, limits of the period, changes: P1 to P11 of credit_insurance.md 9.1."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_insurance.rules.deadlines import cover_from
from credit_insurance.rules.exclusions import are_enough, with_limit
from credit_insurance.rules.hearing import turnover_months
from credit_insurance.rules.premium import (
    Change,
    ClassLimit,
    Rounding,
    additional_premium,
    applied_rate,
    cost_on_sales,
    line_shares,
    period_limit_bounds,
    premium,
    proposed_period_limit,
    reduction_refund,
    weighted_rate,
)
from tests.credit_insurance.rules.examples import unhurried

MILLION = 1_000_000
ONE_PER_CENT = Decimal("0.01000")
BASE_RATES = {1: "0.006", 2: "0.008", 3: "0.010", 4: "0.015", 5: "0.025"}
PORTFOLIO = [(20, 1), (15, 2), (15, 3), (10, 3), (10, 3), (8, 4), (7, 4), (6, 4), (5, 4), (3, 5), (1, 5), (0, 6)]


def class_limit(million, number):
    return ClassLimit(million * MILLION, Decimal(BASE_RATES[number]) if number in BASE_RATES else None)


def test_p1_the_example_of_the_pamphlet():
    assert premium(100 * MILLION, ONE_PER_CENT, 12) == 1_000_000
    turnover = turnover_months(100 * MILLION, 400 * MILLION)
    assert turnover == Decimal("3.0")
    assert str(cost_on_sales(ONE_PER_CENT, turnover)) == "0.25"


def test_p2_the_rates_of_the_classes_are_weighted_by_the_limits():
    weighted = weighted_rate(class_limit(*line) for line in PORTFOLIO)
    assert weighted == Fraction("0.0108")
    assert str(applied_rate(weighted, Decimal("-0.074"))) == "0.01000"
    limits = [million * MILLION for million, _ in PORTFOLIO]
    assert premium(sum(limits), applied_rate(weighted, Decimal("-0.074")), 12) == 1_000_000
    assert with_limit(limits) == 11
    assert are_enough(with_limit(limits))


def test_a_rate_without_limits_or_for_the_class_that_is_not_insured_is_refused():
    with pytest.raises(ValueError, match="no debtor"):
        weighted_rate([class_limit(0, 6)])
    with pytest.raises(ValueError, match="not insured"):
        weighted_rate([class_limit(1, 6)])


@pytest.mark.parametrize(
    ("weighted", "adjustment", "applied"),
    [
        ("0.010005", "0", "0.01001"),
        ("0.0100049", "0", "0.01000"),
        ("0.0108", "0", "0.01080"),
        ("0.01", "0.5", "0.01500"),
    ],
)
def test_the_applied_rate_is_rounded_half_up_to_a_thousandth_of_a_per_cent(weighted, adjustment, applied):
    assert str(applied_rate(Decimal(weighted), Decimal(adjustment))) == applied


P3 = [1_000_000, 916_670, 833_330, 750_000, 666_670, 583_330, 500_000, 416_670, 333_330, 250_000, 166_670, 83_330]


@pytest.mark.parametrize(("month", "expected"), list(zip([*range(3, 13), 1, 2], P3, strict=True)))
def test_p3_the_premium_of_every_month(month, expected):
    start = date(2021 if month >= 3 else 2022, month, 1)
    assert premium(100 * MILLION, ONE_PER_CENT, cover_from(start).months) == expected


@pytest.mark.parametrize(
    ("example", "total", "start", "expected"),
    [
        ("P4", 35_000_000, date(2021, 7, 1), 233_330),
        ("P5", 12_345_670, date(2021, 7, 1), 82_300),
        ("P11", 120_000_000, date(2024, 2, 1), 100_000),
    ],
)
def test_months_are_twelfths_and_rounding_is_done_once(example, total, start, expected):
    assert premium(total, ONE_PER_CENT, cover_from(start).months) == expected


def test_the_minimum_and_the_unit_are_parameters():
    assert premium(1_000_000, ONE_PER_CENT, 12, Rounding(minimum=300_000)) == 300_000
    assert premium(12_345_670, ONE_PER_CENT, 8, Rounding(unit=1)) == 82_304
    assert premium(1_000 * 60, ONE_PER_CENT, 1) == 50
    assert premium(54_000, Decimal("0.1"), 1, Rounding(unit=100)) == 500


def test_p6_the_cost_on_sales_has_two_decimals():
    assert str(cost_on_sales(Decimal("0.0085"), Decimal("2.5"))) == "0.18"


# --- During the period ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("example", "changes", "start", "expected"),
    [
        ("P7", [Change(0, 5_000_000)], date(2021, 10, 1), 20_830),
        ("P8", [Change(3_000_000, 8_000_000)], date(2021, 12, 1), 12_500),
        ("P9", [Change(8_000_000, 3_000_000)], date(2021, 11, 1), 0),
        ("own rate", [Change(0, 5_000_000, Decimal("0.02"))], date(2021, 10, 1), 41_670),
        ("one rounding", [Change(0, 5_000_000), Change(0, 5_000_000)], date(2021, 10, 1), 41_670),
        ("no set-off", [Change(8_000_000, 3_000_000), Change(0, 5_000_000)], date(2021, 10, 1), 20_830),
    ],
)
def test_increases_cost_and_decreases_give_nothing_back(example, changes, start, expected):
    assert additional_premium(changes, ONE_PER_CENT, cover_from(start).months) == expected


def test_p10_a_reduction_by_the_insurer_gives_whole_months_back():
    assert reduction_refund(10_000_000, 4_000_000, ONE_PER_CENT, date(2021, 8, 9)) == 30_000
    assert reduction_refund(4_000_000, 10_000_000, ONE_PER_CENT, date(2021, 8, 9)) == 0


# --- Shares and the limit of the period -----------------------------------------------------


def test_the_lines_add_up_by_the_largest_remainders():
    assert line_shares(1000, [1, 1, 1]) == [334, 333, 333]
    assert line_shares(100, [2, 3, 0]) == [40, 60, 0]
    assert line_shares(0, [0, 0]) == [0, 0]
    assert line_shares(0, []) == []
    with pytest.raises(ValueError, match="no debtor"):
        line_shares(10, [0])


@unhurried
@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**8), min_size=1, max_size=60).filter(any))
def test_the_lines_always_add_up_and_no_line_is_a_yen_off(total, limits):
    shares = line_shares(total, limits)
    assert sum(shares) == total
    assert all(
        abs(share - Fraction(total * limit, sum(limits))) < 1 for share, limit in zip(shares, limits, strict=True)
    )


@pytest.mark.parametrize(
    ("limits", "proposed"),
    [
        ([20 * MILLION, *[8 * MILLION] * 10], 30 * MILLION),
        ([40 * MILLION, *[6 * MILLION] * 10], 40 * MILLION),
        ([10_100_000, *[5 * MILLION] * 9], 17 * MILLION),
        ([10_100_000, *[100_000] * 9], 11 * MILLION),
        ([10_100_000, *[100_000] * 4], 10_500_000),
        ([], 0),
    ],
)
def test_the_limit_of_the_period_is_the_largest_or_30_per_cent_rounded_up(limits, proposed):
    assert proposed_period_limit(limits) == proposed


@unhurried
@given(st.lists(st.integers(1, 1000).map(lambda n: n * 100_000), min_size=1, max_size=40))
def test_the_proposed_limit_lies_within_its_bounds(limits):
    least, most = period_limit_bounds(limits)
    assert least <= proposed_period_limit(limits) <= most
