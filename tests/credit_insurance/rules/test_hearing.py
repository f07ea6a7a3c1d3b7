"""The ヒアリングシート: 9.9 of credit_insurance.md, and every check of 5.3, 5.4, 6.2, 6.6 and 8.2."""

from datetime import date
from decimal import Decimal

import pytest

from credit_insurance.enums import (
    CapitalTie,
    CollateralKind,
    ContractType,
    DebtorKind,
    Exclusion,
    Measure,
    PayMethod,
    SelectionMethod,
    Trend,
)
from credit_insurance.rules.facts import LABELS, BadDebt, Debtor
from credit_insurance.rules.hearing import judge, line_faults, turnover_months
from portal.common.checkdigit import corporate_number_ok
from tests.credit_insurance.rules.examples import STARTS, TODAY, debtor, debtors, number, sheet


def judged(lines=None, **changes):
    return judge(sheet(**changes), debtors(12) if lines is None else lines, TODAY, STARTS)


def codes(**changes):
    return [(found.field, found.code) for found in line_faults(debtor(**changes), TODAY)]


def head_codes(found):
    return [(fault.field, fault.code) for fault in found.head]


def test_a_sound_sheet_of_twelve_debtors_may_be_submitted():
    found = judged()
    assert (found.head, found.lines, found.excluded) == ((), {}, {})
    assert (found.insurable, found.requested, found.receivables) == (12, 120_000_000, 96_000_000)
    assert found.may_submit


# --- The examples of 9.9 -----------------------------------------------------------------


def test_nine_debtors_and_one_overseas_are_too_few():
    overseas = debtor(10, country="US", corporate_number="", postal_code="", pref_code="")
    found = judged([*debtors(9), overseas])
    assert found.insurable == 9
    assert found.excluded == {10: (Exclusion.OVERSEAS,)}
    assert head_codes(found) == [("lines", "S-TOO-FEW")]
    assert "対象となるお取引先が10社以上必要です" in found.head[0].message
    assert not found.may_submit
    assert judged([*debtors(10), debtor(11, public_body=True)]).may_submit


def test_a_line_below_the_threshold_is_an_error_of_that_row():
    lines = [*debtors(11), debtor(12, annual_sales=4_800_000)]
    found = judged(lines, selection_method=SelectionMethod.SALES_FROM, selection_value=5_000_000)
    assert [fault.field for fault in found.lines[12]] == ["annual_sales"]
    assert found.lines[12][0].message.startswith("選定基準を満たしません（年間販売高5,000,000円以上）")
    assert not found.may_submit
    assert judged(selection_method=SelectionMethod.SALES_FROM, selection_value=5_000_000).may_submit


@pytest.mark.parametrize(
    ("requested", "note", "expected"),
    [
        (5_000_000, "", [("note", "L-REASON")]),
        (5_000_000, "新しい工場の分です", []),
        (6_500_000, "新しい工場の分です", [("requested_limit", "L-TOO-HIGH")]),
        (1_900_000, "", [("requested_limit", "L-TOO-LOW")]),
        (1_250_000, "", [("requested_limit", "L-LIMIT-UNIT")]),
        (400_000, "", [("requested_limit", "L-LIMIT-RANGE")]),
        (100_100_000, "", [("requested_limit", "L-LIMIT-RANGE")]),
    ],
)
def test_the_limit_asked_for_fits_the_trade(requested, note, expected):
    line = {"balance_now": 4_000_000, "balance_max12": 4_000_000, "requested_limit": requested, "note": note}
    assert codes(**line) == expected


@pytest.mark.parametrize(
    ("corporate_number", "is_valid"),
    [
        ("2010005005900", True),
        ("7123456789012", True),
        ("4011001098993", True),
        ("1234567890123", False),
    ],
)
def test_the_check_digit_of_a_corporate_number(corporate_number, is_valid):
    assert corporate_number_ok(corporate_number) is is_valid
    expected = [] if is_valid else [("corporate_number", "N-CHECK")]
    assert codes(corporate_number=corporate_number) == expected


def test_a_second_row_with_the_same_number_is_to_be_merged():
    found = judged([*debtors(10), debtor(11, corporate_number=number(3))])
    assert found.excluded == {11: (Exclusion.DUPLICATE,)}
    assert found.insurable == 10
    assert not judged([*debtors(9), debtor(10, corporate_number=number(3))]).may_submit


def test_the_receivables_of_the_lines_fit_into_the_whole():
    lines = [debtor(n, balance_now=10_000_000) for n in range(1, 13)]
    found = judged(lines)
    assert head_codes(found) == [("ar_total", "S-RECEIVABLES")]
    assert "120,000,000円" in found.head[0].message
    assert judged(lines, ar_total=120_000_000).may_submit


# --- One line ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"debtor_name": ""}, [("debtor_name", "F-REQUIRED")]),
        ({"debtor_name": "架" * 61}, [("debtor_name", "F-LENGTH")]),
        ({"debtor_kana": "架空"}, [("debtor_kana", "F-KANA")]),
        ({"debtor_kana": "カクウショウジ（カ）"}, []),
        ({"kind": None}, [("kind", "F-CHOOSE")]),
        ({"requested_limit": None}, [("requested_limit", "F-REQUIRED")]),
        ({"balance_max12": None}, [("balance_max12", "F-REQUIRED")]),
        ({"corporate_number": ""}, [("corporate_number", "F-REQUIRED")]),
        ({"corporate_number": "201000500590"}, [("corporate_number", "N-LENGTH")]),
        ({"rep_name": ""}, [("rep_name", "F-REQUIRED")]),
        ({"postal_code": "100001"}, [("postal_code", "F-POSTAL")]),
        ({"pref_code": ""}, [("pref_code", "F-CHOOSE")]),
        ({"country": "USA"}, [("country", "F-COUNTRY")]),
        ({"country": "US", "corporate_number": "", "postal_code": "", "pref_code": ""}, []),
        (
            {"kind": DebtorKind.SOLE, "rep_name": ""},
            [("trade_name", "F-REQUIRED"), ("owner_name", "F-REQUIRED"), ("corporate_number", "N-BLANK")],
        ),
        ({"kind": DebtorKind.SOLE, "corporate_number": "", "trade_name": "架空屋", "owner_name": "架空 花子"}, []),
        ({"trade_since": date(2021, 6, 1)}, [("trade_since", "L-TRADE-SINCE")]),
        ({"trade_since": date(2021, 6, 1), "trend": Trend.NEW, "balance_forecast": 10_000_000}, []),
        ({"continuous": None}, [("continuous", "F-CHOOSE")]),
        ({"annual_sales": 0}, [("annual_sales", "L-SALES")]),
        ({"annual_sales": 0, "trend": Trend.NEW, "balance_forecast": 9_000_000}, []),
        ({"balance_date": date(2021, 2, 10)}, []),
        ({"balance_date": date(2021, 2, 9)}, [("balance_date", "L-BALANCE-DATE")]),
        ({"balance_date": date(2021, 5, 11)}, [("balance_date", "L-BALANCE-DATE")]),
        ({"balance_now": 10_000_001}, [("balance_max12", "L-BALANCE-MAX")]),
        ({"trend": Trend.MORE}, [("balance_forecast", "L-FORECAST")]),
        ({"trend": Trend.MORE, "balance_forecast": 12_000_000}, []),
        ({"closing_day": 32}, [("closing_day", "F-DAY")]),
        ({"pay_month_offset": 13}, [("pay_month_offset", "F-RANGE")]),
        ({"closing_day": 20, "pay_month_offset": 0, "pay_day": 10}, [("pay_day", "L-PAY-DAY")]),
        ({"closing_day": 99, "pay_month_offset": 0, "pay_day": 31}, []),
        ({"pay_method": PayMethod.BILL}, [("bill_days", "F-REQUIRED")]),
        ({"pay_method": PayMethod.DENSAI, "bill_days": 366}, [("bill_days", "F-RANGE")]),
        ({"collateral_flag": True}, [("collateral_kind", "F-REQUIRED"), ("collateral_amount", "F-REQUIRED")]),
        ({"collateral_kind": CollateralKind.SHARES}, [("collateral_kind", "L-NONE")]),
        (
            {"collateral_flag": True, "collateral_kind": CollateralKind.SHARES, "collateral_amount": 0},
            [("collateral_amount", "F-POSITIVE")],
        ),
        ({"counterdebt_amount": 1}, [("counterdebt_amount", "L-NONE")]),
        ({"overdue_flag": True, "overdue_amount": 1, "oldest_due": TODAY}, [("oldest_due", "L-OLDEST")]),
        ({"known_adverse": True}, [("known_adverse_note", "F-REQUIRED")]),
        (
            {"balance_now": 0, "balance_max12": 0, "trend": Trend.NEW, "balance_forecast": 0},
            [("requested_limit", "L-NO-REFERENCE")],
        ),
    ],
)
def test_each_problem_of_a_line_is_said_at_its_column(changes, expected):
    assert codes(**changes) == expected


def test_an_empty_line_asks_for_everything_once_and_breaks_nothing():
    found = list(line_faults(Debtor(1), TODAY))
    assert len({fault.field for fault in found}) == len(found) == 23
    assert all(LABELS[fault.field] in fault.message for fault in found)
    assert judged([Debtor(1), Debtor(2)]).insurable == 0


def test_nothing_more_is_said_about_a_cell_that_could_not_be_read():
    lines = [*debtors(11), debtor(12, annual_sales=None)]
    found = judge(sheet(), lines, TODAY, STARTS, unread={12: {"annual_sales"}})
    assert found.lines == {12: ()}
    assert not found.may_submit


# --- Exclusions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"country": "US"}, [Exclusion.OVERSEAS]),
        ({"public_body": True}, [Exclusion.PUBLIC]),
        ({"capital_tie": CapitalTie.SUBSIDIARY}, [Exclusion.SUBSIDIARY]),
        ({"capital_tie": CapitalTie.PARENT}, [Exclusion.GROUP]),
        ({"capital_tie": CapitalTie.AFFILIATE}, [Exclusion.GROUP]),
        ({"closing_day": 20, "pay_month_offset": 12, "pay_day": 20}, []),
        ({"closing_day": 20, "pay_month_offset": 12, "pay_day": 21}, [Exclusion.LONG_SETTLEMENT]),
        ({"pay_method": PayMethod.BILL, "bill_days": 330}, [Exclusion.LONG_SETTLEMENT]),
        ({"pay_method": PayMethod.TRANSFER, "bill_days": 330}, []),
        ({"continuous": False}, [Exclusion.NOT_CONTINUOUS]),
        ({"overdue_flag": True}, [Exclusion.OVERDUE]),
        ({"known_adverse": True}, [Exclusion.INSOLVENT]),
        ({"contract_type": ContractType.OTHER}, [Exclusion.CONTRACT]),
        ({"contract_type": ContractType.CONSTRUCTION}, []),
        ({"kind": DebtorKind.CONSUMER}, [Exclusion.CONSUMER]),
        ({"overdue_flag": True, "public_body": True}, [Exclusion.PUBLIC, Exclusion.OVERDUE]),
    ],
)
def test_a_debtor_is_excluded_by_what_the_line_says(changes, expected):
    assert list(judged([debtor(1, **changes)]).excluded.get(1, ())) == expected


def test_sole_proprietors_are_told_apart_by_name_and_address():
    sole = {"kind": DebtorKind.SOLE, "corporate_number": "", "trade_name": "架空屋", "owner_name": "架空 花子"}
    first = debtor(1, **sole, debtor_name="架空屋", address="東京都千代田区架空1-11")
    same = debtor(2, **sole, debtor_name="架空　屋", address="東京都千代田区架空１－１１")
    other = debtor(3, **sole, debtor_name="架空屋", address="東京都千代田区架空11-1")
    found = judged([first, same, other])
    assert found.excluded == {2: (Exclusion.DUPLICATE,)}
    assert found.insurable == 2


# --- The head -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"intended_start": None}, ("intended_start", "F-CHOOSE")),
        ({"intended_start": date(2021, 6, 2)}, ("intended_start", "S-START")),
        ({"selection_method": None}, ("selection_method", "F-CHOOSE")),
        ({"selection_method": SelectionMethod.SALES_FROM}, ("selection_value", "F-REQUIRED")),
        ({"selection_method": SelectionMethod.BALANCE_FROM, "selection_value": 0}, ("selection_value", "F-POSITIVE")),
        ({"selection_method": SelectionMethod.TOP_SALES, "selection_value": 9}, ("selection_value", "S-TOP")),
        ({"selection_method": SelectionMethod.TOP_SALES, "selection_value": 13}, ("selection_value", "S-COUNT")),
        ({"selection_method": SelectionMethod.UNIT}, ("selection_unit", "F-REQUIRED")),
        ({"selection_method": SelectionMethod.UNIT, "selection_value": 9}, ("selection_unit", "F-REQUIRED")),
        ({"declares_complete": False}, ("declares_complete", "S-COMPLETE")),
        ({"total_sales": None}, ("total_sales", "F-REQUIRED")),
        ({"credit_sales": 0}, ("credit_sales", "F-POSITIVE")),
        ({"credit_sales": 500_000_001}, ("credit_sales", "S-CREDIT-SALES")),
        ({"credit_sales": 1_000_000, "ar_total": 100_000_000}, ("ar_total", "S-TURNOVER")),
        ({"bad_debts": ()}, ("bad_debts", "S-BAD-DEBTS")),
        ({"bad_debts": (BadDebt(2020, 0, 0),) * 3}, ("bad_debts", "S-BAD-DEBT-YEARS")),
        (
            {"bad_debts": (BadDebt(2018, 0, 0), BadDebt(2019, 0, 5), BadDebt(2020, 0, 0))},
            ("bad_debts", "S-BAD-DEBT"),
        ),
        ({"credit_mgmt_owner": None}, ("credit_mgmt_owner", "F-CHOOSE")),
        ({"current_measures": frozenset({Measure.OTHER})}, ("measure_note", "S-MEASURE")),
        ({"overdue_now": None}, ("overdue_now", "F-CHOOSE")),
        ({"overdue_now": True}, ("overdue_now", "S-OVERDUE")),
    ],
)
def test_each_problem_of_the_head_is_said_at_its_field(changes, expected):
    assert head_codes(judged(**changes)) == [expected]


def test_an_overdue_debtor_is_declared_in_the_head_too():
    overdue = debtor(12, overdue_flag=True, overdue_amount=1_000_000, oldest_due=date(2021, 4, 30))
    assert head_codes(judged([*debtors(11), overdue])) == [("overdue_now", "S-NO-OVERDUE")]
    assert judged([*debtors(11), overdue], overdue_now=True).may_submit


def test_the_top_debtors_are_those_with_the_largest_figures():
    lines = [debtor(n, annual_sales=n * 1_000_000) for n in range(1, 13)]
    top = {"selection_method": SelectionMethod.TOP_SALES, "selection_value": 10}
    assert sorted(judged(lines, **top).lines) == [1, 2]
    tied = [debtor(n, annual_sales=max(n, 3) * 1_000_000) for n in range(1, 13)]
    assert judged(tied, **top).may_submit
    assert judged(selection_method=SelectionMethod.TOP_BALANCE, selection_value=12).may_submit


@pytest.mark.parametrize(
    ("receivables", "sales", "months"),
    [
        (100_000_000, 400_000_000, "3.0"),
        (1, 240, "0.1"),
        (1, 241, "0.0"),
        (100, 0, None),
        (None, 100, None),
    ],
)
def test_the_turnover_is_rounded_half_up_to_a_tenth_of_a_month(receivables, sales, months):
    assert turnover_months(receivables, sales) == (months and Decimal(months))


def test_more_than_500_lines_are_refused():
    lines = [debtor(n, balance_now=0) for n in range(1, 502)]
    assert head_codes(judged(lines)) == [("lines", "S-LINES")]
    assert judged(lines[:500]).may_submit
