"""Load what every installation of the exporter portal begins with; a second run adds nothing."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from nexi_quota.imports import load_reference_data


class Command(BaseCommand):
    help = "国、通貨、格付別の扱いの初期値を登録します。登録済みの行は変更しません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--samples", action="store_true", help="国別引受方針のサンプル（2017〜2020年）も登録します")

    def handle(self, *args: Any, **options: Any) -> None:
        added = load_reference_data(samples=options["samples"])
        self.stdout.write(json.dumps({"added": added}))
