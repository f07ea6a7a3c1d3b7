"""Kinds of documents, declared by the portals and found by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.applications.models import ApplicationVersion

# What a document is made of: frozen, plain JSON values; templates/documents/base.html says which keys it shows.
Context = Mapping[str, object]


@dataclass(frozen=True)
class DocumentKind:
    """A paper: its template and the name under which it is saved.

    `context_of` builds the frozen data of a stored document from one version; a kind without it is made on demand only.
    `variant` is WeasyPrint's name of the standard the file keeps.
    """

    slug: str
    title: str
    template: str
    filename: Callable[[Context], str]
    context_of: "Callable[[ApplicationVersion], Context] | None" = None
    variant: str = "pdf/ua-1"


_kinds: dict[str, DocumentKind] = {}


def register(kind: DocumentKind) -> DocumentKind:
    """Add a kind and return it; a second one of the same name is a programming error."""
    if kind.slug in _kinds:
        raise ValueError(f"document kind {kind.slug} is registered twice")
    _kinds[kind.slug] = kind
    return kind


def get(slug: str) -> DocumentKind:
    """Return the kind `slug` (KeyError when its portal is switched off)."""
    return _kinds[slug]
