"""What the pages of 保証申込 need beside the engine: searches, ratios, 「この欄をクリア」, the 控え."""

from collections.abc import Callable, Iterable
from functools import wraps

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern

from esurety.application_paper import PAPER, context_of
from esurety.selectors.requests import own_request
from esurety.wizards import APPLICATION
from esurety.wizards.application import LOOKUPS
from portal.common.http import HttpRequest
from portal.documents.serve import serve_on_demand
from portal.ui.forms import FormSet
from portal.wizard.services import case_for

View = Callable[..., HttpResponseBase]
CLEAR = "clear:"


def search(request: HttpRequest) -> HttpResponse:
    """The list under 発注者 or 預託金融機関 while somebody types."""
    field = request.GET.get("field", "")
    if field not in LOOKUPS:
        raise Http404
    return HttpResponse(LOOKUPS[field](case_for(request.user), request.GET.get(f"{field}-q", "")[:60], field))


def echo(request: HttpRequest) -> HttpResponse:
    """What was understood of one field of the second tab, with the ratio beside an amount."""
    prefix, _, name = request.GET.get("field", "").partition("-")
    form_class = APPLICATION.step("guarantee").forms.get(prefix)
    if form_class is None or issubclass(form_class, FormSet) or name not in form_class.base_fields:
        raise Http404
    case = case_for(request.user, request.POST.get("number", "")[:20])
    form = form_class(prefix=prefix, typed=request.POST, case=case)
    return HttpResponse(form.echo(name), content_type="text/plain; charset=utf-8")


def with_clearing(patterns: Iterable[URLPattern]) -> list[URLPattern]:
    """Let every step of the procedure know 「この欄をクリア」, which needs no script."""
    found = list(patterns)
    for pattern in found:
        pattern.callback = _clearing(pattern.callback)
    return found


def _clearing(view: View) -> View:
    """Drop what was sent for the blocks that `action` names; the engine draws the page again with the rest."""

    @wraps(view)
    def cleared(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        action = request.POST.get("action", "")
        if action.startswith(CLEAR):
            blocks = tuple(f"{prefix}-" for prefix in action.removeprefix(CLEAR).split(","))
            posted = request.POST.copy()
            for name in [name for name in posted if name.startswith(blocks)]:
                del posted[name]
            for name in [name for name in request.FILES if name.startswith(blocks)]:
                request.FILES.pop(name)
            request.POST = posted  # type: ignore[assignment]
        return view(request, *args, **kwargs)

    return cleared


def paper(request: HttpRequest, number: str) -> HttpResponseBase:
    """保証申込の控え (PDF)."""
    sent = own_request(request.user, number)
    version = sent.application.versions.select_related("actor").order_by("sequence").first()
    if version is None:
        raise Http404
    return serve_on_demand(
        request, PAPER, context_of(sent, version), verb="surety.application_paper", target=sent.number
    )
