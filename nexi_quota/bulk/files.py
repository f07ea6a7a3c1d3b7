"""CSV and Excel as one kind of table, and the 雛形 in both forms."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from nexi_quota.bulk.columns import COLUMNS, EXAMPLES, EXTENT, KIND, NOTE
from nexi_quota.enums import Extent, NoticeKind
from portal.common import opening
from portal.common.tables import Row, Table, Unusable

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5_000
TYPES = ("xlsx", "csv")
SHEET = "通知"
"""The sheet of the 雛形 that holds the notices; without it the first visible sheet is read."""

REMARK = ("#", "＃")
"""How the first cell of a line begins that explains something and is no notice."""

EXPLANATIONS = (
    f"1行が1つの通知です。{MAX_ROWS:,}行、5MBまで取り込めます。1行でも誤りがあると、1行も取り込みません。",
    "番号の先頭の0が消えないように、番号の列は「文字列」のまま入力してください。",
    "同じ保険契約・個別保証枠の行は、上から順に確かめます。",
)


@dataclass(frozen=True)
class Upload:
    """A file that could be opened, and its rows."""

    file: opening.Opened

    @property
    def table(self) -> Table:
        return self.file.table

    def rows(self) -> Iterator[Row | tuple[int, str]]:
        """Yield the rows that are notices, or (line, what is wrong); Unusable for too many of them."""
        count = 0
        first = KIND.key
        for row in self.table.rows():
            if isinstance(row, Row) and row.cells.get(first, "").startswith(REMARK):
                continue
            count += 1
            if count > MAX_ROWS:
                raise Unusable(f"行が多すぎます。{MAX_ROWS:,}行以下に分けて取り込んでください。")
            yield row
        if not count:
            raise Unusable("通知の行がありません。見出しの下に、1行に1つの通知を入力してください。")


def opened(file: BinaryIO, name: str) -> Upload:
    """Open a file by the ending of its name; Unusable when it is no table with our headings."""
    upload = Upload(opening.opened(file, name, SHEET))
    _check_header(upload.table.header)
    return upload


def _check_header(header: list[str]) -> None:
    known = {column.key for column in COLUMNS}
    missing = [column.name for column in COLUMNS if column.is_required and column.key not in header]
    surplus = [name for name in header if name not in known]
    parts = [f"列「{'」「'.join(missing)}」がありません"] if missing else []
    parts += [f"列「{'」「'.join(surplus)[:200]}」は使いません"] if surplus else []
    if parts:
        raise Unusable(f"見出しが雛形と異なります。{'。'.join(parts)}。雛形の見出しに合わせてください。")


# --- 雛形 -----------------------------------------------------------------------------


Filled = Sequence[Mapping[str, str]]
"""Notices by field, to be filled in."""


def template_csv(rows: Filled = ()) -> bytes:
    """Return the headings, explanations and examples as lines that are no notices, and `rows`; UTF-8 with a mark."""
    width = len(COLUMNS)
    lines = [[column.name for column in COLUMNS]]
    explained = [
        *EXPLANATIONS,
        *(f"{column.name}：{column.note}" for column in COLUMNS),
        "記入例（＃を消すと通知の行になります）",
    ]
    lines += [[f"# {text}", *[""] * (width - 1)] for text in explained]
    lines += [[f"#{cells[0]}", *cells[1:]] for cells in _cells(EXAMPLES)]
    lines += _cells(rows)
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def _cells(rows: Filled) -> list[list[str]]:
    return [[row.get(column.field, "") for column in COLUMNS] for row in rows]


def template_xlsx(rows: Filled = ()) -> bytes:
    """Return a workbook with a sheet to fill in, whose cells are texts, with `rows`, and one that explains."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = SHEET
    sheet.append([column.name for column in COLUMNS])
    for at, column in enumerate(COLUMNS, start=1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = 40 if column is NOTE else max(12, 2 * len(column.name) + 2)
        sheet.column_dimensions[letter].number_format = "@"
        head = sheet.cell(1, at)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="E6E6E6")
    for cells in _cells(rows):
        sheet.append([cell or None for cell in cells])
        for cell in sheet[sheet.max_row]:
            cell.number_format = "@"
    sheet.freeze_panes = "A2"
    for column, choices in ((KIND, NoticeKind), (EXTENT, Extent)):
        offered = DataValidation(type="list", formula1=f'"{",".join(str(label) for label in choices.labels)}"')
        letter = get_column_letter(COLUMNS.index(column) + 1)
        offered.add(f"{letter}2:{letter}{MAX_ROWS + 1}")
        sheet.add_data_validation(offered)
    explained = workbook.create_sheet("説明")
    for row in ([text] for text in EXPLANATIONS):
        explained.append(row)
    explained.append([])
    explained.append(["列", "記入例（決済通知）", "記入例（枠戻通知）", "説明"])
    for column, *shown in zip(COLUMNS, *_cells(EXAMPLES), strict=True):
        explained.append([column.name, *shown, column.note])
    for letter, width in zip("ABCD", (26, 22, 22, 90), strict=True):
        explained.column_dimensions[letter].width = width
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()
