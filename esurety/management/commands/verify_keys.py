"""`verify_keys`: does every stored 認証キー open, and does its MAC fit? JSON on stdout, exit status 0 or 1."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from esurety.models import AuthKey
from esurety.services.keys import faults


class Command(BaseCommand):
    help = "Checks all 認証キー; shows none."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(faults())
        self.stdout.write(json.dumps({"ok": not found, "checked": AuthKey.objects.count(), "faults": found}))
        if found:
            sys.exit(1)
