"""Load insurances and pools that every installation of the look-up begins with; a second run adds nothing."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from guarantee_lookup.services.reference import load_masters


class Command(BaseCommand):
    help = "保険種類と枠の初期値を登録します。登録済みの行は変更しません。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps({"added": load_masters()}))
