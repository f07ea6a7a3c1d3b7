"""認証キー入力: number and key by POST only, one answer to everything that is wrong."""

import time
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from esurety.forms.verify import EntryForm
from esurety.messages import NEUTRAL
from esurety.services.registering import register
from portal.accounts.access import deny
from portal.common.http import HttpRequest, SeeOther, client_address

TITLE = "認証キー入力"
MAY_ENTER = ("verify.user",)
SLOW_SECONDS = 5.0
"""Pause before every refusal while an address or everybody together fails too often (security 2.7)."""


@sensitive_post_parameters("number", "key", "code", "sheet")
@sensitive_variables("form", "number", "key")
def home(request: HttpRequest) -> HttpResponse:
    """認証キー入力: the certificate follows under an address of its own, which holds neither number nor key."""
    may_enter = request.user.has_role(*MAY_ENTER)
    if request.method != "POST":
        return _page(request, EntryForm(), may_enter=may_enter)
    if not may_enter:
        deny(request, MAY_ENTER)
    form = EntryForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422, problems=form.problems())
    number, key, source = form.entered
    answer = register(request.user, number, key, source, client_address(request, settings.PROXY_HOPS))
    if answer.registration:
        messages.success(request, "電子証書を登録しました。内容を確かめ、「受領する」か「差戻し」を選んでください。")
        return SeeOther(reverse("verify:certificate", args=[answer.registration.pk]))
    if answer.is_slow:
        time.sleep(SLOW_SECONDS)
    return _page(request, form, status=422, refusal=NEUTRAL)


def _page(request: HttpRequest, form: EntryForm, *, status: int = 200, **found: Any) -> HttpResponse:
    context = {
        "page_title": TITLE,
        "crumbs": [(TITLE, "")],
        "form": form,
        "may_enter": True,
        "problems": [],
        "refusal": "",
        **found,
    }
    return render(request, "verify/home.html", context, status=status)
