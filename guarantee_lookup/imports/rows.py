"""Lines of CUS, GUA and SET into rows of the tables, a block of lines at a time.

Nearly every line is right, so a line is tried against sets of values first; whatever fails there is judged by
`layout`, which alone decides. Plain Python: this runs in processes without Django.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from itertools import product
from typing import Any, NamedTuple

from guarantee_lookup.imports.layout import (
    COLUMNS,
    DAYS,
    DIGITS,
    LIMIT,
    MOST_DIGITS,
    Problem,
    Terms,
    Unreadable,
    is_amount,
    judge,
)
from guarantee_lookup.imports.packing import Packing

MOST_LISTED = 500
"""Problems of one sort that a report lists; all of them are counted."""


FULL, REST = "full", "rest"

Hash = Callable[[bytes], Any]


def sha256() -> Hash:
    """Return the interpreter's own SHA-256: its state is copied in half the time that OpenSSL's takes."""
    for name in ("_sha2", "_sha256"):
        try:
            found: Hash = import_module(name).sha256
        except ImportError:
            continue
        return found
    return hashlib.sha256


def digester(key: bytes, size: int) -> Callable[[bytes], bytes]:
    """Return vault.digest for one key: HMAC-SHA-256 by its definition (RFC 2104), the padded keys hashed once."""
    block = key.ljust(64, b"\0")
    inner = sha256()(bytes(byte ^ 0x36 for byte in block)).copy
    outer = sha256()(bytes(byte ^ 0x5C for byte in block)).copy

    def digest(number: bytes) -> bytes:
        first, second = inner(), outer()
        first.update(number)
        second.update(first.digest())
        made: bytes = second.digest()[:size]
        return made

    return digest


@dataclass
class Block:
    """What came of a block of lines.

    `rows` go into the table; `doubtful` are digests of customers with a bad line, `errors` counts all `problems`. A
    `refused` block ends the delivery. `counted` is the yen of its guarantees, `unread` how many amounts are no numbers.
    """

    rows: list[Any] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    errors: int = 0
    doubtful: set[bytes] = field(default_factory=set)
    refused: list[Problem] = field(default_factory=list)
    counted: int = 0
    unread: int = 0
    aged: list[Problem] = field(default_factory=list)
    aged_count: int = 0


class Reader:
    """Reads blocks of one kind of file; keeps what it has learnt to be right from block to block."""

    def __init__(self, kind: str, file: str, terms: Terms, packing: Packing) -> None:
        self.kind, self.file, self.terms, self.packing = kind, file, terms, packing
        self.customer_digest = digester(terms.customer_key, 16)
        self.guarantee_digest = digester(terms.guarantee_key, 16)
        self._quick = {"CUS": self._customers, "GUA": self._guarantees, "SET": self._settlements}[kind]
        self._is_customer = re.compile(terms.customer_pattern.encode()).fullmatch
        self._is_guarantee = re.compile(terms.guarantee_pattern.encode()).fullmatch
        numbers = f"(?:{terms.guarantee_pattern}),(?:{terms.customer_pattern}),[0-9]{{4}},[0-9]{{3}},"
        self._has_numbers = re.compile(numbers.encode()).match
        self._kinds = guarantee_kinds(terms)
        self._periods: set[tuple[bytes, bytes]] = set()
        self._days, self._past = _ENCODED_DAYS, _until(terms.as_of)

    def read(self, data: bytes, first: int) -> Block:
        """Return what whole lines in UTF-8 come to; `first` is the number of the first one."""
        block = Block()
        if b"\0" in data:
            line = first + data[: data.index(b"\0")].count(b"\n")
            block.refused.append(self._refusal(line, "", "NULの文字があります。文字列のCSVではありません。"))
            return block
        try:
            data.decode()
        except UnicodeDecodeError as error:
            line = first + data[: error.start].count(b"\n")
            place = data[data.rfind(b"\n", 0, error.start) + 1 : error.start].count(b",")
            column = COLUMNS[self.kind][min(place, len(COLUMNS[self.kind]) - 1)]
            block.refused.append(self._refusal(line, column, "文字コードがUTF-8ではありません。"))
            return block
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        self._quick(data.removesuffix(b"\n").split(b"\n"), first, block)
        return block

    def _refusal(self, line: int, column: str, message: str) -> Problem:
        return Problem("I01", self.file, line, column, message)

    # --- Lines that are right -----------------------------------------------------

    def _customers(self, records: list[bytes], first: int, block: Block) -> None:
        add, make, is_customer, past = block.rows.append, self.packing.customer, self._is_customer, self._past
        digest = self.customer_digest
        for line, record in enumerate(records, start=first):
            cells = record.split(b",", 5)
            if len(cells) == 6:
                number, entity, addition, day, blocked, rest = cells
                if (
                    is_customer(number)
                    and entity in _ENTITIES
                    and (addition == b"0" or (addition == b"1" and entity == b"4"))
                    and day in past
                    and blocked in _BITS
                    and (yen := _quick_figures(rest)) is not None
                ):
                    add(make(digest(number), entity, addition == b"1", day, blocked == b"1", past[day], line, yen))
                    continue
            self._slow(record, line, block)

    def _guarantees(self, records: list[bytes], first: int, block: Block) -> None:
        add, make, kinds, has_numbers = block.rows.append, self.packing.guarantee, self._kinds, self._has_numbers
        days, past, aged_before = self._days, self._past, self.terms.aged_before.encode()
        digest, customer_digest, last, owner = self.guarantee_digest, self.customer_digest, b"", b""
        total = 0
        for line, record in enumerate(records, start=first):
            cells = record.split(b",")
            if len(cells) == 16 and has_numbers(record):
                # fmt: off
                (number, customer, bank, _, insurance, sn, status, day, issued, executed, end,
                 amount, revolving, outstanding, counted, sharing) = cells
                # fmt: on
                kind = kinds.get((insurance, sn, status, revolving, sharing))
                if (
                    kind is not None
                    and day in past
                    and issued in days
                    and executed in days
                    and (executed or status != b"E")
                    and end in days
                    and amount.isdigit()
                    and outstanding.isdigit()
                    and len(amount) <= DIGITS
                    and len(outstanding) <= DIGITS
                    and 0 < (full := int(amount)) >= (rest := int(outstanding))
                    and (kind.counts or not rest)
                    and counted == (amount if kind.counts is FULL else outstanding)
                ):
                    yen = full if kind.counts is FULL else rest
                    total += yen
                    if customer != last:  # a customer's guarantees often follow each other
                        last, owner = customer, customer_digest(customer)
                    add(make(digest(number), owner, bank, kind.code, yen, past[day] if kind.was_decided else 0, line))
                    if status == b"D" and b"" < day < aged_before:
                        self._aged(line, number.decode(), block)
                    continue
            self._slow(record, line, block)
        block.counted += total

    def _settlements(self, records: list[bytes], first: int, block: Block) -> None:
        add, make, is_customer, periods = block.rows.append, self.packing.settlement, self._is_customer, self._periods
        digest, past, last, owner = self.customer_digest, self._past, b"", b""
        for line, record in enumerate(records, start=first):
            cells = record.split(b",")
            if len(cells) == 6:
                number, period, category, basis, model, registered = cells
                if (
                    is_customer(number)
                    and (period, model) in periods
                    and (category, basis) in _CATEGORIES
                    and registered
                    and registered in past
                ):
                    if number != last:
                        last, owner = number, digest(number)
                    add(make(owner, period, category, registered, line))
                    continue
            self._slow(record, line, block)

    # --- Lines that are not, or are written in an unusual way ------------------------

    def _slow(self, record: bytes, line: int, block: Block) -> None:
        try:
            cells, problems = judge(self.kind, record.decode(), self.terms)
        except Unreadable as error:
            if len(block.refused) < MOST_LISTED:
                block.refused.append(self._refusal(line, error.column, str(error)))
            return
        digest = self.customer_digest(cells["customer_no"].encode())
        shown = f"*****{cells['customer_no'][-4:]}"
        block.errors += len(problems)
        room = max(MOST_LISTED - len(block.problems), 0)
        block.problems += [Problem("I03", self.file, line, name, said, shown) for name, said in problems[:room]]
        if problems and not (self.kind == "CUS" and cells["lookup_block"] == "1"):
            block.doubtful.add(digest)
        odd = {"CUS": self._odd_customer, "GUA": self._odd_guarantee, "SET": self._odd_settlement}[self.kind]
        odd(cells, digest, line, not problems, block)

    def _odd_customer(self, cells: dict[str, str], digest: bytes, line: int, is_good: bool, block: Block) -> None:
        """A blocked customer stays blocked, whatever else is wrong with the line: the answer must not tell."""
        given = {name: cell.encode() for name, cell in cells.items()}
        blocked, yen = cells["lookup_block"] == "1", _figures(b",".join([*given.values()][5:14])) if is_good else _NONE
        entity, day = (given["entity_type"], given["latest_guarantee_date"]) if is_good else (b"9", b"")
        addition = is_good and cells["coop_addition_eligible"] == "1"
        block.rows.append(self.packing.customer(digest, entity, addition, day, blocked, self._days[day], line, yen))

    def _odd_guarantee(self, cells: dict[str, str], digest: bytes, line: int, is_good: bool, block: Block) -> None:
        """The number of a bad line still leads to its customer, who is in doubt."""
        number, counted = cells["guarantee_no"].encode(), cells["counted_amount"]
        if is_amount(counted):
            block.counted += int(counted)
        else:
            block.unread += 1
        if not is_good and not self._is_guarantee(number):
            return
        bank, code, yen, decided = b"0000", b"", 0, 0
        if is_good:
            bank, yen = cells["fi_code"].encode(), int(counted)
            code = self.terms.insurances[cells["insurance_code"]].code.encode()
            day, status = cells["guarantee_date"], cells["status"]
            decided = DAYS.get(day, 0) if status in "DEP" else 0
            if status == "D" and "" < day < self.terms.aged_before:
                self._aged(line, cells["guarantee_no"], block)
        block.rows.append(self.packing.guarantee(self.guarantee_digest(number), digest, bank, code, yen, decided, line))

    def _odd_settlement(self, cells: dict[str, str], digest: bytes, line: int, is_good: bool, block: Block) -> None:
        if is_good:
            period, registered = cells["period_ym"].encode(), cells["registered_date"].encode()
            self._periods.add((period, cells["model_version"].encode()))
            block.rows.append(self.packing.settlement(digest, period, cells["category"].encode(), registered, line))

    def _aged(self, line: int, number: str, block: Block) -> None:
        block.aged_count += 1
        if len(block.aged) < MOST_LISTED:
            message = "保証決定から60日を過ぎても実行の報告がありません。"
            block.aged.append(Problem("I09", self.file, line, "guarantee_date", message, f"*****{number[-4:]}"))


_ENCODED_DAYS = {b"": 0, **{day.encode(): number for day, number in DAYS.items()}}


@lru_cache(maxsize=2)
def _until(as_of: str) -> dict[bytes, int]:
    """Return the days up to the as-of date with their numbers, and the empty cell."""
    last = as_of.encode()
    return {day: number for day, number in _ENCODED_DAYS.items() if day <= last}


_ENTITIES = frozenset([b"1", b"2", b"3", b"4", b"5", b"9"])
_BITS = frozenset([b"0", b"1"])
_CATEGORIES = frozenset(
    (category.encode(), basis.encode())
    for category in ("", *"123456789")
    for basis in "12349"
    if (basis not in "234" or category == "5") and (basis != "9" or not category)
)
_is_name = re.compile('[^,"\r]{1,8}').fullmatch
_NONE = (0, 0, 0, 0, 0, None, None, None, None)
"""What a line that cannot be read says of the balances: nothing; its customer is in doubt."""


def _figures(cells: bytes) -> list[int | None]:
    """Return the control balances and the core's free figures, in yen."""
    return [int(cell) if cell else None for cell in cells.split(b",", 9)[:9]]


def _quick_figures(cells: bytes) -> list[int | None] | None:
    """Return the same for the usual cases: all the figures of the core, or none of them; else None."""
    figures, _, name = cells.rpartition(b",")
    numbers = figures.removesuffix(b",,,,").split(b",")
    if not b"".join(numbers).isdigit() or b"" in numbers or len(figures) > MOST_DIGITS:
        return None
    if name and not _is_name(name.decode()):
        return None
    yen: list[int | None] = [*map(int, numbers)]
    if max(yen) >= LIMIT:  # type: ignore[type-var]  # all of them are numbers
        return None
    if len(yen) == 9:
        return yen
    return [*yen, None, None, None, None] if len(yen) == 5 and figures.endswith(b",,,,") else None


class GuaranteeKind(NamedTuple):
    """What the short columns of a guarantee come to: our insurance code, what counts, whether it was decided.

    What counts is FULL, REST (what is outstanding), or "" when nothing may be outstanding.
    """

    code: bytes
    counts: str
    was_decided: bool


def guarantee_kinds(terms: Terms) -> dict[tuple[bytes, ...], GuaranteeKind]:
    """Return what the short columns of GUA may say together: 保険, SNの号, status, revolving, sharing."""
    found = {}
    for core, (code, needs_sn_item) in terms.insurances.items():
        numbers = "12345678" if needs_sn_item else ("",)
        for sn, status, revolving, sharing in product(numbers, "DEPXS", "01", "01"):
            is_full = status == "D" or (status == "E" and revolving == "1")
            counts = FULL if is_full else REST if status == "E" else ""
            key = tuple(text.encode() for text in (core, sn, status, revolving, sharing))
            found[key] = GuaranteeKind(code.encode(), counts, status in "DEP")
    return found
