"""Draws the rows of the grid as plain strings: 500 of them cost half a second in a template (bench/)."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, NamedTuple

from django.utils.safestring import SafeString

from credit_insurance.forms.debtor import shown
from credit_insurance.rules.facts import JAPAN, LABELS
from credit_insurance.selectors.sheets import Row


class Column(NamedTuple):
    """A column of the grid: what it shows of a line, whose faults it shows, whether a phone shows it as well."""

    title: str
    names: tuple[str, ...]
    is_number: bool = False
    is_minor: bool = False

    def start(self, *, is_wrong: bool) -> str:
        """Return what opens a cell; a phone shows a minor column only where something is wrong."""
        marks = ["is-numeric"] * self.is_number + (["is-wrong"] if is_wrong else ["is-minor"] * self.is_minor)
        css = f' class="{" ".join(marks)}"' if marks else ""
        return f'<td data-label="{escape(self.title)}"{css}><span>'


COLUMNS = (
    Column("法人番号", ("corporate_number", "kind", "trade_name", "owner_name")),
    Column("登記住所", ("pref_code", "address", "postal_code", "country", "rep_name")),
    Column("主契約", ("contract_type", "continuous", "trade_since", "industry_code"), is_minor=True),
    Column("年間販売高", ("annual_sales",), True),
    Column("債権残高", ("balance_now", "balance_date"), True),
    Column("最大債権残高", ("balance_max12",), True, is_minor=True),
    Column("見込み債権残高", ("balance_forecast", "trend"), True, is_minor=True),
    Column("決済条件", ("closing_day", "pay_month_offset", "pay_day", "pay_method", "bill_days")),
    Column("担保", ("collateral_flag", "collateral_kind", "collateral_amount"), is_minor=True),
    Column("反対債務", ("counterdebt_flag", "counterdebt_kind", "counterdebt_amount"), is_minor=True),
    Column("資本関係・官公庁", ("capital_tie", "public_body"), is_minor=True),
    Column(
        "支払遅延・信用不安", ("overdue_flag", "overdue_amount", "oldest_due", "known_adverse", "known_adverse_note")
    ),
    Column("希望限度額", ("requested_limit", "note"), True),
)
NAME_FIELDS = ("debtor_name", "debtor_kana")
NOT_SHOWN = ("postal_code", "rep_name")
"""What the grid leaves to the page of the line, unless it is wrong."""

WRONG = ' class="is-wrong"'
_STARTS = [(column.names, column.start(is_wrong=False), column.start(is_wrong=True)) for column in COLUMNS]


def body(rows: Iterable[Row], url: str) -> SafeString:
    """Return the rows of the table; the page of a line lies below `url`."""
    return SafeString("".join(_row(row, f"{url}{row.line.pk}/") for row in rows))


def _row(row: Row, url: str) -> str:
    values, wrong = row.line.values, row.wrong
    name = escape(row.debtor.debtor_name)
    faults = _faults(row.messages(NAME_FIELDS)) if wrong else ""
    cells = []
    for names, start, wrong_start in _STARTS:
        texts = "<br>".join([escape(text) for each in names if (text := _text(each, values))])
        found = row.messages(names) if wrong else ()
        cells.append(f"{wrong_start}{texts}{_faults(found)}</span></td>" if found else f"{start}{texts}</span></td>")
    return (
        f'<tr id="line-{row.line.pk}"{WRONG if wrong else ""}>'
        f'<td data-label="No." class="is-numeric"><span>{row.debtor.line_no}</span></td>'
        f'<th scope="row" data-label="企業名"{WRONG if faults else ""}><span>'
        f'<a href="{url}{"?check=1" if wrong else ""}">{name or "（企業名なし）"}</a>{faults}</span></th>'
        f'{"".join(cells)}<td data-label="判定"><span>{_verdict(row)}</span></td>'
        f'<td data-label="操作"><span><a href="{url}remove/">削除<span class="visually-hidden">（{name}）</span></a>'
        "</span></td></tr>\n"
    )


def _faults(messages: Sequence[str]) -> str:
    return "".join(f'<em class="cell-error">▲ {escape(message)}</em>' for message in messages)


def _verdict(row: Row) -> str:
    if row.wrong:
        return "入力に誤りがあります"
    if row.excluded:
        return escape(f"対象外：{'、'.join(reason.label for reason in row.excluded)}")
    return "対象"


def _text(name: str, values: dict[str, Any]) -> str:
    if name not in values or name in NOT_SHOWN or (name == "country" and values[name] == JAPAN):
        return ""
    text = shown(name, values)
    if text and name in {"closing_day", "pay_day"}:
        return f"{LABELS[name]} {'末日' if values[name] == 99 else text}"
    if text and name == "pay_month_offset":
        return {0: "当月", 1: "翌月", 2: "翌々月"}.get(values[name], f"{values[name]}か月後")
    return text
