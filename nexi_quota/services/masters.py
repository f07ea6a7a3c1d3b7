"""Writes of masters that have consequences: the limit of a quota, the rating of a buyer."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from nexi_quota.enums import Rating
from nexi_quota.models import Buyer, BuyerRating, Quota, QuotaLimit
from nexi_quota.services import quota
from portal import audit

if TYPE_CHECKING:
    from portal.accounts.models import User


@transaction.atomic
def set_limit(buyer: Buyer, limit_jpy: int, actor: "User | None", effective_from: date) -> Quota:
    """Give a head office's 個別保証枠 a new limit in yen (it may be below what is held); history and audit are kept."""
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
    audit.record("nexi.limit_set", actor=actor, target=buyer.code, detail={"limit_jpy": limit_jpy})
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
