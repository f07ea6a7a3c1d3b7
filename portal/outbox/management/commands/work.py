"""Drain the outbox without Celery: what is due now, or until stopped."""

import json
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal import audit
from portal.outbox.embedded import start_embedded, stop_embedded
from portal.outbox.relay import drain


class Command(BaseCommand):
    help = "送信箱を処理します。--once なら期限の来たものだけ、なければ止めるまで続けます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="期限の来たものを処理して終わります")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            done = drain()
            audit.advance()
            self.stdout.write(json.dumps({"done": done}))
            return
        # Blocked before the thread begins, which inherits it: they arrive here, between no two lines of the relay.
        signals = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        start_embedded()
        signal.sigwait(signals)
        stop_embedded()
