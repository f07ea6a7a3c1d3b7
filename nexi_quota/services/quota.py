"""Taking and giving back quota, completing a request, expiry."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from nexi_quota.enums import ConfirmationState, LedgerKind, Product
from nexi_quota.messages import text
from nexi_quota.models import (
    Buyer,
    Confirmation,
    ConfirmationQuerySet,
    InsuranceContract,
    LedgerEntry,
    Notice,
)
from nexi_quota.rules.arithmetic import expires_on, released_yen
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

_GIVE_BACK = "UPDATE nexi_quota_quota SET held_jpy = held_jpy - %s WHERE id = %s"


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
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, [amount_jpy, quota_id])


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


class Overtaken(Exception):
    """Somebody changed the confirmation or the contract since it was read; nothing was written."""


def release(
    found: Confirmation,
    event: str,
    kind: LedgerKind,
    amount: Decimal | None = None,
    *,
    actor: "User | None" = None,
    contract: InsuranceContract | None = None,
    notice: Notice | None = None,
) -> int:
    """Free `amount` (in the confirmation's currency; None: the rest) in the caller's transaction; returns the yen.

    A part leaves the state as it is; with the rest the confirmation ends by `event`. Raises Overtaken when `found` is
    not what the table says any more: of many at once one wins.
    """
    row = Confirmation.objects.filter(pk=found.pk, unused=found.unused, unused_jpy=found.unused_jpy)
    if amount is None or amount == found.unused:
        yen = found.unused_jpy
        won = move(row, CONFIRMATION, event, unused=Decimal(0), unused_jpy=0)
    else:
        yen = released_yen(amount, found.rate, open_amount=found.unused, open_jpy=found.unused_jpy)
        left = {"unused": found.unused - amount, "unused_jpy": found.unused_jpy - yen}
        won = row.filter(state__in=CONFIRMATION.sources(event)).update(**left) > 0
    if not won:
        raise Overtaken(found.number)
    LedgerEntry.objects.create(
        quota_id=found.quota_id,
        confirmation=found,
        contract=contract,
        notice=notice,
        kind=kind,
        amount_jpy=-yen,
        actor=actor,
        at=timezone.now(),
    )
    # Last, like hold(): the row that everybody waits for.
    give_back(found.quota_id, yen)
    return yen


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


def _end(pk: int, event: str, kind: LedgerKind) -> bool:
    """End one unused confirmation, once; False when somebody else has moved it meanwhile."""
    found = Confirmation.objects.get(pk=pk)
    try:
        with transaction.atomic():
            yen = release(found, event, kind)
            audit.record(f"nexi.{event}d", target=found.number, detail={"released_jpy": yen})
            publish(Message(f"nexi.{event}d", found.number, {"confirmation": found.pk}))
    except Overtaken:
        return False
    return True
