"""決済通知 and 枠戻通知: what a submitted notice does to contract, confirmation and quota."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from nexi_quota.enums import LedgerKind, NoticeKind, Route
from nexi_quota.models import Confirmation, InsuranceContract, Notice
from nexi_quota.services.contracts import close, free
from nexi_quota.services.quota import release
from nexi_quota.states import CONTRACT
from portal import audit

if TYPE_CHECKING:
    from portal.accounts.models import User
    from portal.applications.models import Application


@dataclass(frozen=True)
class Line:
    """One notice as judged: its target as it was read, and what was entered; `amount` in the target's currency."""

    kind: NoticeKind
    route: Route
    target: Confirmation | InsuranceContract
    day: date
    amount: Decimal
    manner: str = ""
    reason: str = ""
    note: str = ""


def notify(line: Line, application: "Application", actor: "User", *, place: int = 1) -> Notice:
    """Write one notice and free the quota it names, in the caller's transaction; Overtaken when the target moved."""
    contract = line.target if isinstance(line.target, InsuranceContract) else None
    confirmation = line.target if isinstance(line.target, Confirmation) else line.target.confirmation
    notice = Notice.objects.create(
        application=application,
        line=place,
        organisation_id=application.organisation_id,
        kind=line.kind,
        route=line.route,
        confirmation=confirmation,
        contract=contract,
        day=line.day,
        amount=line.amount,
        manner=line.manner,
        reason=line.reason,
        note=line.note,
        created_at=timezone.now(),
    )
    if isinstance(line.target, InsuranceContract):
        released = _settle(line.target, line.amount, actor, notice)
    else:
        released = _return(line.target, line.amount, actor, notice)
    audit.record(
        f"nexi.{line.kind}",
        actor=actor,
        organisation=actor.organisation,
        target=line.target.number,
        detail={"application": application.number, "amount": str(line.amount), "released_jpy": released},
    )
    return notice


def _settle(contract: InsuranceContract, amount: Decimal, actor: "User", notice: Notice) -> int:
    """Take `amount` off the 決済残高 and free as much of the quota; the last settlement frees all that is left."""
    close(contract, "settle", amount)
    return free(contract, amount, "settle", LedgerKind.RELEASE, actor=actor, notice=notice)


def _return(confirmation: Confirmation, amount: Decimal, actor: "User", notice: Notice) -> int:
    """Free `amount`; when nothing is left, the contracts that the confirmation covered have come to nothing too."""
    if amount == confirmation.unused:
        # Before the confirmation, as everywhere: contract, confirmation, quota is the order of the locks.
        confirmation.contracts.filter(state__in=CONTRACT.sources("cancel")).update(state=CONTRACT.target("cancel"))
    return release(confirmation, "return", LedgerKind.RELEASE, amount, actor=actor, notice=notice)
