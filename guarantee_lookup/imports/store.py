"""Judged rows into the tables of a generation: by COPY on PostgreSQL, in small transactions on SQLite."""

from collections.abc import Iterable, Iterator

from django.db import connection, transaction

from guarantee_lookup import tables
from guarantee_lookup.imports import packing
from guarantee_lookup.imports.rows import Block

TABLES = {"CUS": "customer", "GUA": "guarantee", "SET": "settlement"}


def is_binary() -> bool:
    """Return True when rows are to be packed for COPY."""
    return connection.vendor == "postgresql"


def store(kind: str, snapshot: int, blocks: Iterable[Block]) -> Iterator[Block]:
    """Make the table of `kind`, write the rows of each block into it, and give the block on without them."""
    name, columns = tables.table(TABLES[kind], snapshot), packing.COLUMNS[kind]
    if not is_binary():
        tables.make(TABLES[kind], snapshot)
        marks = ", ".join(["%s"] * len(columns))
        insert = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})"
        for block in blocks:
            # One transaction a block: nobody else can write while it is open.
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(insert, block.rows)
            block.rows = []
            yield block
        return
    # Table and rows in one transaction: FREEZE saves a second writing of every page at its first reading.
    with transaction.atomic():
        tables.make(TABLES[kind], snapshot)
        command = f"COPY {name} ({', '.join(columns)}) FROM STDIN (FORMAT binary, FREEZE)"
        with connection.cursor() as cursor, cursor.copy(command) as copy:
            copy.write(packing.START)
            for block in blocks:
                copy.write(b"".join(block.rows))
                block.rows = []
                yield block
            copy.write(packing.END)


def quarantine(snapshot: int, digests: Iterable[bytes]) -> None:
    """Put customers into the quarantine of a generation."""
    name = tables.table("quarantine", snapshot)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {name} (digest) VALUES (%s)", [(digest,) for digest in digests])


def quarantined(snapshot: int) -> int:
    """Return how many customers a generation has in quarantine."""
    name = tables.table("quarantine", snapshot)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT digest) FROM {name}")
        count: int = cursor.fetchone()[0]
        return count
