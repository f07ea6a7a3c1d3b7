"""ユーザーページ (S01)."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from nexi_quota import selectors
from nexi_quota.views.quotas import SOON_DAYS
from nexi_quota.wizards import QUOTA_CONFIRMATION
from portal.applications.models import Application, State
from portal.common.http import HttpRequest


def home(request: HttpRequest) -> HttpResponse:
    """ユーザーページ (S01): the menu of the procedures, what is about to expire, what is unfinished."""
    today = timezone.localdate()
    soon = today + timedelta(days=SOON_DAYS)
    expiring = selectors.listed_confirmations(request.user, {"until": soon}, today).order_by("expires_on")[:5]
    drafts = Application.objects.visible_to(request.user).filter(kind=QUOTA_CONFIRMATION.slug, state=State.DRAFT)
    context = {
        "page_title": "ユーザーページ",
        "expiring": [(found, (found.expires_on - today).days) for found in expiring],
        "drafts": list(drafts.defer("data").order_by("-saved_at")[:5]),
        "may_edit": request.user.has_role("nexi.input"),
        "wizard": QUOTA_CONFIRMATION,
    }
    return render(request, "nexi_quota/home.html", context)
