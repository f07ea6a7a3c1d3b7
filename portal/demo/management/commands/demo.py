"""Load the demo data of every switched-on portal, as often as wanted with the same result; never in production."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.demo import registry


class Command(BaseCommand):
    help = "デモデータを登録します。何度実行しても同じ結果になります。本番環境では実行できません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("portals", nargs="*", help="登録するポータル（例：nexi）。省略するとすべて登録します")
        parser.add_argument("--accounts", action="store_true", help="登録せず、デモ用アカウントをJSONで表示します")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PORTAL_ENV == "production":
            raise CommandError("本番環境（PORTAL_ENV=production）では、デモデータを使えません。")
        demos = [demo for demo in registry.every() if not options["portals"] or demo.name in options["portals"]]
        if options["accounts"]:
            accounts = [account.as_json() for demo in demos for account in demo.accounts]
            self.stdout.write(json.dumps(accounts, ensure_ascii=False, indent=1))
            return
        if unknown := set(options["portals"]) - {demo.name for demo in demos}:
            raise CommandError(f"デモデータがありません：{'、'.join(sorted(unknown))}")
        for demo in demos:
            demo.load()
        self.stdout.write(f"Demo data: {', '.join(demo.name for demo in demos)}")
