"""What a 発注者 has registered: its list by tabs, one certificate with its versions, and who looked at it."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from esurety.enums import GuaranteeState, SubmissionState, VersionState
from esurety.models import Body, Certificate, Guarantee, Registration
from esurety.rules.numbers import plain
from portal.accounts.permissions import holders
from portal.audit.models import Event
from portal.common.rows import Columns

if TYPE_CHECKING:
    from portal.accounts.models import User

TABS = {"new": "未確認", "accepted": "受領", "waiting": "変更待ち", "soon": "期限間近", "ended": "終了"}
"""Tabs of 証書一覧 (esurety.md 12.3) by their name in the address."""

SOON = timedelta(days=60)
OVER = (GuaranteeState.ENDED, GuaranteeState.CANCELLED)


def _visible(user: "User") -> QuerySet[Registration]:
    """Return the registrations of the user's own body, with what pages show of them."""
    return Registration.objects.filter(body__organisation_id=user.organisation_id or 0).select_related(
        "certificate__guarantee"
    )


def listed(user: "User", tab: str, found: Mapping[str, Any], today: date) -> QuerySet[Registration]:
    """Return the registrations of a tab that the filters let through.

    変更待ち is what waits for the contractor: returned, or with a newer version that was not handed in. Contents are
    searched in the version itself, never in a newer one that the body has not been given.
    """
    is_current = Q(certificate__state=VersionState.ISSUED)
    is_over = Q(certificate__guarantee__state__in=OVER)
    newer = Registration.objects.filter(
        certificate=OuterRef("certificate__guarantee__current"), body=OuterRef("body")
    ).order_by()
    is_missing = Q(certificate__state__in=(VersionState.SUPERSEDED, VersionState.CORRECTED)) & ~Exists(newer)
    is_back = is_current & Q(state=SubmissionState.RETURNED)
    rows = _visible(user)
    match tab:
        case "accepted":
            rows = rows.filter(is_current & ~is_over & Q(state=SubmissionState.ACCEPTED))
        case "waiting":
            rows = rows.filter((is_missing | is_back) & ~is_over)
        case "soon":
            rows = rows.filter(is_current & ~is_over & Q(certificate__guarantee__due_on__lte=today + SOON))
        case "ended":
            rows = rows.filter(is_over | ~(is_current | is_missing))
        case _:
            rows = rows.filter(is_current & ~is_over & Q(state=SubmissionState.REGISTERED))
    if number := plain(found.get("number", "")):
        rows = rows.filter(certificate__guarantee__number__startswith=number)
    if product := found.get("product"):
        rows = rows.filter(certificate__guarantee__product=product)
    for word in found.get("words", "").split():
        rows = rows.filter(certificate__payload__icontains=json.dumps(word, ensure_ascii=False)[1:-1])
    if since := found.get("since"):
        rows = rows.filter(registered_at__date__gte=since)
    if until := found.get("until"):
        rows = rows.filter(registered_at__date__lte=until)
    return rows


def newest(user: "User", most: int) -> list[Registration]:
    """Return what the body registered last and is in force, with the applications behind it."""
    rows = _visible(user).filter(certificate__state=VersionState.ISSUED)
    return list(rows.select_related("certificate__guarantee__item__request").order_by("-registered_at", "-pk")[:most])


# Written out: 証書詳細 is held to three times a bare view, and Django compiles its queries anew each time.
_REGISTRATION, _CERTIFICATE, _GUARANTEE = Columns(Registration), Columns(Certificate), Columns(Guarantee)
_BODY, _EVENT = Columns(Body), Columns(Event)


@cache
def _statements() -> tuple[str, str, str]:
    """Return the statements for a registration with its version, guarantee and body; for versions; for the log."""
    columns = ", ".join((_REGISTRATION.named("r"), _CERTIFICATE.named("c"), _GUARANTEE.named("g"), _BODY.named("b")))
    return (
        f"""SELECT {columns} FROM esurety_registration r
JOIN esurety_certificate c ON c.id = r.certificate_id JOIN esurety_guarantee g ON g.id = c.guarantee_id
JOIN esurety_body b ON b.id = r.body_id WHERE r.id = %s AND b.organisation_id = %s""",  # noqa: S608 - our own names
        f"""SELECT {_CERTIFICATE.named("c")} FROM esurety_certificate c
WHERE c.guarantee_id = %s AND c.state <> %s ORDER BY c.sequence""",  # noqa: S608
        f"""SELECT u.name, {_EVENT.named("e")} FROM audit_event e LEFT JOIN accounts_user u ON u.id = e.actor_id
WHERE e.target = %s AND e.organisation_id = %s AND e.verb LIKE 'verify.%%' ORDER BY e.at DESC, e.id DESC
LIMIT %s""",  # noqa: S608
    )


def _read(statement: str, *values: str | int | None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def own(user: "User", pk: int) -> Registration:
    """Return one registration of the user's body; Http404 for another one's and for none."""
    rows = _read(_statements()[0], pk, user.organisation_id or 0) if pk < 2**63 else []
    if not rows:
        raise Http404
    (row,) = rows
    found: list[Any] = []
    for read in (_REGISTRATION, _CERTIFICATE, _GUARANTEE, _BODY):
        found.append(read.read(row[: len(read)]))
        row = row[len(read) :]
    registration: Registration = found[0]
    registration.certificate, registration.body = made, body = found[1], found[3]
    made.guarantee, made.guarantee.body = found[2], body
    return registration


def versions(guarantee: Guarantee) -> list[Certificate]:
    """Return the versions of a guarantee that have arrived, oldest first."""
    rows = _read(_statements()[1], guarantee.pk, VersionState.PENDING.value)
    found = [made for row in rows if (made := _CERTIFICATE.read(row))]
    for made in found:
        made.guarantee = guarantee
    return found


def registered_of(registration: Registration, found: list[Certificate]) -> dict[int, Registration]:
    """Return what the body has registered of `found`, the versions of the guarantee, by the id of the version."""
    if len(found) == 1:
        return {registration.certificate_id: registration}
    rows = Registration.objects.filter(body=registration.body_id, certificate__in=[one.pk for one in found])
    return {row.certificate_id: row for row in rows.order_by("pk")}


def log_of(registration: Registration, most: int) -> list[tuple[str, Event]]:
    """Return the newest events of this body about the guarantee, each with the name of who did it."""
    number, organisation = registration.certificate.guarantee.number, registration.body.organisation_id
    rows = _read(_statements()[2], number, organisation, most)
    return [(row[0] or "", event) for row in rows if (event := _EVENT.read(row[1:]))]


def issued_to(user: "User", number: str, **fields: Any) -> Certificate | None:
    """Return the version with these fields of a guarantee for the user's body; None where there is none."""
    rows = Certificate.objects.filter(
        guarantee__number=number, guarantee__body__organisation_id=user.organisation_id or 0, **fields
    )
    return rows.exclude(state=VersionState.PENDING).select_related("guarantee__current").order_by("pk").first()


def people_of(guarantee: Guarantee) -> list[str]:
    """Return whom to write to at the body about a guarantee: its 契約担当, once it has registered a version."""
    rows = Registration.objects.filter(certificate__guarantee=guarantee)
    if guarantee.body.organisation_id is None or not rows.exists():
        return []
    people = holders(("verify.user",), guarantee.body.organisation_id, timezone.localdate()).exclude(email="")
    return list(people.order_by("pk").values_list("email", flat=True).distinct())
