"""Rows as the database takes them: for PostgreSQL's binary COPY (lengths and values, big-endian), or tuples."""

from collections.abc import Mapping, Sequence
from struct import Struct, pack
from typing import Any, Protocol

START = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"

COLUMNS: Mapping[str, Sequence[str]] = {
    "CUS": (
        *("digest", "entity", "has_addition", "guaranteed_on", "blocked", "decided", "line"),
        *("r1", "r2", "r3", "r4", "r5", "f1", "f2", "f3", "f4"),
    ),
    "GUA": ("digest", "customer", "bank", "insurance", "counted", "decided", "line"),
    "SET": ("customer", "period", "category", "registered", "line"),
}
"""The columns of a row, in the order of the functions below and of the COPY."""

Figures = Sequence[int | None]


class Packing(Protocol):
    """Makes rows; texts come as bytes, as they stand in the file."""

    def customer(
        self,
        digest: bytes,
        entity: bytes,
        addition: bool,
        day: bytes,
        blocked: bool,
        newest: int,
        line: int,
        yen: Figures,
    ) -> Any: ...

    def guarantee(
        self, digest: bytes, customer: bytes, bank: bytes, code: bytes, counted: int, decided: int, line: int
    ) -> Any: ...

    def settlement(self, customer: bytes, period: bytes, category: bytes, registered: bytes, line: int) -> Any: ...


class Tuples:
    """Rows as `executemany` takes them."""

    def customer(
        self,
        digest: bytes,
        entity: bytes,
        addition: bool,
        day: bytes,
        blocked: bool,
        newest: int,
        line: int,
        yen: Figures,
    ) -> Any:
        return digest, entity.decode(), addition, day.decode(), blocked, newest, line, *yen

    def guarantee(
        self, digest: bytes, customer: bytes, bank: bytes, code: bytes, counted: int, decided: int, line: int
    ) -> Any:
        return digest, customer, bank.decode(), code.decode(), counted, decided, line

    def settlement(self, customer: bytes, period: bytes, category: bytes, registered: bytes, line: int) -> Any:
        return customer, period.decode(), category.decode(), registered.decode(), line


_CUSTOMER = {letters: Struct(f">hi16si1si?i{letters}si?iiii").pack for letters in (0, 10)}
_GUARANTEE = {letters: Struct(f">hi16si16si4si{letters}siqiiii").pack for letters in range(4 * 12 + 1)}
_SETTLEMENT = {letters: Struct(f">hi16si7si{letters}si10sii").pack for letters in (0, 1)}
_FIGURES, _FIGURE, _NULL = Struct(">" + "iq" * 9).pack, Struct(">iq").pack, pack(">i", -1)


class Binary:
    """Rows as COPY takes them; joined they are one block."""

    def customer(
        self,
        digest: bytes,
        entity: bytes,
        addition: bool,
        day: bytes,
        blocked: bool,
        newest: int,
        line: int,
        yen: Figures,
    ) -> Any:
        size = len(day)
        known = _CUSTOMER[size](
            16, 16, digest, 1, entity, 1, addition, size, day, 1, blocked, 4, newest, 4, line
        )  # fmt: skip
        if None in yen:
            return known + b"".join(_NULL if one is None else _FIGURE(8, one) for one in yen)
        r1, r2, r3, r4, r5, f1, f2, f3, f4 = yen
        return known + _FIGURES(8, r1, 8, r2, 8, r3, 8, r4, 8, r5, 8, f1, 8, f2, 8, f3, 8, f4)

    def guarantee(
        self, digest: bytes, customer: bytes, bank: bytes, code: bytes, counted: int, decided: int, line: int
    ) -> Any:
        size = len(code)
        return _GUARANTEE[size](7, 16, digest, 16, customer, 4, bank, size, code, 8, counted, 4, decided, 4, line)

    def settlement(self, customer: bytes, period: bytes, category: bytes, registered: bytes, line: int) -> Any:
        size = len(category)
        return _SETTLEMENT[size](5, 16, customer, 7, period, size, category, 10, registered, 4, line)
