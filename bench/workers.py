"""Workers that write at the same time: threads with connections of their own in four processes."""

import random
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

import psycopg

from bench.harness import Bench

PROCESSES = 4
THREADS = 8
ABORTED = 0.05
"""Share of the transactions that are rolled back on purpose."""

Transaction = Callable[[bool], None]
"""One transaction on the thread's own connection, rolled back when the argument is true."""


class Aborted(Exception):
    """Rolls back a transaction on purpose."""


def in_transaction(work: Callable[[], None]) -> Transaction:
    """Make `work` a transaction of Django."""

    @wraps(work)
    def run(aborted: bool) -> None:
        from django.db import transaction

        try:
            with transaction.atomic():
                work()
                if aborted:
                    raise Aborted
        except Aborted:
            return

    return run


class Crew:
    """Four processes on the database `url`, eight threads in each; the same threads serve every slice."""

    def __init__(self, bench: Bench, url: str) -> None:
        self.children = [bench.child(url) for _ in range(PROCESSES)]
        self.each(_start, url)

    def rate(self, transaction: Transaction, seconds: float) -> float:
        """Return committed transactions a second of all workers during `seconds`."""
        return sum(self.each(_slice, transaction, seconds))

    def each(self, function: Callable[..., Any], *given: Any) -> list[Any]:
        """Run `function` in all processes at once, and return the results."""
        futures = [child.submit(function, *given) for child in self.children]
        return [future.result() for future in futures]


def crew(bench: Bench, database: str) -> Crew:
    """Return the crew on the portal's database of that kind, which stays until the end of the run."""
    if database not in bench.crews:
        bench.crews[database] = Crew(bench, bench.portal(database))
    return bench.crews[database]


# --- In a child ----------------------------------------------------------------

_url = ""
_pool = ThreadPoolExecutor(THREADS)
_local = threading.local()


def _start(url: str) -> None:
    global _url
    _url = url


def in_threads(work: Callable[[], Any], threads: int = THREADS) -> list[Any]:
    """In a child: run `work` in that many threads of the process at once."""
    together = threading.Barrier(threads)

    def start() -> Any:
        together.wait()
        return work()

    return [future.result() for future in [_pool.submit(start) for _ in range(threads)]]


def _slice(transaction: Transaction, seconds: float) -> float:
    def work() -> float:
        done, start = 0, time.monotonic()
        while (elapsed := time.monotonic() - start) < seconds:
            aborted = random.random() < ABORTED
            transaction(aborted)
            done += not aborted
        return done / elapsed

    return sum(in_threads(work))


class Raw:
    """A connection without Django: statements with %s, transactions by hand."""

    def __init__(self, url: str) -> None:
        self.sqlite = url.startswith("sqlite")
        if self.sqlite:
            # As portal.settings sets it up.
            self.connection: Any = sqlite3.connect(urlsplit(url).path, timeout=20, isolation_level=None)
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.execute("PRAGMA synchronous=FULL")
            self.connection.execute("PRAGMA foreign_keys=ON")
        else:
            self.connection = psycopg.connect(url, autocommit=True)

    def run(self, statement: str, *values: Any) -> Any:
        if self.sqlite:
            return self.connection.execute(statement.replace("%s", "?"), values)
        return self.connection.execute(statement, values or None)

    def begin(self) -> None:
        self.run("BEGIN IMMEDIATE" if self.sqlite else "BEGIN")

    def end(self, aborted: bool) -> None:
        self.run("ROLLBACK" if aborted else "COMMIT")


def raw() -> Raw:
    """Return this thread's plain connection to the child's database."""
    if not hasattr(_local, "raw"):
        _local.raw = Raw(_url)
    connection: Raw = _local.raw
    return connection
