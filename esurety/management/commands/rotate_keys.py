"""`rotate_keys`: move every 認証キー to the present outside keys; may be interrupted and run again."""

from typing import Any

from django.core.management.base import BaseCommand

from esurety.services.keys import rotate


class Command(BaseCommand):
    help = "Moves all 認証キー to CERTIFICATE_KEY and CERTIFICATE_PEPPER; then the fallbacks can go."

    def handle(self, *args: Any, **options: Any) -> None:
        moved = 0
        for moved, left in rotate():
            self.stdout.write(f"{moved} moved, {left} left")
        self.stdout.write(f"done: {moved} moved")
