"""HTML of a document and its PDF: tagged, with our fonts only, fetching nothing.

One FontConfiguration and one parsed style sheet per thread: building them for each page costs time and memory
without end, sharing them between threads crashes the process.
"""

import hashlib
import threading
from typing import TYPE_CHECKING, NamedTuple

from django.template.loader import get_template, render_to_string

from portal.documents.glyphs import ensure_glyphs, texts
from portal.documents.kinds import Context, DocumentKind

if TYPE_CHECKING:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

# Breaking a text without spaces into lines takes time with the square of its length.
LONGEST_TEXT = 5_000
LONGEST_DOCUMENT = 200_000
STYLE = "documents/print.css"
SHARED = ("documents/base.html", "documents/definition.html", STYLE)


class TooLong(ValueError):
    """The data hold more text than a document is made for."""


class Engine(NamedTuple):
    """What one thread keeps between documents."""

    fonts: "FontConfiguration"
    style: "CSS"
    fetcher: "URLFetcher"


_local = threading.local()


def engine() -> Engine:
    """Return this thread's engine, made at its first document (0.1 s; 0.5 s more for the first of the process)."""
    if not hasattr(_local, "engine"):
        from weasyprint import CSS
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher

        fonts = FontConfiguration()
        # A template that asks for any address is a mistake or an attack: the document is not made.
        fetcher = URLFetcher(allowed_protocols=(), fail_on_errors=True)
        style = CSS(string=source(STYLE), font_config=fonts, url_fetcher=fetcher)
        _local.engine = Engine(fonts, style, fetcher)
    engine: Engine = _local.engine
    return engine


def source(template: str) -> str:
    """Text of a template file, as written."""
    text: str = get_template(template).template.source  # type: ignore[attr-defined]
    return text


def html(kind: DocumentKind, context: Context) -> str:
    """Return the document as an HTML page: what the PDF is made of, and for readers who cannot use PDF."""
    return render_to_string(kind.template, {"kind": kind, "document": context})


def render(kind: DocumentKind, context: Context) -> bytes:
    """Return the document as a PDF of its kind's variant (PDF/UA-1); the same context gives the same bytes.

    Raises MissingGlyphs when a character cannot be shown, TooLong when a text or all texts together are longer than
    any form lets them be, TypeError when the context is not plain data.
    """
    lengths = [len(text) for _, text in texts(context)]
    if max(lengths, default=0) > LONGEST_TEXT or sum(lengths) > LONGEST_DOCUMENT:
        raise TooLong(f"{kind.slug}: {max(lengths)} characters in one text, {sum(lengths)} in all")
    ensure_glyphs(context)
    from weasyprint import HTML

    page = html(kind, context)
    own = engine()
    content: bytes = HTML(string=page, url_fetcher=own.fetcher).write_pdf(
        stylesheets=[own.style],
        font_config=own.fonts,
        pdf_variant=kind.variant,
        pdf_identifier=hashlib.sha256(page.encode()).digest()[:16],
    )
    return content


def template_revision(kind: DocumentKind) -> str:
    """12 hexadecimal digits that change when the look of the kind changes: its template, the shared ones, the style."""
    together = "\0".join(source(name) for name in (kind.template, *SHARED))
    return hashlib.sha256(together.encode()).hexdigest()[:12]
