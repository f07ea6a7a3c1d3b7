"""Keeping a file of debtors from its upload to its take-over, a day or two at the most."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from credit_insurance.models import SheetFile
from portal.accounts.models import User
from portal.applications.models import Application


@dataclass(frozen=True)
class Parsed:
    """A file that could be opened (see `SheetFile`)."""

    name: str
    form: str
    formulas: int
    header: list[str]
    rows: list[Any]
    columns: Mapping[str, str]


def keep(sheet: Application, parsed: Parsed, actor: User) -> SheetFile:
    """Store an opened file; nothing of the sheet changes."""
    return SheetFile.objects.create(
        sheet=sheet,
        uploaded_by=actor,
        created_at=timezone.now(),
        name=parsed.name[:255],
        form=parsed.form[:100],
        formulas=parsed.formulas,
        header=parsed.header,
        rows=parsed.rows,
        columns=dict(parsed.columns),
    )


def match(file: SheetFile, columns: Mapping[str, str]) -> None:
    """Set which heading is which column."""
    file.columns = dict(columns)
    file.save(update_fields=["columns"])


def discard_old(day: date) -> int:
    """Delete the files that were uploaded before yesterday; returns how many."""
    start = timezone.make_aware(datetime.combine(day - timedelta(days=1), time.min))
    return SheetFile.objects.filter(created_at__lt=start).delete()[0]
