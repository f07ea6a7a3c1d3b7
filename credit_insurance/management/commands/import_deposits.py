"""import_deposits FILE: a 振込入金通知 of the bank; report on stdout, exit status 1 when it is refused."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from credit_insurance.services import bank_files


class Command(BaseCommand):
    help = "振込入金通知（全銀協形式）を取り込み、受付番号・金額・名義・期限が一致する入金を消し込みます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="振込入金通知")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"ファイルがありません：{path}")
        with path.open("rb") as file:
            content = file.read(bank_files.MAX_BYTES + 1)
        try:
            report = bank_files.load(content, path.name, None)
        except bank_files.Refused as refusal:
            self.stdout.write(json.dumps({"file": path.name, "faults": refusal.faults}, ensure_ascii=False, indent=1))
            sys.exit(1)
        self.stdout.write(json.dumps(asdict(report), ensure_ascii=False, indent=1))
