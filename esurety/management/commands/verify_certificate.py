"""`verify_certificate FILE`: is this downloaded 保証証書 as it was issued? Needs no database and no network."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from esurety import certificate as evidence


class Command(BaseCommand):
    help = "Checks a certificate as PDF, or as JSON with its signature; JSON on stdout, exit status 0 or 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        from esurety.pdfsign import judge  # a second of imports

        judged = judge(content)
        signed_at = judged.signed_at.isoformat() if judged.signed_at else None
        answer = {
            "ok": judged.is_good,
            "reason": judged.failed,
            "signed_at": signed_at,
            "test_authority": evidence.identity().is_test,
        }
        self.stdout.write(json.dumps(answer, ensure_ascii=False))
        if not judged.is_good:
            sys.exit(1)
