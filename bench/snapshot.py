"""The nightly delivery of the look-up: the whole import against a raw COPY of the same files into bare text tables.

Ours reads, judges every line, hashes every number, loads, indexes, checks the sums and switches. Both go through the
same PostgreSQL in turn; the note has the memory of the importing process and of the largest of its helpers.
"""

import time
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

from bench.harness import Bench, Child, Result, paired, prepare, result

GOAL = -4.0
"""Times the floor at most."""

MOST_MB = 500
PAIRS = 3
"""A pair takes a minute at full size; the ratio of a whole import varies little."""


def write(folder: str, count: int) -> None:
    """In a child: the files of `count` customers."""
    from bench.site import deliveries
    from guarantee_lookup.services.reference import load_masters

    load_masters()
    deliveries.write(Path(folder), date(2026, 3, 18), count)


def ours(folder: str) -> float:
    """In a child: seconds of an import; the generation before goes first, so that every run finds the same."""
    from guarantee_lookup import tables
    from guarantee_lookup.imports.run import import_snapshot
    from guarantee_lookup.models import Snapshot

    for snapshot in Snapshot.objects.all():
        tables.drop(snapshot.pk)
    Snapshot.objects.all().delete()
    _settle()
    start = time.perf_counter()
    report = import_snapshot(Path(folder))
    seconds = time.perf_counter() - start
    assert report.state == "current", report.as_json()
    assert report.errors.count == 0, report.errors.problems[:3]
    return seconds


def floor(folder: str) -> float:
    """In a child: seconds of COPY of the three files into tables of text columns, without an index."""
    from django.db import connection

    from guarantee_lookup.imports.layout import COLUMNS, KINDS

    with connection.cursor() as cursor:
        for kind in KINDS:
            cursor.execute(f"DROP TABLE IF EXISTS raw_{kind}")
        _settle()
        start = time.perf_counter()
        for kind in KINDS:
            columns = ", ".join(f"{name} text" for name in COLUMNS[kind])
            cursor.execute(f"CREATE TABLE raw_{kind} ({columns})")
            (path,) = Path(folder).glob(f"*_{kind}.csv")
            with cursor.copy(f"COPY raw_{kind} FROM STDIN (FORMAT csv, HEADER)") as copy, path.open("rb") as file:
                while data := file.read(1_000_000):
                    copy.write(data)
        seconds = time.perf_counter() - start
        for kind in KINDS:
            cursor.execute(f"DROP TABLE raw_{kind}")
    return seconds


def _settle() -> None:
    """Write out what the last slice left, so that nobody pays for somebody else's pages."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")


def memory() -> tuple[float, float]:
    """In a child: the largest resident set in MB so far, of itself and of the largest process that it started."""
    import resource

    # ru_maxrss of a process begins with what its parent had when it was forked; VmHWM is its own alone.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    helper = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return int(status["VmHWM"].split()[0]) / 1024, helper / 1024


def run(bench: Bench) -> Iterator[Result]:
    if "PostgreSQL" not in bench.databases:
        return
    count, folder = bench.size.rows, str(bench.folder / "delivery")
    url = bench.database("snapshot", "PostgreSQL")
    with Child(url, bench.folder) as child:
        child.call(prepare, "people")
        child.call(write, folder, count)
    # A process of their own for each: the memory of the import is to be its own.
    importer, copier = bench.child(url), bench.child(url)
    pairs = paired(
        partial(importer.call, ours, folder), partial(copier.call, floor, folder), min(bench.size.pairs, PAIRS)
    )
    own, helper = importer.call(memory)
    note = f"{count:,} customers, time: less is better; {own:.0f} MB, helpers {helper:.0f} MB each"
    yield result("snapshot", "PostgreSQL", "s", pairs, goal=GOAL, note=note, failed=own > MOST_MB or helper > MOST_MB)
