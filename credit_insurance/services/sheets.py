"""Writing the lines of a ヒアリングシート: each has its own revision, so two people may work on one sheet (5.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from credit_insurance.models import Line, SheetFile
from credit_insurance.rules.facts import MAX_LINES
from portal import audit
from portal.accounts.models import User
from portal.applications.models import Application, State


class Closed(Exception):
    """The sheet is no draft any more."""


class StaleLine(Exception):
    """Somebody changed or removed the line after the page was shown."""


class TooMany(Exception):
    """The sheet would have more than MAX_LINES lines."""


@dataclass(frozen=True)
class Entry:
    """One line as typed and as read (see `Line`)."""

    typed: Mapping[str, list[str]]
    values: Mapping[str, Any]
    unread: Mapping[str, str]
    key: str


def _touch(sheet: Application, actor: User, revision: int | None = None) -> None:
    """Raise the sheet's revision first: whoever is about to submit what he saw before is told so.

    Raises Closed, or StaleLine when the sheet has left `revision`.
    """
    own = Application.objects.visible_to(actor).filter(pk=sheet.pk, state=State.DRAFT)
    found = own if revision is None else own.filter(revision=revision)
    if not found.update(revision=F("revision") + 1, saved_by=actor, saved_at=timezone.now()):
        raise StaleLine if revision is not None and own.exists() else Closed


def _columns(entry: Entry, actor: User) -> dict[str, Any]:
    return {
        "typed": dict(entry.typed),
        "values": dict(entry.values),
        "unread": dict(entry.unread),
        "debtor_key": entry.key[:200],
        "saved_by": actor,
        "saved_at": timezone.now(),
    }


def _append(sheet: Application, entries: Sequence[Entry], actor: User) -> list[Line]:
    last = Line.objects.filter(sheet=sheet).aggregate(last=Max("position"))["last"] or 0
    return Line.objects.bulk_create(
        [Line(sheet=sheet, position=last + place, **_columns(entry, actor)) for place, entry in enumerate(entries, 1)]
    )


def _replace(sheet: Application, changed: Sequence[tuple[Line, Entry]], actor: User) -> None:
    """Write lines anew in few statements; whoever calls has made sure of the sheet's revision, so all are there."""
    rows = [
        Line(pk=line.pk, sheet=sheet, position=line.position, revision=line.revision + 1, **_columns(entry, actor))
        for line, entry in changed
    ]
    columns = ["revision", "typed", "values", "unread", "debtor_key", "saved_by", "saved_at"]
    Line.objects.bulk_create(rows, update_conflicts=True, unique_fields=["pk"], update_fields=columns)


@transaction.atomic
def add_lines(sheet: Application, entries: Sequence[Entry], actor: User) -> list[Line]:
    """Append lines; raises Closed or TooMany, and then nothing is kept."""
    _touch(sheet, actor)
    if Line.objects.filter(sheet=sheet).count() + len(entries) > MAX_LINES:
        raise TooMany
    made = _append(sheet, entries, actor)
    audit.record(
        "credit.line_saved",
        actor=actor,
        organisation=sheet.organisation,
        target=sheet.number,
        detail={"added": len(made)},
    )
    return made


@transaction.atomic
def save_line(line: Line, entry: Entry, actor: User, revision: int) -> None:
    """Replace a line; raises Closed, or StaleLine when `revision` is no longer the line's."""
    _touch(line.sheet, actor)
    own = Line.objects.filter(pk=line.pk, sheet=line.sheet, revision=revision)
    if not own.update(revision=F("revision") + 1, **_columns(entry, actor)):
        raise StaleLine
    audit.record("credit.line_saved", actor=actor, organisation=line.sheet.organisation, target=line.sheet.number)


@transaction.atomic
def remove_line(line: Line, actor: User, revision: int) -> None:
    """Remove a line; raises Closed or StaleLine."""
    _touch(line.sheet, actor)
    removed, _ = Line.objects.filter(pk=line.pk, sheet=line.sheet, revision=revision).delete()
    if not removed:
        raise StaleLine
    audit.record("credit.line_removed", actor=actor, organisation=line.sheet.organisation, target=line.sheet.number)


@transaction.atomic
def import_lines(
    sheet: Application,
    added: Sequence[Entry],
    changed: Sequence[tuple[Line, Entry]],
    actor: User,
    revision: int,
    *,
    replaces: bool = False,
    file: SheetFile | None = None,
    source: str = "",
) -> None:
    """Append `added` and change lines, both worked out from what the sheet was at `revision`.

    `replaces`: remove all lines first. `file` is where they are from, and goes; `source` the number of the sheet they
    were copied from. Raises Closed, TooMany, or StaleLine when the sheet is no longer at `revision`: nothing is kept.
    """
    _touch(sheet, actor, revision)
    own = Line.objects.filter(sheet=sheet)
    if replaces:
        own.delete()
    if own.count() + len(added) > MAX_LINES:
        raise TooMany
    _replace(sheet, changed, actor)
    _append(sheet, added, actor)
    if file is not None:
        SheetFile.objects.filter(pk=file.pk).delete()
    audit.record(
        "credit.lines_imported",
        actor=actor,
        organisation=sheet.organisation,
        target=sheet.number,
        detail={"added": len(added), "changed": len(changed), "replaces": replaces, "source": source},
    )
