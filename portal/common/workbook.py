"""An Excel file as rows of texts: judged and taken apart by plain Python first, read by calamine afterwards.

A workbook of a few kilobytes may unfold to gigabytes, or name a cell so far out that the reader reserves memory for all
the cells before it. So every part is unpacked under a limit and looked through once; what has been looked through, and
nothing else, is what calamine gets. Of a formula the stored result is read; one without a result is refused, as are
error values.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from portal.common.tables import Unusable

MAX_UNPACKED = 20 * 1024 * 1024
"""Bytes of all parts together; 5,000 rows with long notes have about 7 MB."""

LAST_ROW, LAST_COLUMN = 10_000, 50
MAX_ELEMENTS = 500_000
"""Elements of all parts together: 5,000 rows of 12 cells have about 200,000."""

MOST_NAMED = 5

_CELL = re.compile("([A-Z]{1,3})([0-9]{1,7})")
_PARTS = (".xml", ".rels")

NO_WORKBOOK = "Excelファイルとして読み取れません。Excelで開き、Excel（.xlsx）で保存し直して選んでください。"
TOO_LARGE = "Excelファイルの中身が大きすぎます。要るシートと行だけを残し、分けて取り込んでください。"
TOO_FAR = f"{LAST_ROW:,}行目・{LAST_COLUMN}列目より先に値があります（{{}}）。使わない行や列を削除してください。"
NO_VALUE = "エラー値、または計算結果が保存されていない数式のセルがあります（{}）。値に置き換えて保存し直してください。"


@dataclass
class Looked:
    """What looking through the parts has found out."""

    elements: int = 0
    formulas: int = 0
    without_value: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """The rows of one sheet, from its first row on, every cell as text."""

    name: str
    rows: list[list[str]]
    formulas: int


def read_sheet(file: BinaryIO, wanted: str) -> Sheet:
    """Return the sheet `wanted`, else the first visible one; Unusable for what is no workbook or asks for too much."""
    parts, looked = _parts(file), Looked()
    for content in parts.values():
        _Look(looked).through(content)
    if looked.without_value:
        raise Unusable(NO_VALUE.format("、".join(looked.without_value)))
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(_packed(parts)))
        visible = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        if not visible:
            raise Unusable("表示されているシートがありません。入力したシートを表示して保存し直してください。")
        name = wanted if wanted in visible else visible[0]
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError:
        raise Unusable(NO_WORKBOOK) from None
    return Sheet(name, [[_text(value) for value in row] for row in rows], looked.formulas)


# --- Unpacking ------------------------------------------------------------------


def _parts(file: BinaryIO) -> dict[str, bytes]:
    """Unpack the parts that are XML, at most MAX_UNPACKED bytes of them: pictures and the like are left out."""
    parts, left = {}, MAX_UNPACKED
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as packed:
            for member in packed.infolist():
                if not member.filename.endswith(_PARTS):
                    continue
                with packed.open(member) as part:
                    content = part.read(left + 1)
                if (left := left - len(content)) < 0:
                    raise Unusable(TOO_LARGE)
                parts[member.filename] = content
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise Unusable(NO_WORKBOOK) from None
    return parts


def _packed(parts: Mapping[str, bytes]) -> bytes:
    """Return a workbook of exactly these parts: a size that its directory lies about is no danger any more."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return packed.getvalue()


# --- Looking through ----------------------------------------------------------------


class _Look:
    """Goes through one part with an XML parser and follows the cells of its sheet as calamine does."""

    def __init__(self, found: Looked) -> None:
        self.found = found
        self.in_sheet = False
        self.row = self.column = 0
        self.cell = ""
        self.type = ""
        self.is_formula = self.has_value = self.reads = False

    def through(self, content: bytes) -> None:
        # The encoding is given, not believed: calamine reads every part as UTF-8.
        parser = expat.ParserCreate("utf-8")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(content, True)
        except expat.ExpatError:
            raise Unusable(NO_WORKBOOK) from None

    def _doctype(self, *declared: object) -> None:
        raise Unusable(NO_WORKBOOK)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.found.elements += 1
        if self.found.elements > MAX_ELEMENTS:
            raise Unusable(TOO_LARGE)
        local = name.rpartition(":")[2]
        if local == "sheetData":
            self.in_sheet = True
        if not self.in_sheet:
            return
        if local == "row":
            self.row = _row(attributes["r"]) if "r" in attributes else self.row + 1
            self.column = 0
        elif local == "c":
            self._begin_cell(attributes)
        elif local == "f":
            self.is_formula = True
        elif local in {"v", "is"}:
            self.reads = True
            if self.row > LAST_ROW or self.column > LAST_COLUMN:
                raise Unusable(TOO_FAR.format(self.cell))

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        if "r" in attributes:
            self.column, self.row = _place(attributes["r"])
        else:
            self.column += 1
        self.cell = attributes.get("r", f"{self.row}行目")
        self.is_formula = self.has_value = False
        self.type = attributes.get("t", "")

    def _characters(self, typed: str) -> None:
        if self.reads and typed:
            self.has_value = True

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local in {"v", "is"}:
            self.reads = False
        elif local == "sheetData":
            self.in_sheet = False
        elif local == "c" and self.in_sheet:
            self._end_cell()

    def _end_cell(self) -> None:
        self.found.formulas += self.is_formula
        # A formula whose result is an empty text has it stored as such.
        has_none = self.is_formula and not self.has_value and self.type != "str"
        if (self.type == "e" or has_none) and len(self.found.without_value) < MOST_NAMED:
            self.found.without_value.append(self.cell)


def _row(typed: str) -> int:
    if not re.fullmatch("[0-9]{1,7}", typed):
        raise Unusable(NO_WORKBOOK)
    return int(typed)


def _place(typed: str) -> tuple[int, int]:
    """Return column and row, from 1, of an address like AB12."""
    match = _CELL.fullmatch(typed.upper())
    if match is None:
        raise Unusable(NO_WORKBOOK)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column, int(match[2])


# --- Texts ---------------------------------------------------------------------------


def _text(value: object) -> str:
    """Return a value as a person would type it: dates as 2026-11-20, whole numbers without a point.

    Numbers have the 15 digits that Excel shows; 0.1 + 0.2 is 0.3.
    """
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    return str(value)


def lines_of(sheet: Sheet) -> Iterator[list[str]]:
    """Yield the rows without the empty ones at the end."""
    last = max((at for at, row in enumerate(sheet.rows, start=1) if any(row)), default=0)
    yield from sheet.rows[:last]
