"""Questions about rights that other kernel packages ask."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts import roles
from portal.accounts.models import Grant, User


class Member(Protocol):
    """Whose organisation decides what is visible: a user, or a token of the API."""

    @property
    def organisation_id(self) -> int | None: ...


class Submittable(Protocol):
    """What `may_submit` looks at: whose application it is and who saved it last."""

    @property
    def organisation_id(self) -> int: ...

    @property
    def saved_by_id(self) -> int | None: ...


def may_submit(user: User, application: Submittable) -> bool:
    """True when `user` may send `application`: own organisation, and under four eyes not the last who saved it.

    Whether the user holds the role for sending is the view's question.
    """
    organisation = user.organisation
    if organisation is None or organisation.pk != application.organisation_id:
        return False
    return not (organisation.four_eyes and application.saved_by_id == user.pk)


def holders(codes: Iterable[str], organisation_id: int | None, day: date) -> QuerySet[User]:
    """Return the active people of an organisation (None: of the staff) who hold one of `codes` on `day`."""
    grants = Grant.objects.filter(Grant.in_force(day), role__in=roles.including(codes))
    return User.objects.filter(organisation=organisation_id, is_active=True, pk__in=grants.values("user"))


def who_can(user: User, codes: tuple[str, ...], most: int = 5) -> list[str]:
    """Names of active colleagues in the user's own organisation who hold one of `codes` today."""
    if user.organisation_id is None:
        return []
    found = holders(codes, user.organisation_id, timezone.localdate()).order_by("kana", "login")
    return list(found.values_list("name", flat=True)[:most])
