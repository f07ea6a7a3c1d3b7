"""決済期間 (9.4), plausibility (8.6), アンケート (6.1), numbers (5.2, 5.5), code tables (6)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_insurance.enums import (
    ConsentKind,
    ContractType,
    Decision,
    Disclosure,
    Exclusion,
    Mark,
    Measure,
    Membership,
    Reason,
)
from credit_insurance.numbers import CERTIFICATE, INVOICE, MEMBER, QUOTE, quote_number
from credit_insurance.rules.plausibility import Fit, is_adverse, plausibility
from credit_insurance.rules.questionnaire import (
    NO,
    QUESTIONS,
    RESULTS,
    YES,
    measure_faults,
    next_node,
)
from credit_insurance.rules.settlement import Settlement, Terms, are_possible, settlement
from portal.common.checkdigit import damm_ok
from tests.credit_insurance.rules.examples import unhurried

# --- 決済期間 ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "month", "closing", "payment", "days"),
    [
        (Terms(99, 2, 99), date(2021, 4, 1), date(2021, 4, 30), date(2021, 6, 30), 61),
        (Terms(20, 1, 99, 120), date(2021, 4, 1), date(2021, 4, 20), date(2021, 9, 28), 161),
        (Terms(99, 12, 99), date(2021, 3, 1), date(2021, 3, 31), date(2022, 3, 31), 365),
        (Terms(31, 1, 30), date(2021, 1, 15), date(2021, 1, 31), date(2021, 2, 28), 28),
        (Terms(99, 0, 99), date(2021, 2, 1), date(2021, 2, 28), date(2021, 2, 28), 0),
    ],
)
def test_the_settlement_period_runs_from_closing_to_payment(terms, month, closing, payment, days):
    found = settlement(terms, month)
    assert (found.closing, found.payment, found.days) == (closing, payment, days)
    assert not found.is_over_a_year


@pytest.mark.parametrize(
    ("closing", "payment", "is_over"),
    [
        (date(2021, 3, 31), date(2022, 3, 31), False),
        (date(2021, 3, 31), date(2022, 4, 1), True),
        (date(2024, 2, 29), date(2025, 2, 28), False),
        (date(2024, 2, 29), date(2025, 3, 1), True),
    ],
)
def test_exactly_a_year_is_no_more_than_a_year(closing, payment, is_over):
    assert Settlement(closing, payment).is_over_a_year is is_over


@unhurried
@given(
    st.builds(Terms, st.integers(-1, 101), st.integers(-1, 14), st.integers(-1, 101), st.integers(-1, 400)),
    st.dates(date(2000, 1, 1), date(2100, 12, 31)),
)
def test_possible_terms_always_pay_on_or_after_the_closing(terms, month):
    if are_possible(terms):
        assert settlement(terms, month).days >= 0


# --- Plausibility ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("requested", "reference", "ratio", "fit"),
    [
        (5_000_000, 4_000_000, "1.25", Fit.NEEDS_REASON),
        (6_500_000, 4_000_000, "1.63", Fit.TOO_HIGH),
        (1_200_000, 1_000_000, "1.20", Fit.PLAIN),
        (1_204_999, 1_000_000, "1.20", Fit.PLAIN),
        (1_205_000, 1_000_000, "1.21", Fit.NEEDS_REASON),
        (1_504_999, 1_000_000, "1.50", Fit.NEEDS_REASON),
        (1_505_000, 1_000_000, "1.51", Fit.TOO_HIGH),
        (795_000, 1_000_000, "0.80", Fit.PLAIN),
        (794_999, 1_000_000, "0.79", Fit.NEEDS_REASON),
        (495_000, 1_000_000, "0.50", Fit.NEEDS_REASON),
        (494_999, 1_000_000, "0.49", Fit.TOO_LOW),
    ],
)
def test_the_ratio_is_rounded_before_it_is_judged(requested, reference, ratio, fit):
    found = plausibility(requested, reference, None)
    assert (found.ratio, found.fit) == (Decimal(ratio), fit)
    assert plausibility(requested, 0, reference) == found
    assert plausibility(requested, reference, reference - 1) == found


def test_without_any_receivable_there_is_nothing_to_compare_with():
    found = plausibility(1_000_000, 0, 0)
    assert (found.ratio, found.fit, found.fit.is_error) == (None, Fit.NO_REFERENCE, True)


@pytest.mark.parametrize(
    ("lines", "suspect"),
    [
        ([(1, "0.79"), (4, "1.01")], True),
        ([(1, "0.60"), (2, "0.99"), (4, "0.90"), (5, "1.20")], True),
        ([(1, "0.80"), (4, "1.50")], False),
        ([(1, "0.50"), (5, "1.00")], False),
        ([(1, "0.50"), (3, "1.50")], False),
        ([(4, "1.50")], False),
        ([], False),
    ],
)
def test_low_limits_for_good_and_high_ones_for_bad_debtors_are_suspect(lines, suspect):
    assert is_adverse((number, Decimal(ratio)) for number, ratio in lines) is suspect


# --- アンケート -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "measures", "expected"),
    [
        ({}, [], "Q1"),
        ({"Q1": NO}, [], "R1"),
        ({"Q1": YES}, [], "Q2"),
        ({"Q1": YES, "Q2": NO}, [], "R2"),
        ({"Q1": YES, "Q2": YES}, [], "Q3"),
        ({"Q1": YES, "Q2": YES, "Q3": NO}, [Measure.FACTORING], "R3"),
        ({"Q1": YES, "Q2": YES, "Q3": YES}, [], "Q4"),
        ({"Q1": YES, "Q2": YES, "Q3": YES}, [Measure.FACTORING], "R4"),
        ({"Q1": NO, "Q2": YES, "Q3": YES}, [Measure.FACTORING], "R1"),
        ({"Q1": "maybe"}, [], "Q1"),
    ],
)
def test_the_tree_of_the_pamphlet(answers, measures, expected):
    assert next_node(answers, measures) == expected


def test_every_result_is_reached_and_two_of_them_ask_for_a_quote():
    ways = {question.yes for question in QUESTIONS.values()} | {question.no for question in QUESTIONS.values()}
    assert ways == {"Q2", "Q3", "Q4", "R1", "R2", "R3"}
    assert {code for code, result in RESULTS.items() if result.asks_for_quote} == {"R3", "R4"}


def test_other_measures_are_named():
    assert [fault.code for fault in measure_faults([Measure.OTHER], "")] == ["S-MEASURE"]
    assert [fault.code for fault in measure_faults([Measure.OTHER], "あ" * 101)] == ["S-MEASURE"]
    assert not [*measure_faults([Measure.OTHER], "前払い"), *measure_faults([Measure.FACTORING], "")]


# --- Numbers and code tables -------------------------------------------------------------------


def test_numbers_have_the_lengths_of_their_columns():
    day = date(2021, 7, 9)
    assert MEMBER.format(MEMBER.period(day), 12) == "K0000012"
    assert quote_number(QUOTE.format(QUOTE.period(day), 3), 2) == "Q2021070000032"
    assert CERTIFICATE.format(CERTIFICATE.period(day), 45) == "T20210000045"
    receipt = INVOICE.format(INVOICE.period(day), 45)
    assert (len(receipt), receipt[:6]) == (7, "000045")
    assert damm_ok(receipt)
    with pytest.raises(ValueError, match="revision 10"):
        quote_number("Q202107000003", 10)


def test_the_code_tables_are_those_of_the_specification():
    assert [item.value for item in Exclusion] == [f"X{n:02d}" for n in (*range(1, 8), *range(11, 19))]
    assert [item.value for item in Exclusion if item.allows_special_acceptance] == ["X01", "X02", "X03", "X04"]
    assert [item.value for item in Reason] == [f"R{n:02d}" for n in (*range(1, 8), 12, 13, 14, 99)]
    assert [item.value for item in Disclosure if item.mark is Mark.NOTIFIED] == ["A2", "A6", "A7", "A8", "A10", "A12"]
    assert (len(Disclosure), len(ConsentKind), len(Decision)) == (13, 5, 9)
    assert [item.value for item in Decision if not item.is_final] == ["PENDING", "INFO"]
    assert not {item for item in Decision if item.needs_reason} & {Decision.APPROVED, Decision.RENAMED}
    assert [item for item in ContractType if not item.is_insurable] == [ContractType.OTHER]
    assert [item for item in ContractType if item.needs_inquiry] == [ContractType.CONSTRUCTION]
    assert [item.value for item in Membership if item.allows_case] == ["unconfirmed", "confirmed"]
