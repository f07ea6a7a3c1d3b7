"""Runs functions at the same moment, each with its own database connection."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def race(*runners: Callable[[], object]) -> list[object]:
    """Start all runners together; return what each returned, or the exception it raised, in their order."""
    start = threading.Barrier(len(runners))

    def run(runner: Callable[[], object]) -> object:
        try:
            start.wait()
            return runner()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(runners)) as pool:
        return list(pool.map(run, runners))


class Meeting:
    """A point that racing callers reach together, so that a missing guard shows every time, not only now and then.

    Whoever waits alone (the others are kept away by a lock) goes on after a moment.
    """

    def __init__(self, size: int, patience: float = 1.0) -> None:
        self._barrier = threading.Barrier(size)
        self._patience = patience

    def wait(self) -> None:
        try:
            self._barrier.wait(self._patience)
        except threading.BrokenBarrierError:
            return


def failures(results: Sequence[object]) -> list[Exception]:
    """Return the exceptions among the results of a race."""
    return [result for result in results if isinstance(result, Exception)]
