"""保有契約: recording an insurance, its automatic hold, its loss notice, and the release of what nobody settled."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from nexi_quota.enums import ConfirmationState, ContractOrigin, ContractState, LedgerKind, Origin, Product
from nexi_quota.models import Buyer, Confirmation, InsuranceContract, LedgerEntry, Notice
from nexi_quota.rules.arithmetic import expires_on, part_to_free, to_yen
from nexi_quota.services.quota import NUMBERS, Overtaken, hold, release
from nexi_quota.states import CONFIRMATION, CONTRACT
from portal import audit
from portal.common.states import move
from portal.numbering.series import allocate_many
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


def insure(insurances: Sequence[Insurance], actor: "User | None" = None) -> list[InsuranceContract]:
    """Record 保有契約 in the caller's transaction, each attached to its 確認 or to one that it takes automatically.

    A handful of statements however many they are. Raises QuotaTaken when there is no room for all of them, Overtaken
    when a 確認 is not 有効 any more; the transaction must then end with nothing.
    """
    automatic = _automatic_confirmations(insurances)
    uses = [insurance.confirmation or automatic.get(place) for place, insurance in enumerate(insurances)]
    # Contracts, confirmations, quotas: the order of the locks is that of the notices.
    contracts = InsuranceContract.objects.bulk_create(map(_contract, insurances, uses))
    _attach({insurance.confirmation for insurance in insurances if insurance.confirmation})
    now = timezone.now()
    entries = []
    held: dict[int, int] = defaultdict(int)
    for place, (contract, used) in enumerate(zip(contracts, uses, strict=True)):
        if used is None:
            continue
        entry = partial(LedgerEntry, quota_id=used.quota_id, confirmation=used, actor=actor, at=now)
        if place in automatic:
            entries.append(entry(kind=LedgerKind.HOLD, amount_jpy=used.amount_jpy))
            held[used.quota_id] += used.amount_jpy
        # Of 0 yen: it says since when the insurance uses the confirmation.
        entries.append(entry(kind=LedgerKind.ATTACH, amount_jpy=0, contract=contract))
    LedgerEntry.objects.bulk_create(entries)
    audit.record_each(
        "nexi.insured",
        [
            (
                insurance.organisation,
                contract.number,
                {"confirmation": used.number if used else "", "automatic": insurance.confirmation is None},
            )
            for insurance, contract, used in zip(insurances, contracts, uses, strict=True)
        ],
        actor=actor,
    )
    for quota_id, amount_jpy in sorted(held.items()):
        hold(quota_id, amount_jpy)
    return contracts


def _contract(insurance: Insurance, confirmation: Confirmation | None) -> InsuranceContract:
    return InsuranceContract(
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


def _automatic_confirmations(insurances: Sequence[Insurance]) -> dict[int, Confirmation]:
    """Write the 確認 that insurance applications and 内容変更通知 take by themselves (seed, section 2), by place."""
    taken = {
        place: (one, one.quota_id)
        for place, one in enumerate(insurances)
        if one.confirmation is None and one.quota_id is not None
    }
    counts = Counter(insurance.product for insurance, _ in taken.values())
    numbers = {product: iter(allocate_many(NUMBERS[product], count)) for product, count in sorted(counts.items())}
    made = Confirmation.objects.bulk_create(
        _automatic(insurance, quota_id, next(numbers[insurance.product])) for insurance, quota_id in taken.values()
    )
    return dict(zip(taken, made, strict=True))


def _automatic(insurance: Insurance, quota_id: int, number: str) -> Confirmation:
    amount_jpy = to_yen(insurance.amount, insurance.rate)
    return Confirmation(
        number=number,
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
        state=CONFIRMATION.target("attach"),
    )


def _attach(confirmations: Collection[Confirmation]) -> None:
    """Make confirmations 保険引受済; a second 枝番 of the same policy finds its one so already."""
    rows = Confirmation.objects.filter(pk__in=[found.pk for found in confirmations])
    attached = CONFIRMATION.target("attach")
    rows.filter(state__in=CONFIRMATION.sources("attach")).update(state=attached)
    if confirmations and rows.filter(state=attached).count() != len(confirmations):
        raise Overtaken("a confirmation has ended")


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
    part = part_to_free(amount, confirmation.unused, is_last=is_last)
    return release(confirmation, event, kind, part, actor=actor, contract=contract, notice=notice)


def auto_release(day: date) -> int:
    """自動解放: end contracts whose 決済期限 passed 60 days before `day` without a 損失等発生通知; returns how many.

    A loss of another 枝番 has frozen the confirmation they share, so they stay as they are.
    """
    limit = day - timedelta(days=AUTO_RELEASE_DAYS)
    due = InsuranceContract.objects.filter(state=ContractState.OPEN, due_on__lt=limit)
    due = due.exclude(confirmation__state=ConfirmationState.LOSS)
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
