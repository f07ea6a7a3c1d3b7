"""保有契約: recording an insurance, its automatic hold, its loss notice, and the release of what nobody settled."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from nexi_quota.enums import ContractOrigin, ContractState, LedgerKind, Origin, Product
from nexi_quota.models import Buyer, Confirmation, InsuranceContract, LedgerEntry, Notice
from nexi_quota.rules.arithmetic import expires_on, to_yen
from nexi_quota.services.quota import NUMBERS, Overtaken, hold, release
from nexi_quota.states import CONFIRMATION, CONTRACT
from portal import audit
from portal.common.states import move
from portal.numbering.series import allocate
from portal.outbox import Message, publish

if TYPE_CHECKING:
    from portal.accounts.models import Organisation, User

AUTO_RELEASE_DAYS = 60
"""Days after 決済期限: 45 for the 損失等発生通知 and 15 for its processing (nexi.md 6.2)."""


@dataclass(frozen=True)
class Insurance:
    """An insurance application as the insurer recorded it; `confirmation` is the 確認 it uses.

    Without one the quota `quota_id` is held automatically, at the frozen `rate` (yen per unit) of `rate_date`;
    without that either, the contract needs no 個別保証枠. `amount` is in `currency`.
    """

    policy_number: str
    branch: str
    history: str
    organisation: "Organisation"
    product: Product
    origin: ContractOrigin
    payer: Buyer
    quota_id: int | None
    rating: str
    currency: str
    amount: Decimal
    shipped_on: date
    due_on: date
    concluded_on: date
    confirmation: Confirmation | None = None
    acquired_by: Origin = Origin.INSURANCE
    contract_number: str = ""
    reference: str = ""
    rate: Decimal = Decimal(1)
    rate_date: date | None = None


def insure(insurance: Insurance, actor: "User | None" = None) -> InsuranceContract:
    """Record a 保有契約 in the caller's transaction: attach its 確認, or hold the quota automatically and attach that.

    Raises QuotaTaken when there is no room, Overtaken when the 確認 is not 有効 any more.
    """
    confirmation = insurance.confirmation
    if confirmation is None and insurance.quota_id is not None:
        confirmation = _hold_automatically(insurance, insurance.quota_id, actor)
    contract = InsuranceContract.objects.create(
        policy_number=insurance.policy_number,
        branch=insurance.branch,
        history=insurance.history,
        organisation=insurance.organisation,
        product=insurance.product,
        origin=insurance.origin,
        confirmation=confirmation,
        payer=insurance.payer,
        currency_id=insurance.currency,
        amount=insurance.amount,
        balance=insurance.amount,
        shipped_on=insurance.shipped_on,
        due_on=insurance.due_on,
        concluded_on=insurance.concluded_on,
        reference=insurance.reference,
    )
    if confirmation:
        attach(confirmation, contract, actor)
    audit.record(
        "nexi.insured",
        actor=actor,
        organisation=insurance.organisation,
        target=contract.number,
        detail={
            "confirmation": confirmation.number if confirmation else "",
            "automatic": insurance.confirmation is None,
        },
    )
    return contract


def attach(confirmation: Confirmation, contract: InsuranceContract, actor: "User | None" = None) -> None:
    """Note that the insurance uses the confirmation: 保険引受済, and an entry of 0 yen that says since when."""
    row = Confirmation.objects.filter(pk=confirmation.pk)
    # A second 枝番 of the same policy finds it attached already.
    if not move(row, CONFIRMATION, "attach") and not row.filter(state=CONFIRMATION.target("attach")).exists():
        raise Overtaken(confirmation.number)
    LedgerEntry.objects.create(
        quota_id=confirmation.quota_id,
        confirmation=confirmation,
        contract=contract,
        kind=LedgerKind.ATTACH,
        amount_jpy=0,
        actor=actor,
        at=timezone.now(),
    )


def _hold_automatically(insurance: Insurance, quota_id: int, actor: "User | None") -> Confirmation:
    """Take the quota that an insurance application or a 内容変更通知 takes by itself (seed, section 2)."""
    amount_jpy = to_yen(insurance.amount, insurance.rate)
    confirmation = Confirmation.objects.create(
        number=allocate(NUMBERS[insurance.product]),
        origin=insurance.acquired_by,
        organisation=insurance.organisation,
        product=insurance.product,
        payer=insurance.payer,
        quota_id=quota_id,
        rating=insurance.rating,
        contract_number=insurance.contract_number,
        reference=insurance.reference,
        currency_id=insurance.currency,
        amount=insurance.amount,
        amount_jpy=amount_jpy,
        unused=insurance.amount,
        unused_jpy=amount_jpy,
        rate=insurance.rate,
        rate_date=insurance.rate_date or insurance.concluded_on,
        confirmed_on=insurance.concluded_on,
        expires_on=expires_on(insurance.concluded_on),
    )
    LedgerEntry.objects.create(
        quota_id=quota_id,
        confirmation=confirmation,
        kind=LedgerKind.HOLD,
        amount_jpy=amount_jpy,
        actor=actor,
        at=timezone.now(),
    )
    hold(quota_id, amount_jpy)
    return confirmation


def close(contract: InsuranceContract, event: str, amount: Decimal) -> None:
    """Take `amount` off the 決済残高; at nothing the contract ends by `event`. Overtaken when somebody was faster."""
    row = InsuranceContract.objects.filter(pk=contract.pk, balance=contract.balance)
    left = contract.balance - amount
    if left:
        won = row.filter(state__in=CONTRACT.sources(event)).update(balance=left) > 0
    else:
        won = move(row, CONTRACT, event, balance=left)
    if not won:
        raise Overtaken(contract.number)


def free(
    contract: InsuranceContract,
    amount: Decimal,
    event: str,
    kind: LedgerKind,
    *,
    actor: "User | None" = None,
    notice: Notice | None = None,
) -> int:
    """Free what a contract that was just reduced by `amount` held of the quota; returns the yen.

    When it was the last open contract of its confirmation, everything left is freed, to the yen.
    """
    confirmation = contract.confirmation
    if confirmation is None or not confirmation.unused_jpy:
        return 0
    # After a part the contract is open still.
    is_over = amount == contract.balance
    is_last = is_over and not confirmation.contracts.filter(balance__gt=0, state=ContractState.OPEN).exists()
    part = None if is_last else min(amount, confirmation.unused)
    return release(confirmation, event, kind, part, actor=actor, contract=contract, notice=notice)


def auto_release(day: date) -> int:
    """自動解放: end contracts whose 決済期限 passed 60 days before `day` without a 損失等発生通知; returns how many."""
    limit = day - timedelta(days=AUTO_RELEASE_DAYS)
    due = InsuranceContract.objects.filter(state=ContractState.OPEN, due_on__lt=limit)
    found = due.order_by("confirmation__quota_id", "pk").values_list("pk", flat=True)
    return sum(_auto_release(pk) for pk in list(found))


def _auto_release(pk: int) -> bool:
    contract = InsuranceContract.objects.select_related("confirmation").get(pk=pk)
    try:
        with transaction.atomic():
            row = InsuranceContract.objects.filter(pk=pk, balance=contract.balance)
            if not move(row, CONTRACT, "auto_release"):
                raise Overtaken(contract.number)
            yen = free(contract, contract.balance, "auto_release", LedgerKind.AUTO_RELEASE)
            audit.record("nexi.auto_released", target=contract.number, detail={"released_jpy": yen})
            publish(Message("nexi.auto_released", contract.number, {"contract": contract.pk}))
    except Overtaken:
        return False
    return True


@transaction.atomic
def report_loss(contract: InsuranceContract, reported_on: date, actor: "User | None" = None) -> bool:
    """損失等発生通知: freeze contract and confirmation; no notice is accepted any more. False when it was not open."""
    if not move(
        InsuranceContract.objects.filter(pk=contract.pk), CONTRACT, "report_loss", loss_reported_on=reported_on
    ):
        return False
    if contract.confirmation_id:
        move(Confirmation.objects.filter(pk=contract.confirmation_id), CONFIRMATION, "report_loss")
    audit.record("nexi.loss_reported", actor=actor, target=contract.number, detail={"on": f"{reported_on}"})
    return True
