"""A file that changes 個別保証枠: proposed by one member of the staff, taken over by another."""

import io
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from nexi_quota import services
from nexi_quota.imports.run import Report, load
from nexi_quota.models import FileProposal
from nexi_quota.states import PROPOSAL
from portal.common.states import move

if TYPE_CHECKING:
    from portal.accounts.models import User


class Refused(Exception):
    """The file does not fit the tables any more; nothing was written. `report` says why."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.sentence)
        self.report = report


def propose_file(content: bytes, report: Report, reason: str, actor: "User") -> FileProposal:
    """Keep a checked file with its report until another person decides; raises services.AlreadyProposed."""
    proposal = FileProposal(
        file=report.file,
        kind=report.kind,
        title=report.title,
        sha256=report.sha256,
        rows=report.rows,
        limits=report.limits,
        content=content,
        reason=reason,
    )
    services.propose(proposal, actor)
    return proposal


def check_file(proposal: FileProposal, day: date) -> Report:
    """Return what taking the kept file over would do on `day`; nothing is changed."""
    return load(io.BytesIO(bytes(proposal.content)), proposal.file, day, write=False)


@transaction.atomic
def approve_file(proposal: FileProposal, actor: "User", note: str, day: date) -> Report:
    """Take the kept file over as another person than the maker. Raises as services.decide, or Refused."""
    services.decide(proposal, "approve", actor, note)
    report = load(io.BytesIO(bytes(proposal.content)), proposal.file, day, actor=actor)
    if not report.ok:
        raise Refused(report)
    move(FileProposal.objects.filter(pk=proposal.pk), PROPOSAL, "apply")
    return report
