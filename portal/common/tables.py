"""A CSV file as rows of texts: size, encoding, header; nothing here knows what the columns mean."""

import codecs
import csv
import io
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from portal.common import text

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 500
MAX_CELL = 2_000
CHUNK = 1024 * 1024

ENCODINGS = {"utf-8-sig": "UTF-8", "cp932": "Shift_JIS（CP932）"}
"""Tried in this order; a file with a byte order mark is UTF-8 like one without."""

UNKNOWN_ENCODING = (
    "文字コードを読み取れません。CSVをUTF-8またはShift_JIS（CP932）で保存し直して選んでください"
    "（Excelでは「CSV UTF-8（コンマ区切り）」）。"
)

# What our own exports put before a cell that a spreadsheet would take for a formula (portal.ui.lists).
_NEUTRALISED = tuple("'" + sign for sign in "=+-@\t\r\0＝＋－＠")


class Unusable(Exception):
    """The file as a whole cannot be read; the text says why and what to do."""


@dataclass(frozen=True)
class Row:
    """One row: `line` counts records from 1 (the header), as spreadsheets do; cells by column name, trimmed."""

    line: int
    cells: Mapping[str, str]


class Table:
    """A CSV file, read as a stream and as often as wanted. Raises Unusable for what is no such file.

    `header` is in the half-width form of `text.code`, so that 「Ｌ／Ｃ条件」 and 「案件枠(円)」 are known, too.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        if (size := file.seek(0, io.SEEK_END)) > MAX_BYTES:
            raise Unusable(f"ファイルが大きすぎます（{size:,}バイト）。20MB以下に分けて取り込んでください。")
        if not size:
            raise Unusable("ファイルが空です。見出しの行とデータの行があるCSVファイルを選んでください。")
        self.encoding = self._encoding()
        self.header = self._header()

    def _encoding(self) -> str:
        for encoding in ENCODINGS:
            self._file.seek(0)
            decoder = codecs.getincrementaldecoder(encoding)()
            try:
                while chunk := self._file.read(CHUNK):
                    if b"\0" in chunk:  # UTF-16, or no text at all: CP932 would read it without complaint
                        raise Unusable(UNKNOWN_ENCODING)
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
            return encoding
        raise Unusable(UNKNOWN_ENCODING)

    def _records(self) -> Generator[list[str], None, None]:
        """Yield every record; the text layer is taken off again, so that the file stays open."""
        self._file.seek(0)
        lines = io.TextIOWrapper(self._file, encoding=self.encoding, newline="")
        try:
            yield from csv.reader(lines, strict=True)
        finally:
            lines.detach()

    def _header(self) -> list[str]:
        records = self._records()
        try:
            first = next(records, [])
        except csv.Error:
            first = []
        finally:
            records.close()
        while first and not first[-1].strip():
            first.pop()
        if len(first) > MAX_COLUMNS:
            raise Unusable(f"列が多すぎます（{len(first):,}列）。雛形の列だけを残してください。")
        header = [text.code(cell) for cell in first]
        while header and not header[-1]:
            header.pop()
        if not header:
            raise Unusable("1行目に見出しがありません。雛形の見出しを1行目に入れてください。")
        if twice := sorted({name for name in header if header.count(name) > 1}):
            raise Unusable(f"見出しに同じ列（{'、'.join(twice)[:100]}）が2つあります。1つにしてください。")
        return header

    def rows(self) -> Iterator[Row | tuple[int, str]]:
        """Yield the rows below the header; a row that is no row is (line, what is wrong). Blank rows are left out.

        Raises Unusable for too many rows, and for quotes that make the rest of the file unreadable.
        """
        line = 1
        records = self._records()
        next(records)
        try:
            for line, cells in enumerate(records, start=2):
                if line > MAX_ROWS + 1:
                    raise Unusable(f"行が多すぎます。{MAX_ROWS:,}行以下に分けて取り込んでください。")
                if not any(map(str.strip, cells)):
                    continue
                yield self._row(line, cells)
        except csv.Error:
            raise Unusable(
                f'{line + 1}行目：引用符（"）の使い方が正しくないため、この先を読み取れません。保存し直してください。'
            ) from None

    def _row(self, line: int, cells: list[str]) -> Row | tuple[int, str]:
        width = len(self.header)
        if any(map(str.strip, cells[width:])):
            return (
                line,
                f"列が見出しより多くあります（見出し{width}列、この行{len(cells)}列）。列の数をそろえてください。",
            )
        if any(len(cell) > MAX_CELL for cell in cells):
            return line, f"1つの欄に{MAX_CELL:,}文字を超える文字があります。引用符の閉じ忘れがないか確かめてください。"
        cells += [""] * (width - len(cells))
        return Row(line, dict(zip(self.header, map(_plain, cells), strict=False)))


def _plain(cell: str) -> str:
    """Trim a cell and take back the mark that an export of ours put before a would-be formula."""
    cell = cell.strip()
    return cell[1:] if cell.startswith(_NEUTRALISED) else cell
