"""個別保証枠一覧, 照会, and the papers of a 確認."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from nexi_quota import documents, forms, selectors
from nexi_quota.messages import text
from nexi_quota.models import Confirmation
from nexi_quota.wizards import QUOTA_CONFIRMATION, amount_text
from portal.applications.selectors import own_application
from portal.common.http import HttpRequest
from portal.documents.models import Document
from portal.documents.serve import serve_on_demand, serve_stored
from portal.ui.errors import problem
from portal.ui.lists import Column, ListPage, csv_response, filters_in_use

SOON_DAYS = 14
"""保証枠有効期限 within this many days is marked and reminded (nexi.md 7.1)."""


# --- 個別保証枠一覧 -----------------------------------------------------------


def _money(amount: object, confirmation: Confirmation) -> str:
    return f"{confirmation.currency_id} {amount_text(amount)}"


def _days_left(confirmation: Confirmation) -> int:
    return (confirmation.expires_on - timezone.localdate()).days


def _expiry_cell(confirmation: Confirmation) -> str:
    """Return the expiry with the days that are left in words, in red when they are few."""
    days = _days_left(confirmation)
    kind = "stop" if days <= SOON_DAYS else "done"
    return documents.chip(f"{confirmation.expires_on:%Y-%m-%d}", f"残り{days}日", kind)


def _certificate_cell(confirmation: Confirmation) -> str:
    url = reverse("nexi:certificate", args=[confirmation.number])
    return documents.paper_link(url, "確認証", f"確認管理番号 {confirmation.number} の個別保証枠確認証（PDF）")


QUOTA_COLUMNS = [
    Column(
        "number", "確認管理番号", lambda c: c.number, "number", lambda c: reverse("nexi:quota", args=[c.number])
    ),
    Column("certificate", "確認証", lambda c: "あり", cell=_certificate_cell),
    Column("product", "保険種", lambda c: c.get_product_display(), "product"),
    Column("payer", "支払人名称", lambda c: c.payer.name, "payer__name"),
    Column("country", "国", lambda c: c.payer.country.name, "payer__country"),
    Column("amount", "確認金額", lambda c: _money(c.amount, c), "amount", is_number=True),
    Column("unused", "未使用額", lambda c: _money(c.unused, c), "unused", is_number=True),
    Column("confirmed", "確認日", lambda c: f"{c.confirmed_on:%Y-%m-%d}", "confirmed_on"),
    Column("expires", "保証枠有効期限", lambda c: f"{c.expires_on:%Y-%m-%d}", "expires_on", cell=_expiry_cell),
    Column("state", "状態", lambda c: c.get_state_display(), "state"),
    Column("reference", "お客様整理番号", lambda c: c.reference, "reference"),
    Column("contact", "担当者", lambda c: c.contact),
]  # fmt: skip


def quotas(request: HttpRequest) -> HttpResponseBase:
    """個別保証枠一覧 (S20, nexi.md 7.1): the confirmations whose certificate can still be printed."""
    form = forms.ConfirmationFilterForm(request.GET)
    is_valid = form.is_valid()
    rows = selectors.listed_confirmations(request.user, form.cleaned_data if is_valid else {}, timezone.localdate())
    if request.GET.get("format") == "csv" and is_valid:
        return csv_response(request, "quotas.csv", rows, QUOTA_COLUMNS, order="expires")
    context = {
        "page_title": "個別保証枠一覧",
        "crumbs": [("ユーザーページ", reverse("nexi:home")), ("個別保証枠一覧", "")],
        "wide": True,
        "form": form,
        "problems": form.problems() if not is_valid else [],
        "listing": ListPage(request, rows, QUOTA_COLUMNS, order="expires", caption="個別保証枠一覧"),
        "filter_on": filters_in_use(form) if is_valid else [],
        "clear_url": reverse("nexi:quotas"),
        "new_url": QUOTA_CONFIRMATION.url("new"),
        "may_edit": request.user.has_role("nexi.input"),
    }
    return render(request, "nexi_quota/quotas.html", context, status=200 if is_valid else 422)


def quota(request: HttpRequest, number: str) -> HttpResponse:
    """個別保証枠の照会 (S21): the facts of one confirmation and what can be done with it."""
    confirmation = selectors.own_confirmation(request.user, number)
    today = timezone.localdate()
    is_listed = confirmation.state == "valid" and confirmation.expires_on >= today
    context = {
        "page_title": "内容の照会",
        "crumbs": [
            ("ユーザーページ", reverse("nexi:home")),
            ("個別保証枠一覧", reverse("nexi:quotas")),
            ("内容の照会", ""),
        ],
        "confirmation": confirmation,
        "rows": documents.facts_of(confirmation),
        "is_listed": is_listed,
        "days_left": _days_left(confirmation),
        "today": today,
        "version": confirmation.application.versions.first() if confirmation.application else None,
        "copy_url": confirmation.application.procedure.copy_url(confirmation.application)
        if confirmation.application and is_listed and request.user.has_role("nexi.input")
        else "",
    }
    return render(request, "nexi_quota/quota.html", context)


def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """個別保証枠確認証 as PDF: as often as wanted while listed, gone with M-P01 afterwards (seed, section 4)."""
    confirmation = selectors.own_confirmation(request.user, number)
    if confirmation.state != "valid" or confirmation.expires_on < timezone.localdate() or not confirmation.application:
        return problem(
            request,
            410,
            title=text("M-P01"),
            lead="個別保証枠一覧に表示されている間だけ、確認証を表示・印刷できます。続けて取引があるときは、もう一度お申込みください。",
            actions=[("個別保証枠一覧へ", reverse("nexi:quotas"))],
        )
    return serve_on_demand(
        request,
        documents.CERTIFICATE,
        documents.certificate_context(confirmation),
        verb="nexi.certificate",
        target=confirmation.number,
    )


def receipt_pdf(request: HttpRequest, number: str) -> HttpResponseBase:
    """申込内容の控え: the stored paper of a submitted request; made by a job a moment after the submission."""
    application = own_application(request.user, number, QUOTA_CONFIRMATION.slug)
    found = Document.objects.filter(version__application=application, kind=documents.RECEIPT.slug).first()
    if found is None:
        return problem(
            request,
            404,
            title="申込内容の控えを作成しています",
            lead="しばらくしてから、もう一度開いてください。",
            actions=[("内容の照会へ", application.procedure.detail_url(application))],
        )
    return serve_stored(request, found, verb="nexi.receipt", target=application.number)
