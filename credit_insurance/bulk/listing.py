"""A list as a workbook: texts that are never formulas, amounts as numbers to go on calculating with."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from portal.ui.lists import Column, neutralise


def workbook(title: str, columns: Sequence[Column], rows: Iterable[Any]) -> bytes:
    """Return an xlsx with one sheet; a numeric column whose text is plain digits holds numbers."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    sheet.append([column.label for column in columns])
    for at, head in enumerate(sheet[1], start=1):
        head.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = max(14, 2 * len(str(head.value)) + 2)
    for row in rows:
        sheet.append([_cell(column, column.text(row)) for column in columns])
    sheet.freeze_panes = "B2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(column: Column, text: str) -> str | int:
    if column.is_number and text.isascii() and text.isdecimal():
        return int(text)
    return neutralise(ILLEGAL_CHARACTERS_RE.sub("", text))
