"""一括照会: a file is kept sealed, run once, line by line, each by the rules of the screen; a killed run goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from guarantee_lookup import vault
from guarantee_lookup.enums import Basis, Channel, FileState, NumberKind
from guarantee_lookup.messages import ANSWERS
from guarantee_lookup.models import LookupFile, LookupLine
from guarantee_lookup.services import gate
from guarantee_lookup.services.gate import Refused
from guarantee_lookup.services.lookup import Question, look_up
from portal import audit
from portal.accounts import limiter
from portal.accounts.models import User
from portal.numbering.series import Series, allocate, single_day
from portal.outbox import Message, publish

if TYPE_CHECKING:
    from guarantee_lookup.models import Lookup

TOPIC = "lookup.file"
LINES_DAY = "lookup-file-day"
ROLES = ("lookup.batch", "lookup.user")
FILE_NUMBER = Series("lookup-file", single_day, width=5, prefix="8")
"""一括照会番号: 8, the day, five digits of the day, check digit."""


@dataclass(frozen=True)
class Asked:
    """One line of a faultless file; `place` counts the rows of the file from 1, the heading."""

    place: int
    kind: NumberKind
    number: str
    basis: Basis
    consent: bool


def may_ask(user: User) -> bool:
    """Return True for who may send files: the right for it comes on top of that to look up."""
    return user.is_active and all(user.has_role(role) for role in ROLES)


@transaction.atomic
def begin(lines: Sequence[Asked], user: User) -> LookupFile:
    """Keep a faultless file with its number; nothing is looked up yet."""
    file = LookupFile.objects.create(
        number=allocate(FILE_NUMBER),
        user=user,
        organisation=user.organisation,
        rows=len(lines),
        created_at=timezone.now(),
    )
    LookupLine.objects.bulk_create(
        LookupLine(
            file=file,
            place=line.place,
            kind=line.kind,
            sealed=vault.seal(line.number),
            last=line.number[-4:],
            basis=line.basis,
            consent=line.consent,
        )
        for line in lines
    )
    _record("lookup.file", file, rows=file.rows)
    return file


def queue(file: LookupFile, address: str) -> bool:
    """照会を実行する: hand the file to the job; False when somebody has pressed before. Raises Refused, recorded.

    All its lines must fit under the bank's limit of the day; else none of them counts.
    """
    try:
        service = gate.open_service(file.user, address)
        with transaction.atomic():
            mine = LookupFile.objects.filter(pk=file.pk, state=FileState.READY)
            if not mine.update(state=FileState.QUEUED, queued_at=service.now, address=address):
                return False
            for _ in range(file.rows):
                taken = limiter.take(LINES_DAY, f"{file.organisation_id}", service.rules.file_lines_day, limiter.DAY)
                if not taken.allowed:
                    most = f"一括照会は、貴店全体で1日に{service.rules.file_lines_day}行までです。"
                    raise Refused("E-LIM", most, wait_seconds=taken.wait_seconds)
            publish(Message(TOPIC, file.number, {"file": file.pk}))
            _record("lookup.file_run", file, rows=file.rows)
    except Refused as refusal:
        gate.record_refusal(file.user, refusal)
        raise
    return True


def run(pk: int) -> None:
    """Ask the lines that were not asked yet, in their order; after a refusal the rest is refused for its reason."""
    file = LookupFile.objects.get(pk=pk)
    for line in file.lines.filter(done_at=None).order_by("place"):
        refusal = _ask(file, line)
        if refusal:
            rest = {"done_at": timezone.now(), "sealed": "", **_why(refusal)}
            file.lines.filter(done_at=None).update(**rest)
            break
    open_lines = LookupLine.objects.filter(file=OuterRef("pk"), done_at=None)
    mine = LookupFile.objects.filter(~Exists(open_lines), pk=pk, state=FileState.QUEUED)
    mine.update(state=FileState.DONE, ended_at=timezone.now())


@transaction.atomic
def _ask(file: LookupFile, line: LookupLine) -> Refused | None:
    """Look one line up, in one transaction with the mark that it was; return why it was refused."""
    mine = LookupLine.objects.filter(pk=line.pk)
    if not mine.filter(done_at=None).update(done_at=timezone.now(), sealed=""):
        return None  # another run has asked it
    try:
        mine.update(lookup=_look_up(file, line))
    except Refused as refusal:
        mine.update(**_why(refusal))
        return refusal
    return None


def _look_up(file: LookupFile, line: LookupLine) -> "Lookup":
    # Read anew for each line: what a line leads to may have stopped the person.
    user = User.objects.select_related("organisation").get(pk=file.user_id)
    if not may_ask(user):
        refusal = Refused("E-PERM")
        gate.record_refusal(user, refusal)
        raise refusal
    question = Question(
        NumberKind(line.kind),
        vault.unseal(line.sealed),
        Basis(line.basis),
        line.consent,
        channel=Channel.FILE,
    )
    return look_up(user, question, file.address)


def _why(refusal: Refused) -> dict[str, str]:
    return {"code": refusal.code, "reason": str(refusal) or ANSWERS[refusal.code]}


def discard_unused(day: date) -> int:
    """Delete the files of earlier days that nobody ran, with their numbers; returns how many."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    unused = LookupFile.objects.filter(state=FileState.READY, created_at__lt=start)
    return unused.delete()[1].get("guarantee_lookup.LookupFile", 0)


def _record(verb: str, file: LookupFile, **detail: object) -> None:
    audit.record(verb, actor=file.user, organisation=file.organisation, target=file.number, detail=detail)
