"""Check the outbox: JSON on stdout, exit status 1 when a message is parked or long overdue."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from portal.outbox.backlog import backlog


class Command(BaseCommand):
    help = "送信箱に停止中または10分以上遅れているものがないかを確かめます。"

    def handle(self, *args: Any, **options: Any) -> None:
        found = backlog()
        ok = not (found.parked or found.overdue)
        self.stdout.write(json.dumps({"ok": ok, **asdict(found)}))
        if not ok:
            sys.exit(1)
