"""アンケート: kept at its end, as a lead once somebody wants to be called (credit_insurance.md 6.1)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from credit_insurance.enums import Measure
from credit_insurance.models import Member, Questionnaire
from credit_insurance.rules.questionnaire import MEASURES
from portal import audit
from portal.accounts import limiter
from portal.accounts.models import User
from portal.common.calendar import add_months

GUEST_RESULTS_PER_HOUR = 30
GUEST_CONTACTS_PER_HOUR = 5
HOUR = 3600
KEPT_MONTHS = 12
"""How long answers of guests are kept once nobody waits for a call any more (docs/decisions/0015)."""


class TooMany(Exception):
    """A guest's address has sent too much; `wait_seconds` until the next try is looked at."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__("too many tries")
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class Sender:
    """Who answers: a logged-in person of a member, or a guest of whom only the address is known."""

    user: User | None
    member: Member | None
    address: str


@dataclass(frozen=True)
class Outcome:
    """A run from its first question to its end."""

    nonce: str
    answers: Mapping[str, str]
    measures: Collection[Measure]
    note: str
    result: str


@dataclass(frozen=True)
class Contact:
    """Whom the agent is to call."""

    company: str
    person: str
    phone: str
    email: str


def _take(name: str, sender: Sender, limit: int) -> None:
    if sender.user is None:
        taken = limiter.take(name, limiter.network(sender.address), limit, HOUR)
        if not taken.allowed:
            raise TooMany(taken.wait_seconds)


def keep(sender: Sender, outcome: Outcome) -> Questionnaire:
    """Keep the answers once, however often they are sent; raises TooMany for a guest."""
    if found := Questionnaire.objects.filter(nonce=outcome.nonce).first():
        return found
    _take("credit-questionnaire", sender, GUEST_RESULTS_PER_HOUR)
    answers: dict[str, object] = dict(outcome.answers)
    if outcome.measures:
        answers[MEASURES] = [measure.value for measure in Measure if measure in outcome.measures]
    facts = {
        "member": sender.member,
        "answers": answers,
        "note": outcome.note if Measure.OTHER in outcome.measures else "",
        "result": outcome.result,
        "answered_by": sender.user,
        "answered_at": timezone.now(),
    }
    with transaction.atomic():
        made, is_new = Questionnaire.objects.get_or_create(nonce=outcome.nonce, defaults=facts)
        if is_new:
            audit.record(
                "credit.questionnaire",
                actor=sender.user,
                organisation=sender.member.organisation if sender.member else None,
                target=str(made.pk),
                detail={"result": made.result},
            )
    return made


def ask_contact(questionnaire: Questionnaire, sender: Sender, contact: Contact) -> bool:
    """連絡を希望: make a task for the agent; False when it is one already. Raises TooMany for a guest."""
    _take("credit-contact", sender, GUEST_CONTACTS_PER_HOUR)
    with transaction.atomic():
        asked = Questionnaire.objects.filter(pk=questionnaire.pk, wants_contact=False).update(
            wants_contact=True,
            company=contact.company,
            person=contact.person,
            phone=contact.phone,
            email=contact.email,
        )
        if asked:
            audit.record(
                "credit.contact_asked",
                actor=sender.user,
                organisation=sender.member.organisation if sender.member else None,
                target=str(questionnaire.pk),
            )
    return bool(asked)


@transaction.atomic
def handle(pk: int, actor: User) -> bool:
    """対応済みにする; False when somebody has done so already, or nobody wants to be called."""
    done = Questionnaire.objects.filter(pk=pk, wants_contact=True, handled_at=None).update(
        handled_by=actor, handled_at=timezone.now()
    )
    if done:
        audit.record("credit.lead_handled", actor=actor, organisation=actor.organisation, target=str(pk))
    return bool(done)


def discard_old(day: date) -> int:
    """Delete what guests answered more than a year before `day` and nobody has to call about; returns how many."""
    end = timezone.make_aware(datetime.combine(add_months(day, -KEPT_MONTHS), time.min))
    done = Q(wants_contact=False, answered_at__lt=end) | Q(wants_contact=True, handled_at__lt=end)
    return Questionnaire.objects.filter(done, member=None).delete()[0]
