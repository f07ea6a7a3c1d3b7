"""A ヒアリングシート as the rules see it: its head, its lines, what is wrong with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Count

from credit_insurance.enums import Exclusion
from credit_insurance.models import Case, Line, Member, SheetFile
from credit_insurance.rules.facts import Debtor, Fault, Sheet
from credit_insurance.rules.hearing import Judgement, judge
from portal.accounts.models import User
from portal.applications.models import Application

MOST_SOURCES = 50
SHEET_KIND = "case"
"""手続種別 of the ヒアリングシート (`credit_insurance.wizards.hearing`)."""


@dataclass(frozen=True)
class Row:
    """A line with its number on the sheet, its facts, what is wrong by column, and why it is out."""

    line: Line
    debtor: Debtor
    faults: tuple[Fault, ...]
    excluded: tuple[Exclusion, ...]

    @cached_property
    def wrong(self) -> dict[str, str]:
        """Return the message of every column that is wrong or unreadable."""
        return {**{fault.field: fault.message for fault in reversed(self.faults)}, **self.line.unread}

    def messages(self, names: Iterable[str]) -> list[str]:
        """Return what is wrong in some of the columns."""
        return [self.wrong[name] for name in names if name in self.wrong]


@dataclass(frozen=True)
class Grid:
    """The lines of a sheet, judged together."""

    rows: Sequence[Row]
    judgement: Judgement

    @property
    def wrong_rows(self) -> list[Row]:
        return [row for row in self.rows if row.wrong]


def lines_of(sheet: Application) -> list[Line]:
    """Return the lines in the order of the sheet; one query. The sheet is one that the caller may see."""
    return list(Line.objects.filter(sheet=sheet).order_by("position", "pk"))


def judged(lines: Sequence[Line], facts: Sequence[Debtor], head: Sheet, today: date, starts: Sequence[date]) -> Grid:
    """Return the rows with everything that is wrong with them; `facts` stand in the order of `lines`."""
    unread = {place: line.unread for place, line in enumerate(lines, start=1) if line.unread}
    judgement = judge(head, facts, today, starts, unread=unread)
    rows = [
        Row(line, debtor, judgement.lines.get(place, ()), judgement.excluded.get(place, ()))
        for place, (line, debtor) in enumerate(zip(lines, facts, strict=True), start=1)
    ]
    return Grid(rows, judgement)


def member_of(user: User) -> Member | None:
    """Return the 加入者 whose people log in as `user`'s organisation; None for 組合 and 代理店."""
    return Member.objects.visible_to(user).select_related("union").first()


def own_cases(user: User) -> Any:
    """Return the user's cases, newest first, with what lists show."""
    return Case.objects.visible_to(user).select_related("policy", "member", "sheet")


def own_sheets(user: User) -> Any:
    """Return every ヒアリングシート of the user's company, with its case if it was handed in."""
    return (
        Application.objects.visible_to(user)
        .filter(kind=SHEET_KIND)
        .select_related("saved_by", "credit_case")
        .defer("data")
    )


def file_of(sheet: Application, pk: UUID) -> SheetFile | None:
    """Return the file of a sheet that the caller may see."""
    return SheetFile.objects.filter(sheet=sheet, pk=pk).first()


def copy_sources(user: User, sheet: Application) -> list[Application]:
    """Return the other sheets of the user's company that have debtors, newest first, with `line_count`."""
    others = own_sheets(user).exclude(pk=sheet.pk).annotate(line_count=Count("credit_lines")).filter(line_count__gt=0)
    return list(others.order_by("-created_at", "-pk")[:MOST_SOURCES])
