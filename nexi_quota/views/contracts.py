"""保有契約一覧 and 保有契約の内容の照会."""

from datetime import date

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from nexi_quota import documents, forms, selectors
from nexi_quota.enums import ContractState, NoticeKind, Product, Route, open_routes
from nexi_quota.messages import text
from nexi_quota.models import InsuranceContract
from nexi_quota.rules.notices import is_overdue, loss_notice_until
from nexi_quota.views.lists import HOME, day_cell, list_page, rest_cell
from portal.common.eras import seireki
from portal.common.http import HttpRequest
from portal.common.money import money
from portal.ui.lists import Column

TITLE = "保有契約一覧"


# --- 保有契約一覧 -------------------------------------------------------------


def _due_cell(contract: InsuranceContract) -> str:
    """Return the 決済期限, in amber with the days since then when it has passed."""
    today = timezone.localdate()
    if not is_overdue(contract.due_on, today):
        return day_cell(contract.due_on)
    days = (today - contract.due_on).days
    return documents.chip(f"{contract.due_on:%Y-%m-%d}", f"期限から{days}日経過", "late")


CONTRACT_COLUMNS = [
    Column(
        "number",
        "保険証券番号",
        lambda c: c.number,
        "policy_number",
        lambda c: reverse("nexi:contract", args=[c.number]),
    ),
    Column("product", "保険種", lambda c: c.get_product_display(), "product"),
    Column("payer", "支払人名称", lambda c: c.payer.name, "payer__name"),
    Column("country", "国", lambda c: c.payer.country.name, "payer__country"),
    Column("amount", "契約金額", lambda c: money(c.amount, c.currency_id), "amount", is_number=True),
    Column(
        "balance",
        "決済残高",
        lambda c: money(c.balance, c.currency_id),
        "balance",
        cell=rest_cell,
        is_number=True,
    ),
    Column(
        "shipped", "船積日", lambda c: f"{c.shipped_on:%Y-%m-%d}", "shipped_on", cell=lambda c: day_cell(c.shipped_on)
    ),
    Column("due", "決済期限", lambda c: f"{c.due_on:%Y-%m-%d}", "due_on", cell=_due_cell),
    Column(
        "concluded",
        "保険契約締結日",
        lambda c: f"{c.concluded_on:%Y-%m-%d}",
        "concluded_on",
        cell=lambda c: day_cell(c.concluded_on),
    ),
    Column("reference", "お客様整理番号", lambda c: c.reference, "reference"),
]


def contracts(request: HttpRequest) -> HttpResponseBase:
    """保有契約一覧 (S22, nexi.md 7.2): the contracts whose 決済通知 can be made from here."""
    return list_page(
        request,
        "nexi_quota/contracts.html",
        TITLE,
        forms.ContractFilterForm(request.GET),
        lambda wanted: selectors.listed_contracts(request.user, wanted),
        CONTRACT_COLUMNS,
        order="due",
        new_url=reverse("nexi:notice-new"),
    )


# --- 保有契約の内容の照会 ------------------------------------------------------


def contract(request: HttpRequest, number: str) -> HttpResponse:
    """保有契約の内容の照会 (S23): the facts of one contract, the notices made, and the way to the next one."""
    policy_number, _, branch = number.partition("-")
    found = selectors.own_contract(request.user, policy_number, branch)
    today = timezone.localdate()
    target = selectors.target_of(found, today)
    is_open = target.is_live and not target.has_loss
    context = {
        "page_title": "保有契約の内容の照会",
        "crumbs": [(HOME, reverse("nexi:home")), (TITLE, reverse("nexi:contracts")), ("内容の照会", "")],
        "contract": found,
        "rows": _facts(found),
        "bar": forms.bar_of(found),
        "notices": selectors.notices_about(found),
        "has_loss": target.has_loss,
        "loss_text": text("M-N07"),
        "overdue": _overdue(found, today) if is_open else None,
        "obstacle": forms.obstacle(found, Route.CONTRACTS, today),
        "is_open": is_open,
        "may_type_in": is_open and Route.DIRECT in open_routes(Product(found.product), NoticeKind.SETTLEMENT),
        "notice_url": reverse("nexi:notice-new"),
        "may_edit": request.user.has_role("nexi.input"),
    }
    return render(request, "nexi_quota/contract.html", context)


def _overdue(contract: InsuranceContract, today: date) -> dict[str, object] | None:
    """Return the duty of a contract past its 決済期限 (M-N09) with the last day of the 損失等発生通知."""
    if not is_overdue(contract.due_on, today):
        return None
    until = loss_notice_until(contract.due_on)
    return {"text": text("M-N09"), "due_on": contract.due_on, "until": until, "days": (until - today).days}


def _facts(contract: InsuranceContract) -> list[dict[str, str]]:
    pairs = [
        ("保険証券番号", contract.number),
        ("履歴番号", contract.history),
        ("保険種", contract.get_product_display()),
        ("申込みの方法", contract.get_origin_display()),
        ("支払人", f"{contract.payer.code} {contract.payer.name}"),
        ("国", contract.payer.country.name),
        ("契約金額", money(contract.amount, contract.currency_id)),
        ("決済残高", money(contract.balance, contract.currency_id)),
        ("船積日", seireki(contract.shipped_on)),
        ("決済期限", seireki(contract.due_on)),
        ("保険契約締結日", seireki(contract.concluded_on)),
        ("確認管理番号", contract.confirmation.number if contract.confirmation else "なし（個別保証枠は不要）"),
        ("お客様整理番号", contract.reference),
        ("状態", contract.get_state_display()),
    ]
    if contract.state == ContractState.LOSS and contract.loss_reported_on:
        pairs.append(("損失等発生通知日", seireki(contract.loss_reported_on)))
    return [{"label": label, "shown": shown} for label, shown in pairs]
