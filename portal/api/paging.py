"""Paging by key: every page begins behind the last row of the one before, so rows that arrive shift nothing."""

import json
from typing import Any

from django.core import signing
from django.db.models import QuerySet

from portal.api.parameters import CURSOR, LIMIT, MOST_ROWS
from portal.api.problems import Fault, Refused

VALID_SECONDS = 86_400
NO_PAGE = (
    "この位置からは続きを返せません。条件を変えたか、24時間を過ぎています。"
    "cursor を外して、はじめから取得してください。"
)


def page_of(rows: QuerySet[Any], wanted: dict[str, Any], scope: str) -> tuple[list[Any], str | None]:
    """Return the rows of one page in the order of their keys, and the cursor of the next one (None on the last).

    A cursor is signed for `scope` (the list and its owner) and the filters: with others there is no such page (404).
    """
    filters = {name: value for name, value in wanted.items() if name not in {LIMIT.name, CURSOR.name}}
    salt = f"portal.api.cursor:{scope}:{json.dumps(filters, sort_keys=True, default=str)}"
    if cursor := wanted.get(CURSOR.name):
        try:
            rows = rows.filter(pk__gt=signing.loads(cursor, salt=salt, max_age=VALID_SECONDS))
        except signing.BadSignature:
            raise Refused(404, [Fault(CURSOR.name, NO_PAGE)]) from None
    size = wanted.get(LIMIT.name, MOST_ROWS)
    found = list(rows.order_by("pk")[: size + 1])
    page = found[:size]
    return page, signing.dumps(page[-1].pk, salt=salt) if len(found) > size else None
