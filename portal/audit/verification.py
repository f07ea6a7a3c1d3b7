"""Reading the whole log again: the first row that is not what was written, by name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from portal.audit.chain import checkpoints
from portal.audit.models import GENESIS, Event, Head
from portal.audit.seal import event_mac, link_hash, same

CHUNK = 2000
WAITING_LIMIT = timedelta(minutes=10)


@dataclass(frozen=True)
class Problem:
    """What is wrong, and with which row: kind is mac, gap, chain, head, checkpoint, tail or unchained."""

    kind: str
    seq: int | None
    id: str
    text: str


@dataclass(frozen=True)
class Report:
    """Result of one reading; `problem` is the first bad row."""

    checked: int
    waiting: int
    checkpoint: int
    problem: Problem | None

    @property
    def ok(self) -> bool:
        return self.problem is None


def verify() -> Report:
    """Stream the log in order and stop at the first bad row; only the checkpoints show a tail that was cut off."""
    signed = checkpoints()
    marks = {mark.seq: mark.hash for mark in signed}
    last_signed = max(marks, default=0)
    walk = _Walk()
    if forged := next((mark for mark in signed if not mark.genuine), None):
        problem: Problem | None = Problem("checkpoint", forged.seq, "", "a line of the checkpoint file is forged")
    else:
        problem = next(walk.problems(marks), None)
    return Report(walk.checked, walk.waiting, last_signed, problem)


class _Walk:
    def __init__(self) -> None:
        self.checked = 0
        self.waiting = 0

    def problems(self, marks: dict[int, str]) -> Iterator[Problem]:
        # The head is read before the rows and again after them: a relay may move it meanwhile.
        before = Head.objects.filter(pk=1).first() or Head()
        seq, last = 0, GENESIS
        for event in Event.objects.exclude(seq=None).order_by("seq").iterator(CHUNK):
            yield from self._row(event, seq + 1, last, marks)
            seq, last = seq + 1, event.hash
            if seq == before.seq and last != before.hash:
                yield Problem("head", seq, str(event.pk), "the head row does not carry this row's hash")
            self.checked = seq
        after = Head.objects.filter(pk=1).first() or Head()
        if seq < max(marks, default=0):
            yield Problem("tail", seq + 1, "", f"rows are missing up to checkpoint {max(marks)}")
        if not before.seq <= seq <= after.seq:
            yield Problem("head", seq, "", f"the chain ends with {seq}, the head row says {after.seq}")
        yield from self._unchained()

    def _row(self, event: Event, expected: int, last: str, marks: dict[int, str]) -> Iterator[Problem]:
        pk = str(event.pk)
        if event.seq != expected:
            yield Problem("gap", expected, "", f"row {expected} is missing before row {event.seq}")
        if not same(event.mac, event_mac(event)):
            yield Problem("mac", event.seq, pk, "the content is not what was written")
        if event.previous != last or not same(event.hash, link_hash(expected, last, event.mac)):
            yield Problem("chain", event.seq, pk, "the row does not follow the one before")
        if marks.get(expected, event.hash) != event.hash:
            yield Problem("checkpoint", event.seq, pk, "the row differs from the signed checkpoint")

    def _unchained(self) -> Iterator[Problem]:
        late = timezone.now() - WAITING_LIMIT
        for event in Event.objects.filter(seq=None).order_by("id").iterator(CHUNK):
            self.waiting += 1
            if not same(event.mac, event_mac(event)):
                yield Problem("mac", None, str(event.pk), "the content is not what was written")
            if event.at < late:
                yield Problem("unchained", None, str(event.pk), "the row has waited for its place too long")
