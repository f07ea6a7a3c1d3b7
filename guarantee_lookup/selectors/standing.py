"""What decides whether a person may look up now, by statements that are written out: every look-up reads them.

Compiling the same queries anew costs a multiple of what the database needs for them (bench/lookup.py).
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import connection

from guarantee_lookup.models import Institution, LookupLock, ServiceRules, Snapshot

if TYPE_CHECKING:
    from portal.accounts.models import User

_STANDING = """
SELECT s.id, s.as_of, s.sequence, i.state, i.networks, c.branch_id
FROM (SELECT 1 AS one) AS one
LEFT JOIN guarantee_lookup_snapshot s ON s.state = 'current'
LEFT JOIN guarantee_lookup_institution i ON i.organisation_id = %s
LEFT JOIN guarantee_lookup_clerk c ON c.user_id = %s
"""
_RULES = """
SELECT * FROM guarantee_lookup_servicerules
WHERE valid_from <= %s AND (valid_to IS NULL OR valid_to >= %s) ORDER BY valid_from DESC LIMIT 1
"""
_LOCKS = "SELECT * FROM guarantee_lookup_lookuplock WHERE user_id = %s AND lifted_at IS NULL"
_ASKED = """
SELECT id, sealed FROM guarantee_lookup_lookup
WHERE user_id = %s AND kind = %s AND at >= %s ORDER BY at DESC, id DESC LIMIT %s
"""


@dataclass(frozen=True)
class Standing:
    """The serving generation (None before the first import), the contract and networks of the bank, the branch."""

    snapshot: Snapshot | None
    has_contract: bool
    networks: list[str]
    branch_id: int | None


def standing_of(user: "User") -> Standing:
    """Return how `user` stands; the association needs no contract."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [user.organisation_id, user.pk])
        pk, as_of, sequence, state, networks, branch_id = cursor.fetchone()
    day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    return Standing(
        Snapshot(pk=pk, as_of=day, sequence=sequence) if pk else None,
        user.organisation_id is None or state == Institution.State.ACTIVE,
        json.loads(networks) if networks else [],
        branch_id,
    )


def service_rules_on(day: date) -> ServiceRules:
    """Return hours and limits of `day`: the row that began last, else the defaults."""
    return next(iter(ServiceRules.objects.raw(_RULES, [day, day])), None) or ServiceRules(valid_from=day)


def open_locks(user: "User") -> list[LookupLock]:
    """Return the locks of the person that nobody has lifted; their time may be over."""
    return list(LookupLock.objects.raw(_LOCKS, [user.pk]))


def asked_before(user: "User", kind: str, since: datetime, most: int) -> list[str]:
    """Return the sealed numbers of the person's last look-ups of this kind, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, [user.pk, kind, connection.ops.adapt_datetimefield_value(since), most])
        return [sealed for _, sealed in cursor.fetchall()]
