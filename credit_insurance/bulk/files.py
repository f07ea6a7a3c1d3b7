"""Files of debtors: opening what was uploaded, the 雛形, the lines of a sheet, and rows with what is wrong in them."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from credit_insurance.bulk.columns import MESSAGES, matched, suggested
from credit_insurance.forms.debtor import COLUMNS, field_of, shown
from credit_insurance.models import Line
from credit_insurance.rules.facts import LABELS, MAX_LINES
from credit_insurance.services.sheet_files import Parsed
from portal.common.opening import opened
from portal.common.tables import ENCODINGS, Row, Table, Unusable
from portal.ui.fields import ChoiceField, DateField
from portal.ui.lists import neutralise

MAX_BYTES = 20 * 1024 * 1024
MAX_TEXT = 1_000_000
"""Characters of all rows together: 500 rows with every column full have less."""

TYPES = ("xlsx", "csv")
SHEET = "取引先"
"""The sheet of the 雛形 that is filled in; without it the first visible sheet is read."""

EXPLANATIONS = (
    f"1行が1社です。{MAX_LINES}社、20MBまで取り込めます。見出しの行は消さないでください。",
    "わからない欄は空欄のまま取り込み、あとから画面で入力できます。",
    "金額は円です。見出しに「（千円）」と書いた列は、千円単位として読み取ります。",
)

# --- Opening ---------------------------------------------------------------------


def parsed(content: bytes, name: str) -> Parsed:
    """Open an uploaded file. Raises Unusable for what is no table of debtors, or asks for too much."""
    file = opened(io.BytesIO(content), name, SHEET)
    header = file.table.header
    columns = matched(header)
    if not any(columns.values()) and not any(suggested(heading, columns) for heading in header):
        raise Unusable("取引先の列が1つも見つかりません。1行目に、雛形の見出しを入れてください。")
    rows = _rows(file.table)
    if file.table.encoding == "cp932":
        _check_one_encoding(content)
    return Parsed(name, file.form, file.formulas, header, rows, columns)


def _rows(table: Table) -> list[list[object]]:
    rows: list[list[object]] = []
    length = 0
    for row in table.rows():
        if len(rows) == MAX_LINES:
            raise Unusable(f"行が多すぎます。取引先は{MAX_LINES}社までです。{MAX_LINES}行以下にしてください。")
        if isinstance(row, Row):
            cells = [row.cells[heading] for heading in table.header]
            length += sum(map(len, cells))
            rows.append([row.line, cells])
        else:
            rows.append(list(row))
        if length > MAX_TEXT:
            raise Unusable("文字が多すぎます。取引先の列だけを残し、備考などを短くしてください。")
    if not rows:
        raise Unusable("取引先の行がありません。見出しの下に、1行に1社を入力してください。")
    return rows


def _check_one_encoding(content: bytes) -> None:
    """Refuse a CP932 file with lines in UTF-8, which CP932 would read as other characters without complaint."""
    for number, line in enumerate(content.splitlines(), start=1):
        if line.isascii():
            continue
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            continue
        # A few half-width kana may be UTF-8 by chance; two characters of three bytes are not.
        if sum("\u3000" <= sign <= "\u9fff" or sign >= "\uff00" for sign in text) >= 2:
            both = "と".join(ENCODINGS.values())
            raise Unusable(f"{number}行目：{both}の行が混ざっています。1つの文字コードで保存し直してください。")


# --- Writing ---------------------------------------------------------------------


def _titles() -> list[str]:
    return [LABELS[name] for name in COLUMNS]


def _safe(cell: str) -> str:
    return neutralise(ILLEGAL_CHARACTERS_RE.sub("", cell))


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([_safe(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig", "replace")


def _workbook(rows: Iterable[Sequence[str]]) -> tuple[Workbook, Worksheet]:
    """Return a workbook with the headings and `rows`, whose cells are all texts."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = SHEET
    sheet.append(_titles())
    for at, head in enumerate(sheet[1], start=1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = max(12, 2 * len(str(head.value)) + 2)
        sheet.column_dimensions[letter].number_format = "@"
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="E6E6E6")
    for row in rows:
        sheet.append([_safe(cell) or None for cell in row])
        for cell in sheet[sheet.max_row]:
            cell.number_format = "@"
    sheet.freeze_panes = "B2"
    return workbook, sheet


def _saved(workbook: Workbook) -> bytes:
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def notes() -> list[tuple[str, str]]:
    """Return what may stand in each column: its name and the words that are allowed, or a hint."""
    found = []
    for name in COLUMNS:
        field = field_of(name)
        said = field.hint
        if isinstance(field, ChoiceField) and name != "pref_code":
            said = "、".join(label for _, label in field.choices)
        elif name == "pref_code":
            said = "都道府県名、または01から47までのコード"
        elif not said and (most := getattr(field, "max_length", 0)):
            said = f"{most}文字まで"
        found.append((LABELS[name], said))
    return found


def _template_xlsx() -> bytes:
    workbook, sheet = _workbook(())
    for at, name in enumerate(COLUMNS, start=1):
        field = field_of(name)
        if isinstance(field, ChoiceField):
            offered = DataValidation(type="list", formula1=f'"{",".join(label for _, label in field.choices)}"')
            letter = get_column_letter(at)
            offered.add(f"{letter}2:{letter}{MAX_LINES + 1}")
            sheet.add_data_validation(offered)
    explained = workbook.create_sheet("説明")
    for sentence in EXPLANATIONS:
        explained.append([sentence])
    explained.append([])
    explained.append(["列", "入力できる内容"])
    for row in notes():
        explained.append(row)
    explained.column_dimensions["A"].width, explained.column_dimensions["B"].width = 26, 90
    return _saved(workbook)


_TEMPLATES: dict[str, Callable[[], bytes]] = {"xlsx": _template_xlsx, "csv": lambda: _csv([_titles()])}


def template(form: str) -> bytes:
    """Return the 雛形 as xlsx or csv: the columns of the sheet in their order."""
    return _TEMPLATES[form]()


def _cell(line: Line, name: str) -> str:
    """Return what stands in a column; where it could not be read, what was typed."""
    if name not in line.unread:
        return shown(name, line.values)
    texts = ["".join(line.typed.get(part, [])) for part in field_of(name).html_names(name)]
    return ("/" if isinstance(field_of(name), DateField) else "").join(filter(None, texts))


def export(form: str, lines: Iterable[Line]) -> bytes:
    """Return the lines of a sheet as xlsx or csv, in the columns of the 雛形; no cell is a formula."""
    rows = [[_cell(line, name) for name in COLUMNS] for line in lines]
    return _csv([_titles(), *rows]) if form == "csv" else _saved(_workbook(rows)[0])


def errors_csv(header: Sequence[str], rows: Iterable[tuple[Sequence[str], str]]) -> bytes:
    """Return rows as they came, each with what is wrong in it; the file can be corrected and uploaded again."""
    return _csv([[*header, MESSAGES], *([*cells, said] for cells, said in rows)])
