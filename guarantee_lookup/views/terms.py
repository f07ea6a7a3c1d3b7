"""利用規約 (S04): nobody of a bank goes on before the present version is accepted."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from guarantee_lookup.rules import terms as text
from guarantee_lookup.services import people
from portal.accounts.access import View, page
from portal.accounts.views import logout
from portal.common.http import HttpRequest, SeeOther, safe_next

ACCEPTED = "lookup-terms"
"""Where a session keeps the version that its user accepted, so that a page costs no query more."""


def bank_page(*, roles: tuple[str, ...], methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Declare a page as `page` does; who has not accepted the terms is led there first, and back afterwards."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.session.get(ACCEPTED) != text.VERSION:
                if not people.has_accepted(request.user):
                    query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
                    return HttpResponseRedirect(f"{reverse('lookup:terms')}?{query}".rstrip("?"))
                request.session[ACCEPTED] = text.VERSION
            return view(request, *args, **kwargs)

        return page(roles=roles, methods=methods)(guarded)

    return decorate


def terms(request: HttpRequest) -> HttpResponse:
    """The text with its version; 同意する leads on, 同意しない logs out."""
    target = safe_next(request, reverse("lookup:home"))
    if request.method == "POST":
        if request.POST.get("answer") == "accept":
            people.accept_terms(request.user)
            messages.success(request, f"利用規約（{text.VERSION}版）に同意しました。")
            return SeeOther(target)
        if request.POST.get("answer") == "refuse":
            people.refuse_terms(request.user)
            return logout(request)  # type: ignore[return-value]  # a page that redirects
    return _page(request, [("残高・区分照会", reverse("lookup:home"))], not people.has_accepted(request.user), target)


def public_terms(request: HttpRequest) -> HttpResponse:
    """The same text for who applies."""
    return _page(request, [("利用開始申請", reverse("lookup:applications"))], False, "")


def _page(request: HttpRequest, crumbs: list[tuple[str, str]], is_open: bool, target: str) -> HttpResponse:
    context = {
        "page_title": "利用規約",
        "crumbs": [*crumbs, ("利用規約", "")],
        "version": text.VERSION,
        "in_force_from": text.IN_FORCE_FROM,
        "clauses": text.CLAUSES,
        "is_open": is_open,
        "next": target,
    }
    return render(request, "guarantee_lookup/terms.html", context)
