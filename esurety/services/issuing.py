"""From the paid fee to a signed certificate and back: conclude, issue, arrive, revise (esurety.md 8.2 to 8.4, 9).

`issue` and `release` write version, key and message in one commit; the job renders and signs, and `arrive` accepts its
file once. A kill at any moment leaves a version that waits for its job, or one that has arrived: never two.
"""

import hashlib
import json
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from esurety import certificate as evidence
from esurety.enums import Medium, Product, RevisionKind, VersionKind, VersionState
from esurety.models import Certificate, Guarantee, Item, Registration, Revision, Submission, Surety
from esurety.rules.facts import Contents
from esurety.rules.numbers import displayed
from esurety.services import keys
from esurety.states import GUARANTEE, ITEM, REVISION, VERSION
from portal import audit
from portal.common.states import move
from portal.documents import files
from portal.documents.glyphs import ensure_glyphs
from portal.numbering.series import Series, allocate, japanese_fiscal_year
from portal.outbox import Message, publish

if TYPE_CHECKING:
    from portal.accounts.models import User

SERIAL = Series("surety-serial", lambda day: "", width=10, checked=False)
"""発行通番 of every certificate."""

TOPIC = "esurety.issue"
ARRIVED = "esurety.arrived"


class Refused(Exception):
    """What was asked for is not possible in this state; the text says why, in Japanese."""


def number_series(office: str, product: str) -> Series:
    """Return the series of 保証契約番号 `BBYYT-NNNNNN`: office, fiscal year, product, six digits (esurety.md 4.1)."""
    digit = Product(product).digit
    return Series(
        f"surety-{office}-{digit}", lambda day: japanese_fiscal_year(day) + digit, width=6, prefix=office, checked=False
    )


def number_for(item: Item) -> str:
    """Take the 保証契約番号 of an item that is being approved, in the caller's transaction."""
    return allocate(number_series(item.request.office.code, item.product))


@transaction.atomic
def conclude(item: Item, actor: "User") -> None:
    """締結: the fee is paid or goes onto the monthly bill; raises Refused."""
    _move_item(item, "conclude")
    audit.record("surety.concluded", actor=actor, organisation=item.request.organisation, target=item.number)


@transaction.atomic
def issue(item: Item, actor: "User") -> Certificate:
    """発行: write the guarantee with its first version and let the job make the certificate.

    Raises Refused for another state, portal.documents.glyphs.MissingGlyphs for a character that paper cannot show.
    """
    contents: Contents = item.facts
    ensure_glyphs(contents)
    _move_item(item, "issue")
    request = item.request
    guarantee = Guarantee.objects.create(
        number=item.number,
        item=item,
        product=item.product,
        medium=item.medium,
        organisation=request.organisation,
        body=request.body,
        office=request.office,
        concluded_on=timezone.localdate(),
        **_listed(contents),
    )
    made = _new_version(guarantee, contents, VersionKind.NEW, 0)
    audit.record("surety.issued", actor=actor, organisation=request.organisation, target=item.number)
    return made


def _move_item(item: Item, event: str) -> None:
    if not move(Item.objects.filter(pk=item.pk), ITEM, event, state_at=timezone.now()):
        raise Refused("この申込みの状況が変わりました。画面を開き直して確認してください。")


def _listed(contents: Contents) -> dict[str, Any]:
    """Return what lists repeat of the current version."""
    return {
        "work": contents["work"],
        "price": contents["price"],
        "amount": contents["amount"],
        "due_on": date.fromisoformat(contents["due_on"]),
    }


def _new_version(
    guarantee: Guarantee,
    contents: Contents,
    kind: VersionKind,
    change_number: int,
    previous: Certificate | None = None,
    corrects: Certificate | None = None,
) -> Certificate:
    """Write a version with its payload, signature and key, and the message of its job."""
    today = timezone.localdate()
    made = Certificate(
        guarantee=guarantee,
        sequence=guarantee.certificates.count() + 1,
        kind=kind,
        change_number=change_number,
        corrects=corrects,
        previous=previous,
        serial=allocate(SERIAL),
        issued_on=today,
        previous_sha256=previous.payload_sha256 if previous else "",
        signer=evidence.identity().name,
    )
    made.payload = evidence.canonical(_payload(made, contents))
    made.payload_sha256 = evidence.sha256_of(made.payload)
    made.signature = evidence.sign_text(made.payload)
    made.save(force_insert=True)
    if guarantee.medium == Medium.ELECTRONIC:
        keys.make(made)
    publish(Message(TOPIC, f"{guarantee.number}-{made.sequence}", {"certificate": made.pk}))
    return made


def _payload(made: Certificate, contents: Contents) -> dict[str, Any]:
    """Return everything that the certificate says, issuer included."""
    surety = Surety.objects.get()
    office = made.guarantee.office
    return {
        **contents,
        "schema": 1,
        "number": displayed(made.guarantee.number),
        "sequence": made.sequence,
        "product": made.guarantee.product,
        "label": made.label,
        "serial": made.serial,
        "issued_on": made.issued_on.isoformat(),
        "previous_sha256": made.previous_sha256,
        "surety": {
            "name": surety.name,
            "address": surety.address,
            "title": surety.president_title,
            "president": surety.president,
        },
        "office": {"name": office.name, "phone": office.phone, "fax": office.fax},
    }


def store(made: Certificate, content: bytes) -> None:
    """Keep the signed PDF and let the version take effect, once; a repeat or a lost race changes nothing."""
    sha256 = hashlib.sha256(content).hexdigest()
    unguessable = salted_hmac("esurety.certificate.file", f"{made.pk}:{sha256}", algorithm="sha256").hexdigest()
    name = f"certificates/{unguessable[:32]}.pdf"
    files.write(name, content)
    if not _arrive(made, name, sha256, len(content)):
        default_storage.delete(name)


@transaction.atomic
def _arrive(made: Certificate, name: str, sha256: str, size: int) -> bool:
    now = timezone.now()
    own = Certificate.objects.filter(pk=made.pk)
    if made.previous_id:
        # Before the new version is in force, because only one of a guarantee can be.
        event = "correct" if made.kind == VersionKind.CORRECTION else "supersede"
        before = Certificate.objects.filter(pk=made.previous_id)
        if not move(before, VERSION, event, ended_at=now, ended_reason=f"{made.target}による"):
            if own.filter(state=VersionState.PENDING).exists():
                raise Refused("直前の証書がすでに効力を失っています。")
            return False
    if not move(own, VERSION, "arrive", arrived_at=now, file=name, sha256=sha256, size=size):
        return False
    guarantee = made.guarantee
    contents: Any = payload_of(made)
    Guarantee.objects.filter(pk=guarantee.pk).update(current=made, **_listed(contents))
    move(Guarantee.objects.filter(pk=guarantee.pk), GUARANTEE, "begin")
    move(Item.objects.filter(pk=guarantee.item_id), ITEM, "arrive", state_at=now)
    if guarantee.medium == Medium.ELECTRONIC:
        Submission.objects.create(certificate=made)
    audit.record(
        "surety.arrived", organisation=guarantee.organisation, target=guarantee.number, detail={"sha256": sha256}
    )
    publish(Message(ARRIVED, f"{guarantee.number}-{made.sequence}", {"certificate": made.pk}))
    return True


def payload_of(made: Certificate) -> dict[str, Any]:
    """Return the frozen payload as data."""
    found: dict[str, Any] = json.loads(made.payload)
    return found


@transaction.atomic
def release(revision: Revision, actor: "User") -> Certificate | None:
    """Carry out a 変更, 訂正, 変更取消 or 取消 that another person prepared; returns the new version, if one is made.

    Raises Refused where the state or the four eyes do not allow it, MissingGlyphs as `issue` does.
    """
    if revision.prepared_by_id == actor.pk:
        raise Refused("自分が起案したものは承認できません。別の決裁者が承認してください。")
    won = move(
        Revision.objects.filter(pk=revision.pk), REVISION, "release", decided_by=actor, decided_at=timezone.now()
    )
    if not won:
        raise Refused("この起案はすでに処理されています。")
    if Certificate.objects.filter(guarantee=revision.guarantee_id, state=VersionState.PENDING).exists():
        raise Refused("前の証書の発行処理が終わっていません。終わってから承認してください。")
    # Only now: while nothing is on its way, no job can put another version in force.
    guarantee = Guarantee.objects.select_related("current").get(pk=revision.guarantee_id)
    current = guarantee.current
    if current is None or current.state != VersionState.ISSUED:
        raise Refused("有効な証書がありません。")
    made = None
    match RevisionKind(revision.kind):
        case RevisionKind.CHANGE:
            made = _revised(revision, guarantee, VersionKind.CHANGE, current.change_number + 1, current)
        case RevisionKind.CORRECTION:
            made = _revised(revision, guarantee, VersionKind.CORRECTION, current.change_number, current)
        case RevisionKind.WITHDRAWAL:
            _withdraw(guarantee, current, revision)
        case RevisionKind.CANCELLATION:
            _cancel(guarantee, current, revision)
    audit.record(
        "surety.revised",
        actor=actor,
        organisation=guarantee.organisation,
        target=guarantee.number,
        detail={"kind": revision.kind, "reason": revision.reason},
    )
    return made


def _revised(
    revision: Revision, guarantee: Guarantee, kind: VersionKind, change_number: int, current: Certificate
) -> Certificate:
    contents: Any = revision.facts
    ensure_glyphs(contents)
    corrects = current if kind == VersionKind.CORRECTION else None
    made = _new_version(guarantee, contents, kind, change_number, current, corrects)
    Revision.objects.filter(pk=revision.pk).update(certificate=made)
    return made


def _needs_consent(guarantee: Guarantee, current: Certificate, revision: Revision) -> None:
    if Registration.objects.filter(certificate=current).exists() and not revision.body_agreed:
        raise Refused("発注者がこの証書を登録しています。発注者の同意を確認してから承認してください。")


def _withdraw(guarantee: Guarantee, current: Certificate, revision: Revision) -> None:
    """変更取消 of the newest change: the version before it is in force again, with its key."""
    newest = current
    while newest.corrects:
        newest = newest.corrects
    before = newest.previous
    if not current.change_number or before is None:
        raise Refused("取り消せる変更がありません。")
    _needs_consent(guarantee, current, revision)
    now = timezone.now()
    own = Certificate.objects.filter(pk=current.pk)
    back = Certificate.objects.filter(pk=before.pk)
    if not move(own, VERSION, "withdraw", ended_at=now, ended_reason=revision.reason) or not move(
        back, VERSION, "restore", ended_at=None, ended_reason=""
    ):
        raise Refused("この変更は取り消せません。")
    contents: Any = payload_of(before)
    Guarantee.objects.filter(pk=guarantee.pk).update(current=before, **_listed(contents))


def _cancel(guarantee: Guarantee, current: Certificate, revision: Revision) -> None:
    """取消 of the whole guarantee: the certificate in force loses its effect; the number is never used again."""
    _needs_consent(guarantee, current, revision)
    now = timezone.now()
    own = Certificate.objects.filter(pk=current.pk)
    if not move(own, VERSION, "cancel", ended_at=now, ended_reason=revision.reason) or not move(
        Guarantee.objects.filter(pk=guarantee.pk), GUARANTEE, "cancel"
    ):
        raise Refused("この保証契約は取り消せません。")
