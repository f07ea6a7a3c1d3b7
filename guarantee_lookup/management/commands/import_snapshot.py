"""Take over the nightly delivery of the core system: JSON report on stdout, exit status 1 when it is refused."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from guarantee_lookup.imports.run import import_snapshot


class Command(BaseCommand):
    help = (
        "残高・区分照会のデータ（ZK_YYYYMMDD_NN_CTL.csvとその3ファイル）を取り込み、切り替えます（docs/imports.md）。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder", type=Path, metavar="DIR", help="ファイルのあるフォルダー。最も新しい組を取り込みます"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = import_snapshot(options["folder"])
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
        if not report.ok:
            sys.exit(1)
