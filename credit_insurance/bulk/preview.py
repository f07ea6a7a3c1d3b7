"""What a file of debtors would do to a sheet: mistakes, debtors that come twice, totals before and after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from typing import Any, NamedTuple

from credit_insurance.bulk.cells import entry, merged, typed_cells
from credit_insurance.forms.debtor import debtor, read_column
from credit_insurance.models import Line, SheetFile
from credit_insurance.rules.exclusions import identity_by_name
from credit_insurance.rules.facts import LABELS
from credit_insurance.rules.hearing import line_faults
from credit_insurance.services.sheets import Entry


class Mistake(NamedTuple):
    """What is wrong in one cell; column and cell are empty for a whole row."""

    line: int
    column: str
    cell: str
    message: str


class Totals(NamedTuple):
    """社数, 希望限度額の合計, 債権残高の合計; the amounts in yen."""

    debtors: int
    requested: int
    balance: int


class Twice(NamedTuple):
    """A row for a debtor that is there already; `line` is the row of the file, `of` says where the other one is."""

    line: int
    name: str
    of: str


@dataclass(frozen=True)
class FileRow:
    """One row of a file as the line it would become."""

    line: int
    cells: Sequence[str]
    entry: Entry


@dataclass
class Slot:
    """A line that would be on the sheet; `line` is the present one, if any."""

    entry: Entry
    line: Line | None = None
    is_changed: bool = False
    where: str = ""


@dataclass(frozen=True)
class Plan:
    """The lines that a take-over leaves, and which rows met a debtor that was there."""

    slots: Sequence[Slot]
    twice: Sequence[Twice]

    @property
    def added(self) -> list[Entry]:
        return [slot.entry for slot in self.slots if slot.line is None]

    @property
    def changed(self) -> list[tuple[Line, Entry]]:
        return [(slot.line, slot.entry) for slot in self.slots if slot.line is not None and slot.is_changed]

    @property
    def totals(self) -> Totals:
        return totals(slot.entry.values for slot in self.slots)


def totals(lines: Iterable[Any]) -> Totals:
    """Add up lines, given by their values."""
    found = list(lines)
    return Totals(
        len(found),
        sum(values.get("requested_limit", 0) for values in found),
        sum(values.get("balance_now", 0) for values in found),
    )


class Known:
    """Finds the slot of a debtor: by 法人番号, else by name and address unless two 法人番号 differ."""

    def __init__(self) -> None:
        self._by_number: dict[str, Slot] = {}
        self._by_name: dict[str, Slot] = {}
        self._identity = cache(identity_by_name)  # a row and the line that it meets have mostly the same

    def _keys(self, values: Any) -> tuple[str, str]:
        name, address = values.get("debtor_name", ""), values.get("address", "")
        return values.get("corporate_number", ""), self._identity(name, address)

    def find(self, values: Any) -> Slot | None:
        """Return the slot of the debtor that `values` name."""
        number, name = self._keys(values)
        if number in self._by_number:
            return self._by_number[number]
        slot = self._by_name.get(name)
        return slot if slot and not (number and slot.entry.values.get("corporate_number")) else None

    def add(self, slot: Slot) -> None:
        """Remember a slot; of two for one debtor the first counts."""
        number, name = self._keys(slot.entry.values)
        for key, slots in ((number, self._by_number), (name, self._by_name)):
            if key:
                slots.setdefault(key, slot)


def replaced(rows: Iterable[FileRow]) -> Plan:
    """置換: return the rows as they are; the same debtor twice stays two lines, which the grid points out."""
    known, slots, twice = Known(), [], []
    for row in rows:
        slot = Slot(row.entry, where=f"{row.line}行目")
        if found := known.find(row.entry.values):
            twice.append(Twice(row.line, row.entry.values.get("debtor_name", ""), found.where))
        known.add(slot)
        slots.append(slot)
    return Plan(slots, twice)


def appended(lines: Iterable[Line], rows: Iterable[FileRow]) -> Plan:
    """追記: return the present lines with the rows of the same debtors merged into them, then the other rows."""
    known, slots, twice = Known(), [], []
    for place, line in enumerate(lines, start=1):
        slot = Slot(Entry(line.typed, line.values, line.unread, line.debtor_key), line, where=f"No.{place}")
        known.add(slot)
        slots.append(slot)
    for row in rows:
        found = known.find(row.entry.values)
        if found:
            twice.append(Twice(row.line, row.entry.values.get("debtor_name", ""), found.where))
            found.entry, found.is_changed = merged(found.entry, row.entry), True
            known.add(found)
        else:
            slot = Slot(row.entry, where=f"{row.line}行目")
            known.add(slot)
            slots.append(slot)
    return Plan(slots, twice)


@dataclass
class Preview:
    """A file against the lines that a sheet has now."""

    file: SheetFile
    lines: Sequence[Line]
    rows: list[FileRow] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    """Everything wrong, in the order of the file."""

    @cached_property
    def finished(self) -> list[FileRow]:
        """The rows whose every cell could be read."""
        return [row for row in self.rows if not row.entry.unread]

    @property
    def unfinished(self) -> int:
        return len(self.rows) - len(self.finished)

    @property
    def broken(self) -> int:
        """Lines that are no rows at all and are never taken over."""
        return len(self.file.rows) - len(self.rows)

    def plan(self, *, replaces: bool, keeps_unfinished: bool) -> Plan:
        """Return what a take-over would leave."""
        rows = self.rows if keeps_unfinished else self.finished
        return replaced(rows) if replaces else appended(self.lines, rows)

    def wrong_rows(self) -> list[tuple[Sequence[str], str]]:
        """Return the cells of each row with a mistake, as they came, and all that is wrong with it."""
        cells = {row.line: row.cells for row in self.rows}
        said: dict[int, list[str]] = {}
        for mistake in self.mistakes:
            said.setdefault(mistake.line, []).append(mistake.message)
        empty = [""] * len(self.file.header)
        return [(cells.get(line, empty), f"{line}行目：{' '.join(found)}") for line, found in said.items()]


def previewed(file: SheetFile, lines: Sequence[Line], today: date) -> Preview:
    """Read every cell of a file and judge every row as the form of one debtor would on `today`."""
    preview = Preview(file, lines)
    columns = [(heading, file.columns.get(heading, "")) for heading in file.header]
    reader = cache(read_column)
    for line, cells in file.rows:
        if isinstance(cells, str):
            preview.mistakes.append(Mistake(line, "", "", cells))
            continue
        named = [(heading, name, cell) for (heading, name), cell in zip(columns, cells, strict=True)]
        row = FileRow(line, cells, entry(typed_cells(named), reader))
        if not row.entry.typed:
            preview.mistakes.append(Mistake(line, "", "", "取り込む欄がすべて空欄のため、この行は取り込みません。"))
            continue
        preview.rows.append(row)
        wrong = dict(row.entry.unread)
        for fault in line_faults(debtor(1, dict(row.entry.values)), today):
            wrong.setdefault(fault.field, fault.message)
        of = {name: cell for _, name, cell in named}
        preview.mistakes += [
            Mistake(line, LABELS[name], of.get(name, ""), wrong[name]) for name in LABELS if name in wrong
        ]
    return preview
