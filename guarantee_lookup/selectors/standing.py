"""What decides whether a person may look up now, by statements that are written out: every look-up reads them.

Compiling the same queries anew costs a multiple of what the database needs for them (bench/lookup.py).
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from guarantee_lookup.models import Institution, LookupLock, ServiceRules, Snapshot
from portal.common.rows import Columns

if TYPE_CHECKING:
    from portal.accounts.models import User

RULES = Columns(ServiceRules)
LOCKS = Columns(LookupLock)

# One row for each open lock of the person, one without a lock when there is none.
_STANDING = """
SELECT s.id, s.as_of, s.sequence, i.state, i.networks, c.branch_id, {rules}, {locks}
FROM (SELECT 1 AS one) AS one
LEFT JOIN guarantee_lookup_snapshot s ON s.state = 'current'
LEFT JOIN guarantee_lookup_institution i ON i.organisation_id = %(bank)s
LEFT JOIN guarantee_lookup_clerk c ON c.user_id = %(user)s
LEFT JOIN guarantee_lookup_servicerules r ON r.id = (
    SELECT id FROM guarantee_lookup_servicerules
    WHERE valid_from <= %(day)s AND (valid_to IS NULL OR valid_to >= %(day)s) ORDER BY valid_from DESC LIMIT 1)
LEFT JOIN guarantee_lookup_lookuplock l ON l.user_id = %(user)s AND l.lifted_at IS NULL
"""
_ASKED = """
SELECT id, sealed FROM guarantee_lookup_lookup
WHERE user_id = %s AND kind = %s AND at >= %s ORDER BY at DESC, id DESC LIMIT %s
"""


@dataclass(frozen=True)
class Standing:
    """What one statement says of the service and the person at the moment.

    The serving generation (None before the first import), contract and networks of the bank, the branch; hours and
    limits of the day (the row that began last, else the defaults); the locks that nobody has lifted, also expired ones.
    """

    snapshot: Snapshot | None
    has_contract: bool
    networks: list[str]
    branch_id: int | None
    rules: ServiceRules
    locks: list[LookupLock]


def standing_of(user: "User") -> Standing:
    """Return how `user` stands today; the association needs no contract."""
    today = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(_standing(), {"bank": user.organisation_id, "user": user.pk, "day": today})
        rows = cursor.fetchall()
    pk, as_of, sequence, state, networks, branch_id, *rest = rows[0]
    day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    locks = [LOCKS.read(row[-len(LOCKS) :]) for row in rows]
    return Standing(
        Snapshot(pk=pk, as_of=day, sequence=sequence) if pk else None,
        user.organisation_id is None or state == Institution.State.ACTIVE,
        json.loads(networks) if networks else [],
        branch_id,
        RULES.read(rest[: len(RULES)]) or ServiceRules(valid_from=today),
        [lock for lock in locks if lock],
    )


@cache
def _standing() -> str:
    return _STANDING.format(rules=RULES.named("r"), locks=LOCKS.named("l"))


def asked_before(user: "User", kind: str, since: datetime, most: int) -> list[str]:
    """Return the sealed numbers of the person's last look-ups of this kind, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, [user.pk, kind, connection.ops.adapt_datetimefield_value(since), most])
        return [sealed for _, sealed in cursor.fetchall()]
