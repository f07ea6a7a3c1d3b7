"""A file from its upload to the tables: checked at once, kept as a draft, taken over by a job, whole or not at all."""

import io
from collections.abc import Callable, Iterator
from dataclasses import asdict
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from nexi_quota.bulk.checking import Checker, Problem
from nexi_quota.bulk.columns import AMOUNT
from nexi_quota.bulk.files import Upload, opened
from nexi_quota.bulk.kind import KIND, described, facts_of
from nexi_quota.enums import BatchState
from nexi_quota.models import NoticeBatch
from nexi_quota.selectors.bulk import file_of
from nexi_quota.services import Overtaken
from nexi_quota.states import BATCH
from portal import audit
from portal.accounts.models import User
from portal.applications import services as applications
from portal.applications.models import Application, ApplicationVersion
from portal.common.money import MAX_DIGITS, money
from portal.common.states import move
from portal.common.tables import Row, Unusable
from portal.numbering.series import WEB_APPLICATION, allocate
from portal.outbox import Message, publish
from portal.wizard.declaration import Decision, Fact
from portal.wizard.services import claim

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from portal.accounts.models import Organisation
    from portal.accounts.permissions import Member

JOB = "nexi.bulk"
ENDED = "nexi.bulk_ended"
CHUNK = 500
"""Rows that are read and judged together; after each chunk of a job its progress is committed."""

MOST_TRIES = 3
"""How often a job judges a file anew when somebody is faster; after that the outbox tries again later."""

LONGEST = 300
"""Seconds that a job may take."""

CHANGED = (
    "確認したあとに残っている額が変わりました（確認したとき {before}、いま {now}）。ファイルを選び直してください。"
)
GONE = "ファイルが残っていません。選び直してください。"
ENDED_MEANWHILE = "取り込む前に、この申込みは取り消されました。"


class _NoDraft(Exception):
    """The application has been submitted or withdrawn since."""


# --- Reading ---------------------------------------------------------------------------


def check(content: bytes, name: str, member: "Member", progress: Callable[[int], None] | None = None) -> Checker:
    """Return what comes of a file today; `progress` is told after each chunk how many rows have been judged."""
    checker = Checker(member, timezone.localdate())
    try:
        upload = opened(io.BytesIO(content), name)
        checker.form, checker.formulas = upload.file.form, upload.file.formulas
        for chunk in _chunks(upload):
            checker.check(chunk)
            if progress:
                progress(checker.rows)
    except Unusable as unusable:
        checker.give_up(str(unusable))
    return checker


def _chunks(upload: Upload) -> Iterator[list[Row | tuple[int, str]]]:
    rows = upload.rows()
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


# --- The draft ---------------------------------------------------------------------------


@transaction.atomic
def begin(file: "UploadedFile[Any]", checker: Checker, actor: "User", organisation: "Organisation") -> Application:
    """Keep a faultless file as a draft with its number; nothing is notified yet."""
    attachment = applications.attach(file, actor, organisation)
    summary = {**checker.summary(), "name": attachment.name}
    now = timezone.now()
    application = Application.objects.create(
        number=allocate(WEB_APPLICATION),
        kind=KIND.slug,
        organisation=organisation,
        data={"schema": 1, "steps": {}, "review": []},
        created_by=actor,
        saved_by=actor,
        created_at=now,
        saved_at=now,
        **_listed(checker.rows, summary),
    )
    applications.claim_attachments(application, {f"file{applications.KEPT}": [str(attachment.pk)]})
    NoticeBatch.objects.create(application=application, rows=checker.rows, summary=summary, agreed=checker.agreed())
    audit.record(
        "application.started",
        actor=actor,
        organisation=organisation,
        target=application.number,
        detail={"rows": checker.rows, "sha256": attachment.sha256},
    )
    return application


def _listed(rows: int, summary: dict[str, Any]) -> dict[str, Any]:
    """Return what the lists show of a file; an amount only where all rows have one currency."""
    payer, payers = summary["payers"]
    currencies = {currency for _, currency, _ in summary["totals"]}
    total = sum(Decimal(amount) for *_, amount in summary["totals"])
    has_sum = len(currencies) == 1 and total < 10**MAX_DIGITS
    return {
        "subject": f"一括 {rows:,}件",
        "party": payer[:120] if payers == 1 else f"{payer[:100]} ほか{payers - 1}社",
        "amount": total if has_sum else None,
        "currency": currencies.pop() if has_sum else "",
    }


@transaction.atomic
def queue(batch: NoticeBatch, actor: User) -> bool:
    """取り込む: hand the file to the job; False when somebody has pressed before."""
    if not move(NoticeBatch.objects.filter(pk=batch.pk), BATCH, "queue", queued_at=timezone.now()):
        return False
    number = batch.application.number
    publish(Message(JOB, number, {"application": batch.application_id, "actor": actor.pk}))
    audit.record("nexi.bulk_queued", actor=actor, organisation=actor.organisation, target=number)
    return True


# --- The job ----------------------------------------------------------------------------


def run(application_id: int, actor_id: int) -> None:
    """Judge the file again and take it over in one transaction, or say which rows keep it from that.

    A run that was cut short has changed nothing, one that ended is not repeated; Overtaken when somebody else was
    faster every time.
    """
    actor = User.objects.select_related("organisation").get(pk=actor_id)
    for tries_left in reversed(range(MOST_TRIES)):
        batch = NoticeBatch.objects.select_related("application").get(application=application_id)
        if batch.state != BatchState.QUEUED:
            return
        try:
            _run(batch, actor)
        except _NoDraft:
            _fail(batch, actor, [Problem(0, "", "", ENDED_MEANWHILE)], 1)
        except Overtaken:
            if not tries_left:
                raise


def _run(batch: NoticeBatch, actor: User) -> None:
    file = file_of(batch.application)
    if file is None:
        _fail(batch, actor, [Problem(0, "", "", GONE)], 1)
        return
    rows = NoticeBatch.objects.filter(pk=batch.pk)
    with file.file.open("rb") as stored:
        checker = check(stored.read(), file.name, batch.application, lambda count: _progress(rows, count))
    for problem in _changed(batch, checker):
        checker.refuse(problem)
    if checker.ok:
        _take_over(batch, checker, actor, file.sha256)
    else:
        _fail(batch, actor, checker.problems, checker.problem_count)


def _progress(rows: Any, count: int) -> None:
    rows.update(checked=count)


def _changed(batch: NoticeBatch, checker: Checker) -> Iterator[Problem]:
    """Yield the rows whose amount is no longer what the preview showed: 全額 of what is open now."""
    before = {line: Decimal(amount) for line, amount in batch.agreed}
    for entry in checker.plan.entries:
        was, now = before.get(entry.place), entry.line.amount
        if was is not None and was != now:
            currency = entry.line.target.currency_id
            message = CHANGED.format(before=money(was, currency), now=money(now, currency))
            yield Problem(entry.place, AMOUNT.name, entry.line.target.number, message)


@transaction.atomic
def _take_over(batch: NoticeBatch, checker: Checker, actor: User, sha256: str) -> None:
    """Submit the application with all its notices; _NoDraft or Overtaken leave everything as it was."""
    application = batch.application
    if not claim(Application.objects.filter(pk=application.pk), actor, application.revision):
        raise _NoDraft
    now = timezone.now()
    move(NoticeBatch.objects.filter(pk=batch.pk), BATCH, "apply", ended_at=now, checked=batch.rows)
    batch.state = BatchState.DONE
    decision = Decision(
        verdict=f"{batch.rows:,}件の通知を取り込みました",
        facts=[Fact(label, shown) for label, shown in facts_of(batch)],
        trace={"sha256": sha256},
    )
    ApplicationVersion.objects.create(
        application=application,
        sequence=1,
        event="submitted",
        answers=described(batch),
        decision={**decision.shown(), "trace": dict(decision.trace)},
        data=application.data,
        actor=actor,
        created_at=now,
    )
    audit.record(
        "application.submitted",
        actor=actor,
        organisation=actor.organisation,
        target=application.number,
        detail={"rows": batch.rows, "sha256": sha256},
    )
    publish(_ended(batch, actor))
    # Last, because it takes what others wait for.
    checker.plan.write(application, actor)


@transaction.atomic
def _fail(batch: NoticeBatch, actor: User, problems: list[Problem], count: int) -> None:
    """End the file with nothing taken over; its application is withdrawn, so that nobody presses once more."""
    rows = NoticeBatch.objects.filter(pk=batch.pk)
    listed = [asdict(problem) for problem in problems]
    if not move(rows, BATCH, "fail", ended_at=timezone.now(), problems=listed, problem_count=count):
        return
    batch.state = BatchState.FAILED
    applications.withdraw(batch.application, actor)
    audit.record(
        "nexi.bulk_failed",
        actor=actor,
        organisation=actor.organisation,
        target=batch.application.number,
        outcome="failed",
        detail={"problems": count, "first": listed[:10]},
    )
    publish(_ended(batch, actor))


def _ended(batch: NoticeBatch, actor: User) -> Message:
    return Message(ENDED, batch.application.number, {"application": batch.application_id, "actor": actor.pk})
