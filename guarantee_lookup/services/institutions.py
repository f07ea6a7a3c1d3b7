"""金融機関: what an approved 利用開始申請 makes of them, and stopping and resuming a whole bank."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from guarantee_lookup.enums import StopReason, UsageKind
from guarantee_lookup.models import Branch, Clerk, Institution, UsageApplication
from guarantee_lookup.selectors.institutions import institution_of_code, master_with
from guarantee_lookup.services.people import Person, add_person, set_roles
from portal import audit
from portal.accounts import sessions
from portal.accounts.models import Organisation, User

MASTER = "lookup.master"


class Obstacle(Exception):
    """The application cannot be carried out as it is; the text says why, in Japanese."""


PERSONAL = ("name", "department", "phone", "email")


def carry_out(usage: UsageApplication, actor: User) -> tuple[Institution, list[User]]:
    """Make of the bank what was applied for, in the caller's transaction; returns it and the 利用管理者 who are new."""
    if usage.kind == UsageKind.END:
        institution = _known(usage.code)
        end(institution, actor)
        return institution, []
    institution = _establish(usage) if usage.kind == UsageKind.NEW else _known(usage.code)
    wanted = usage.wanted
    Organisation.objects.filter(pk=institution.organisation_id).update(
        name=wanted["name"], is_active=True, strict_sessions=True
    )
    Institution.objects.filter(pk=institution.pk).update(
        sharing=wanted["sharing"], networks=wanted["networks"], state=Institution.State.ACTIVE
    )
    if wanted["branches"] is not None:
        last_day = max(date.fromisoformat(wanted["start_on"]), timezone.localdate())
        _set_branches(institution, wanted["branches"], last_day)
    institution = Institution.objects.select_related("organisation").get(pk=institution.pk)
    new = _appoint_masters(institution, wanted["masters"], actor)
    _record("lookup.institution_set", actor, institution, application=usage.application.number, kind=usage.kind)
    return institution, new


def _known(code: str) -> Institution:
    institution = institution_of_code(code)
    if institution is None:
        raise ValueError(f"there is no institution {code}")
    return institution


def _establish(usage: UsageApplication) -> Institution:
    """Return the institution of a new bank, or of one that comes back; raises Obstacle when it is there."""
    organisation, _ = Organisation.objects.get_or_create(
        portal="lookup", code=usage.code, defaults={"name": usage.wanted["name"], "strict_sessions": True}
    )
    institution, is_new = Institution.objects.get_or_create(organisation=organisation)
    ended = Institution.objects.filter(pk=institution.pk, state=Institution.State.ENDED)
    if not is_new and not ended.update(state=Institution.State.ACTIVE):
        raise Obstacle("この金融機関コードは、先に登録されています。")
    return institution


def _set_branches(institution: Institution, wanted: Iterable[tuple[str, str]], last_day: date) -> None:
    """Add, rename and reopen what is named; what is not named closes on `last_day`."""
    named = dict(wanted)
    Branch.objects.bulk_create(
        (Branch(institution=institution, code=code, name=name) for code, name in named.items()),
        update_conflicts=True,
        unique_fields=["institution", "code"],
        update_fields=["name", "closes_on"],
    )
    institution.branches.filter(closes_on=None).exclude(code__in=named).update(closes_on=last_day)


def _appoint_masters(institution: Institution, masters: Iterable[Mapping[str, str]], actor: User) -> list[User]:
    """Register the 利用管理者 whom the bank does not have yet; who is there already gets the role."""
    new = []
    for master in masters:
        user = master_with(institution.organisation_id, master["email"])
        if user is None:
            details = {name: master[name] for name in PERSONAL}
            new.append(add_person(actor, institution.organisation, Person(details, None, {MASTER})))
        else:
            set_roles(actor, user, {MASTER}, ())
    return new


# --- Stopping, resuming, ending --------------------------------------------------


@transaction.atomic
def stop(institution: Institution, actor: User) -> bool:
    """停止: nobody of the bank looks anything up until it is resumed; False when it was not active."""
    return _turn(institution, Institution.State.ACTIVE, Institution.State.STOPPED, actor)


@transaction.atomic
def resume(institution: Institution, actor: User) -> bool:
    """停止解除; False when it was not stopped."""
    return _turn(institution, Institution.State.STOPPED, Institution.State.ACTIVE, actor)


def _turn(institution: Institution, before: Institution.State, after: Institution.State, actor: User) -> bool:
    if not Institution.objects.filter(pk=institution.pk, state=before).update(state=after):
        return False
    _record("lookup.institution_state", actor, institution, state=after)
    return True


@transaction.atomic
def end(institution: Institution, actor: User) -> None:
    """廃止: the bank and all its people are switched off at once."""
    if not (
        Institution.objects.filter(pk=institution.pk)
        .exclude(state=Institution.State.ENDED)
        .update(state=Institution.State.ENDED)
    ):
        return
    Organisation.objects.filter(pk=institution.organisation_id).update(is_active=False)
    for user in institution.organisation.users.select_related("organisation").order_by("pk"):
        sessions.end(user)
        if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            Clerk.objects.filter(pk=user.pk).update(stop_reason=StopReason.LEFT)
            detail = {"reason": StopReason.LEFT}
            audit.record(
                "lookup.user_stopped", actor=actor, organisation=user.organisation, target=user.login, detail=detail
            )
    _record("lookup.institution_state", actor, institution, state=Institution.State.ENDED)


def _record(verb: str, actor: User, institution: Institution, **detail: Any) -> None:
    organisation = institution.organisation
    audit.record(verb, actor=actor, organisation=organisation, target=organisation.code, detail=detail)
