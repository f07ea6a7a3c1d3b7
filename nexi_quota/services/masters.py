"""Writes of masters that have consequences: the limit of a quota, the rating of a buyer."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from nexi_quota.enums import LedgerKind, Rating
from nexi_quota.models import Buyer, BuyerRating, LedgerEntry, LimitProposal, Quota, QuotaLimit
from nexi_quota.selectors import RatingEffects, rating_effects
from nexi_quota.services import quota
from portal import audit

if TYPE_CHECKING:
    from portal.accounts.models import User


@transaction.atomic
def set_limit(
    buyer: Buyer,
    limit_jpy: int,
    actor: "User | None",
    effective_from: date,
    *,
    proposal: LimitProposal | None = None,
) -> Quota:
    """Give a head office's 個別保証枠 a new limit in yen (it may be below what is held); history and audit are kept.

    The audit names both people of the `proposal` that it carries out.
    """
    if buyer.head_office_id:
        raise ValueError("a branch uses the quota of its head office")
    Quota.objects.bulk_create(
        [Quota(buyer=buyer, limit_jpy=limit_jpy)],
        update_conflicts=True,
        unique_fields=["buyer"],
        update_fields=["limit_jpy"],
    )
    changed = Quota.objects.get(buyer=buyer)
    QuotaLimit.objects.create(quota=changed, limit_jpy=limit_jpy, effective_from=effective_from, set_by=actor)
    detail: dict[str, object] = {"limit_jpy": limit_jpy}
    if proposal and proposal.decided_by:
        detail |= {"proposed_by": proposal.proposed_by.login, "approved_by": proposal.decided_by.login}
    audit.record("nexi.limit_set", actor=actor, target=buyer.code, detail=detail)
    return changed


@transaction.atomic
def set_rating(buyer: Buyer, rating: Rating, actor: "User | None", effective_from: date) -> None:
    """Give a buyer a rating from a day on; a second one for the same day replaces the first."""
    BuyerRating.objects.bulk_create(
        [BuyerRating(buyer=buyer, rating=rating, effective_from=effective_from)],
        update_conflicts=True,
        unique_fields=["buyer", "effective_from"],
        update_fields=["rating"],
    )
    audit.record(
        "nexi.rating_set", actor=actor, target=buyer.code, detail={"rating": rating, "from": f"{effective_from}"}
    )
    quota.disable(timezone.localdate())


class EffectsChanged(Exception):
    """A rating would no longer do what was shown; nothing was written."""


@transaction.atomic
def set_rating_as_shown(shown: str, buyer: Buyer, rating: Rating, actor: "User", effective_from: date) -> None:
    """Set a rating only if it does exactly what the digest `shown` stands for, else raise EffectsChanged.

    No lock keeps exporters away meanwhile, so what really came back is compared as well before it counts.
    """
    effects = rating_effects(buyer, rating, effective_from, timezone.localdate())
    if effects.digest != shown:
        raise EffectsChanged
    latest = LedgerEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    set_rating(buyer, rating, actor, effective_from)
    if _given_back(effects, latest) != effects.ended:
        raise EffectsChanged


def _given_back(effects: RatingEffects, after: int) -> list[tuple[str, int]]:
    """Return what ended without a notice since the ledger entry `after`, as `RatingEffects.ended`."""
    entries = LedgerEntry.objects.filter(
        pk__gt=after, confirmation__payer=effects.buyer, kind=LedgerKind.RELEASE, notice=None
    )
    return sorted((number, -yen) for number, yen in entries.values_list("confirmation__number", "amount_jpy"))
