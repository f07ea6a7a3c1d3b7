"""Take over masters of the exporter portal from CSV files: JSON report on stdout, exit status 1 on errors."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from nexi_quota import imports


class Command(BaseCommand):
    help = (
        "海外商社名簿、格付、個別保証枠、国別引受方針、換算率、格付別の扱い、保有契約、損失等発生通知をCSVから取り込みます"
        "（docs/imports.md）。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="CSVファイル。種類は見出しで判断します")
        parser.add_argument("--check", action="store_true", help="確かめるだけで、取り込みません")

    def handle(self, *args: Any, **options: Any) -> None:
        paths: list[Path] = options["files"]
        if lost := [str(path) for path in paths if not path.is_file()]:
            raise CommandError(f"ファイルがありません：{'、'.join(lost)}")
        reports = []
        for path in paths:
            with path.open("rb") as file:
                reports.append(imports.load(file, path.name, timezone.localdate(), write=not options["check"]))
        ok = all(report.ok for report in reports)
        report = {"ok": ok, "files": [report.as_json() for report in reports]}
        self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
        if not ok:
            sys.exit(1)
