"""The chain: numbers without gaps, each row sealed onto the one before, the end signed outside the database."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Field
from django.utils import timezone

from portal.audit.models import Event, Head
from portal.audit.seal import link_hash, same, seal, utc

BATCH = 500
CHECKPOINT_INTERVAL = timedelta(minutes=10)
LINE = 1024
"""More bytes than one line of the checkpoint file ever has."""
LINK = "UPDATE audit_event SET seq = %s, previous = %s, hash = %s WHERE id = %s AND seq IS NULL"


@dataclass(frozen=True)
class Checkpoint:
    """One signed statement: at this moment the chain ended with this row."""

    seq: int
    hash: str
    at: str
    mac: str

    @property
    def genuine(self) -> bool:
        return same(self.mac, seal("checkpoint", self.seq, self.hash, self.at))


def advance() -> int:
    """Give every waiting event its place in the chain; returns how many. Safe to run anywhere at any time."""
    total = 0
    while chained := _advance_batch():
        total += chained
    return total


def _advance_batch() -> int:
    if not Event.objects.filter(seq=None).exists():
        return 0
    with transaction.atomic():
        head, _ = Head.objects.get_or_create(pk=1)
        events = list(Event.objects.filter(seq=None).order_by("id").only("id", "mac")[:BATCH])
        seq, last = head.seq, head.hash
        key: Field[Any, Any] = Event._meta.pk
        links = []
        for seq, event in enumerate(events, head.seq + 1):
            link = link_hash(seq, last, event.mac)
            links.append((seq, last, link, key.get_db_prep_value(event.pk, connection)))
            last = link
        if not links or not _move_head(head, seq, last):
            return 0
        with connection.cursor() as cursor:
            cursor.executemany(LINK, links)
    return len(links)


def _move_head(seen: Head, seq: int, last: str) -> bool:
    """Take the head from where it was seen; False when another relay was faster, which then does the work."""
    return bool(Head.objects.filter(pk=1, seq=seen.seq, hash=seen.hash).update(seq=seq, hash=last))


def checkpoint(min_age: timedelta = timedelta(0)) -> int | None:
    """Sign the head into the checkpoint file; returns its number, None if nothing is new or the last is too young."""
    head = Head.objects.filter(pk=1).first()
    last = _last_checkpoint()
    now = timezone.now()
    if head is None or head.seq <= (last.seq if last else 0):
        return None
    if last and now - datetime.fromisoformat(last.at) < min_age:
        return None
    at = utc(now)
    made = Checkpoint(head.seq, head.hash, at, seal("checkpoint", head.seq, head.hash, at))
    path = checkpoint_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    # One write of a whole line, so that two processes never mix; the leading break ends a line that a crash cut.
    with path.open("ab", buffering=0) as file:
        file.write(b"\n" + json.dumps(asdict(made)).encode() + b"\n")
        os.fsync(file.fileno())
    return head.seq


def checkpoint_file() -> Path:
    return Path(settings.DATA_DIR) / "audit" / "checkpoints.jsonl"


def checkpoints() -> list[Checkpoint]:
    """Read all checkpoints, oldest first, signatures unchecked; a line that a crash cut short is skipped."""
    path = checkpoint_file()
    return _parse(path.read_bytes()) if path.exists() else []


def _last_checkpoint() -> Checkpoint | None:
    path = checkpoint_file()
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LINE))
        found = [line for line in _parse(file.read()) if line.genuine]
    return found[-1] if found else None


def _parse(content: bytes) -> list[Checkpoint]:
    found = []
    for line in content.splitlines():
        try:
            found.append(Checkpoint(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found
