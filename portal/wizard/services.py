"""Starting, saving, copying and submitting a run of a procedure. Each function owns its transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from portal import audit
from portal.accounts.permissions import may_submit
from portal.applications import services as applications
from portal.applications.models import Application, ApplicationVersion, State
from portal.numbering.series import allocate
from portal.outbox import Message, publish
from portal.wizard.declaration import Case, Decision, Listing, Problem, StoredData, StoredStep, Submission, Wizard
from portal.wizard.reading import Reading

if TYPE_CHECKING:
    from portal.accounts.models import User


class StaleDraft(Exception):
    """Somebody saved the draft after the page was shown."""


class NotReady(Exception):
    """Steps are open or wrong; `problems` says which."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("the draft has problems")
        self.problems = problems


class DecisionChanged(Exception):
    """The decision is no longer the one that was shown."""


class Refused(Exception):
    """The procedure does not accept this submission; the text says why, in Japanese."""


@dataclass(frozen=True)
class Receipt:
    """The submitted application; `repeated` when it had been submitted before."""

    application: Application
    repeated: bool = False


def case_for(actor: "User", number: str = "", query: Mapping[str, str] | None = None) -> Case:
    """Return the case of a run by `actor` today; PermissionDenied for one who belongs to no organisation."""
    if actor.organisation is None:
        raise PermissionDenied(
            {"reason": "手続きは、組織に登録された利用者だけが行えます。", "who": ["事務局へお問い合わせください。"]}
        )
    return Case(actor, actor.organisation, timezone.localdate(), number, query or {})


def read(wizard: Wizard, application: Application, actor: "User") -> Reading:
    """Return a reading of the application with today's forms and rules."""
    return Reading(wizard, case_for(actor, application.number), current(wizard, application.data))


def current(wizard: Wizard, data: StoredData) -> StoredData:
    """Return stored data lifted to the present schema (a copy when anything changes)."""
    if data["schema"] == wizard.schema or wizard.upgrade is None:
        return data
    return wizard.upgrade(data)


def reusable(wizard: Wizard, source: Application) -> StoredData:
    """Return what a new run takes over: everything as typed, without the fields that are not copied.

    The first step is shown before it is saved; the others carry the mark "to review".
    """
    data = current(wizard, source.data)
    steps = {}
    for step in wizard.steps:
        if step.slug not in data["steps"]:
            continue
        left = {name: raw for name, raw in data["steps"][step.slug].items() if not _is_left_out(name, step.not_copied)}
        steps[step.slug] = left
    return {"schema": wizard.schema, "steps": steps, "review": list(steps)[1:]}


def _is_left_out(html_name: str, not_copied: Sequence[str]) -> bool:
    return any(html_name == name or html_name.startswith(f"{name}-") for name in not_copied)


@transaction.atomic
def start(
    wizard: Wizard, actor: "User", slug: str, stored: StoredStep, source: Application | None = None
) -> Application:
    """Create the draft and its number together, with its first saved step."""
    case = case_for(actor)
    data: StoredData = reusable(wizard, source) if source else {"schema": wizard.schema, "steps": {}, "review": []}
    data = {**data, "steps": {**data["steps"], slug: stored}}
    now = timezone.now()
    listed = _listed(wizard, Reading(wizard, case, data))
    # After everything that needs no number: whoever else begins waits for the counter until the commit.
    application = Application.objects.create(
        number=allocate(wizard.series),
        kind=wizard.slug,
        organisation=case.organisation,
        data=data,
        copied_from=source,
        created_by=actor,
        saved_by=actor,
        created_at=now,
        saved_at=now,
        **listed,
    )
    applications.claim_attachments(application, stored)
    audit.record("application.started", actor=actor, organisation=case.organisation, target=application.number)
    return application


@transaction.atomic
def save_step(
    wizard: Wizard, application: Application, actor: "User", slug: str, stored: StoredStep, revision: int
) -> Application:
    """Replace one step's raw values; raises StaleDraft when `revision` is no longer the draft's.

    The step's own mark "to review" goes. Returns the application as saved.
    """
    data = current(wizard, application.data)
    kept_before = applications.kept_ids(data["steps"].get(slug, {}))
    data = {
        "schema": wizard.schema,
        "steps": {**data["steps"], slug: stored},
        "review": [name for name in data.get("review", []) if name != slug],
    }
    changed: dict[str, Any] = {
        "data": data,
        "saved_by": actor,
        "saved_at": timezone.now(),
        **_listed(wizard, Reading(wizard, case_for(actor, application.number), data)),
    }
    won = Application.objects.filter(pk=application.pk, state=State.DRAFT, revision=revision).update(
        revision=F("revision") + 1, **changed
    )
    if not won:
        raise StaleDraft
    applications.claim_attachments(application, stored)
    applications.drop_attachments(application, set(kept_before) - set(applications.kept_ids(stored)))
    for name, value in {**changed, "revision": revision + 1}.items():
        setattr(application, name, value)
    return application


def _listed(wizard: Wizard, reading: Reading) -> Mapping[str, Any]:
    listing = wizard.listing(reading.answers) if wizard.listing else Listing()
    return vars(listing)


@transaction.atomic
def submit(wizard: Wizard, number: str, actor: "User", *, revision: int, digest: str) -> Receipt:
    """Turn the draft into a submission, once: claim first, verify after, roll back on doubt.

    A repeat returns the same receipt. Raises StaleDraft, NotReady, DecisionChanged or Refused, and
    Application.DoesNotExist for a number of another organisation; each leaves the draft a draft.
    """
    own = Application.objects.visible_to(actor).filter(number=number, kind=wizard.slug)
    won = claim(own, actor, revision)
    application = own.get()
    if not won:
        if application.state == State.SUBMITTED:
            return Receipt(application, repeated=True)
        raise StaleDraft
    if not may_submit(actor, application):
        raise Refused(wizard.refused_message)
    reading = read(wizard, application, actor)
    decision = verify(reading, digest)
    version = ApplicationVersion.objects.create(
        application=application,
        sequence=1,
        event="submitted",
        answers=reading.described(),
        decision={**decision.shown(), "trace": dict(decision.trace)},
        data=application.data,
        actor=actor,
        created_at=application.submitted_at or timezone.now(),
    )
    publish(
        *(
            Message(topic, application.number, {"application": application.pk, "version": version.pk})
            for topic in wizard.after_submit
        )
    )
    audit.record(
        "application.submitted",
        actor=actor,
        organisation=actor.organisation,
        target=application.number,
        detail={"verdict": decision.verdict, "digest": digest},
    )
    # Last, because it takes what others wait for: the less follows a scarce row, the shorter it stays locked.
    wizard.complete(Submission(application, version, reading.answers, decision, actor))
    return Receipt(application)


def claim(own: QuerySet[Application], actor: "User", revision: int) -> bool:
    """Make the draft a submission in one guarded UPDATE; True for the one caller who wins."""
    draft = own.filter(state=State.DRAFT, revision=revision)
    return draft.update(state=State.SUBMITTED, submitted_by=actor, submitted_at=timezone.now()) > 0


def verify(reading: Reading, digest: str) -> Decision:
    """Return today's decision if it may be submitted and is the one that `digest` stands for."""
    if problems := reading.problems():
        raise NotReady(problems)
    decision = decide(reading)
    if decision.digest(reading.stored_steps()) != digest:
        raise DecisionChanged
    if not decision.may_submit:
        raise Refused(decision.verdict)
    return decision


def decide(reading: Reading) -> Decision:
    """Return the procedure's decision on complete answers (a plain yes where it declares none)."""
    return reading.wizard.decide(reading.answers) if reading.wizard.decide else Decision()
