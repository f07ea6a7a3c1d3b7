"""Processes that judge blocks of lines while the database takes in what they have judged; none for a small delivery."""

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from guarantee_lookup.imports.layout import Terms
from guarantee_lookup.imports.packing import Binary, Packing, Tuples
from guarantee_lookup.imports.rows import Block, Reader

SMALL = 8_000_000
"""Bytes of a delivery that one process reads faster than others have started."""

Given = tuple[str, str, int, bytes]
"""Kind, name of the file, number of the first line, whole lines."""


class Judge:
    """Judges blocks one after the other; `binary`: their rows are packed for COPY, else they stay tuples."""

    def __init__(self, terms: Terms, binary: bool) -> None:
        self._terms, self._binary = terms, binary
        self._packing: Packing = Binary() if binary else Tuples()
        self._readers: dict[str, Reader] = {}

    def judge(self, given: Given) -> Block:
        kind, file, first, data = given
        if kind not in self._readers:
            self._readers[kind] = Reader(kind, file, self._terms, self._packing)
        block = self._readers[kind].read(data, first)
        if self._binary:
            block.rows = [b"".join(block.rows)]
        return block


def work(connection: Connection, terms: Terms, binary: bool) -> None:
    """Judge what comes until the other side is gone: a killed import leaves no process behind."""
    judge = Judge(terms, binary)
    with suppress(EOFError, KeyboardInterrupt):
        while True:
            connection.send(judge.judge(connection.recv()))


class Crew:
    """Judges blocks in as many processes as there are cores (two at most), and gives the results in their order."""

    def __init__(self, terms: Terms, binary: bool, size: int) -> None:
        self._judge = Judge(terms, binary)
        self._arguments = (terms, binary)
        self._count = 0 if size < SMALL else min(os.cpu_count() or 1, 2)
        self._ends: list[Connection] = []
        self._processes: list[multiprocessing.process.BaseProcess] = []

    def __enter__(self) -> Self:
        # Not forked: a copy of this process would hold its connection to the database.
        context = multiprocessing.get_context("spawn")
        for _ in range(self._count):
            here, there = context.Pipe()
            process = context.Process(target=work, args=(there, *self._arguments), daemon=True)
            process.start()
            there.close()
            self._ends.append(here)
            self._processes.append(process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for end in self._ends:
            end.close()
        for process in self._processes:
            process.terminate()
            process.join()

    def judged(self, blocks: Iterable[Given]) -> Iterator[Block]:
        """Yield what each block came to. Every process has one block at a time, so memory stays bounded."""
        if not self._ends:
            yield from map(self._judge.judge, blocks)
            return
        idle, busy = deque(self._ends), deque[Connection]()
        for block in blocks:
            if idle:
                end = idle.popleft()
                end.send(block)
                busy.append(end)
                continue
            end = busy.popleft()
            found = end.recv()
            end.send(block)
            busy.append(end)
            yield found
        while busy:
            yield busy.popleft().recv()
