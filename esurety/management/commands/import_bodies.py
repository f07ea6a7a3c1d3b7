"""import_bodies FILE [--check]: 発注者 with their rules from CSV; report on stdout, exit status 1 on errors."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from esurety.services import bodies


class Command(BaseCommand):
    help = "発注者（前払金の規定、電子保証の対応、認証キーの提出方法）をCSVから取り込みます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="CSVファイル")
        parser.add_argument("--check", action="store_true", help="確かめるだけで、取り込みません")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"ファイルがありません：{path}")
        with path.open("rb") as file:
            report = bodies.load(file, path.name, write=not options["check"])
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
        if not report.ok:
            sys.exit(1)
