"""The people of a 発注者 as its administrator sees them: those of the own organisation and no others."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.http import Http404

from portal.accounts.models import Grant, User

if TYPE_CHECKING:
    from portal.accounts.permissions import Member


def people_of(admin: "Member") -> QuerySet[User]:
    """Return everybody of the administrator's organisation."""
    return User.objects.filter(organisation_id=admin.organisation_id or 0).select_related("suspension")


def listed(admin: "Member", wanted: Mapping[str, Any]) -> QuerySet[User]:
    """Return 利用者一覧 narrowed by words and state."""
    found = people_of(admin)
    if words := wanted.get("q"):
        found = found.filter(Q(login=words) | Q(name__icontains=words) | Q(email__icontains=words))
    return found.filter(is_active=wanted["state"] == "active") if wanted.get("state") else found


def person_of(admin: "Member", pk: int) -> User:
    """Return one person of the administrator's organisation; Http404 for others and unknown ones."""
    found = people_of(admin).select_related("organisation").filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


def roles_of(people: QuerySet[User], day: date) -> dict[int, set[str]]:
    """Return the role codes in force on `day`, by user."""
    held: dict[int, set[str]] = {}
    grants = Grant.objects.filter(Grant.in_force(day), user__in=people.order_by().values("pk")).order_by("pk")
    for user, role in grants.values_list("user_id", "role"):
        held.setdefault(user, set()).add(role)
    return held
