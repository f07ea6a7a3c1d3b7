"""Files of 一括照会: what a line says, how it is judged (as the screen judges it), the 雛形 and the sample."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from guarantee_lookup.enums import Basis, NumberKind
from guarantee_lookup.forms import LookupForm
from guarantee_lookup.rules import numbers
from guarantee_lookup.rules.limits import FILE_LINES
from guarantee_lookup.services.files import Asked
from portal.common.opening import opened
from portal.common.tables import Row, Table, Unusable
from portal.common.text import half

if TYPE_CHECKING:
    from portal.accounts.models import User

SHEET = "一括照会"
REMARK = ("#", "＃")
"""How the first cell of a line begins that explains something and asks nothing."""

KIND, NUMBER, BASIS, CONSENT = "番号の種類", "番号", "照会の根拠", "同意"
HEADINGS = {KIND: "kind", NUMBER: "number", BASIS: "basis", CONSENT: "consent"}
KINDS = {label: value for value, label in NumberKind.choices} | {value: value for value in NumberKind.values}
GROUNDS = {label: value for value, label in Basis.choices} | {value: value for value in Basis.values}
AGREED = {"あり": "on", "はい": "on", "1": "on", "○": "on", "": "", "なし": "", "いいえ": "", "0": ""}

NOTES = {
    KIND: "「顧客番号」または「保証番号」",
    NUMBER: "数字だけを入力します。先頭の0が消えないように、「文字列」のまま入力してください。",
    BASIS: "「1」（既存の保証付取引あり）または「2」（本人から番号の提供を受けた）",
    CONSENT: "照会の根拠が「2」のとき、本人の同意を得ていれば「あり」",
}
NO_CONSENT = "本人から同意を得たことを確かめ、「同意」に「あり」を入力してください。"

EXPLANATIONS = (
    f"1行が1つの照会です。{FILE_LINES}行まで。1行でも誤りがあると、1行も照会しません。",
    "1行ごとに1回の照会として記録し、照会回数に数えます。連続した番号を順に照会すると、照会が停止されます。",
)
EXAMPLES = (("顧客番号", "123456789", "1", ""), ("保証番号", "0123456789", "2", "あり"))


@dataclass
class Checked:
    """What comes of a file: its lines, or what is wrong with them as (line, masked number, message)."""

    lines: list[Asked] = field(default_factory=list)
    problems: list[tuple[str, str, str]] = field(default_factory=list)


def check(content: bytes, name: str, user: "User") -> Checked:
    """Judge a file line by line as the screen judges what is typed; nothing is looked up."""
    checked = Checked()
    seen: dict[tuple[str, str], int] = {}
    try:
        for row in _rows(_opened(io.BytesIO(content), name)):
            if isinstance(row, Row):
                _check_row(row, checked, seen, user)
            else:
                checked.problems.append((f"{row[0]}行目", "", row[1]))
    except Unusable as unusable:
        checked.problems.append(("ファイル", "", str(unusable)))
    return checked


def _opened(file: BinaryIO, name: str) -> Table:
    table = opened(file, name, SHEET).table
    missing = [heading for heading in HEADINGS if heading not in table.header]
    surplus = [heading for heading in table.header if heading not in HEADINGS]
    parts = [f"列「{'」「'.join(missing)}」がありません"] if missing else []
    # What stands there may be anything, even numbers: it is not repeated.
    parts += [f"雛形にない列が{len(surplus)}列あります"] if surplus else []
    if parts:
        raise Unusable(f"見出しが雛形と異なります。{'。'.join(parts)}。雛形の見出しに合わせてください。")
    return table


def _rows(table: Table) -> Iterator[Row | tuple[int, str]]:
    count = 0
    for row in table.rows():
        if isinstance(row, Row) and row.cells[table.header[0]].startswith(REMARK):
            continue
        count += 1
        if count > FILE_LINES:
            raise Unusable(f"行が多すぎます。{FILE_LINES}行以下に分けて照会してください。")
        yield row
    if not count:
        raise Unusable("照会する行がありません。見出しの下に、1行に1つの番号を入力してください。")


def _check_row(row: Row, checked: Checked, seen: dict[tuple[str, str], int], user: "User") -> None:
    cells = {HEADINGS[heading]: cell for heading, cell in row.cells.items()}
    number = numbers.read(cells["number"])
    wrong: list[str] = []
    answers = {
        "kind": _code(KIND, cells["kind"], KINDS, wrong),
        "number": cells["number"],
        "basis": _code(BASIS, cells["basis"], GROUNDS, wrong),
        "consent": _code(CONSENT, cells["consent"], AGREED, wrong),
    }
    if not wrong:
        form = LookupForm(answers, case=user)
        if not form.is_valid():
            wrong += [NO_CONSENT if "consent" in problem.anchor else problem.message for problem in form.problems()]
        if not wrong:
            first = seen.setdefault((answers["kind"], number), row.line)
            wrong += [f"{first}行目と同じ番号です。どちらかを消してください。"] if first != row.line else []
    if wrong:
        shown = numbers.masked(number) if number else ""
        checked.problems += [(f"{row.line}行目", shown, message) for message in wrong]
        return
    checked.lines.append(
        Asked(row.line, NumberKind(answers["kind"]), number, Basis(answers["basis"]), bool(answers["consent"]))
    )


def _code(heading: str, cell: str, words: Mapping[str, str], wrong: list[str]) -> str:
    """Return the code that a cell stands for; what is none is added to `wrong`."""
    typed = half(cell)
    if typed in words:
        return words[typed]
    wrong.append(f"{heading}：{NOTES[heading]}を入力してください。" if typed else f"{heading}を入力してください。")
    return ""


# --- 雛形 -----------------------------------------------------------------------------

Lines = Iterable[Sequence[str]]


def template_csv(rows: Lines = ()) -> bytes:
    """Return the headings, explanations and examples as lines that ask nothing, and `rows`; UTF-8 with a mark."""
    explained = [*EXPLANATIONS, *(f"{heading}：{note}" for heading, note in NOTES.items())]
    explained.append("記入例（＃を消すと照会の行になります）")
    lines: list[Sequence[str]] = [list(HEADINGS)]
    lines += [(f"# {words}", "", "", "") for words in explained]
    lines += [(f"#{kind}", *others) for kind, *others in EXAMPLES]
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([*lines, *rows])
    return written.getvalue().encode("utf-8-sig")


def template_xlsx(rows: Lines = ()) -> bytes:
    """Return a workbook with a sheet to fill in, whose cells are texts, with `rows`, and one that explains."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = SHEET
    sheet.append(list(HEADINGS))
    for letter, head in zip("ABCD", sheet[1], strict=True):
        sheet.column_dimensions[letter].width = 20
        sheet.column_dimensions[letter].number_format = "@"
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="E6E6E6")
    for row in rows:
        sheet.append([cell or None for cell in row])
        for cell in sheet[sheet.max_row]:
            cell.number_format = "@"
    sheet.freeze_panes = "A2"
    for letter, words in (("A", "顧客番号,保証番号"), ("C", "1,2"), ("D", "あり,なし")):
        offered = DataValidation(type="list", formula1=f'"{words}"')
        offered.add(f"{letter}2:{letter}{FILE_LINES + 1}")
        sheet.add_data_validation(offered)
    explained = workbook.create_sheet("説明")
    for sentence in EXPLANATIONS:
        explained.append([sentence])
    explained.append([])
    for heading, note in NOTES.items():
        explained.append([heading, note])
    explained.column_dimensions["A"].width, explained.column_dimensions["B"].width = 20, 90
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def demo_files() -> dict[str, bytes]:
    """Return the sample files by name: customers of the demo data, one of which does not exist."""
    rows = [
        ("顧客番号", "123459816", "1", ""),
        ("顧客番号", "900000005", "1", ""),
        ("顧客番号", "900000002", "1", ""),
        ("保証番号", "1234567890", "2", "あり"),
        ("顧客番号", "900000009", "1", ""),
        ("顧客番号", "900000098", "1", ""),
    ]
    return {"lookups.csv": template_csv(rows), "lookups.xlsx": template_xlsx(rows)}
