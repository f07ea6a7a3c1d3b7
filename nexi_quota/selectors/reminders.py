"""What an exporter should be reminded of, on ユーザーページ and by mail, and who gets the mail."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from nexi_quota.enums import ConfirmationState, ContractState
from nexi_quota.models import Confirmation, ConfirmationQuerySet, ContractQuerySet, InsuranceContract
from portal.accounts.models import User
from portal.accounts.permissions import holders
from portal.applications.kinds import kinds_of
from portal.applications.models import Application, ApplicationQuerySet, State

SOON_DAYS = 14
"""保証枠有効期限 within this many days is marked and reminded of (nexi.md 7.1, 9)."""


def expiring(day: date) -> ConfirmationQuerySet:
    """Return everybody's confirmations whose 保証枠有効期限 is near on `day`; what is insured does not expire."""
    until = day + timedelta(days=SOON_DAYS)
    return Confirmation.objects.filter(state=ConfirmationState.VALID, expires_on__range=(day, until))


def overdue(day: date) -> ContractQuerySet:
    """Return everybody's open contracts whose 決済期限 had passed on `day`, however they were applied for."""
    return InsuranceContract.objects.filter(state=ContractState.OPEN, due_on__lt=day)


def own_expiring(user: User, day: date) -> ConfirmationQuerySet:
    """Return the organisation's part of `expiring`, the nearest first."""
    return expiring(day).visible_to(user).select_related("payer").order_by("expires_on", "pk")


def own_overdue(user: User, day: date) -> ContractQuerySet:
    """Return the organisation's part of `overdue`, the oldest first."""
    return overdue(day).visible_to(user).select_related("payer").order_by("due_on", "pk")


def own_drafts(user: User) -> ApplicationQuerySet:
    """Return the organisation's unfinished applications of this portal, the last saved first."""
    rows: ApplicationQuerySet = Application.objects.visible_to(user).filter(
        kind__in=[kind.slug for kind in kinds_of("nexi")], state=State.DRAFT
    )
    return rows.defer("data").order_by("-saved_at", "-pk")


def own_use(user: User, most: int = 5) -> list[dict[str, Any]]:
    """Return the payers that the organisation holds most quota of: code, name, confirmed and unused (whole yen).

    Only the organisation's own confirmations are added up; the limit and the balance of a buyer stay hidden.
    """
    live = [state for state in ConfirmationState if state.holds_quota]
    held = Confirmation.objects.visible_to(user).filter(state__in=live, unused_jpy__gt=0)
    by_payer = held.values("payer__code", "payer__name")
    sums = by_payer.annotate(confirmed=Sum("amount_jpy"), unused=Sum("unused_jpy"))
    return [dict(row) for row in sums.order_by("-confirmed", "payer__code")[:most]]


def applicants_of(organisation_id: int, day: date) -> QuerySet[User]:
    """Return who of an organisation may apply on `day` (申込, 管理者) and has a mail address."""
    return holders(["nexi.apply"], organisation_id, day).exclude(email="").order_by("login")
