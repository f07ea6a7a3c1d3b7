"""Is every submission whole, and is every acknowledged one there? Looked up in the tables, not asked of the program."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db.models import Sum

from nexi_quota.enums import ConfirmationState, NoticeKind
from nexi_quota.models import Confirmation, InsuranceContract, LedgerEntry, Quota
from portal.applications.models import Application, ApplicationVersion, State
from portal.audit.models import Event
from portal.documents.models import Document
from portal.outbox.mail import message_id
from portal.outbox.models import Message

AFTER = "nexi.confirmed"


def faults(pressed: Iterable[str], acknowledged: Iterable[str]) -> list[str]:
    """Return what is wrong when 申込む was sent for `pressed` and answered for `acknowledged` (application numbers)."""
    states = dict(Application.objects.values_list("number", "state"))
    submitted = {number for number, state in states.items() if state == State.SUBMITTED}
    found = [f"{number} was acknowledged and is {states.get(number)}" for number in {*acknowledged} - submitted]
    found += [f"{number} was submitted by nobody" for number in submitted - {*pressed}]
    counts = {
        "version": Counter(ApplicationVersion.objects.values_list("application__number", flat=True)),
        "confirmation": Counter(Confirmation.objects.values_list("application__number", flat=True)),
        "hold": Counter(LedgerEntry.objects.values_list("confirmation__application__number", flat=True)),
        "message": Counter(Message.objects.filter(topic=AFTER).values_list("key", flat=True)),
        "audit event": Counter(Event.objects.filter(verb="application.submitted").values_list("target", flat=True)),
    }
    for number in states:
        due = int(number in submitted)
        found += [
            f"{number}: {have[number]} × {what}, due {due}" for what, have in counts.items() if have[number] != due
        ]
    return [*found, *quota_faults()]


def quota_faults() -> Iterator[str]:
    """Yield every quota, 確認 and 保有契約 whose figure is not what its ledger and its notices say."""
    for quota in Quota.objects.order_by("pk"):
        ledger = quota.entries.aggregate(sum=Sum("amount_jpy"))["sum"] or 0
        held = quota.confirmations.aggregate(sum=Sum("unused_jpy"))["sum"] or 0
        if not quota.held_jpy == ledger == held:
            yield f"{quota}: {quota.held_jpy} held, ledger {ledger}, confirmations {held}"
    for found in Confirmation.objects.order_by("pk"):
        ledger = sum(found.entries.values_list("amount_jpy", flat=True))
        if found.unused_jpy != ledger or (ledger and not ConfirmationState(found.state).holds_quota):
            yield f"{found}: {found.unused_jpy} unused, ledger {ledger}, {found.get_state_display()}"
    for contract in InsuranceContract.objects.order_by("pk"):
        settled = sum(contract.notices.filter(kind=NoticeKind.SETTLEMENT).values_list("amount", flat=True))
        if contract.balance != contract.amount - settled:
            yield f"{contract}: {contract.balance} open of {contract.amount}, settled {settled}"


def effect_faults(mail: Path) -> list[str]:
    """Return what is wrong with what follows a submission, once everything has been sent: one mail, one paper each."""
    submitted = list(Application.objects.filter(state=State.SUBMITTED).values_list("number", flat=True))
    due = {f"{message_id(f'{AFTER} {number}').strip('<>')}.eml" for number in submitted}
    sent = {file.name for file in mail.glob("*.eml")}
    papers = Counter(Document.objects.values_list("version__application__number", flat=True))
    found = [f"mail {name} is missing" for name in due - sent] + [f"mail {name} is too much" for name in sent - due]
    return found + [f"{number}: {papers[number]} papers" for number in submitted if papers[number] != 1]
