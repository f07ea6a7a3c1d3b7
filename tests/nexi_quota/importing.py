"""Calls the CSV import as an operator does, and reads its report."""

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.utils import timezone

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


def refused(report: dict[str, Any], problem: str) -> None:
    """The file must have been refused for exactly this, and have left nothing."""
    assert report["errors"] == 1, report["problems"]
    assert report["problems"][0].startswith(problem), report["problems"]
    assert report["applied"] is False


# --- 保有契約 -----------------------------------------------------------------

CONTRACTS = (
    "保険証券番号,枝番,履歴番号,保険利用者コード,保険種,申込みの方法,取得の区分,確認管理番号,支払人コード,通貨,契約金額,"
    "船積日,決済期限,保険契約締結日,輸出契約等番号,お客様整理番号"
)
LOSSES = "保険証券番号,枝番,通知日"
POLICY = "20260000000001"


def days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def row(**changes: Any) -> str:
    """Return a row: USD 400,000 of exporter A on 310-000001 (EF), by Web; a number in a date is so many days ago."""
    cells: dict[str, Any] = {
        "policy": POLICY,
        "branch": "00",
        "history": "00",
        "organisation": "100000001",
        "product": "01",
        "origin": "Web",
        "acquired": "",
        "confirmation": "",
        "payer": "310-000001",
        "currency": "USD",
        "amount": "400000",
        "shipped": 20,
        "due": -60,
        "concluded": 30,
        "number": "",
        "reference": "",
    }
    assert changes.keys() <= cells.keys()
    given = (days_ago(cell) if isinstance(cell, int) else cell for cell in (cells | changes).values())
    return ",".join(f'"{cell}"' for cell in given)
