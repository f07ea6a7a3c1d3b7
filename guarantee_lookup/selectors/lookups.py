"""Look-ups as far as the reader may see them."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from guarantee_lookup.models import Lookup
from guarantee_lookup.models.lookups import LookupQuerySet

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


def own(user: "User", receipt: str, **wanted: object) -> Lookup:
    """Return one look-up that `user` may see; Http404 for others and unknown ones."""
    related = visible_to(user).select_related("user", "organisation", "branch", "snapshot")
    found = related.filter(receipt=receipt, **wanted).first()
    if found is None:
        raise Http404
    return found
