"""Documents that the outbox makes after a submission, and what the night clears away."""

from datetime import date
from typing import Any

from portal.applications.models import ApplicationVersion
from portal.documents import files, kinds
from portal.documents.services import store
from portal.outbox import handler
from portal.outbox.nightly import nightly_job

TOPIC = "documents.store"


@handler(TOPIC)
def store_document(key: str, payload: dict[str, Any]) -> None:
    """Make and keep the document of `{"version": id, "kind": slug}`; a repeat finds it there."""
    version = ApplicationVersion.objects.get(pk=payload["version"])
    kind = kinds.get(payload["kind"])
    if kind.context_of is None:
        raise ValueError(f"document kind {kind.slug} is made on demand only")
    store(version, kind.slug, kind.context_of(version))


@nightly_job("documents.clean-up")
def clean_up(day: date) -> dict[str, object]:
    """Remove what killed writers left behind."""
    return {"removed": files.remove_parts()}
