"""払込確認のお知らせ of the member's own premiums (credit_insurance.md 11, D07)."""

from django.http import Http404, HttpResponse

from credit_insurance.documents.payment import PAYMENT_NOTICE, payment_context
from credit_insurance.models import Case, Invoice
from portal.common.http import HttpRequest
from portal.documents.serve import serve_on_demand


def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """The paper of a premium that is paid; 404 before, and for what is not ours."""
    own = Invoice.objects.filter(case__in=Case.objects.visible_to(request.user), number=number, cancelled_at=None)
    found = own.exclude(money_day=None).select_related("case__member__organisation", "case__policy").first()
    if found is None:
        raise Http404
    return serve_on_demand(request, PAYMENT_NOTICE, payment_context(found), verb="credit.receipt_pdf", target=number)
