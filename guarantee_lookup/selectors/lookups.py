"""Look-ups as far as the reader may see them."""

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from guarantee_lookup.models import Branch, Lookup
from guarantee_lookup.models.lookups import LookupQuerySet
from portal.common.rows import Columns

if TYPE_CHECKING:
    from portal.accounts.models import User


def visible_to(user: "User") -> LookupQuerySet:
    """Look-ups that `user` may see: the association all of them, a bank its own by role."""
    if user.organisation_id is None and user.has_role("lookup.desk", "lookup.auditor"):
        return Lookup.objects.all()
    found: LookupQuerySet = Lookup.objects.visible_to(user)
    return found


def listed(user: "User", wanted: dict[str, Any], period: tuple[date, date]) -> LookupQuerySet:
    """Return 照会履歴 of a period, narrowed by what the filter `wanted`."""
    since, until = (timezone.make_aware(datetime.combine(day, time.min)) for day in period)
    found = visible_to(user).filter(at__gte=since, at__lt=until + timedelta(days=1))
    if wanted.get("outcome"):
        found = found.filter(outcome=wanted["outcome"])
    if text := wanted.get("q"):
        found = found.filter(Q(receipt=text) | Q(user__login=text))
    return found.select_related("user", "branch", "snapshot")


LOOKUPS = Columns(Lookup)
BRANCHES = Columns(Branch)
_SHOWN = """
SELECT {lookup}, {branch} FROM guarantee_lookup_lookup l LEFT JOIN guarantee_lookup_branch b ON b.id = l.branch_id
WHERE l.id = %s AND l.result IS NOT NULL
"""


def shown_by_key(pk: int) -> Lookup | None:
    """Return the look-up `pk` with its branch, None without a result; whose it is, the caller asks."""
    with connection.cursor() as cursor:
        cursor.execute(_shown(), [pk])
        row = cursor.fetchone()
    lookup = LOOKUPS.read(row[: len(LOOKUPS)]) if row else None
    if lookup is not None:
        lookup.branch = BRANCHES.read(row[len(LOOKUPS) :])
    return lookup


@cache
def _shown() -> str:
    return _SHOWN.format(lookup=LOOKUPS.named("l"), branch=BRANCHES.named("b"))


def own(user: "User", receipt: str, **wanted: object) -> Lookup:
    """Return one look-up that `user` may see; Http404 for others and unknown ones."""
    related = visible_to(user).select_related("user", "organisation", "branch", "snapshot")
    found = related.filter(receipt=receipt, **wanted).first()
    if found is None:
        raise Http404
    return found
