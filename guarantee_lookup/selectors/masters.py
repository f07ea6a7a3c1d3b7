"""Masters as valid on a day."""

import json
from datetime import date
from functools import lru_cache
from typing import cast

from django.db import connection
from django.db.models import Q

from guarantee_lookup.enums import Row
from guarantee_lookup.rules.capacity import Insurance, Masters, Pool, Rule


def valid_on(day: date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gte=day))


_MASTERS = """
SELECT 0 AS kind, code, "row" AS first, CAST(pools AS text) AS second, 0 AS third, valid_from
FROM guarantee_lookup_insurancecode WHERE valid_from <= %(day)s AND (valid_to IS NULL OR valid_to >= %(day)s)
UNION ALL
SELECT 1, code, "limit", rule, addition, valid_from
FROM guarantee_lookup_capacitypool WHERE valid_from <= %(day)s AND (valid_to IS NULL OR valid_to >= %(day)s)
ORDER BY 6
"""


def masters_on(day: date) -> Masters:
    """Return insurances and pools of the as-of date `day`; of several rows of a code the one that began last counts."""
    with connection.cursor() as cursor:
        cursor.execute(_MASTERS, {"day": day})
        return _masters(tuple(cursor.fetchall()))


@lru_cache(4)
def _masters(rows: tuple[tuple[int, str, int, str, int, date], ...]) -> Masters:
    """Make of `rows` what they say: the same for the same rows, so it is never out of date."""
    insurances, pools = {}, {}
    for is_pool, code, first, second, third, _ in rows:
        if is_pool:
            pools[code] = Pool(code, first, third, cast(Rule, second))
        else:
            insurances[code] = Insurance(code, Row(first), tuple(json.loads(second)))
    return Masters(insurances, pools)
