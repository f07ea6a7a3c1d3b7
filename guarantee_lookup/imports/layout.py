"""The four files of a delivery: their columns, and what is wrong with a line, said exactly (guarantee_lookup.md 6.3).

Every rule about one line stands here. `rows` has the same rules as quick tests, and asks here whenever one fails.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

CONTROL = "CTL"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    CONTROL: (
        *("layout_version", "association_code", "as_of_date", "sequence", "kind", "file_name", "row_count", "sha256"),
        "sum_counted",
    ),
    "CUS": (
        *("customer_no", "entity_type", "coop_addition_eligible", "latest_guarantee_date", "lookup_block"),
        *("ctl_r1", "ctl_r2", "ctl_r3", "ctl_r4", "ctl_r5"),
        *("core_free_r1", "core_free_r2", "core_free_r3", "core_free_r4", "name_kana_head"),
    ),
    "GUA": (
        *("guarantee_no", "customer_no", "fi_code", "branch_code", "insurance_code", "sn_item", "status"),
        *("guarantee_date", "certificate_date", "executed_date", "end_date"),
        *("guarantee_amount", "revolving", "outstanding_guaranteed", "counted_amount", "responsibility_sharing"),
    ),
    "SET": ("customer_no", "period_ym", "category", "basis", "model_version", "registered_date"),
}
KINDS = ("CUS", "GUA", "SET")
TITLES = {"CUS": "顧客", "GUA": "保証", "SET": "決算"}

FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2099, 12, 31)
DAYS = {
    (FIRST_DAY + timedelta(days=n)).isoformat(): FIRST_DAY.toordinal() + n
    for n in range((LAST_DAY - FIRST_DAY).days + 1)
}
"""Every date that a file may name, with its number (`date.toordinal`)."""

AGED_DAYS = 60
"""A decided case that is not disbursed for longer is listed (I09): rather a late report than a lapse (3.1)."""

DIGITS = 15
LIMIT = 10**DIGITS
"""No amount has more digits, leading zeros apart."""

MOST_DIGITS = 100
"""A longer text is no amount, whatever it says."""
NEW_MODEL_FROM = "2026-04"


@dataclass(frozen=True)
class Problem:
    """What is wrong where: the code of guarantee_lookup.md 6.4, the line as an editor counts, a masked number."""

    code: str
    file: str
    line: int
    column: str
    message: str
    number: str = ""


class Insurance(NamedTuple):
    """保険 that a code of the core system stands for."""

    code: str
    needs_sn_item: bool


@dataclass(frozen=True)
class Terms:
    """What a line is judged by; plain, so that it goes to another process.

    `insurances` is by code of the core system, as valid on the as-of date; the keys are those of vault.digest_key.
    """

    as_of: str
    customer_pattern: str
    guarantee_pattern: str
    insurances: Mapping[str, Insurance]
    customer_key: bytes
    guarantee_key: bytes

    @property
    def aged_before(self) -> str:
        """Return the first date that is not yet too old for a case to be undisbursed."""
        return (date.fromisoformat(self.as_of) - timedelta(days=AGED_DAYS)).isoformat()


class Unreadable(Exception):
    """A line that has not its columns, or no readable customer: the delivery as a whole is refused."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def cells_of(kind: str, record: str) -> list[str]:
    """Return the cells of one line, quotes taken off; raises Unreadable."""
    columns = COLUMNS[kind]
    try:
        cells = next(csv.reader([record], strict=True), [])
    except csv.Error:
        raise Unreadable("", '引用符（"）が閉じていないか、使い方が正しくありません。') from None
    if len(cells) < len(columns):
        raise Unreadable(columns[len(cells)], f"列が足りません。{len(columns)}列必要ですが、{len(cells)}列です。")
    if len(cells) > len(columns):
        raise Unreadable(
            f"{len(columns) + 1}列目", f"列が多すぎます。{len(columns)}列の決まりですが、{len(cells)}列です。"
        )
    return cells


def header_problem(kind: str, record: str) -> tuple[str, str] | None:
    """Return the column and the sentence for a heading that is not the layout's; None when it is."""
    wanted, found = COLUMNS[kind], record.split(",")
    if tuple(found) == wanted:
        return None
    for name in found:
        if found.count(name) > 1:
            return name, "見出しに同じ列が2つあります。"
    for name in wanted:
        if name not in found:
            return name, "見出しにこの列がありません。"
    for name in found:
        if name not in wanted:
            return name, "見出しにこの列は使いません。"
    moved = next(name for name, other in zip(wanted, found, strict=True) if name != other)
    return moved, "見出しの列の順序が決まりと異なります。"


# --- One line ------------------------------------------------------------------

Found = Iterator[tuple[str, str]]
"""Column and sentence of each thing that is wrong."""


def is_amount(cell: str) -> bool:
    """Return True for whole yen from 0."""
    return cell.isascii() and cell.isdigit() and len(cell) <= MOST_DIGITS and int(cell) < LIMIT


def _amounts(cells: Mapping[str, str], names: Iterable[str]) -> Found:
    for name in names:
        if not is_amount(cells[name]):
            yield name, f"0以上の整数（円）ではありません（{DIGITS}桁まで）。"


def _free_figures(cells: Mapping[str, str], names: Iterable[str]) -> Found:
    """A free figure may be missing, and negative for a 組合 (K4)."""
    for name in names:
        if cells[name] and not is_amount(cells[name].removeprefix("-")):
            yield name, f"整数（円）ではありません（{DIGITS}桁まで）。"


def _one_of(cells: Mapping[str, str], name: str, allowed: Iterable[str]) -> Found:
    if cells[name] not in (known := list(allowed)):
        yield name, f"{'、'.join(code or '空欄' for code in known)}のどれでもありません。"


def _day(cells: Mapping[str, str], name: str, until: str = "", *, required: bool = False) -> Found:
    cell = cells[name]
    if not cell:
        if required:
            yield name, "日付がありません。"
    elif cell not in DAYS:
        yield name, "日付（YYYY-MM-DD）ではありません。"
    elif until and cell > until:
        yield name, "基準日より後の日付です。"


def customer_problems(cells: Mapping[str, str], terms: Terms) -> Found:
    """Yield what is wrong with a line of CUS, apart from its number."""
    yield from _one_of(cells, "entity_type", "123459")
    yield from _one_of(cells, "coop_addition_eligible", "01")
    if cells["coop_addition_eligible"] == "1" and cells["entity_type"] != "4":
        yield "coop_addition_eligible", "1にできるのは組合（entity_type=4）だけです。"
    yield from _day(cells, "latest_guarantee_date", terms.as_of)
    yield from _one_of(cells, "lookup_block", "01")
    yield from _amounts(cells, COLUMNS["CUS"][5:10])
    yield from _free_figures(cells, COLUMNS["CUS"][10:14])
    if len(cells["name_kana_head"]) > 8:
        yield "name_kana_head", "8文字を超えています。"


def guarantee_problems(cells: Mapping[str, str], terms: Terms) -> Found:
    """Yield what is wrong with a line of GUA, apart from the number of its customer."""
    if not re.fullmatch(terms.guarantee_pattern, cells["guarantee_no"]):
        yield "guarantee_no", "保証番号の桁数または形式が正しくありません。"
    for name, digits in (("fi_code", 4), ("branch_code", 3)):
        if not re.fullmatch(f"[0-9]{{{digits}}}", cells[name]):
            yield name, f"{digits}桁の数字ではありません。"
    insurance = terms.insurances.get(cells["insurance_code"])
    if insurance is None:
        yield "insurance_code", "保険コードが登録されていません。"
    else:
        yield from _one_of(cells, "sn_item", "12345678" if insurance.needs_sn_item else [""])
    yield from _one_of(cells, "status", "DEPXS")
    yield from _day(cells, "guarantee_date", terms.as_of)
    yield from _day(cells, "certificate_date")
    yield from _day(cells, "executed_date", required=cells["status"] == "E")
    yield from _day(cells, "end_date")
    yield from _one_of(cells, "revolving", "01")
    yield from _one_of(cells, "responsibility_sharing", "01")
    names = ("guarantee_amount", "outstanding_guaranteed", "counted_amount")
    wrong = list(_amounts(cells, names))
    yield from wrong
    if not wrong:
        yield from _counted(cells["status"], cells["revolving"] == "1", *(int(cells[name]) for name in names))


def _counted(status: str, revolving: bool, amount: int, outstanding: int, counted: int) -> Found:
    """What one guarantee counts (3.1)."""
    if amount == 0:
        yield "guarantee_amount", "0円より大きい額ではありません。"
    if outstanding > amount:
        yield "outstanding_guaranteed", "保証金額（guarantee_amount）を超えています。"
    if status in "PXS" and outstanding:
        yield "outstanding_guaranteed", "完済・取消・代位弁済の残高は0円です。"
    wanted = {"D": amount, "E": amount if revolving else outstanding}.get(status, 0)
    if counted != wanted and status in "DEPXS":
        yield "counted_amount", "状態（status）と金額から決まる利用額と異なります。"


def settlement_problems(cells: Mapping[str, str], terms: Terms) -> Found:
    """Yield what is wrong with a line of SET, apart from the number of its customer."""
    period = cells["period_ym"]
    if f"{period}-01" not in DAYS:
        yield "period_ym", "年月（YYYY-MM）ではありません。"
    else:
        if period > terms.as_of[:7]:
            yield "period_ym", "基準日の月より後です。"
        yield from _one_of(cells, "model_version", ["NEW" if period >= NEW_MODEL_FROM else "OLD"])
    yield from _one_of(cells, "category", ["", *"123456789"])
    yield from _one_of(cells, "basis", "12349")
    if cells["basis"] in ("2", "3", "4") and cells["category"] != "5":
        yield "category", "basisが2、3、4の区分は5です。"
    if cells["basis"] == "9" and cells["category"]:
        yield "category", "basisが9の区分は空欄です。"
    yield from _day(cells, "registered_date", terms.as_of, required=True)


PROBLEMS: Mapping[str, Callable[[Mapping[str, str], Terms], Found]] = {
    "CUS": customer_problems,
    "GUA": guarantee_problems,
    "SET": settlement_problems,
}


def judge(kind: str, record: str, terms: Terms) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the cells by column and all that is wrong with them; Unreadable when it is nobody's line."""
    cells = dict(zip(COLUMNS[kind], cells_of(kind, record), strict=True))
    if not re.fullmatch(terms.customer_pattern, cells["customer_no"]):
        raise Unreadable(
            "customer_no", "顧客番号の桁数または形式が正しくありません。どの顧客の行か分からないため、取り込みません。"
        )
    return cells, list(PROBLEMS[kind](cells, terms))


def numbered(problem: Problem, number: str) -> Problem:
    """Return the problem with the masked number that it is about."""
    return replace(problem, number=number)
