"""The papers of the 加入手続 for its member: 加入依頼書, 払込のご案内, and what is read before (D04 to D06)."""

import hashlib

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from credit_insurance.documents.enrolment import ENROLMENT_FORM, INVOICE, invoice_context
from credit_insurance.models import EnrolmentForm
from credit_insurance.selectors import enrolment as find
from credit_insurance.wizards import ENROLMENT
from portal.common.http import HttpRequest
from portal.documents.models import Document
from portal.documents.serve import pdf_response, record_document, serve_on_demand, serve_stored, too_many
from portal.ui.errors import problem


def _own(request: HttpRequest, number: str) -> EnrolmentForm:
    form = find.own_form(request.user, number)
    if form is None:
        raise Http404
    return form


def form_pdf(request: HttpRequest, number: str) -> HttpResponseBase:
    """加入依頼書 as it was submitted (D05); made by a job a moment after the submission."""
    form = _own(request, number)
    found = Document.objects.filter(version__application=form.application, kind=ENROLMENT_FORM.slug).first()
    if found is None:
        return problem(
            request,
            404,
            title="加入依頼書の書類を作成しています",
            lead="しばらくしてから、もう一度開いてください。",
            actions=[("受付内容へ", ENROLMENT.url("receipt", number))],
        )
    return serve_stored(request, found, verb="credit.form_pdf", target=number)


def invoice_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """払込のご案内 (D06), as the sum stands now."""
    form = _own(request, number)
    invoice = find.invoice_of(form.case)
    if invoice is None:
        raise Http404
    return serve_on_demand(
        request, INVOICE, invoice_context(form, invoice), verb="credit.invoice_pdf", target=invoice.number
    )


def paper_pdf(request: HttpRequest, kind: str, version: int) -> HttpResponse:
    """The PDF of a 確認書類 (D04), as the insurer entered it."""
    paper = find.paper_file(kind, version, timezone.localdate())
    if paper is None:
        raise Http404
    if refused := too_many(request):
        return refused
    with paper.file.open("rb") as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != paper.sha256:
        raise ValueError(f"paper {paper.pk}: the file is not the one that was entered")
    record_document(request, "credit.paper_shown", f"{kind}-{version}", {"sha256": paper.sha256})
    return pdf_response(request, content, f"{paper.get_kind_display()}_第{version}版.pdf", inline=True)
