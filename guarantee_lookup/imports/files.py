"""The files of one delivery as they lie in a folder: found, named in CTL, read once in blocks of whole lines."""

import codecs
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NoReturn

from guarantee_lookup.imports.crew import Given
from guarantee_lookup.imports.layout import COLUMNS, CONTROL, KINDS, Problem, header_problem, is_amount

BLOCK = 2_000_000
LONGEST_LINE = 10_000
MOST_CONTROL = 100_000

NAME = re.compile(r"ZK_([0-9]{8})_([0-9]{2})_CTL\.csv")


class Refused(Exception):
    """The delivery as a whole cannot be taken over; every problem names file, line and column."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


def refuse(file: str, message: str, *, line: int = 0, column: str = "", code: str = "I01") -> NoReturn:
    raise Refused([Problem(code, file, line, column, message)])


@dataclass(frozen=True)
class Stated:
    """What CTL says of one file; `counted` in yen, None but for GUA. `line` is that of CTL."""

    kind: str
    file: str
    rows: int
    sha256: str
    counted: int | None
    line: int


@dataclass(frozen=True)
class Control:
    """CTL: the day, the sequence of the delivery, and its three files by kind."""

    file: str
    as_of: date
    sequence: int
    files: Mapping[str, Stated]


@dataclass
class Source:
    """One file, read once: what it came to in rows and as a hash is known afterwards."""

    path: Path
    kind: str
    rows: int = 0
    sha256: str = ""
    _hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def blocks(self) -> Iterator[Given]:
        """Yield the lines below the header in blocks; Refused for what is no such file."""
        try:
            file = self.path.open("rb")
        except OSError:
            refuse(self.path.name, "ファイルがないか、開けません。")
        with file:
            header = file.readline(LONGEST_LINE)
            self._hash.update(header)
            _check_header(self.path.name, self.kind, header)
            while data := file.read(BLOCK):
                rest = b"" if data.endswith(b"\n") else file.readline(LONGEST_LINE)
                if len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
                    line = self.rows + 2 + data.count(b"\n")
                    refuse(self.path.name, f"1行が長すぎます（{LONGEST_LINE:,}バイトを超えています）。", line=line)
                data += rest
                self._hash.update(data)
                first = self.rows + 2
                self.rows += data.count(b"\n") + (not data.endswith(b"\n"))
                yield self.kind, self.path.name, first, data
        self.sha256 = self._hash.hexdigest()


def _check_header(file: str, kind: str, header: bytes) -> None:
    if not header:
        refuse(file, "ファイルが空です。", line=1)
    if header.startswith(codecs.BOM_UTF8):
        refuse(file, "先頭にBOMがあります。UTF-8（BOMなし）で保存してください。", line=1, column=COLUMNS[kind][0])
    if b"\0" in header or header.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        refuse(file, "文字コードがUTF-8ではありません。", line=1, column=COLUMNS[kind][0])
    try:
        text = header.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        refuse(file, "文字コードがUTF-8ではありません。", line=1, column=COLUMNS[kind][0])
    if problem := header_problem(kind, text):
        column, message = problem
        refuse(file, message, line=1, column=column)


def newest(folder: Path) -> Path:
    """Return the CTL file of the newest delivery in the folder; Refused without one."""
    found = [path for path in folder.iterdir() if NAME.fullmatch(path.name)] if folder.is_dir() else []
    if not found:
        refuse("ZK_*_CTL.csv", "フォルダーに制御ファイル（ZK_YYYYMMDD_NN_CTL.csv）がありません。")
    return max(found, key=lambda path: path.name)


# --- CTL -------------------------------------------------------------------------


def read_control(path: Path, association: str) -> Control:
    """Return what CTL says; Refused unless it names the three files of one day and sequence of `association`."""
    name = path.name
    source = Source(path, CONTROL)
    lines: dict[str, Stated] = {}
    days: set[str] = set()
    if path.stat().st_size > MOST_CONTROL:
        refuse(name, "制御ファイルが大きすぎます。", line=1)
    for _, _, first, data in source.blocks():
        try:
            text = data.decode()
        except UnicodeDecodeError:
            refuse(name, "文字コードがUTF-8ではありません。", line=first)
        for line, record in enumerate(text.replace("\r\n", "\n").removesuffix("\n").split("\n"), start=first):
            stated = _stated(name, line, record, association)
            if stated.kind in lines:
                refuse(name, f"{stated.kind}の行が2つあります。", line=line, column="kind")
            lines[stated.kind] = stated
    days = {f"{NAME_PARTS.fullmatch(one.file)[1]}" for one in lines.values()}  # type: ignore[index]
    if missing := [kind for kind in KINDS if kind not in lines]:
        refuse(name, f"{'、'.join(missing)}の行がありません。", line=source.rows + 1, column="kind")
    if len(days) != 1:
        refuse(name, "基準日または連番が行によって異なります。", line=3, column="as_of_date")
    (parts,) = days
    if not name.startswith(f"ZK_{parts}_"):
        refuse(name, "ファイル名の日付・連番が、中の基準日・連番と異なります。", line=2, column="as_of_date")
    day, _, sequence = parts.partition("_")
    return Control(name, date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}"), int(sequence), lines)


NAME_PARTS = re.compile(r"ZK_([0-9]{8}_[0-9]{2})_(?:CUS|GUA|SET)\.csv")


def _stated(file: str, line: int, record: str, association: str) -> Stated:
    cells = record.split(",")
    columns = COLUMNS[CONTROL]
    if len(cells) != len(columns) or "\0" in record or '"' in record:
        column = columns[min(len(cells), len(columns) - 1)]
        refuse(file, f"{len(columns)}列の決まりですが、{len(cells)}列です。", line=line, column=column)
    found = dict(zip(columns, cells, strict=True))

    def wrong(column: str, message: str) -> NoReturn:
        refuse(file, message, line=line, column=column)

    if found["layout_version"] != "001":
        wrong("layout_version", "レイアウトの版は001です。")
    if found["association_code"] != association:
        wrong("association_code", "この協会のデータではありません。")
    try:
        day = date.fromisoformat(found["as_of_date"])
    except ValueError:
        wrong("as_of_date", "日付（YYYY-MM-DD）ではありません。")
    if found["as_of_date"] != day.isoformat():
        wrong("as_of_date", "日付（YYYY-MM-DD）ではありません。")
    if not re.fullmatch("[0-9]{1,2}", found["sequence"]) or int(found["sequence"]) < 1:
        wrong("sequence", "1から99までの整数ではありません。")
    kind = found["kind"]
    if kind not in KINDS:
        wrong("kind", "CUS、GUA、SETのどれでもありません。")
    name = f"ZK_{day:%Y%m%d}_{int(found['sequence']):02d}_{kind}.csv"
    if found["file_name"] != name:
        wrong("file_name", f"基準日・連番・種類から決まる名前（{name}）と異なります。")
    if not is_amount(found["row_count"]):
        wrong("row_count", "0以上の整数ではありません。")
    if not re.fullmatch("[0-9a-fA-F]{64}", found["sha256"]):
        wrong("sha256", "16進数64桁ではありません。")
    if (kind == "GUA") != is_amount(found["sum_counted"]) or (kind != "GUA" and found["sum_counted"]):
        wrong("sum_counted", "GUAの行だけに、0以上の整数（円）を入れる決まりです。")
    counted = int(found["sum_counted"]) if kind == "GUA" else None
    return Stated(kind, name, int(found["row_count"]), found["sha256"].lower(), counted, line)


def compare(control: Control, source: Source) -> list[Problem]:
    """Return how a file that was read differs from what CTL says of it."""
    stated, problems = control.files[source.kind], []
    if source.rows != stated.rows:
        message = f"件数が異なります（CTL {stated.rows:,}件、{stated.file} {source.rows:,}件）。"
        problems.append(Problem("I01", control.file, stated.line, "row_count", message))
    if source.sha256 != stated.sha256:
        message = f"{stated.file}のSHA-256が異なります。ファイルが途中で切れたか、変わっています。"
        problems.append(Problem("I01", control.file, stated.line, "sha256", message))
    return problems
