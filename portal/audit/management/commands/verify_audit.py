"""Check the audit log: JSON on stdout, exit status 1 with the first bad row or without the database's guard."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from portal.audit import triggers
from portal.audit.verification import verify


class Command(BaseCommand):
    help = "監査ログを検証し、最初の不正な行を JSON で示します。"

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify()
        guarded = triggers.installed(connection)
        ok = report.ok and guarded
        self.stdout.write(json.dumps({"ok": ok, "guarded": guarded, **asdict(report)}, ensure_ascii=False))
        if not ok:
            sys.exit(1)
