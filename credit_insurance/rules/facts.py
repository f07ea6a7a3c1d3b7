"""What the rules know of a ヒアリングシート (credit_insurance.md 5.3, 5.4); None and "" where nothing was entered."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from credit_insurance.enums import (
    CapitalTie,
    CollateralKind,
    ContractType,
    CounterDebtKind,
    DebtorKind,
    ManagementOwner,
    Measure,
    PayMethod,
    SelectionMethod,
    Trend,
)
from credit_insurance.messages import text

JAPAN = "JP"
MAX_LINES = 500


@dataclass(frozen=True)
class Debtor:
    """One line of the sheet, in the order of its columns: yen, dates, `trade_since` the 1st of its month.

    `closing_day` and `pay_day` are 1 to 31 or 99 for 末日.
    """

    line_no: int
    debtor_name: str = ""
    debtor_kana: str = ""
    kind: DebtorKind | None = None
    corporate_number: str = ""
    trade_name: str = ""
    owner_name: str = ""
    postal_code: str = ""
    pref_code: str = ""
    address: str = ""
    rep_name: str = ""
    country: str = JAPAN
    industry_code: str = ""
    trade_since: date | None = None
    contract_type: ContractType | None = None
    continuous: bool | None = None
    annual_sales: int | None = None
    balance_now: int | None = None
    balance_date: date | None = None
    balance_max12: int | None = None
    balance_forecast: int | None = None
    trend: Trend | None = None
    closing_day: int | None = None
    pay_month_offset: int | None = None
    pay_day: int | None = None
    pay_method: PayMethod | None = None
    bill_days: int | None = None
    collateral_flag: bool | None = None
    collateral_kind: CollateralKind | None = None
    collateral_amount: int | None = None
    counterdebt_flag: bool | None = None
    counterdebt_kind: CounterDebtKind | None = None
    counterdebt_amount: int | None = None
    capital_tie: CapitalTie | None = None
    public_body: bool | None = None
    overdue_flag: bool | None = None
    overdue_amount: int | None = None
    oldest_due: date | None = None
    known_adverse: bool | None = None
    known_adverse_note: str = ""
    requested_limit: int | None = None
    note: str = ""

    @property
    def is_foreign(self) -> bool:
        """True for a debtor outside Japan: it has no 法人番号, no postal code and no prefecture here."""
        return self.country not in {"", JAPAN}


LABELS = {
    "line_no": "No.",
    "debtor_name": "企業名",
    "debtor_kana": "企業名カナ",
    "kind": "区分",
    "corporate_number": "法人番号",
    "trade_name": "屋号",
    "owner_name": "氏名",
    "postal_code": "郵便番号",
    "pref_code": "都道府県",
    "address": "登記住所",
    "rep_name": "代表者名",
    "country": "国",
    "industry_code": "業種",
    "trade_since": "取引開始年月",
    "contract_type": "主契約の種類",
    "continuous": "継続的取引",
    "annual_sales": "年間販売高",
    "balance_now": "債権残高",
    "balance_date": "残高の基準日",
    "balance_max12": "最大債権残高",
    "balance_forecast": "見込み債権残高",
    "trend": "将来の取引動向",
    "closing_day": "締日",
    "pay_month_offset": "支払月",
    "pay_day": "支払日",
    "pay_method": "決済方法",
    "bill_days": "手形・でんさいサイト",
    "collateral_flag": "担保取得の有無",
    "collateral_kind": "担保の種類",
    "collateral_amount": "担保の金額",
    "counterdebt_flag": "反対債務の有無",
    "counterdebt_kind": "反対債務の種類",
    "counterdebt_amount": "反対債務の金額",
    "capital_tie": "資本関係",
    "public_body": "官公庁等",
    "overdue_flag": "支払遅延の有無",
    "overdue_amount": "支払遅延の金額",
    "oldest_due": "最古の弁済期日",
    "known_adverse": "倒産等・信用不安の認識",
    "known_adverse_note": "倒産等・信用不安の内容",
    "requested_limit": "希望限度額",
    "note": "備考",
}
"""Columns of the sheet in their order, as people see them."""


class BadDebt(NamedTuple):
    """貸倒 of one business year: how many, and how much in yen."""

    year: int | None
    cases: int | None
    amount: int | None


@dataclass(frozen=True)
class Sheet:
    """The head of the sheet; `selection_value` is yen or a number of debtors, `selection_unit` 事業部・支店."""

    intended_start: date | None = None
    selection_method: SelectionMethod | None = None
    selection_value: int | None = None
    selection_unit: str = ""
    declares_complete: bool = False
    total_sales: int | None = None
    credit_sales: int | None = None
    ar_total: int | None = None
    bad_debts: tuple[BadDebt, ...] = ()
    credit_mgmt_owner: ManagementOwner | None = None
    current_measures: frozenset[Measure] = field(default_factory=frozenset)
    measure_note: str = ""
    overdue_now: bool | None = None


SHEET_LABELS = {
    "intended_start": "加入希望始期",
    "selection_method": "取引先の選定方法",
    "selection_value": "選定基準値",
    "selection_unit": "事業部・支店",
    "declares_complete": "基準に該当する全取引先を記載した旨",
    "total_sales": "年間売上高",
    "credit_sales": "うち掛売上",
    "ar_total": "売掛債権残高",
    "bad_debts": "過去3年の貸倒",
    "credit_mgmt_owner": "与信管理部門",
    "current_measures": "現在の対策",
    "measure_note": "現在の対策の内容",
    "overdue_now": "現在延滞している取引先の有無",
}


class Fault(NamedTuple):
    """A problem, the field where it is put right, and the code of its message."""

    field: str
    code: str
    message: str


def fault(field_name: str, code: str, /, **values: object) -> Fault:
    """Return a fault with its sentence; `項目` is filled from the labels where the sentence names the field."""
    label = LABELS.get(field_name) or SHEET_LABELS.get(field_name, field_name)
    return Fault(field_name, code, text(code, **{"項目": label, **values}))
