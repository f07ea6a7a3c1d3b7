"""海外商社検索 (S40) and the search under a code field."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from nexi_quota import forms, selectors
from nexi_quota.wizards import find_buyers
from portal.common.http import HttpRequest
from portal.wizard.services import case_for


def buyers(request: HttpRequest) -> HttpResponse:
    """海外商社検索 (S40): by code, name or country; shows address, rating and state."""
    form = forms.BuyerSearchForm(request.GET if "q" in request.GET else None)
    words = form.cleaned_data["q"] if form.is_bound and form.is_valid() else ""
    found = list(selectors.search_buyers(words, timezone.localdate())[: selectors.BUYER_LIMIT + 1])
    context = {
        "page_title": "海外商社検索",
        "crumbs": [("ユーザーページ", reverse("nexi:home")), ("海外商社検索", "")],
        "wide": True,
        "form": form,
        "problems": form.problems() if form.is_bound and not form.is_valid() else [],
        "words": words,
        "buyers": found[: selectors.BUYER_LIMIT],
        "has_more": len(found) > selectors.BUYER_LIMIT,
    }
    return render(request, "nexi_quota/buyers.html", context, status=422 if context["problems"] else 200)


def buyer_search(request: HttpRequest) -> HttpResponse:
    """The list under a code field while somebody types; the field's name comes back in the radio buttons."""
    field = request.GET.get("field", "")[:60]
    typed = request.GET.get(f"{field}-q", "")
    return HttpResponse(find_buyers(case_for(request.user), typed, field))
