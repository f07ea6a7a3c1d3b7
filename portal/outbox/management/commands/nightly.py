"""Run every daily job now: JSON on stdout, exit status 1 if one failed."""

import json
import sys
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from portal.outbox.nightly import run_all


class Command(BaseCommand):
    help = "日次処理（期限切れ、解放、通知、保存期間）をすべて実行します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", type=date.fromisoformat, metavar="YYYY-MM-DD", help="対象日（省略時は今日）")

    def handle(self, *args: Any, **options: Any) -> None:
        day: date = options["date"] or timezone.localdate()
        jobs = run_all(day)
        report = {"date": day, "jobs": jobs}
        self.stdout.write(json.dumps(report, ensure_ascii=False, cls=DjangoJSONEncoder))
        if not all(job["ok"] for job in jobs.values()):
            sys.exit(1)
