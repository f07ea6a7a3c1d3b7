"""Banks, their branches and their people; a 利用管理者 sees those of the own bank and no others."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from guarantee_lookup.models import Announcement, Branch, Clerk, Institution, LookupLock
from portal.accounts.models import Grant, User
from portal.accounts.roles import including

if TYPE_CHECKING:
    from collections.abc import Mapping


def announcements(user: User, today: date) -> QuerySet[Announcement]:
    """Return the お知らせ that the user's bank is shown today, newest first."""
    in_time = Q(ends_on=None) | Q(ends_on__gte=today)
    for_bank = Q(organisation=None) | Q(organisation=user.organisation_id)
    return Announcement.objects.filter(in_time, for_bank, is_public=True, starts_on__lte=today)


def institution_of_code(code: str) -> Institution | None:
    """Return the institution with this 金融機関コード."""
    found = Institution.objects.filter(organisation__portal="lookup", organisation__code=code)
    return found.select_related("organisation").first()


def master_with(organisation_id: int, mail: str) -> User | None:
    """Return the bank's active person with this mail address, in any case of its letters."""
    found = User.objects.filter(organisation=organisation_id, email__iexact=mail, is_active=True)
    return found.order_by("pk").first()


def open_branches(organisation_id: int | None) -> QuerySet[Branch]:
    """Return the bank's branches that are open today."""
    today = timezone.localdate()
    return Branch.objects.filter(Branch.open_on(today), institution__organisation=organisation_id).order_by("code")


def _open_locks(now: Any) -> QuerySet[LookupLock]:
    locks = LookupLock.objects.filter(user=OuterRef("pk"), lifted_at=None)
    return locks.filter(Q(until=None) | Q(until__gt=now)).order_by("pk")


def people_of(master: User) -> "QuerySet[Any]":
    """Return the people of the master's own bank; `is_locked` says whether look-ups are stopped."""
    if master.organisation_id is None:
        return Clerk.objects.none()
    people = Clerk.objects.filter(user__organisation=master.organisation_id)
    return people.select_related("user__organisation", "branch").annotate(is_locked=Exists(_open_locks(timezone.now())))


def listed(master: User, wanted: "Mapping[str, Any]") -> "QuerySet[Any]":
    """Return 利用者一覧 narrowed by words, branch and state."""
    found = people_of(master)
    if text := wanted.get("q"):
        found = found.filter(Q(user__login=text) | Q(user__name__icontains=text) | Q(user__email__icontains=text))
    if wanted.get("branch"):
        found = found.filter(branch=wanted["branch"])
    state = wanted.get("state")
    if state == "locked":
        return found.filter(is_locked=True, user__is_active=True)
    return found.filter(user__is_active=state == "active") if state else found


def person_of(master: User, pk: int) -> Any:
    """Return one person of the master's own bank; Http404 for others and unknown ones."""
    found = people_of(master).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def roles_of(users: "list[int]", day: date) -> dict[int, set[str]]:
    """Return the role codes in force on `day` of each of the users."""
    found: dict[int, set[str]] = {user: set() for user in users}
    for user_id, role in Grant.objects.filter(Grant.in_force(day), user__in=users).values_list("user_id", "role"):
        found[user_id].add(role)
    return found


def is_master(user: User) -> bool:
    """Return True for a 利用管理者."""
    return not user.roles.isdisjoint(including(["lookup.master"]))


def open_locks_of(user: User) -> QuerySet[LookupLock]:
    """Return the locks that stop the look-ups of `user` now."""
    now = timezone.now()
    locks = LookupLock.objects.filter(user=user, lifted_at=None)
    return locks.filter(Q(until=None) | Q(until__gt=now)).order_by("-since")
