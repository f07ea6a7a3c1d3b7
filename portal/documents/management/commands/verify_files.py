"""Check that every stored document and attachment is the file it was, and that no file lies about."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from portal.documents import files


class Command(BaseCommand):
    help = "Checks rows against files (hash) and files against rows; JSON on stdout, exit status 0 or 1."

    def handle(self, *args: Any, **options: Any) -> None:
        report = files.verify()
        self.stdout.write(json.dumps(report, ensure_ascii=False))
        if not report["ok"]:
            raise SystemExit(1)
