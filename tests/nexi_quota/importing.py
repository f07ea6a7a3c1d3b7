"""Calls the CSV import as an operator does, and reads its report."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

BUYERS = "海外商社コード,名称,国コード"
FULL = f"{BUYERS},住所,本支店区分,本店コード,登録状態,最終審査日,格付,格付適用日,個別保証枠（円）"


def run(*paths: Path, check: bool = False) -> dict[str, Any]:
    """Import files; the exit status must say the same as the report."""
    out = StringIO()
    try:
        call_command("import_buyers", *map(str, paths), check=check, stdout=out)
        status = 0
    except SystemExit as end:
        status = int(str(end.code))
    report: dict[str, Any] = json.loads(out.getvalue())
    assert status == (0 if report["ok"] else 1)
    return report


class Loader:
    """Imports lines as a file below `folder` and returns the report of that file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "file.csv"

    def __call__(self, *lines: str, encoding: str = "utf-8", check: bool = False) -> dict[str, Any]:
        self.path.write_bytes("\r\n".join(lines).encode(encoding))
        report: dict[str, Any] = run(self.path, check=check)["files"][0]
        return report


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    """Return how many rows were added, changed, unchanged, wrong."""
    return report["added"], report["changed"], report["unchanged"], report["errors"]
