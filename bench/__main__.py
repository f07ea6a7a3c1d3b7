"""Runs the benchmarks: `python -m bench [--quick] [NAME …]`."""

import argparse
import dataclasses
import json
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from bench.harness import DATABASES, FULL, QUICK, ROOT, Bench, Result, Size, table

NAMES = (
    *("wizard", "page", "numbers", "quota", "reservations", "lists", "lookup", "snapshot"),
    *("certificate", "surety", "credit", "render"),
)


def measure(names: Sequence[str], folder: Path, size: Size, databases: Sequence[str] = DATABASES) -> list[Result]:
    """Run the named benchmarks with their data in a folder of their own below `folder`, which goes with them."""
    folder.mkdir(parents=True, exist_ok=True)
    results = []
    with ExitStack() as stack:
        own = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=folder))
        bench = Bench(Path(own), stack, size, databases)
        for name in names:
            for result in import_module(f"bench.{name}").run(bench):
                print(table([result]).splitlines()[1], file=sys.stderr, flush=True)
                results.append(result)
    return results


def stop(*_: object) -> NoReturn:
    """End at once: whatever the children are at is of no use any more."""
    for child in multiprocessing.active_children():
        child.terminate()
    sys.exit(143)


def main(arguments: list[str]) -> int:
    about = "Every figure is a ratio to a floor of the same run."
    parser = argparse.ArgumentParser(prog="python -m bench", description=about)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="short slices, for a first look: about a minute")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"there is no benchmark called {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, stop)
    data = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
    results = measure(options.names or NAMES, data, QUICK if options.quick else FULL)
    print(table(results))
    lines = [dataclasses.asdict(result) | {"verdict": result.verdict} for result in results]
    report = {"quick": options.quick, "cpus": os.cpu_count(), "results": lines}
    (data / "bench.json").write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    return int(any(result.failed for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
