"""Changes of 個別保証枠 by two people: one proposes, another decides (docs/decisions/0008)."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from nexi_quota.enums import ProposalState
from nexi_quota.models import Buyer, FileProposal, LimitProposal, Proposal, Quota
from nexi_quota.selectors import replaced_by
from nexi_quota.services.masters import set_limit
from nexi_quota.states import PROPOSAL
from portal import audit
from portal.common.states import move

if TYPE_CHECKING:
    from portal.accounts.models import User


class AlreadyProposed(Exception):
    """An undecided proposal for the same buyer, or with the same file, exists."""


class WrongPerson(Exception):
    """Approving and refusing is for another person than the maker, withdrawing for nobody else."""


class AlreadyDecided(Exception):
    """Somebody was faster; nothing was written."""


def propose(proposal: Proposal, actor: "User") -> None:
    """Store a filled-in proposal of `actor`; raises AlreadyProposed."""
    proposal.proposed_by, proposal.proposed_at = actor, timezone.now()
    try:
        with transaction.atomic():
            proposal.save(force_insert=True)
            audit.record("nexi.proposed", actor=actor, target=_target(proposal), detail=_detail(proposal))
    except IntegrityError as error:
        raise AlreadyProposed from error


def propose_limit(buyer: Buyer, limit_jpy: int, effective_from: date, reason: str, actor: "User") -> LimitProposal:
    """Ask for a new 個別保証枠 of a head office in yen from a day on; raises AlreadyProposed."""
    if buyer.head_office_id:
        raise ValueError("a branch uses the quota of its head office")
    now = Quota.objects.filter(buyer=buyer).values_list("limit_jpy", flat=True).first()
    proposal = LimitProposal(
        buyer=buyer, limit_now_jpy=now, limit_jpy=limit_jpy, effective_from=effective_from, reason=reason
    )
    propose(proposal, actor)
    return proposal


@transaction.atomic
def decide(proposal: Proposal, event: str, actor: "User", note: str = "") -> None:
    """Approve, refuse or withdraw (`event`); raises WrongPerson or AlreadyDecided.

    An approval is carried out by the caller, in one transaction with this.
    """
    is_own = proposal.proposed_by_id == actor.pk
    if is_own != (event == "withdraw"):
        raise WrongPerson
    proposal.decided_by, proposal.decided_at, proposal.note = None if is_own else actor, timezone.now(), note
    row = type(proposal)._default_manager.filter(pk=proposal.pk)
    if not move(
        row, PROPOSAL, event, decided_by=proposal.decided_by, decided_at=proposal.decided_at, note=proposal.note
    ):
        raise AlreadyDecided
    proposal.state = PROPOSAL.target(event)
    audit.record(f"nexi.{proposal.state}", actor=actor, target=_target(proposal), detail=_detail(proposal))


@transaction.atomic
def approve_limit(proposal: LimitProposal, actor: "User", note: str = "") -> None:
    """Approve as another person than the maker; a limit of today or before applies at once, else on its day.

    It takes the place of what was approved for that day or later: the last decision holds. Raises as `decide`.
    """
    decide(proposal, "approve", actor, note)
    for earlier in replaced_by(proposal):
        if move(LimitProposal.objects.filter(pk=earlier.pk), PROPOSAL, "replace"):
            audit.record("nexi.replaced", actor=actor, target=_target(earlier), detail=_detail(earlier))
    if proposal.effective_from <= timezone.localdate():
        _apply(proposal, timezone.localdate())


def apply_due_limits(day: date) -> int:
    """Apply what was approved for `day` or before and is not yet in force; returns how many."""
    due = LimitProposal.objects.filter(state=ProposalState.APPROVED, effective_from__lte=day)
    rows = due.select_related("buyer", "proposed_by", "decided_by").order_by("effective_from", "decided_at", "pk")
    return sum(_apply(proposal, day) for proposal in list(rows))


@transaction.atomic
def _apply(proposal: LimitProposal, day: date) -> bool:
    """Set the limit of an approved proposal, once."""
    if not move(LimitProposal.objects.filter(pk=proposal.pk), PROPOSAL, "apply"):
        return False
    proposal.state = PROPOSAL.target("apply")
    set_limit(proposal.buyer, proposal.limit_jpy, proposal.decided_by, day, proposal=proposal)
    return True


def _target(proposal: Proposal) -> str:
    return proposal.buyer.code if isinstance(proposal, LimitProposal) else str(proposal)


def _detail(proposal: Proposal) -> dict[str, object]:
    detail: dict[str, object] = {
        "proposal": f"{proposal._meta.label_lower}:{proposal.pk}",
        "reason": proposal.reason,
        "proposed_by": proposal.proposed_by.login,
        "note": proposal.note,
    }
    if isinstance(proposal, LimitProposal):
        return detail | {
            "before_jpy": proposal.limit_now_jpy,
            "limit_jpy": proposal.limit_jpy,
            "from": f"{proposal.effective_from}",
        }
    if isinstance(proposal, FileProposal):
        return detail | {"sha256": proposal.sha256, "limits": proposal.limits}
    return detail
