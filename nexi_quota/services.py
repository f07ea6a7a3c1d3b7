"""Writes: taking and giving back quota, completing a request, expiry. Each function owns its transaction."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from nexi_quota.enums import ConfirmationState, LedgerKind, Product, Rating
from nexi_quota.messages import text
from nexi_quota.models import (
    Buyer,
    BuyerRating,
    Confirmation,
    ConfirmationQuerySet,
    LedgerEntry,
    Quota,
    QuotaLimit,
)
from nexi_quota.rules.arithmetic import expires_on
from nexi_quota.selectors import Request
from nexi_quota.states import CONFIRMATION
from portal import audit
from portal.common.states import move
from portal.numbering.series import Series, allocate, calendar_year
from portal.outbox import Message, publish

if TYPE_CHECKING:
    from portal.accounts.models import User
    from portal.applications.models import Application

NUMBERS = {
    product: Series(f"nexi.confirmation.{product.value}", calendar_year, width=7, prefix=product.value)
    for product in Product
}
"""確認管理番号: product + year + seven digits of the year + check digit (nexi.md 3.3)."""


# Written out, because compiling it from a query set costs thirty times its execution (bench/README.md).
_TAKE = "UPDATE nexi_quota_quota SET held_jpy = held_jpy + %s WHERE id = %s AND held_jpy <= limit_jpy - %s"


class QuotaTaken(Exception):
    """The buyer's quota no longer has room for the amount (M-Q04)."""


def hold(quota_id: int, amount_jpy: int) -> None:
    """Take `amount_jpy` (whole yen) of a quota, or raise QuotaTaken; the database decides in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [amount_jpy, quota_id, amount_jpy])
        if not cursor.rowcount:
            raise QuotaTaken(text("M-Q04"))


def give_back(quota_id: int, amount_jpy: int) -> None:
    """Return `amount_jpy` (whole yen) to a quota; the table refuses to go below zero."""
    Quota.objects.filter(pk=quota_id).update(held_jpy=F("held_jpy") - amount_jpy)


def confirm(
    request: Request, terms: dict[str, Any], application: "Application", actor: "User", *, contact: str
) -> Confirmation:
    """Hold the quota and write the 個別保証枠確認 with its ledger entry, in the caller's transaction.

    Raises QuotaTaken when another exporter was faster.
    """
    facts = request.facts
    payer = request.buyers[terms["payer_code"]]
    amount_jpy = facts.hold_jpy
    if amount_jpy is None or facts.payer is None or facts.payer.rating is None:
        raise ValueError("only a request judged possible can be confirmed")
    confirmation = Confirmation.objects.create(
        number=allocate(NUMBERS[facts.product]),
        application=application,
        organisation_id=application.organisation_id,
        product=facts.product,
        payer=payer,
        quota_id=payer.quota_id,
        rating=facts.payer.rating,
        contract_number=terms["contract_number"],
        reference=terms["reference"],
        contact=contact,
        currency_id=facts.currency,
        amount=facts.requested_amount,
        amount_jpy=amount_jpy,
        unused=facts.requested_amount,
        unused_jpy=amount_jpy,
        rate=request.rate,
        rate_date=request.rate_date,
        confirmed_on=facts.today,
        expires_on=expires_on(facts.today),
    )
    LedgerEntry.objects.create(
        quota_id=payer.quota_id,
        confirmation=confirmation,
        kind=LedgerKind.HOLD,
        amount_jpy=amount_jpy,
        actor=actor,
        at=timezone.now(),
    )
    # Last: every exporter of this buyer waits for the row, so nothing but the commit follows it.
    hold(payer.quota_id, amount_jpy)
    return confirmation


def expire(day: date) -> int:
    """End every unused 確認 whose 保証枠有効期限 lies before `day` and give its quota back; returns how many."""
    due = Confirmation.objects.filter(state=ConfirmationState.VALID, expires_on__lt=day)
    return sum(_end(pk, "expire", LedgerKind.EXPIRE) for pk in _in_lock_order(due))


def disable(day: date) -> int:
    """Make every unused 確認 whose payer has an accident rating on `day` 使用不可, give its quota back and tell
    the exporter (M-R05); returns how many. A rating of EC leaves confirmations usable (nexi.md 5.7).
    """
    payers = Buyer.objects.in_accident(day).values("pk")
    due = Confirmation.objects.filter(state=ConfirmationState.VALID, payer__in=payers)
    return sum(_end(pk, "disable", LedgerKind.RELEASE) for pk in _in_lock_order(due))


def _in_lock_order(rows: ConfirmationQuerySet) -> list[int]:
    return list(rows.order_by("quota_id", "pk").values_list("pk", flat=True))


@transaction.atomic
def _end(pk: int, event: str, kind: LedgerKind) -> bool:
    """End one unused confirmation, once: the guarded move decides, then the quota follows."""
    row = Confirmation.objects.filter(pk=pk)
    found = row.get()
    if not move(row.filter(unused_jpy=found.unused_jpy), CONFIRMATION, event, unused=Decimal(0), unused_jpy=0):
        return False
    give_back(found.quota_id, found.unused_jpy)
    LedgerEntry.objects.create(
        quota_id=found.quota_id,
        confirmation=found,
        kind=kind,
        amount_jpy=-found.unused_jpy,
        at=timezone.now(),
    )
    audit.record(f"nexi.{event}d", target=found.number, detail={"released_jpy": found.unused_jpy})
    publish(Message(f"nexi.{event}d", found.number, {"confirmation": found.pk}))
    return True


# --- Masters ---------------------------------------------------------------


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
    quota = Quota.objects.get(buyer=buyer)
    QuotaLimit.objects.create(quota=quota, limit_jpy=limit_jpy, effective_from=effective_from, set_by=actor)
    audit.record("nexi.limit_set", actor=actor, target=buyer.code, detail={"limit_jpy": limit_jpy})
    return quota


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
    disable(timezone.localdate())
