"""Celery's side of the relay: a doorbell that carries ids. The rows decide what runs."""

import time
import uuid

import structlog
from celery import shared_task
from celery.exceptions import OperationalError

from portal.outbox import relay

SILENCE = 60
"""Seconds a broker is left alone after a failure; the sweep runs the messages meanwhile."""
ONE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}

log = structlog.get_logger(__name__)
_silent_until = 0.0


@shared_task(name="portal.outbox.tasks.run")
def run(pk: str) -> None:
    relay.execute(pk)


def ring(pks: list[uuid.UUID]) -> None:
    """Send the ids to the broker; after a failure no request tries, and waits, again for a while."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        for pk in pks:
            run.apply_async(args=[str(pk)], retry_policy=ONE_TRY)
    except OperationalError:
        _silent_until = time.monotonic() + SILENCE
        log.warning("broker unreachable", messages=len(pks))
