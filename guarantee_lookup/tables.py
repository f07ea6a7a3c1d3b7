"""The tables of one generation, and the one statement that reads a customer from them.

A generation is loaded into tables that nobody reads yet and gets its indexes afterwards; what is no longer wanted is
dropped. So neither loading nor clearing touches a row that a reader looks at (docs/decisions/0009).
"""

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from guarantee_lookup.enums import NumberKind
from guarantee_lookup.rules.result import Customer
from guarantee_lookup.rules.settlements import Settlement
from portal.common.rows import LISTED

KINDS = ("customer", "guarantee", "settlement", "quarantine")

# What a look-up reads comes first; the rest is for the checks of the import (guarantee_lookup.md 6.4): `line` is that
# of the file, `decided` the guarantee date as a number (date.toordinal, 0 without one), r1 to r5 and f1 to f4 are what
# the core says of the rows. `digest` and `customer` are vault.digest of a number, 16 bytes.
COLUMNS = {
    "customer": {
        **{"digest": "{bytes} NOT NULL", "entity": "{text} NOT NULL", "has_addition": "{bool} NOT NULL"},
        **{"guaranteed_on": "{text} NOT NULL", "blocked": "{bool} NOT NULL", "decided": "{line}"},
        **{"line": "{line}"},
        **{f"r{row}": "{int} NOT NULL DEFAULT 0" for row in range(1, 6)},
        **{f"f{row}": "{int}" for row in range(1, 5)},
    },
    "guarantee": {
        **{"digest": "{bytes} NOT NULL", "customer": "{bytes} NOT NULL", "bank": "{text} NOT NULL"},
        **{"insurance": "{text} NOT NULL", "counted": "{int} NOT NULL", "decided": "{line}", "line": "{line}"},
    },
    "settlement": {
        **{"customer": "{bytes} NOT NULL", "period": "{text} NOT NULL", "category": "{text} NOT NULL"},
        **{"registered": "{text} NOT NULL", "line": "{line}"},
    },
    "quarantine": {"digest": "{bytes} NOT NULL"},
}
KEYS = {
    "customer": ("digest",),
    "guarantee": ("digest",),
    "settlement": ("customer", "period", "registered"),
}
"""What no two rows of a table may share."""

OTHER_INDEXES = (("guarantee", "customer"), ("quarantine", "digest"))
SOUGHT = {
    "customer": ("digest",),
    "guarantee": ("digest", "customer", "bank"),
    "settlement": ("customer",),
    "quarantine": ("digest",),
}
"""What rows are found by: the planner needs to know no more of them."""

TYPES = {
    "postgresql": {
        "bytes": "bytea",
        "text": 'text COLLATE "C"',
        "bool": "boolean",
        "int": "bigint",
        "line": "integer NOT NULL DEFAULT 0",
    },
    "sqlite": {
        "bytes": "blob",
        "text": "text",
        "bool": "integer",
        "int": "integer",
        "line": "integer NOT NULL DEFAULT 0",
    },
}
IMPORT_LOCK = 4_100_200_300
"""The advisory lock of PostgreSQL that a running import holds."""


def table(kind: str, snapshot: int) -> str:
    """Return the name of one table of the generation with the primary key `snapshot`."""
    return f"lookup_{kind}_{snapshot:d}"


def create(snapshot: int) -> None:
    """Make the empty tables of a generation; what an import of the same number left behind goes first."""
    drop(snapshot)
    for kind in KINDS:
        make(kind, snapshot)


def make(kind: str, snapshot: int) -> None:
    """Make one empty table of a generation."""
    columns = ", ".join(f"{name} {type_}" for name, type_ in COLUMNS[kind].items()).format(**TYPES[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table(kind, snapshot)} ({columns})")


def index(snapshot: int) -> None:
    """Make the indexes, which is much cheaper after the rows than with them, and tell the planner what is there.

    django.db.IntegrityError when two rows share a key; it names the table.
    """
    with connection.cursor() as cursor:
        for kind, columns in KEYS.items():
            name = table(kind, snapshot)
            cursor.execute(f"CREATE UNIQUE INDEX {name}_key ON {name} ({', '.join(columns)})")
        for kind, column in OTHER_INDEXES:
            name = table(kind, snapshot)
            cursor.execute(f"CREATE INDEX {name}_{column} ON {name} ({column})")
        for kind in KINDS:
            sought = "" if connection.vendor == "sqlite" else f" ({', '.join(SOUGHT[kind])})"
            cursor.execute(f"ANALYZE {table(kind, snapshot)}{sought}")


def drop(snapshot: int) -> None:
    """Remove the tables of a generation, if they are there."""
    with connection.cursor() as cursor:
        for kind in KINDS:
            cursor.execute(f"DROP TABLE IF EXISTS {table(kind, snapshot)}")


def numbers() -> set[int]:
    """Return the primary keys of the generations that have tables."""
    names = connection.introspection.table_names()
    found = (re.fullmatch(f"lookup_(?:{'|'.join(KINDS)})_([0-9]+)", name) for name in names)
    return {int(match[1]) for match in found if match}


@contextmanager
def exclusive() -> Iterator[bool]:
    """Give True while no other process has this lock, False at once when one has it; it goes with its process."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [IMPORT_LOCK])
            (won,) = cursor.fetchone()
        try:
            yield won
        finally:
            if won:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [IMPORT_LOCK])
        return
    path = Path(f"{connection.settings_dict['NAME']}.import")
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


# --- Reading -------------------------------------------------------------------

_FIND = """
WITH k (digest) AS (SELECT {key})
SELECT k.digest, c.entity, c.has_addition, c.guaranteed_on, c.blocked,
    EXISTS (SELECT 1 FROM {quarantine} q WHERE q.digest = k.digest),
    EXISTS (SELECT 1 FROM {guarantee} g WHERE g.customer = k.digest AND g.bank = %(bank)s),
    (SELECT {list}(insurance || ':' || total, ',') FROM
        (SELECT insurance, CAST(sum(counted) AS text) AS total FROM {guarantee} g
         WHERE g.customer = k.digest GROUP BY insurance) AS sums),
    (SELECT {list}(period || ':' || category || ':' || registered, ',') FROM {settlement} s
     WHERE s.customer = k.digest)
FROM k LEFT JOIN {customer} c ON c.digest = k.digest
"""
_KEYS = {
    NumberKind.CUSTOMER: "%(digest)s{cast}",
    NumberKind.GUARANTEE: "(SELECT customer FROM {guarantee} WHERE digest = %(digest)s LIMIT 1)",
}


@dataclass(frozen=True)
class Found:
    """What a number leads to: nothing, a customer whose data are in doubt, or the customer to show."""

    customer: Customer | None = None
    is_quarantined: bool = False


def find(snapshot: int, kind: str, digest: bytes, bank: str) -> Found:
    """Return what the generation knows under a hashed number, by one statement whatever comes of it.

    Unknown and blocked are both nothing. `bank` is the 金融機関コード that asks.
    """
    names = {kind: table(kind, snapshot) for kind in KINDS}
    cast = "::bytea" if connection.vendor == "postgresql" else ""
    key = _KEYS[NumberKind(kind)].format(**names, cast=cast)
    with connection.cursor() as cursor:
        cursor.execute(_FIND.format(**names, key=key, list=LISTED[connection.vendor]), {"digest": digest, "bank": bank})
        key_digest, entity, has_addition, guaranteed_on, blocked, doubtful, related, sums, settled = cursor.fetchone()
    if key_digest is None or blocked:
        return Found()
    if doubtful:
        return Found(is_quarantined=True)
    if entity is None:
        return Found()
    return Found(
        Customer(
            bytes(key_digest),
            entity,
            bool(has_addition),
            guaranteed_on,
            {code: int(total) for code, _, total in (part.partition(":") for part in _parts(sums))},
            [_settlement(part) for part in _parts(settled)],
            bool(related),
        )
    )


def _parts(joined: str | None) -> list[str]:
    return joined.split(",") if joined else []


def _settlement(text: str) -> Settlement:
    period, category, registered = text.split(":")
    return Settlement(period, int(category) if category else None, registered)
