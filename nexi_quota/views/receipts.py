"""申込内容の控え of every procedure."""

from django.http.response import HttpResponseBase

from nexi_quota import documents
from portal.applications.selectors import own_application
from portal.common.http import HttpRequest
from portal.documents.models import Document
from portal.documents.serve import serve_stored
from portal.ui.errors import problem
from portal.wizard.declaration import Wizard


def receipt_pdf(request: HttpRequest, wizard: Wizard, number: str) -> HttpResponseBase:
    """申込内容の控え: the stored paper of a submitted application; made by a job a moment after the submission."""
    application = own_application(request.user, number, wizard.slug)
    found = Document.objects.filter(version__application=application, kind=documents.RECEIPT.slug).first()
    if found is None:
        return problem(
            request,
            404,
            title="申込内容の控えを作成しています",
            lead="しばらくしてから、もう一度開いてください。",
            actions=[("内容の照会へ", application.procedure.detail_url(application))],
        )
    return serve_stored(request, found, verb="nexi.receipt", target=application.number)
