"""A delivery as the core system would write it: for samples, tests and benchmarks."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from guarantee_lookup.imports.layout import COLUMNS, CONTROL, KINDS

LINES = 10_000


def write_delivery(
    folder: Path, as_of: date, sequence: int, association: str, lines: Mapping[str, Iterable[str]], counted: int
) -> dict[str, Path]:
    """Write CUS, GUA and SET with the `lines` below their headings, and CTL with their counts; returns the files.

    `counted` is the sum of the column of GUA in yen. Lines come without line breaks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem, control, paths = f"ZK_{as_of:%Y%m%d}_{sequence:02d}", [",".join(COLUMNS[CONTROL])], {}
    for kind in KINDS:
        path = paths[kind] = folder / f"{stem}_{kind}.csv"
        rows, hashed = 0, hashlib.sha256()
        with path.open("wb") as file:
            for block in _blocks([",".join(COLUMNS[kind])], lines[kind]):
                data = ("\n".join(block) + "\n").encode()
                hashed.update(data)
                file.write(data)
                rows += len(block)
        total = f"{counted}" if kind == "GUA" else ""
        named = f"{as_of:%Y-%m-%d},{sequence},{kind},{path.name}"
        control.append(f"001,{association},{named},{rows - 1},{hashed.hexdigest()},{total}")
    paths[CONTROL] = folder / f"{stem}_CTL.csv"
    paths[CONTROL].write_text("\n".join(control) + "\n", encoding="utf-8", newline="")
    return paths


def _blocks(*parts: Iterable[str]) -> Iterable[list[str]]:
    block: list[str] = []
    for part in parts:
        for line in part:
            block.append(line)
            if len(block) == LINES:
                yield block
                block = []
    if block:
        yield block
