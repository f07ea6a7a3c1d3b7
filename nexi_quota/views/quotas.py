"""個別保証枠一覧, 照会, and the papers of a 確認."""

from datetime import date

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from nexi_quota import documents, forms, selectors
from nexi_quota.enums import ConfirmationState, Origin, Route
from nexi_quota.messages import text
from nexi_quota.models import Confirmation
from nexi_quota.views.lists import HOME, day_cell, list_page, rest_cell
from nexi_quota.wizards import QUOTA_CONFIRMATION
from portal.common.http import HttpRequest
from portal.common.money import money
from portal.documents.serve import serve_on_demand
from portal.ui.errors import problem
from portal.ui.lists import Column

TITLE = "個別保証枠一覧"
NO_EXPIRY = "期限なし"
"""Insured quota does not expire: 決済通知, 枠戻通知 or 自動解放 end it (nexi.md 6.2)."""


# --- 個別保証枠一覧 -----------------------------------------------------------


def _expires(confirmation: Confirmation) -> str:
    return f"{confirmation.expires_on:%Y-%m-%d}" if confirmation.state == ConfirmationState.VALID else NO_EXPIRY


def _expiry_cell(confirmation: Confirmation) -> str:
    """Return the expiry with the days that are left in words, in red when they are few."""
    if confirmation.state != ConfirmationState.VALID:
        return ""
    days = (confirmation.expires_on - timezone.localdate()).days
    kind = "stop" if days <= selectors.SOON_DAYS else "done"
    return documents.chip(_expires(confirmation), f"残り{days}日", kind)


def _certificate(confirmation: Confirmation) -> str:
    return "あり" if confirmation.origin == Origin.REQUEST else "なし"


def _certificate_cell(confirmation: Confirmation) -> str:
    if confirmation.origin != Origin.REQUEST:
        return ""
    url = reverse("nexi:certificate", args=[confirmation.number])
    return documents.paper_link(url, "確認証", f"確認管理番号 {confirmation.number} の個別保証枠確認証（PDF）")


QUOTA_COLUMNS = [
    Column(
        "number", "確認管理番号", lambda c: c.number, "number", lambda c: reverse("nexi:quota", args=[c.number])
    ),
    Column("certificate", "確認証", _certificate, cell=_certificate_cell),
    Column("product", "保険種", lambda c: c.get_product_display(), "product"),
    Column("payer", "支払人名称", lambda c: c.payer.name, "payer__name"),
    Column("country", "国", lambda c: c.payer.country.name, "payer__country"),
    Column("amount", "確認金額", lambda c: money(c.amount, c.currency_id), "amount", is_number=True),
    Column(
        "unused",
        "未使用額",
        lambda c: money(c.unused, c.currency_id),
        "unused",
        cell=rest_cell,
        is_number=True,
    ),
    Column(
        "confirmed",
        "確認日",
        lambda c: f"{c.confirmed_on:%Y-%m-%d}",
        "confirmed_on",
        cell=lambda c: day_cell(c.confirmed_on),
    ),
    Column("expires", "保証枠有効期限", _expires, "ends_on", cell=_expiry_cell),
    Column("state", "状態", lambda c: c.get_state_display(), "state"),
    Column("reference", "お客様整理番号", lambda c: c.reference, "reference"),
    Column("contact", "担当者", lambda c: c.contact),
]  # fmt: skip


def quotas(request: HttpRequest) -> HttpResponseBase:
    """個別保証枠一覧 (S20, nexi.md 7.1): quota with a certificate, and quota that an insurance took by itself."""
    return list_page(
        request,
        "nexi_quota/quotas.html",
        TITLE,
        forms.ConfirmationFilterForm(request.GET),
        lambda wanted: selectors.listed_confirmations(request.user, wanted, timezone.localdate()),
        QUOTA_COLUMNS,
        order="expires",
        new_url=QUOTA_CONFIRMATION.url("new"),
    )


# --- 個別保証枠の照会 ----------------------------------------------------------


def quota(request: HttpRequest, number: str) -> HttpResponse:
    """個別保証枠の照会 (S21): the facts of one confirmation and what its state allows to be done with it."""
    confirmation = selectors.own_confirmation(request.user, number)
    application = confirmation.application
    today = timezone.localdate()
    may_edit = request.user.has_role("nexi.input")
    may_print = _has_certificate(confirmation, today)
    target = selectors.target_of(confirmation, today)
    context = {
        "page_title": "内容の照会",
        "crumbs": [(HOME, reverse("nexi:home")), (TITLE, reverse("nexi:quotas")), ("内容の照会", "")],
        "confirmation": confirmation,
        "rows": _facts(confirmation),
        "may_print": may_print,
        "why_none": "" if may_print else _why_no_certificate(confirmation, today),
        "today": today,
        "bar": forms.bar_of(confirmation),
        "notices": selectors.notices_about(confirmation),
        "contracts": selectors.contracts_on(confirmation),
        "obstacle": forms.obstacle(confirmation, Route.QUOTAS, today),
        "is_open": target.is_live and bool(target.open_amount),
        "may_edit": may_edit,
        "notice_url": reverse("nexi:notice-new"),
        "copy_url": application.procedure.copy_url(application) if application and may_print and may_edit else "",
    }
    return render(request, "nexi_quota/quota.html", context)


def _facts(confirmation: Confirmation) -> list[dict[str, str]]:
    """Return the facts with 取得方法; quota that an insurance took by itself has no day of expiry."""
    number, *others = documents.facts_of(confirmation)
    if confirmation.origin != Origin.REQUEST:
        others = [row | {"shown": NO_EXPIRY} if row["label"] == "保証枠有効期限" else row for row in others]
    return [number, {"label": "取得方法", "shown": confirmation.get_origin_display()}, *others]


def _has_certificate(confirmation: Confirmation, today: date) -> bool:
    """True while 個別保証枠確認証 can be printed: applied for, unused, within validity (seed, section 4)."""
    is_usable = confirmation.state == ConfirmationState.VALID and confirmation.expires_on >= today
    return is_usable and confirmation.application is not None


def _why_no_certificate(confirmation: Confirmation, today: date) -> str:
    """Return what has become of a confirmation that has no certificate, or has none any more."""
    state = ConfirmationState(confirmation.state)
    if state is ConfirmationState.UNUSABLE:
        rating = selectors.rating_of(confirmation.payer_id, today)
        return text("M-R05", 格付=rating, 番号=confirmation.number)
    if state is ConfirmationState.LOSS:
        return text("M-N07")
    if state in {ConfirmationState.VALID, ConfirmationState.EXPIRED}:
        return text("M-P01")
    if state is not ConfirmationState.INSURED:
        return f"この個別保証枠は、使用中の額が残っていません（{state.label}）"
    if confirmation.origin == Origin.REQUEST:
        return "保険の引受けに使用されたため、個別保証枠確認証は表示できません"
    return "保険の手続きの中で自動的に取得された個別保証枠のため、個別保証枠確認証はありません"


def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """個別保証枠確認証 as PDF: as often as wanted while listed, gone with M-P01 afterwards (seed, section 4)."""
    confirmation = selectors.own_confirmation(request.user, number)
    if not _has_certificate(confirmation, timezone.localdate()):
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
