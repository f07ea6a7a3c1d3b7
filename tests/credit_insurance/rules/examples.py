"""A ヒアリングシート that passes, for the worked examples of credit_insurance.md 9.9; the companies are made up."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import settings
from stdnum.jp import cn

from credit_insurance.enums import (
    CapitalTie,
    ContractType,
    DebtorKind,
    ManagementOwner,
    PayMethod,
    SelectionMethod,
    Trend,
)
from credit_insurance.rules.facts import BadDebt, Debtor, Sheet

# A busy machine is slow, not wrong.
unhurried = settings(deadline=None, max_examples=50)

TODAY = date(2021, 5, 10)
STARTS = [date(2021, 6, 1), date(2021, 7, 1)]


def number(line_no: int) -> str:
    """Return a 法人番号 with the right check digit."""
    base = f"0100010{line_no:05d}"
    return cn.calc_check_digit(base) + base


def debtor(line_no: int = 1, **changes: Any) -> Debtor:
    """Return a line without faults: 年間販売高 40,000,000, 最大債権残高 and 希望限度額 10,000,000 yen."""
    line = Debtor(
        line_no=line_no,
        debtor_name=f"架空商事{line_no}株式会社",
        kind=DebtorKind.CORPORATION,
        corporate_number=number(line_no),
        postal_code="1000001",
        pref_code="13",
        address=f"東京都千代田区架空1-{line_no}",
        rep_name="架空 太郎",
        contract_type=ContractType.SALE,
        continuous=True,
        annual_sales=40_000_000,
        balance_now=8_000_000,
        balance_date=date(2021, 4, 30),
        balance_max12=10_000_000,
        trend=Trend.SAME,
        closing_day=99,
        pay_month_offset=2,
        pay_day=99,
        pay_method=PayMethod.TRANSFER,
        collateral_flag=False,
        counterdebt_flag=False,
        capital_tie=CapitalTie.NONE,
        public_body=False,
        overdue_flag=False,
        known_adverse=False,
        requested_limit=10_000_000,
    )
    return replace(line, **changes)


def debtors(count: int) -> list[Debtor]:
    """Return `count` different lines without faults."""
    return [debtor(line_no) for line_no in range(1, count + 1)]


def sheet(**changes: Any) -> Sheet:
    """Return a head without faults for up to 12 of these debtors."""
    head = Sheet(
        intended_start=STARTS[0],
        selection_method=SelectionMethod.ALL,
        declares_complete=True,
        total_sales=500_000_000,
        credit_sales=400_000_000,
        ar_total=100_000_000,
        bad_debts=(BadDebt(2018, 0, 0), BadDebt(2019, 1, 300_000), BadDebt(2020, 0, 0)),
        credit_mgmt_owner=ManagementOwner.FINANCE,
        overdue_now=False,
    )
    return replace(head, **changes)
