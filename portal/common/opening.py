"""A CSV or Excel file as one kind of table, told apart by the ending of its name."""

import csv
import io
from dataclasses import dataclass
from typing import BinaryIO

from portal.common.tables import ENCODINGS, Table
from portal.common.workbook import lines_of, read_sheet


@dataclass(frozen=True)
class Opened:
    """A file that could be opened: what it is in words, how many of its cells are results of formulas, its rows."""

    form: str
    formulas: int
    table: Table


def opened(file: BinaryIO, name: str, sheet: str) -> Opened:
    """Open a file; of a workbook `sheet`, else the first visible one. Raises tables.Unusable."""
    if not name.lower().endswith(".xlsx"):
        table = Table(file)
        return Opened(f"CSV（{ENCODINGS[table.encoding]}）", 0, table)
    found = read_sheet(file, sheet)
    # As CSV, so that one reader judges headings, blank rows and lengths of both forms.
    written = io.StringIO(newline="")
    csv.writer(written).writerows(lines_of(found))
    table = Table(io.BytesIO(written.getvalue().encode("utf-8-sig", "replace")))
    return Opened(f"Excel（シート「{found.name}」）", found.formulas, table)
