"""保証料計算書一覧: what the contractor's guarantees cost, each with its paper."""

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from esurety.forms.fees import FeeFilterForm
from esurety.models import Fee
from esurety.papers import FEE_STATEMENT, fee_context
from esurety.rules.numbers import displayed
from esurety.selectors.billing import own_fees, state_of
from portal import audit
from portal.common.http import HttpRequest
from portal.common.money import yen
from portal.documents.serve import serve_on_demand
from portal.ui.lists import Column, ListPage, csv_response, filters_in_use

TITLE = "保証料計算書一覧"

COLUMNS = [
    Column("made_at", "計算日", lambda fee: f"{timezone.localdate(fee.made_at):%Y/%m/%d}", "made_at"),
    Column(
        "number",
        "保証料計算書番号",
        lambda fee: fee.number,
        "number",
        lambda fee: reverse("surety:fee-statement", args=[fee.number]),
    ),
    Column("kind", "種類", lambda fee: fee.get_kind_display(), "kind"),
    Column("guarantee", "保証契約番号", lambda fee: displayed(fee.item.number)),
    Column("product", "保証種類", lambda fee: fee.item.get_product_display()),
    Column("work", "工事名", lambda fee: fee.item.facts["work"]),
    Column("net", "お支払額", lambda fee: yen(fee.net), "net", is_number=True),
    Column("due_on", "お支払期限", lambda fee: f"{fee.due_on:%Y/%m/%d}" if fee.due_on else ""),
    Column("state", "状態", state_of),
]


def fees(request: HttpRequest) -> HttpResponseBase:
    """The list of the own organisation, as page or as CSV."""
    form = FeeFilterForm(request.GET)
    is_valid = form.is_valid()
    rows = Fee.objects.none()
    if is_valid:
        found = form.cleaned_data
        rows = own_fees(
            request.user, since=found["since"], until=found["until"], kind=found["kind"], words=found["q"] or ""
        )
    if request.GET.get("format") == "csv" and is_valid:
        audit.record("surety.fees_csv", actor=request.user, organisation=request.user.organisation)
        return csv_response(request, "fees.csv", rows, COLUMNS, order="-made_at")
    context = {
        "page_title": TITLE,
        "crumbs": [("電子保証ポータル", reverse("surety:home")), (TITLE, "")],
        "wide": True,
        "form": form,
        "problems": [] if is_valid else form.problems(),
        "listing": ListPage(request, rows, COLUMNS, order="-made_at", caption=TITLE),
        "filter_on": filters_in_use(form) if is_valid else [],
        "clear_url": request.path,
    }
    return render(request, "esurety/fees.html", context, status=200 if is_valid else 422)


def statement(request: HttpRequest, number: str) -> HttpResponse:
    """保証料計算書 as PDF; the same 404 for an unknown and for another contractor's."""
    fee = own_fees(request.user).filter(number=number).first()
    if fee is None:
        raise Http404
    return serve_on_demand(request, FEE_STATEMENT, fee_context(fee), verb="surety.fee_statement", target=fee.number)
