"""Handing documents out: always as a download that nobody else keeps, recorded before the first byte leaves."""

import hashlib
import re
from collections.abc import Mapping

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from portal.accounts import limiter
from portal.audit import record
from portal.common.http import HttpRequest
from portal.documents.glyphs import MissingGlyphs, named
from portal.documents.kinds import Context, DocumentKind
from portal.documents.models import Document
from portal.documents.render import render
from portal.ui.errors import problem

PER_MINUTE = 30
NOT_IN_A_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')


def pdf_response(request: HttpRequest, content: bytes, filename: str, inline: bool = False) -> HttpResponse:
    """Answer with a PDF under a (Japanese) file name; never stored by a browser or proxy, never run as a page."""
    response = HttpResponse(content, content_type="application/pdf")
    safe = NOT_IN_A_NAME.sub("_", filename)
    response["Content-Disposition"] = content_disposition_header(not inline, safe) or "attachment"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    # Viewers built into browsers refuse to show a sandboxed PDF.
    response["Content-Security-Policy"] = "default-src 'none'" if inline else "default-src 'none'; sandbox"
    return response


def serve_on_demand(
    request: HttpRequest,
    kind: DocumentKind,
    context: Context,
    *,
    verb: str,
    target: str,
    detail: Mapping[str, object] | None = None,
) -> HttpResponse:
    """Render again from frozen data and hand out; `verb` and `target` are recorded first: no record, no document.

    429 above 30 documents a minute and user; 409 with the characters when one cannot be shown.
    """
    if refused := too_many(request):
        return refused
    try:
        content = render(kind, context)
    except MissingGlyphs as error:
        record_document(request, verb, target, {**(detail or {}), "kind": kind.slug}, outcome="failed")
        return problem(
            request,
            409,
            title="書類を作成できませんでした",
            lead="書類に印字できない文字（絵文字、外字、異体字など）が含まれているため、作成を取りやめました。",
            todo="お手数ですが、下の文字を添えてお問い合わせください。",
            reasons=[f"印字できない文字：{named(characters)}" for characters in dict.fromkeys(error.fields.values())],
        )
    sha256 = hashlib.sha256(content).hexdigest()
    record_document(request, verb, target, {**(detail or {}), "kind": kind.slug, "sha256": sha256})
    return pdf_response(request, content, kind.filename(context))


def serve_stored(request: HttpRequest, document: Document, *, verb: str, target: str) -> HttpResponseBase:
    """Hand out a stored document after recording it; ValueError when the file is not the one that was issued."""
    if refused := too_many(request):
        return refused
    with document.file.open("rb") as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise ValueError(f"document {document.pk}: the file is not the one that was issued")
    record_document(request, verb, target, {"kind": document.kind, "sha256": document.sha256})
    return pdf_response(request, content, document.name)


def too_many(request: HttpRequest) -> HttpResponse | None:
    """Count one document for this user; the 429 page once there were too many in this minute."""
    taken = limiter.take("documents.pdf", str(request.user.pk), PER_MINUTE, 60)
    return None if taken.allowed else problem(request, 429, retry_after=taken.wait_seconds)


def record_document(
    request: HttpRequest, verb: str, target: str, detail: Mapping[str, object], outcome: str = "ok"
) -> None:
    record(
        verb,
        actor=request.user,
        organisation=request.user.organisation,
        target=target,
        outcome=outcome,
        detail=dict(detail),
    )
