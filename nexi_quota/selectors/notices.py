"""What a notice is judged by: the 保有契約 or 個別保証枠確認 as the rules see it."""

from datetime import date

from nexi_quota.enums import ConfirmationState, ContractOrigin, ContractState, Origin, Product
from nexi_quota.models import Confirmation, InsuranceContract
from nexi_quota.rules.notices import Target


def target_of(found: Confirmation | InsuranceContract, today: date) -> Target:
    """Return the facts of what a number led to (`notice_target`); no query when its payer was read along.

    A confirmation that has run out unused is over even before the night says so; an insured one lives on. A loss
    freezes every contract of its confirmation.
    """
    if isinstance(found, Confirmation):
        has_run_out = found.state == ConfirmationState.VALID and found.expires_on < today
        return Target(
            product=Product(found.product),
            payer=found.payer.code,
            open_amount=found.unused,
            is_live=ConfirmationState(found.state).is_live and not has_run_out,
            has_loss=found.state == ConfirmationState.LOSS,
        )
    held = found.confirmation
    return Target(
        product=Product(found.product),
        payer=found.payer.code,
        open_amount=found.balance,
        is_live=found.state == ContractState.OPEN,
        has_loss=found.state == ContractState.LOSS or (held is not None and held.state == ConfirmationState.LOSS),
        shipped_on=found.shipped_on,
        due_on=found.due_on,
    )


def is_chosen_from_list(found: Confirmation | InsuranceContract) -> bool:
    """True when a live target is on 保有契約一覧 or 個別保証枠一覧; the others take the way of 直接入力 (nexi.md 6.4).

    Of contracts those applied for on the Web; of confirmations those with a certificate, and the automatic ones.
    """
    if isinstance(found, Confirmation):
        return found.state == ConfirmationState.VALID or found.origin != Origin.REQUEST
    return found.origin == ContractOrigin.WEB
