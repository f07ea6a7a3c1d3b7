"""From the row to the effect: publish with the transaction, claim by one UPDATE, run, mark."""

import threading
import uuid
from datetime import timedelta
from functools import partial

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal import audit
from portal.audit.log import Actor
from portal.audit.verbs import register
from portal.outbox import topics
from portal.outbox.models import Message, State

MAX_TRIES = 8
FIRST_DELAY = timedelta(seconds=15)
LONGEST_DELAY = timedelta(hours=6)
BATCH = 100
RESENT = register("outbox.resent", "送信のやり直し")

log = structlog.get_logger(__name__)
wake = threading.Event()
"""Set when a message was committed in this process; the embedded thread waits for it."""


def publish(*messages: Message) -> None:
    """Write `messages` in the caller's transaction with one INSERT; a (topic, key) known already is left alone."""
    if not messages:
        return
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    # Robust: the rows are committed by then, and a sweep finds what nobody was told about.
    transaction.on_commit(partial(nudge, [message.pk for message in messages]), robust=True)


def nudge(pks: list[uuid.UUID]) -> None:
    """Tell whoever runs messages that there are some; nothing is lost when nobody hears it."""
    if settings.REDIS_URL:
        from portal.outbox.tasks import ring

        ring(pks)
    else:
        wake.set()


def execute(pk: uuid.UUID | str) -> bool:
    """Run one message if it is due and nobody else has it; True when it was run to its end."""
    message = Message.objects.filter(pk=pk).first()
    if message is None:
        return False
    handler = topics.find(message.topic)
    if not _claim(message, handler.lease if handler else timedelta(seconds=topics.LEASE)):
        return False
    if message.tries >= MAX_TRIES:
        _fail(message, message.last_error or "every run was cut short")
        return False
    try:
        if handler is None:
            raise LookupError(f"no handler for topic {message.topic}")
        handler.function(message.key, message.payload)
    except Exception as error:
        log.exception("message failed", id=str(message.pk), topic=message.topic, tries=message.tries + 1)
        _fail(message, f"{type(error).__name__}: {error}")
        return False
    done = {"state": State.DONE, "done_at": timezone.now(), "lease_until": None}
    Message.objects.filter(pk=message.pk, state=State.WAITING).update(**done)
    return True


def _claim(message: Message, lease: timedelta) -> bool:
    """Take the message for the length of the lease; False when it is not due or somebody was faster."""
    now = timezone.now()
    due = Message.objects.filter(Message.due(now), pk=message.pk, tries=message.tries)
    return bool(due.update(lease_until=now + lease, tries=F("tries") + 1))


def _fail(message: Message, error: str) -> None:
    """Give the message back for a later time, or park it after the last try; only while it is still ours."""
    tries = message.tries + 1
    changes: dict[str, object]
    if tries < MAX_TRIES:
        changes = {"run_after": timezone.now() + delay(tries)}
    else:
        changes = {"state": State.PARKED}
        log.error("message parked", id=str(message.pk), topic=message.topic)
    # An error may quote anything; PostgreSQL stores neither NUL nor half a surrogate pair.
    text = error.replace("\0", "").encode(errors="replace").decode()
    mine = Message.objects.filter(pk=message.pk, state=State.WAITING, tries=tries)
    mine.update(lease_until=None, last_error=text[:500], **changes)


def delay(tries: int) -> timedelta:
    """Return the pause after failure number `tries`: 15 s, 1 min, 4 min, … 6 h; eight tries outlive a night."""
    return min(FIRST_DELAY * int(4 ** (tries - 1)), LONGEST_DELAY)


def drain() -> int:
    """Run all due messages, also those that they publish; returns how many were run."""
    done = 0
    while pks := _due():
        for pk in pks:
            done += execute(pk)
    return done


def _due() -> list[uuid.UUID]:
    due = Message.objects.filter(Message.due(timezone.now())).order_by("run_after", "id")
    return list(due.values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def resend(message: Message, actor: Actor) -> bool:
    """もう一度送る: give a parked message all its tries again; False when it was not parked any more."""
    fresh = {"state": State.WAITING, "tries": 0, "run_after": timezone.now(), "lease_until": None}
    if not Message.objects.filter(pk=message.pk, state=State.PARKED).update(**fresh):
        return False
    audit.record(RESENT, actor=actor, target=f"{message.topic} {message.key}")
    transaction.on_commit(partial(nudge, [message.pk]), robust=True)
    return True
