"""Load what every installation of the e-surety portal begins with; a second run adds nothing."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from esurety.services.bodies import load_packaged
from esurety.services.fees import load_fee_tables


class Command(BaseCommand):
    help = "保証料率表の初期値を登録します。登録済みの商品の率は変更しません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bodies", action="store_true", help="公表資料から集めた21の発注者も取り込みます")

    def handle(self, *args: Any, **options: Any) -> None:
        added = {"fee_tables": load_fee_tables()}
        if options["bodies"]:
            added["bodies"] = load_packaged("bodies.csv").added
        self.stdout.write(json.dumps({"added": added}))
