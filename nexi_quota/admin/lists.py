"""Lists of the staff over tables of millions of rows: bounded counting, indexed searching, periods."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, cast

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from portal.audit.admin import PeriodFilter
from portal.common import text
from portal.common.money import Unreadable, parse_amount

MOST = 10_000
"""Rows that a list counts and pages through; who needs more narrows it down."""

FOUND = 1_000
"""Rows that a search finds: the newest of those that each way of finding comes upon."""

POLICY = re.compile("([0-9]{14})(?:-([0-9]{2}))?")
NUMBER = re.compile("[0-9,-]{6,}")


class BoundedPaginator(Paginator):
    """Counts no further than MOST: counting two million rows costs more than showing fifty of them."""

    @cached_property
    def count(self) -> int:
        rows = cast(QuerySet[Any], self.object_list)
        return rows.order_by()[:MOST].count()

    @property
    def is_cut(self) -> bool:
        """True when there may be more rows than were counted or found."""
        return self.count in (MOST, FOUND)


class IndexedSearch:
    """Search box of a large table: a query for each table the words may be in, as an OR across tables reads every row.

    `search_fields` name their lookups; `icontains` finds the typed words in any order, others what was typed as a
    whole. Amounts (`amount_fields`, with at most `amount_decimals`) are typed as people write them: 15,000,000 or
    1,500万. `contract` is the path to a 保有契約, found by its number with or without 枝番.
    """

    amount_fields: Sequence[str] = ()
    amount_decimals = 0
    contract: str | None = None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        found: set[int] = set()
        for way in self._ways(search_term.strip()):
            # The other filters count already here: FOUND of what is wanted, not FOUND of all.
            found.update(queryset.filter(way).order_by().values_list("pk", flat=True)[:FOUND])
        return queryset.filter(pk__in=sorted(found)[-FOUND:]), False

    def _ways(self, typed: str) -> list[Q]:
        """Return the filters by which `typed` may lead to a row; numbers may be typed in full width."""
        number = text.half(typed)
        ways: dict[str, Q] = {}
        for lookup in self.search_fields:  # type: ignore[attr-defined]
            is_part = lookup.endswith("icontains")
            if is_part and NUMBER.fullmatch(number):
                continue  # no name is a number; looking through a million names for it takes half a second
            table = lookup.rpartition("__")[0].rpartition("__")[0]
            words = typed.split() if is_part else [number]
            ways[table] = ways.get(table, Q()) | Q(*((lookup, word) for word in words))
        if self.contract is not None and (match := POLICY.fullmatch(number)):
            parts = {"policy_number": match[1]} | ({"branch": match[2]} if match[2] else {})
            ways["policy"] = Q(*((f"{self.contract}{field}", value) for field, value in parts.items()))
        try:
            amount = parse_amount(typed, decimals=self.amount_decimals)
        except Unreadable:
            return list(ways.values())
        for field in self.amount_fields:
            ways[""] = ways.get("", Q()) | Q((f"{field}__in", [amount, -amount]))
        return list(ways.values())


class DayFilter(PeriodFilter):
    """From a day to a day, both included, of any date (`field`) or moment (`is_moment`, in Japanese time)."""

    template = "admin/nexi_quota/day_filter.html"
    field = ""
    is_moment = False

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (self._day(name) for name in self.names)
        if first:
            queryset = queryset.filter(**{f"{self.field}__gte": self._value(first)})
        if last:
            queryset = queryset.filter(**{f"{self.field}__lt": self._value(last + timedelta(days=1))})
        return queryset

    def _value(self, day: date) -> date:
        return midnight(day) if self.is_moment else day

    def _day(self, name: str) -> date | None:
        day = super()._day(name)
        if day and not 1900 <= day.year < 3000:  # the neighbours of the first and the last possible day do not exist
            raise IncorrectLookupParameters(f"{day}")
        return day

    def choices(self, changelist: Any) -> Any:
        """Add the names of both parameters to what the template needs."""
        for choice in super().choices(changelist):
            yield {**choice, "first_name": self.names[0], "last_name": self.names[1]}


def days(field: str, title: str, *, is_moment: bool = False, names: tuple[str, str] | None = None) -> type[DayFilter]:
    """Return a filter by the days of `field`; several of them fit beside each other."""
    own = {"field": field, "title": title, "is_moment": is_moment, "names": names or (f"{field}_from", f"{field}_to")}
    return type("Days", (DayFilter,), own)


def day_box() -> forms.DateInput:
    """Return the browser's own box for a date."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def midnight(day: date) -> datetime:
    """Return the first moment of a day in Japanese time."""
    return timezone.make_aware(datetime.combine(day, time.min))


def link(model: str, pk: int | None, words: object) -> str:
    """Return a link to a row of this portal's admin, empty without a row."""
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{model}_change", args=[pk]), words) if pk else ""
