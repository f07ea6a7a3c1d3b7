"""書類庫 (S30): every PDF of the member in one list."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from credit_insurance.selectors import library as selectors
from portal.common.http import HttpRequest

TITLE = "書類庫"


def library(request: HttpRequest) -> HttpResponse:
    """Every paper with its day, its version and who last had it."""
    papers = selectors.papers(request.user)
    reads = selectors.last_read(request.user, papers)
    context = {
        "page_title": TITLE,
        "crumbs": [("トップ", reverse("credit:home")), (TITLE, "")],
        "wide": True,
        "papers": [(paper, reverse(f"credit:{paper.page}", args=paper.args), reads.get(paper)) for paper in papers],
    }
    return render(request, "credit_insurance/library.html", context)
