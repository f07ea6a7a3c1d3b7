"""Writes on applications outside the wizard: uploads, withdrawal, expiry of drafts."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.applications.models import Application, Attachment, State
from portal.common.states import Machine, Transition, move

if TYPE_CHECKING:
    from portal.accounts.models import Organisation, User

DRAFT_DAYS = 90
"""A draft untouched this long expires (nexi.md 6.1)."""

MACHINE = Machine(
    [
        Transition("submit", [State.DRAFT], State.SUBMITTED),
        Transition("withdraw", [State.DRAFT], State.WITHDRAWN),
        Transition("expire", [State.DRAFT], State.EXPIRED),
    ]
)

KEPT = "-kept"
"""Ending of the html name under which a step keeps the ids of its attachments."""


def attach(file: "UploadedFile[Any]", actor: "User", organisation: "Organisation") -> Attachment:
    """Store one checked upload at once; it belongs to no application until a saved step names it."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return Attachment.objects.create(
        organisation=organisation,
        uploaded_by=actor,
        name=(file.name or "file")[:255],
        file=file,
        size=file.size or 0,
        sha256=digest.hexdigest(),
        created_at=timezone.now(),
    )


def kept_ids(stored: Mapping[str, list[str]]) -> list[str]:
    """Return the attachment ids that a step's raw values name."""
    return [pk for name, values in stored.items() if name.endswith(KEPT) for pk in values]


def claim_attachments(application: Application, stored: Mapping[str, list[str]]) -> None:
    """Tie the uploads a step names to its application; only the organisation's own, unclaimed ones."""
    if ids := kept_ids(stored):
        Attachment.objects.filter(pk__in=ids, organisation=application.organisation, application=None).update(
            application=application
        )


def drop_attachments(application: Application, ids: Collection[str]) -> None:
    """Delete those of the application's attachments that a saved step no longer names."""
    if ids:
        _drop(application.attachments.filter(pk__in=ids))


@transaction.atomic
def withdraw(application: Application, actor: "User") -> bool:
    """取り下げる: end a draft; False when it was no longer one."""
    own = Application.objects.visible_to(actor).filter(pk=application.pk)
    if not move(own, MACHINE, "withdraw"):
        return False
    audit.record("application.withdrawn", actor=actor, organisation=actor.organisation, target=application.number)
    return True


def expire_drafts(day: date) -> int:
    """End drafts untouched for 90 days on `day` and drop their uploads; returns how many drafts ended."""
    limit = timezone.make_aware(datetime.combine(day - timedelta(days=DRAFT_DAYS), time.min))
    old = Application.objects.filter(state=State.DRAFT, saved_at__lt=limit)
    ended = list(old.values_list("pk", flat=True))
    for pk in ended:
        with transaction.atomic():
            draft = Application.objects.filter(pk=pk, saved_at__lt=limit)
            if move(draft, MACHINE, "expire"):
                application = draft.get()
                audit.record("application.expired", target=application.number)
                _drop(application.attachments.all())
    _drop(Attachment.objects.filter(application=None, created_at__lt=timezone.now() - timedelta(days=1)))
    return len(ended)


def _drop(attachments: Iterable[Attachment]) -> None:
    """Delete uploads: the row with the transaction, the file only after its commit."""
    for attachment in attachments:
        storage, name = attachment.file.storage, attachment.file.name
        attachment.delete()
        transaction.on_commit(partial(storage.delete, name or ""))
