"""Issuing: a document is made once for a version, from that version alone, and kept with its hash."""

import hashlib

from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.applications.models import ApplicationVersion
from portal.documents import files, kinds
from portal.documents.models import Document
from portal.documents.render import render, template_revision


def store(version: ApplicationVersion, kind_slug: str, context: kinds.Context) -> Document:
    """Return the stored document of this version and kind, made if it is not there yet.

    Rendering and writing come before the row. A lost race keeps the winner's row and leaves no file; a repeat after a
    crash between file and row takes its file over. Raises MissingGlyphs.
    """
    if found := Document.objects.filter(version=version, kind=kind_slug).first():
        return found
    kind = kinds.get(kind_slug)
    content = render(kind, context)
    sha256 = hashlib.sha256(content).hexdigest()
    file = file_name(version, kind_slug, sha256)
    files.write(file, content)
    document, _ = Document.objects.get_or_create(
        version=version,
        kind=kind_slug,
        defaults={
            "file": file,
            "name": kind.filename(context),
            "sha256": sha256,
            "size": len(content),
            "template_revision": template_revision(kind),
            "created_at": timezone.now(),
        },
    )
    if document.file.name != file:
        default_storage.delete(file)
    return document


def file_name(version: ApplicationVersion, kind_slug: str, sha256: str) -> str:
    """Storage name that nobody can guess, yet the same for the same document: a repeat overwrites its own file."""
    unguessable = salted_hmac("portal.documents.file", f"{version.pk}:{kind_slug}:{sha256}", algorithm="sha256")
    return f"documents/{unguessable.hexdigest()[:32]}.pdf"
