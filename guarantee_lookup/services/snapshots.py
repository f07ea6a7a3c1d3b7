"""Generations and who switches them: one serves, a new one takes its place, a held one waits for a second person."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from guarantee_lookup import tables
from guarantee_lookup.enums import SnapshotState
from guarantee_lookup.models import Snapshot
from guarantee_lookup.selectors.snapshots import current, dispensable, previous
from portal import audit
from portal.outbox import Message, publish

if TYPE_CHECKING:
    from portal.accounts.models import User

REPORT_DAYS = 3 * 366
"""How long the report of an import is kept (guarantee_lookup.md 6.4)."""

ARRIVED = "lookup.arrived"
"""The topic of a delivery that somebody must look at."""

INTERRUPTED = "取り込みが途中で止まりました。もう一度取り込んでください。"


class WrongPerson(Exception):
    """Who ran the import may neither approve nor reject it."""


class AlreadyDecided(Exception):
    """Somebody was faster, or a newer generation serves meanwhile; nothing was changed."""


def begin(as_of: date, sequence: int, files: Mapping[str, Any], actor: "User | None" = None) -> Snapshot:
    """Return a new generation that is to be filled; `files` is what CTL says of them."""
    with transaction.atomic():
        snapshot = Snapshot.objects.create(
            as_of=as_of, sequence=sequence, files=files, received_at=timezone.now(), received_by=actor
        )
        audit.record("lookup.import_started", actor=actor, target=snapshot.name, detail={"files": files})
    tables.drop(snapshot.pk)
    tables.make("quarantine", snapshot.pk)  # the others are made as they are filled
    return snapshot


def reject(snapshot: Snapshot, report: Mapping[str, Any], actor: "User | None" = None) -> None:
    """Give a generation up that was never shown, with what was wrong; its tables go."""
    with transaction.atomic():
        waiting = [SnapshotState.LOADING, SnapshotState.HELD]
        row = Snapshot.objects.filter(pk=snapshot.pk, state__in=waiting)
        if not row.update(state=SnapshotState.REJECTED, report=report):
            raise AlreadyDecided
        record_rejection(snapshot.name, report, actor)
    snapshot.state = SnapshotState.REJECTED
    tables.drop(snapshot.pk)


def record_rejection(name: str, report: Mapping[str, Any], actor: "User | None" = None) -> None:
    """Write the refusal of a delivery into the log."""
    count, now = report.get("errors", {}).get("count", 0), timezone.now()
    audit.record("lookup.import_rejected", actor=actor, target=name, outcome="rejected", detail={"errors": count})
    message = str(report.get("message", ""))
    payload = {"state": SnapshotState.REJECTED.value, "reasons": [message] if message else []}
    publish(Message(ARRIVED, f"{name} {now:%Y%m%d%H%M%S%f}", payload))


def hold(snapshot: Snapshot, reasons: list[str]) -> None:
    """Let a checked generation wait for somebody's approval; the serving one goes on."""
    with transaction.atomic():
        snapshot.state = SnapshotState.HELD
        snapshot.save()
        audit.record(
            "lookup.import_held",
            actor=snapshot.received_by,
            target=snapshot.name,
            outcome="held",
            detail={"reasons": reasons},
        )
        publish(Message(ARRIVED, snapshot.name, {"state": SnapshotState.HELD.value, "reasons": reasons}))


def switch(snapshot: Snapshot, actor: "User | None" = None, note: str = "") -> None:
    """Let a checked or approved generation serve; raises AlreadyDecided unless it is newer than the serving one.

    A reader sees the one or the other: what is changed is two rows, in a transaction of some milliseconds.
    """
    serving = current()
    if serving is not None and serving.order >= snapshot.order:
        raise AlreadyDecided
    with transaction.atomic():
        _serve(snapshot, serving, [SnapshotState.LOADING, SnapshotState.HELD])
        detail = {"previous": serving.name if serving else "", "note": note}
        audit.record("lookup.import_ok", actor=snapshot.received_by, target=snapshot.name, detail=_totals(snapshot))
        audit.record("lookup.switched", actor=actor, target=snapshot.name, detail=detail)


def approve(snapshot: Snapshot, actor: "User", note: str = "") -> None:
    """承認して切替: by another person than the one who ran the import; raises WrongPerson or AlreadyDecided."""
    _another(snapshot, actor)
    with transaction.atomic():
        if not Snapshot.objects.filter(pk=snapshot.pk, state=SnapshotState.HELD).update(decided_by=actor):
            raise AlreadyDecided
        switch(snapshot, actor, note)


def refuse(snapshot: Snapshot, actor: "User", note: str) -> None:
    """却下 a held generation; raises WrongPerson or AlreadyDecided."""
    _another(snapshot, actor)
    with transaction.atomic():
        if not Snapshot.objects.filter(pk=snapshot.pk, state=SnapshotState.HELD).update(decided_by=actor):
            raise AlreadyDecided
        reject(
            snapshot,
            {**snapshot.report, "state": SnapshotState.REJECTED.value, "message": "却下しました。", "note": note},
            actor,
        )


def roll_back(serving: Snapshot, actor: "User", note: str) -> Snapshot:
    """前版へ戻す: let the generation before `serving` answer again, and return it; raises AlreadyDecided.

    One person may do so: what it shows was checked and shown before.
    """
    older = previous()
    now = current()
    if older is None or now is None or now.pk != serving.pk:
        raise AlreadyDecided
    with transaction.atomic():
        _serve(older, serving, [SnapshotState.OLD])
        detail = {"from": serving.name, "note": note}
        audit.record("lookup.rolled_back", actor=actor, target=older.name, detail=detail)
    return older


def _serve(snapshot: Snapshot, serving: Snapshot | None, sources: list[SnapshotState]) -> None:
    """Put one generation in the place of another, or of none; who is late finds another one there."""
    try:
        with transaction.atomic():
            if serving is not None:
                row = Snapshot.objects.filter(pk=serving.pk, state=SnapshotState.CURRENT)
                if not row.update(state=SnapshotState.OLD):
                    raise AlreadyDecided
            row = Snapshot.objects.filter(pk=snapshot.pk, state__in=sources)
            if not row.update(state=SnapshotState.CURRENT, switched_at=timezone.now()):
                raise AlreadyDecided
    except IntegrityError as error:  # another one serves: the table allows only one
        raise AlreadyDecided from error
    snapshot.refresh_from_db()


def _another(snapshot: Snapshot, actor: "User") -> None:
    if snapshot.received_by_id == actor.pk:
        audit.record("lookup.decision_denied", actor=actor, target=snapshot.name, outcome="denied")
        raise WrongPerson


def _totals(snapshot: Snapshot) -> dict[str, object]:
    names = ("customers", "guarantees", "settlements", "quarantined", "counted")
    return {name: getattr(snapshot, name) for name in names}


def clear_interrupted() -> int:
    """Give up what killed imports left behind, and return how many; only for who has `tables.exclusive`."""
    left = list(Snapshot.objects.filter(state=SnapshotState.LOADING))
    for snapshot in left:
        reject(snapshot, {"state": SnapshotState.REJECTED.value, "message": INTERRUPTED})
    return len(left)


def clear_old() -> dict[str, int]:
    """Drop tables that are no longer wanted and reports older than three years; returns how many of each.

    Does nothing while an import runs.
    """
    with tables.exclusive() as won:
        if not won:
            return {}
        interrupted = clear_interrupted()
        old = dispensable()
        for number in old:
            tables.drop(number)
        since = timezone.now() - timedelta(days=REPORT_DAYS)
        reports = Snapshot.objects.filter(received_at__lt=since).exclude(state=SnapshotState.CURRENT).exclude(report={})
        return {"interrupted": interrupted, "dropped": len(old), "reports": reports.update(report={})}
