"""Is a ヒアリングシート complete and sound (credit_insurance.md 5.3, 5.4, 9.9): every problem with line and column."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from credit_insurance.enums import DebtorKind, Exclusion, Trend
from credit_insurance.rules import selection
from credit_insurance.rules.exclusions import MIN_DEBTORS, are_enough, exclusions, insurable
from credit_insurance.rules.facts import LABELS, MAX_LINES, Debtor, Fault, Sheet, fault
from credit_insurance.rules.plausibility import Fit, plausibility
from credit_insurance.rules.questionnaire import measure_faults
from credit_insurance.rules.settlement import MOST_BILL_DAYS, MOST_MONTHS, Terms, is_day, pays_before_closing
from portal.common.calendar import add_months
from portal.common.checkdigit import corporate_number_ok
from portal.common.eras import seireki
from portal.common.money import yen

BALANCE_MONTHS = 3
LIMIT_UNIT, LEAST_LIMIT, MOST_LIMIT = 100_000, 500_000, 100_000_000
BAD_DEBT_YEARS = 3
MOST_TURNOVER = Decimal("999.9")

_TYPED = ("debtor_name", "address", "annual_sales", "balance_now", "balance_date", "balance_max12")
_TERMS = ("closing_day", "pay_month_offset", "pay_day")
_CHOSEN = ("kind", "contract_type", "continuous", "trend", "pay_method", "capital_tie", "public_body")
_FLAGS = ("collateral_flag", "counterdebt_flag", "overdue_flag", "known_adverse")
_DETAILS = {
    "collateral_flag": ("collateral_kind", "collateral_amount"),
    "counterdebt_flag": ("counterdebt_kind", "counterdebt_amount"),
    "overdue_flag": ("overdue_amount", "oldest_due"),
    "known_adverse": ("known_adverse_note",),
}
_LONGEST = {
    "debtor_name": 60,
    "debtor_kana": 60,
    "trade_name": 60,
    "owner_name": 40,
    "address": 120,
    "rep_name": 40,
    "known_adverse_note": 200,
    "note": 200,
}
_RANGES = {"pay_month_offset": (0, MOST_MONTHS), "bill_days": (0, MOST_BILL_DAYS)}
_KANA = re.compile("[ァ-ヶー・ 　（）()]+")


@dataclass(frozen=True)
class Judgement:
    """Everything the page of the sheet shows: faults of the head and of each line, exclusions, count and totals."""

    head: tuple[Fault, ...]
    lines: Mapping[int, tuple[Fault, ...]]
    excluded: Mapping[int, tuple[Exclusion, ...]]
    insurable: int
    requested: int
    receivables: int

    @property
    def may_submit(self) -> bool:
        """True when nothing is wrong anywhere, ten insurable debtors included."""
        return not self.head and not self.lines


def judge(
    sheet: Sheet,
    lines: Sequence[Debtor],
    today: date,
    starts: Sequence[date],
    *,
    minimum: int = MIN_DEBTORS,
    unread: Mapping[int, Collection[str]] | None = None,
) -> Judgement:
    """Return what is to be put right before the sheet can be submitted on `today`.

    `starts` are the 加入希望始期 to choose from. `unread` names the columns by line whose text could not be read at
    all: the reader has said so already, nothing more is said about them.
    """
    by_line = {line.line_no: list(line_faults(line, today)) for line in lines}
    if sheet.selection_method and sheet.selection_value is not None:
        for line_no, found in selection.outside(sheet.selection_method, sheet.selection_value, lines):
            by_line[line_no].append(found)
    excluded = exclusions(lines, sheet.intended_start or today)
    count = insurable(lines, excluded)
    head = [*sheet_faults(sheet, lines, starts)]
    if not are_enough(count, minimum):
        head.append(fault("lines", "S-TOO-FEW", 最低=minimum, 件数=count))
    silent = unread or {}
    told = {no: tuple(f for f in found if f.field not in silent.get(no, ())) for no, found in by_line.items()}
    return Judgement(
        head=tuple(head),
        lines={no: found for no, found in told.items() if found or silent.get(no)},
        excluded=excluded,
        insurable=count,
        requested=sum(line.requested_limit or 0 for line in lines),
        receivables=sum(line.balance_now or 0 for line in lines),
    )


# --- One line --------------------------------------------------------------------


def line_faults(line: Debtor, today: date) -> Iterator[Fault]:
    """Yield every problem of one line, by column."""
    yield from _required(line)
    yield from _forms(line)
    yield from _number(line)
    yield from _figures(line, today)
    yield from _details(line, today)
    yield from _limit(line)


def _is_blank(line: Debtor, name: str) -> bool:
    return getattr(line, name) in (None, "")


def _required(line: Debtor) -> Iterator[Fault]:
    typed = [*_TYPED, *_TERMS, "requested_limit"]
    chosen = [*_CHOSEN, *_FLAGS]
    if line.kind == DebtorKind.CORPORATION:
        typed.append("rep_name")
        if not line.is_foreign:
            typed.append("corporate_number")
    if line.kind == DebtorKind.SOLE:
        typed += ["trade_name", "owner_name"]
    if not line.is_foreign:
        typed.append("postal_code")
        chosen.append("pref_code")
    if line.pay_method and line.pay_method.matures_later:
        typed.append("bill_days")
    yield from (fault(name, "F-REQUIRED") for name in typed if _is_blank(line, name))
    yield from (fault(name, "F-CHOOSE") for name in chosen if _is_blank(line, name))


def _forms(line: Debtor) -> Iterator[Fault]:
    for name, most in _LONGEST.items():
        if (length := len(getattr(line, name))) > most:
            yield fault(name, "F-LENGTH", 上限=most, 文字数=length)
    for name, (least, most) in _RANGES.items():
        value = getattr(line, name)
        if value is not None and not least <= value <= most:
            yield fault(name, "F-RANGE", 下限=least, 上限=most)
    for name in ("closing_day", "pay_day"):
        value = getattr(line, name)
        if value is not None and not is_day(value):
            yield fault(name, "F-DAY")
    if line.debtor_kana and not _KANA.fullmatch(line.debtor_kana):
        yield fault("debtor_kana", "F-KANA")
    if line.country and not re.fullmatch("[A-Z]{2}", line.country):
        yield fault("country", "F-COUNTRY")
    if line.postal_code and not line.is_foreign and not re.fullmatch("[0-9]{7}", line.postal_code):
        yield fault("postal_code", "F-POSTAL")


def _number(line: Debtor) -> Iterator[Fault]:
    number = line.corporate_number
    if not number:
        return
    if line.kind in {DebtorKind.SOLE, DebtorKind.CONSUMER}:
        yield fault("corporate_number", "N-BLANK")
    elif len(number) != 13:
        yield fault("corporate_number", "N-LENGTH", 桁数=len(number))
    elif not corporate_number_ok(number):
        yield fault("corporate_number", "N-CHECK")


def _figures(line: Debtor, today: date) -> Iterator[Fault]:
    is_new = line.trend == Trend.NEW
    if line.trade_since and line.trade_since > today and not is_new:
        yield fault("trade_since", "L-TRADE-SINCE")
    if line.annual_sales == 0 and not (is_new and line.balance_forecast):
        yield fault("annual_sales", "L-SALES")
    first = add_months(today, -BALANCE_MONTHS)
    if line.balance_date and not first <= line.balance_date <= today:
        yield fault("balance_date", "L-BALANCE-DATE", 最初=seireki(first), 最後=seireki(today))
    if line.balance_max12 is not None and line.balance_max12 < (line.balance_now or 0):
        yield fault("balance_max12", "L-BALANCE-MAX", 残高=yen(line.balance_now or 0))
    if line.trend and line.trend != Trend.SAME and line.balance_forecast is None:
        yield fault("balance_forecast", "L-FORECAST", 動向=line.trend.label)
    if None not in (line.closing_day, line.pay_month_offset, line.pay_day):
        terms = Terms(line.closing_day or 0, line.pay_month_offset or 0, line.pay_day or 0)
        if is_day(terms.closing_day) and is_day(terms.pay_day) and pays_before_closing(terms):
            yield fault("pay_day", "L-PAY-DAY")


def _details(line: Debtor, today: date) -> Iterator[Fault]:
    for flag, names in _DETAILS.items():
        declared = getattr(line, flag)
        for name in names:
            if declared and _is_blank(line, name):
                yield fault(name, "F-REQUIRED")
            elif declared is False and getattr(line, name):
                yield fault(name, "L-NONE", 有無=LABELS[flag])
            elif declared and name.endswith("_amount") and getattr(line, name) == 0:
                yield fault(name, "F-POSITIVE")
    if line.overdue_flag and line.oldest_due and line.oldest_due >= today:
        yield fault("oldest_due", "L-OLDEST")


def _limit(line: Debtor) -> Iterator[Fault]:
    limit = line.requested_limit
    if limit is None:
        return
    if not LEAST_LIMIT <= limit <= MOST_LIMIT:
        yield fault("requested_limit", "L-LIMIT-RANGE")
    elif limit % LIMIT_UNIT:
        yield fault("requested_limit", "L-LIMIT-UNIT")
    elif line.balance_max12 is not None:
        yield from _plausible(line, limit, line.balance_max12)


def _plausible(line: Debtor, limit: int, balance_max: int) -> Iterator[Fault]:
    found = plausibility(limit, balance_max, line.balance_forecast)
    words = {"基準額": yen(found.reference), "倍率": found.ratio}
    if found.fit is Fit.NO_REFERENCE:
        yield fault("requested_limit", "L-NO-REFERENCE")
    elif found.fit is Fit.TOO_LOW:
        yield fault("requested_limit", "L-TOO-LOW", **words)
    elif found.fit is Fit.TOO_HIGH:
        yield fault("requested_limit", "L-TOO-HIGH", **words)
    elif found.fit is Fit.NEEDS_REASON and not line.note:
        yield fault("note", "L-REASON", **words)


# --- The head --------------------------------------------------------------------


def turnover_months(ar_total: int | None, credit_sales: int | None) -> Decimal | None:
    """Return 売掛債権回転期間 in months, one decimal, half up; None while a figure is missing or nothing is sold."""
    if ar_total is None or not credit_sales:
        return None
    tenths = Fraction(ar_total * 12 * 10, credit_sales)
    return Decimal(int((tenths + Fraction(1, 2)) // 1)).scaleb(-1)


def sheet_faults(sheet: Sheet, lines: Sequence[Debtor], starts: Sequence[date]) -> Iterator[Fault]:
    """Yield every problem of the head, with the lines beside it."""
    if sheet.intended_start is None:
        yield fault("intended_start", "F-CHOOSE")
    elif sheet.intended_start not in starts:
        yield fault("intended_start", "S-START", 選択肢="、".join(map(seireki, starts)))
    if sheet.selection_method is None:
        yield fault("selection_method", "F-CHOOSE")
    else:
        yield from selection.faults(sheet.selection_method, sheet.selection_value, sheet.selection_unit, len(lines))
    if not sheet.declares_complete:
        yield fault("declares_complete", "S-COMPLETE")
    yield from _sales(sheet, lines)
    yield from _bad_debts(sheet)
    if sheet.credit_mgmt_owner is None:
        yield fault("credit_mgmt_owner", "F-CHOOSE")
    yield from measure_faults(sheet.current_measures, sheet.measure_note)
    yield from _overdue(sheet, lines)
    if len(lines) > MAX_LINES:
        yield fault("lines", "S-LINES", 件数=len(lines))


def _sales(sheet: Sheet, lines: Sequence[Debtor]) -> Iterator[Fault]:
    for name in ("total_sales", "credit_sales", "ar_total"):
        value = getattr(sheet, name)
        if value is None:
            yield fault(name, "F-REQUIRED")
        elif value < 1:
            yield fault(name, "F-POSITIVE")
    if sheet.credit_sales is not None and sheet.total_sales is not None and sheet.credit_sales > sheet.total_sales:
        yield fault("credit_sales", "S-CREDIT-SALES", 年間売上高=yen(sheet.total_sales))
    total = sum(line.balance_now or 0 for line in lines)
    if sheet.ar_total is not None and total > sheet.ar_total:
        yield fault("ar_total", "S-RECEIVABLES", 合計=yen(total), 売掛債権残高=yen(sheet.ar_total))
    turnover = turnover_months(sheet.ar_total, sheet.credit_sales)
    if turnover is not None and turnover > MOST_TURNOVER:
        yield fault("ar_total", "S-TURNOVER")


def _bad_debts(sheet: Sheet) -> Iterator[Fault]:
    rows = sheet.bad_debts
    if len(rows) != BAD_DEBT_YEARS or any(None in row for row in rows):
        yield fault("bad_debts", "S-BAD-DEBTS")
        return
    if len({row.year for row in rows}) < BAD_DEBT_YEARS:
        yield fault("bad_debts", "S-BAD-DEBT-YEARS")
    yield from (
        fault("bad_debts", "S-BAD-DEBT", 年度=row.year) for row in rows if bool(row.cases) is not bool(row.amount)
    )


def _overdue(sheet: Sheet, lines: Sequence[Debtor]) -> Iterator[Fault]:
    overdue = [line.line_no for line in lines if line.overdue_flag]
    if sheet.overdue_now is None:
        yield fault("overdue_now", "F-CHOOSE")
    elif sheet.overdue_now and not overdue:
        yield fault("overdue_now", "S-OVERDUE")
    elif overdue and not sheet.overdue_now:
        yield fault("overdue_now", "S-NO-OVERDUE", 番号="、".join(map(str, overdue)))
