"""照会入力 and 照会結果."""

import time
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from guarantee_lookup.documents import SHEET, sheet_context, shown
from guarantee_lookup.enums import Freshness, Outcome
from guarantee_lookup.forms import LookupForm, question_of
from guarantee_lookup.messages import ANSWERS
from guarantee_lookup.models import Snapshot
from guarantee_lookup.rules.freshness import freshness
from guarantee_lookup.selectors.institutions import announcements
from guarantee_lookup.services.gate import Refused, open_service
from guarantee_lookup.services.lookup import look_up
from guarantee_lookup.views.tokens import Expired, lookup_of, token_of
from portal import audit
from portal.common.http import HttpRequest, SeeOther, client_address
from portal.documents.serve import serve_on_demand

TITLE = "残高・区分照会システム"
HOME = "残高・区分照会"
STATUS = {"E-LIM": 429, "E-LOCK": 429}


def home(request: HttpRequest) -> HttpResponse:
    """照会入力 (S05): what is asked goes by POST, the result stands under an address without any number."""
    if request.method != "POST":
        shown_today = announcements(request.user, timezone.localdate())
        return _open(request, LookupForm(case=request.user), announcements=shown_today)
    started = time.monotonic()
    form = LookupForm(request.POST, case=request.user)
    if not form.is_valid():
        return _open(request, form, status=422, problems=form.problems())
    try:
        lookup = look_up(request.user, question_of(form.cleaned_data), address_of(request))
    except Refused as refusal:
        return _refused(request, form, refusal, STATUS.get(refusal.code, 403))
    if lookup.outcome == Outcome.FOUND:
        return SeeOther(reverse("lookup:result", args=[token_of(request, lookup)]))
    code, status = ("E-DATA", 409) if lookup.outcome == Outcome.DATA else ("E-NONE", 422)
    # Nothing is asked about the service again: a lock that this answer led to must not tell it from another one.
    answer = _input(request, form, lookup.snapshot, status=status, answer=ANSWERS[code])
    if lookup.outcome == Outcome.NONE:
        # Nor may the time say whether a number exists: the rest is waited for (guarantee_lookup.md 9.3).
        time.sleep(max(0.0, started + settings.LOOKUP_NONE_SECONDS - time.monotonic()))
    return answer


def _open(request: HttpRequest, form: LookupForm, *, status: int = 200, **found: Any) -> HttpResponse:
    """Show the page, and if nothing can be looked up now, why."""
    try:
        service = open_service(request.user, address_of(request))
    except Refused as refusal:
        return _refused(request, form, refusal, status, **found)
    return _input(request, form, service.snapshot, status=status, **found)


def _refused(request: HttpRequest, form: LookupForm, refusal: Refused, status: int, **found: Any) -> HttpResponse:
    answer = _input(request, form, None, status=status, refusal=refusal, **found)
    if refusal.wait_seconds:
        answer["Retry-After"] = str(refusal.wait_seconds)
    return answer


def _input(
    request: HttpRequest, form: LookupForm, snapshot: Snapshot | None, *, status: int, **found: Any
) -> HttpResponse:
    context = {
        "page_title": TITLE,
        "crumbs": [(HOME, "")],
        "form": form,
        "problems": [],
        "answer": "",
        "refusal": None,
        "announcements": (),
        "as_of": snapshot and snapshot.as_of,
        "is_late": snapshot and freshness(snapshot.as_of, timezone.localdate()) != Freshness.FRESH,
        **found,
    }
    return render(request, "guarantee_lookup/home.html", context, status=status)


def address_of(request: HttpRequest) -> str:
    return client_address(request, settings.PROXY_HOPS)


def result(request: HttpRequest, token: str) -> HttpResponse:
    """照会結果 (S06): the frozen answer, recorded each time before it is shown."""
    try:
        lookup = lookup_of(request, token)
    except Expired:
        return _expired(request)
    audit.record("lookup.shown", actor=request.user, organisation=request.user.organisation, target=lookup.receipt)
    context = {
        "page_title": TITLE,
        "crumbs": [(HOME, reverse("lookup:home")), ("照会結果", "")],
        "lookup": lookup,
        "shown": shown(lookup),
        "sheet_url": reverse("lookup:result-sheet", args=[token]),
        "whatif_url": reverse("lookup:whatif", args=[token]),
    }
    return render(request, "guarantee_lookup/result.html", context)


def result_sheet(request: HttpRequest, token: str) -> HttpResponse:
    """照会結果票 (S07) of a result that was just looked up."""
    try:
        lookup = lookup_of(request, token)
    except Expired:
        return _expired(request)
    return serve_on_demand(request, SHEET, sheet_context(lookup), verb="lookup.sheet", target=lookup.receipt)


def _expired(request: HttpRequest) -> HttpResponse:
    messages.warning(
        request,
        "照会結果の表示期限（30分）を過ぎました。当時の内容は照会履歴から再表示できます。最新の内容は、もう一度照会してください。",
    )
    return redirect("lookup:home")
