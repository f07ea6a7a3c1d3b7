"""照会履歴 (S09): what was looked up, and the frozen content of each."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from guarantee_lookup.documents import SHEET, sheet_context, shown
from guarantee_lookup.enums import Outcome
from guarantee_lookup.forms import HistoryForm
from guarantee_lookup.models import Lookup
from guarantee_lookup.selectors import lookups
from guarantee_lookup.views.lookup import HOME
from portal import audit
from portal.common.http import HttpRequest
from portal.documents.serve import serve_on_demand
from portal.ui.lists import Column, ListPage, csv_response, filters_in_use

TITLE = "照会履歴"

COLUMNS = [
    Column("at", "照会日時", lambda one: f"{timezone.localtime(one.at):%Y-%m-%d %H:%M}", "at"),
    Column(
        "receipt",
        "照会受付番号",
        lambda one: one.receipt,
        "receipt",
        lambda one: reverse("lookup:history-detail", args=[one.receipt]) if one.outcome == Outcome.FOUND else "",
    ),
    Column("number", "照会番号", lambda one: one.masked),
    Column("as_of", "基準日", lambda one: f"{one.snapshot.as_of}"),
    Column("outcome", "結果", lambda one: one.get_outcome_display(), "outcome"),
    Column("basis", "照会の根拠", lambda one: one.get_basis_display()),
    Column("user", "利用者", lambda one: f"{one.user.login} {one.user.name}", "user__login"),
    Column("branch", "店舗", lambda one: f"{one.branch or ''}"),
    Column("channel", "照会の方法", lambda one: one.get_channel_display()),
]


def history(request: HttpRequest) -> HttpResponseBase:
    """照会履歴: masked numbers only; the look at it is recorded, and so is its CSV."""
    form = HistoryForm(request.GET)
    is_valid = form.is_valid()
    rows = lookups.listed(request.user, form.cleaned_data, form.period()) if is_valid else Lookup.objects.none()
    as_csv = request.GET.get("format") == "csv" and is_valid
    audit.record(
        "lookup.history_csv" if as_csv else "lookup.history",
        actor=request.user,
        organisation=request.user.organisation,
        detail=dict(zip(("since", "until"), form.period(), strict=True)) if is_valid else {},
    )
    if as_csv:
        return csv_response(request, "history.csv", rows, COLUMNS, order="-at")
    context = {
        "page_title": TITLE,
        "crumbs": [(HOME, reverse("lookup:home")), (TITLE, "")],
        "wide": True,
        "form": form,
        "problems": [] if is_valid else form.problems(),
        "listing": ListPage(request, rows, COLUMNS, order="-at", caption=TITLE),
        "filter_on": filters_in_use(form) if is_valid else [],
        "clear_url": request.path,
        "new_url": reverse("lookup:home"),
    }
    return render(request, "guarantee_lookup/history.html", context, status=200 if is_valid else 422)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """再表示: the frozen result of that time, marked as such; recorded, not counted as a new look-up."""
    lookup = _found(request, number)
    audit.record("lookup.redisplay", actor=request.user, organisation=request.user.organisation, target=lookup.receipt)
    context = {
        "page_title": "照会結果（当時の内容）",
        "crumbs": [(HOME, reverse("lookup:home")), (TITLE, reverse("lookup:history")), ("当時の内容", "")],
        "lookup": lookup,
        "shown": shown(lookup),
        "is_past": True,
        "sheet_url": reverse("lookup:history-sheet", args=[lookup.receipt]),
        "whatif_url": reverse("lookup:history-whatif", args=[lookup.receipt]),
    }
    return render(request, "guarantee_lookup/result.html", context)


def sheet(request: HttpRequest, number: str) -> HttpResponse:
    """照会結果票 of an earlier look-up."""
    lookup = _found(request, number)
    return serve_on_demand(request, SHEET, sheet_context(lookup), verb="lookup.sheet", target=lookup.receipt)


def _found(request: HttpRequest, receipt: str) -> Lookup:
    return lookups.own(request.user, receipt, outcome=Outcome.FOUND)
