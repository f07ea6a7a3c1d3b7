"""照会: counted, looked up, frozen with its receipt number and recorded, in this order, before anything is shown."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from guarantee_lookup import vault
from guarantee_lookup.enums import Basis, Channel, NumberKind, Outcome
from guarantee_lookup.models import Canary, Lookup, LookupLock
from guarantee_lookup.rules.limits import HOUR
from guarantee_lookup.rules.numbers import CONSECUTIVE, is_walk, masked
from guarantee_lookup.rules.result import canonical_hash, result_of
from guarantee_lookup.selectors.masters import masters_on
from guarantee_lookup.selectors.standing import asked_before
from guarantee_lookup.services import gate
from guarantee_lookup.services.alerts import alert
from guarantee_lookup.services.gate import Refused, Service
from guarantee_lookup.tables import find
from portal import audit
from portal.accounts.models import User
from portal.common.rows import insert
from portal.numbering.series import Series, allocate, single_day

RECEIPT = Series("lookup-receipt", single_day, width=6, prefix="9")
"""照会受付番号: 9, the day, six digits of the day, check digit."""

RESULT_VALID = timedelta(minutes=30)


@dataclass(frozen=True)
class Question:
    """What is asked, already read and judged by a form: `number` has the form of its kind."""

    kind: NumberKind
    number: str
    basis: Basis
    consent: bool = False
    consent_on: date | None = None
    purpose: str = ""
    memo: str = ""
    channel: Channel = Channel.SCREEN


def look_up(user: User, question: Question, address: str) -> Lookup:
    """Answer one question of `user`, who asks from `address`; raises Refused, which is recorded too.

    What is unknown, blocked or departed is `Outcome.NONE`, by the same statements.
    """
    try:
        service = gate.open_service(user, address)
        _refuse_walk(user, question, service)
        # One commit for all: a look-up that is refused or fails has not been counted.
        with transaction.atomic():
            gate.count(user, service.rules)
            lookup = _answer(user, question, service)
            if lookup.outcome == Outcome.NONE:
                _missed(user, question, service, lookup)
            else:
                gate.found(user)
    except Refused as refusal:
        gate.record_refusal(user, refusal)
        raise
    return lookup


def _answer(user: User, question: Question, service: Service) -> Lookup:
    """Find, freeze, number and record."""
    snapshot = service.snapshot
    bank = user.organisation
    digest = vault.digest(question.kind, question.number)
    found = find(snapshot.pk, question.kind, digest, bank.code if bank else "")
    customer = found.customer
    result = None
    if customer:
        result = result_of(
            customer,
            masters_on(snapshot.as_of),
            as_of=snapshot.as_of.isoformat(),
            snapshot=snapshot.name,
            masked=masked(question.number),
        )
    outcome = Outcome.FOUND if customer else Outcome.DATA if found.is_quarantined else Outcome.NONE
    receipt = allocate(RECEIPT)
    lookup = Lookup(
        receipt=receipt,
        user=user,
        organisation=bank,
        branch_id=service.branch_id,
        channel=question.channel,
        kind=question.kind,
        digest=digest,
        sealed=vault.seal(question.number),
        last=question.number[-4:],
        basis=question.basis,
        consent=question.consent,
        consent_on=question.consent_on,
        purpose=question.purpose,
        memo=question.memo,
        snapshot=snapshot,
        outcome=outcome,
        customer=customer.digest if customer else None,
        is_related=customer.is_related if customer else None,
        result=result,
        sha256=canonical_hash(receipt, service.now.isoformat(), user.login, bank.code if bank else "", result)
        if result
        else "",
        at=service.now,
    )
    insert(lookup)
    audit.record(
        "lookup.made",
        actor=user,
        organisation=bank,
        target=receipt,
        outcome=outcome,
        detail={"snapshot": snapshot.name, "basis": question.basis, "channel": question.channel},
    )
    return lookup


def _refuse_walk(user: User, question: Question, service: Service) -> None:
    """Lock who counts numbers up (guarantee_lookup.md 9.3); raises Refused."""
    since = service.now - timedelta(seconds=HOUR)
    before = asked_before(user, question.kind, since, CONSECUTIVE - 1)
    asked = [vault.unseal(sealed) for sealed in reversed(before)]
    if is_walk([*asked, question.number]):
        _lock(user, LookupLock.Reason.WALK, service)
        raise Refused("E-LOCK")


def _missed(user: User, question: Question, service: Service, lookup: Lookup) -> None:
    """What a look-up without a result leads to: a lock, an alert, in the end a stopped account."""
    now, rules = service.now, service.rules
    if Canary.objects.filter(digest=lookup.digest, kind=question.kind).exists():
        _lock(user, LookupLock.Reason.CANARY, service)
    misses = Lookup.objects.filter(user=user, outcome=Outcome.NONE)
    today = misses.filter(at__gte=now - timedelta(days=1)).count()
    last_hour = misses.filter(at__gte=now - timedelta(seconds=HOUR)).count()
    if today >= rules.none_day:
        User.objects.filter(pk=user.pk).update(is_active=False)
        alert("stopped", user, lookup.receipt)
    elif last_hour >= rules.none_hour:
        _lock(user, LookupLock.Reason.MISSES_HOUR, service)


@transaction.atomic
def _lock(user: User, reason: LookupLock.Reason, service: Service) -> None:
    """Stop the person's look-ups until somebody lifts the lock, and say so."""
    lock = LookupLock.objects.create(user=user, reason=reason, since=service.now)
    alert(reason, user, f"{lock.pk}")
