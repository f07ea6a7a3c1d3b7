"""Reads of applications, always scoped by the reader's organisation."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from portal.applications.kinds import kinds_of
from portal.applications.models import Application, ApplicationQuerySet, Attachment, State
from portal.common.calendar import add_months
from portal.common.text import half

if TYPE_CHECKING:
    from portal.accounts.models import User
    from portal.accounts.permissions import Member

LIST_MONTHS = 6
"""申込状況一覧 shows this many months unless asked for another time (nexi.md 7.3)."""


def own_application(user: "User", number: str, kind: str = "", *, with_people: bool = False) -> Application:
    """Return the user's own organisation's application; Http404 for any other number.

    `with_people` reads who entered, saved and submitted it along: four tables more, for the pages that name them.
    """
    found = Application.objects.visible_to(user).filter(number=number)
    if kind:
        found = found.filter(kind=kind)
    if with_people:
        found = found.select_related("saved_by", "created_by", "submitted_by", "copied_from")
    try:
        application: Application = found.get()
    except Application.DoesNotExist:
        raise Http404 from None
    return application


def own_attachments(user: "User", ids: Iterable[str]) -> list[Attachment]:
    """Return the organisation's attachments among `ids`; anything else is left out."""
    wanted = [pk for pk in ids if _is_uuid(pk)]
    return list(Attachment.objects.filter(pk__in=wanted, organisation=user.organisation)) if user.organisation else []


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def listed(user: "Member", portal: str, wanted: dict[str, Any]) -> ApplicationQuerySet:
    """Return the organisation's applications of one portal that fit the cleaned filter `wanted`.

    Without a time the last six months are shown; 取消 and 期限切れ only when asked for by state.
    """
    rows = Application.objects.visible_to(user).filter(kind__in=[kind.slug for kind in kinds_of(portal)])
    rows = rows.select_related("created_by", "submitted_by").defer("data")
    state = wanted.get("state")
    rows = rows.filter(state=state) if state else rows.filter(state__in=[State.DRAFT, State.SUBMITTED])
    if wanted.get("kind"):
        rows = rows.filter(kind=wanted["kind"])
    if wanted.get("whose") == "own":
        rows = rows.filter(Q(created_by=user) | Q(submitted_by=user))
    start = wanted.get("since") or add_months(timezone.localdate(), -LIST_MONTHS)
    rows = rows.filter(created_at__gte=_midnight(start))
    if until := wanted.get("until"):
        rows = rows.filter(created_at__lt=_midnight(until + timedelta(days=1)))
    if text := wanted.get("q"):
        # Numbers and references are stored in half width, names as typed.
        code = half(text)
        named = Q(party__icontains=text) | Q(party__icontains=code)
        rows = rows.filter(Q(number__startswith=code) | named | Q(reference__icontains=code))
    if wanted.get("least") is not None:
        rows = rows.filter(amount__gte=wanted["least"])
    if wanted.get("most") is not None:
        rows = rows.filter(amount__lte=wanted["most"])
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
