"""What every benchmark uses: databases, child processes, alternating slices, and the table of results."""

import os
import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar
from urllib.parse import urlsplit

import psycopg

from tests.support import servers

ROOT = Path(__file__).resolve().parent.parent
DATABASES = ("SQLite", "PostgreSQL")
P = ParamSpec("P")
Value = TypeVar("Value")


# --- Results -------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """One line of the table: `ratio` is the median of ours ÷ floor over the pairs of slices.

    `goal` is a bound for the ratio: positive for "at least", negative for "at most", 0 for none.
    `failed` says that something came out wrong, however fast.
    """

    name: str
    database: str
    unit: str
    ours: float
    floor: float
    ratio: float
    lowest: float
    highest: float
    pairs: int
    goal: float = 0
    note: str = ""
    failed: bool = False

    @property
    def verdict(self) -> str:
        if self.failed:
            return "WRONG"
        if not self.goal:
            return ""
        reached = self.ratio >= self.goal if self.goal > 0 else self.ratio <= -self.goal
        return "reached" if reached else "missed"

    @property
    def wanted(self) -> str:
        return f"{'>=' if self.goal > 0 else '<='} {abs(self.goal):g}" if self.goal else ""


Measure = Callable[[], float]


def paired(ours: Measure, floor: Measure, pairs: int) -> list[tuple[float, float]]:
    """Measure both sides `pairs` times in short slices, who goes first changing; a first pair warms up.

    The speed of a shared machine drifts by a factor within minutes, not between two slices.
    """
    found = []
    for place in range(pairs + 1):
        if place % 2:
            theirs = floor()
            found.append((ours(), theirs))
        else:
            found.append((ours(), floor()))
    return found[1:]


def result(name: str, database: str, unit: str, pairs: list[tuple[float, float]], **more: Any) -> Result:
    """Return the line for measured pairs (ours, floor)."""
    ratios = sorted(ours / floor for ours, floor in pairs)
    return Result(
        name=name,
        database=database,
        unit=unit,
        ours=statistics.median(ours for ours, _ in pairs),
        floor=statistics.median(floor for _, floor in pairs),
        ratio=statistics.median(ratios),
        lowest=ratios[0],
        highest=ratios[-1],
        pairs=len(pairs),
        **more,
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}" if value else ""


def table(results: list[Result]) -> str:
    """Return the results as text, one line each."""
    head = ("benchmark", "database", "ours", "floor", "unit", "ratio", "lowest-highest", "goal", "", "")
    rows = [
        (
            one.name,
            one.database,
            _figure(one.ours),
            _figure(one.floor),
            one.unit,
            f"{one.ratio:.2f}" if one.pairs else "",
            f"{one.lowest:.2f}-{one.highest:.2f} of {one.pairs}" if one.pairs else "",
            one.wanted,
            one.verdict,
            one.note,
        )
        for one in results
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *rows])
    return "\n".join(line.rstrip() for line in lines)


# --- Child processes -------------------------------------------------------------


def _become(settings: str, variables: dict[str, str]) -> None:
    servers.die_with_parent()
    os.environ.update(variables, DJANGO_SETTINGS_MODULE=settings)
    import django

    django.setup()


class Child(ProcessPoolExecutor):
    """One process with Django set up on a database of its own choice; calls into it run one after the other."""

    def __init__(self, url: str, folder: Path, settings: str = "bench.site.settings") -> None:
        variables = {"DATABASE_URL": url, "DATA_DIR": str(folder), "REDIS_URL": "", "PORTAL_ENV": "development"}
        variables["DATABASE_POOL"] = "16"  # every thread of a crew keeps its own
        super().__init__(1, get_context("spawn"), _become, (settings, variables))

    def call(self, function: Callable[P, Value], *args: P.args, **kwargs: P.kwargs) -> Value:
        """Run a function of a module (not a lambda) in the child and return its result."""
        return self.submit(function, *args, **kwargs).result()


def prepare(seed: str) -> None:
    """In a child: create the tables and the rows of `bench.site.seed.<seed>`."""
    from django.conf import settings
    from django.core.management import call_command

    from bench.site import seed as seeds

    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    if seed == "people" and not settings.STATIC_ROOT.exists():
        call_command("collectstatic", verbosity=0, interactive=False)
    getattr(seeds, seed)()


# --- The place of a run ------------------------------------------------------------


class Size(NamedTuple):
    """How long a run may take: pairs of slices, seconds of one, documents of one, reservations and rows in all."""

    pairs: int
    seconds: float
    documents: int
    reservations: int
    rows: int


FULL = Size(pairs=9, seconds=1.0, documents=4, reservations=100_000, rows=1_000_000)
QUICK = Size(pairs=3, seconds=0.5, documents=2, reservations=5_000, rows=100_000)


class Bench:
    """One run: where its data lie, how long it may take, what it has running."""

    def __init__(self, folder: Path, stack: ExitStack, size: Size, databases: Sequence[str] = DATABASES) -> None:
        self.folder = folder
        self.stack = stack
        self.size = size
        self.databases = databases
        self.sites: dict[str, Any] = {}
        self.crews: dict[str, Any] = {}

    @cached_property
    def _cluster(self) -> str:
        return self.stack.enter_context(servers.postgresql(durable=True))

    def database(self, name: str, kind: str) -> str:
        """Return the URL of an empty database `name` on `kind` (one of DATABASES)."""
        if kind == "SQLite":
            return f"sqlite://{self.folder / name}.sqlite3"
        with psycopg.connect(self._cluster, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return urlsplit(self._cluster)._replace(path=f"/{name}").geturl()

    def child(self, url: str, settings: str = "bench.site.settings") -> Child:
        """Return a process on the database `url` that ends with the run."""
        return self.stack.enter_context(Child(url, self.folder, settings))

    @cached_property
    def single(self) -> Child:
        """A process for what one process does alone."""
        return self.child(self.portal(self.databases[0]))

    @lru_cache  # noqa: B019 - a run lives as long as the process
    def portal(self, kind: str) -> str:
        """Return the URL of a migrated database of the portal with its users."""
        url = self.database("portal_bench", kind)
        with Child(url, self.folder) as child:
            child.call(prepare, "people")
        return url

    @lru_cache  # noqa: B019
    def plain(self, kind: str) -> str:
        """Return the URL of the floor project's database with the same users."""
        url = self.database("floor_bench", kind)
        with Child(url, self.folder, "bench.floor.settings") as child:
            child.call(prepare, "floor_people")
        return url
