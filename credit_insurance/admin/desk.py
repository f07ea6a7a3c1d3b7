"""入金消込: the lists of deposits that wait for a decision, each deposit in one (credit_insurance.md 8.15, 10, S16)."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from credit_insurance.admin.base import actor
from credit_insurance.enums import DepositList, RefundState
from credit_insurance.models import Allocation, Deposit, Invoice, Refund
from credit_insurance.services import deposits
from portal import audit
from portal.common.money import yen
from portal.ui.lists import Column, csv_lines

PAGE = 50
DONE, NOTICES = "done", "notices"
LISTS = {
    **{one.value: one.label for one in DepositList},
    NOTICES: "取消の通知（対応する入金の確認）",
    DONE: "自動で消込済み",
}
"""Key and title: five lists of 8.15, those that say why a person decides, what the bank took back, what is done."""

ADVICE = {
    DepositList.NUMBER: "一度消し込んだか、返金を依頼した入金です。確かめて消込を確定するか、返金を依頼してください。",
    DepositList.OTHER_AMOUNT: "請求額を超える入金です。請求額を消し込み、残りの返金を依頼してください。",
    DepositList.NAME: "受付番号がありませんが、名義と金額が1件の請求と一致します。確かめて消込を確定してください。",
    DepositList.AMOUNT: "金額だけが期限の近い1件の請求と一致します。加入者に確かめてから消込を確定してください。",
    DepositList.NONE: "候補がありません。請求を探して消し込むか、返金を依頼してください。",
    DepositList.LATE: "払込期限より後の入金です。消し込むと補償開始日が後の月になります。加入者に確かめてください。",
    DepositList.DOUBLE: "請求額はすでに入金済みです。返金を依頼するか、別の請求に消し込んでください。",
    DepositList.SHORT: "請求額に足りません。消し込んでも不足分が入金されるまで加入手続は完了しません。",
    DepositList.PAYER: "受付番号と金額は一致しますが、振込名義が登録と異なります。加入者に確かめてください。",
    NOTICES: "金融機関が取り消した入金です。対応する入金を選ぶか、対応した内容を記録してください。",
    DONE: "受付番号、金額、名義、期限がすべて一致した入金です。",
}


@dataclass(frozen=True)
class Row:
    """One line of a list: `url` leads to the deposit, where the decision is taken."""

    url: str
    value_on: str
    amount: str
    open_amount: str
    payer: str
    number: str
    member: str
    missing: str
    flags: str


COLUMNS = (
    Column("value_on", "起算日", lambda row: row.value_on),
    Column("amount", "入金額", lambda row: row.amount),
    Column("open_amount", "未処理額", lambda row: row.open_amount),
    Column("payer", "振込依頼人名", lambda row: row.payer),
    Column("number", "受付番号（候補）", lambda row: row.number),
    Column("member", "加入者（候補）", lambda row: row.member),
    Column("missing", "請求の残額", lambda row: row.missing),
    Column("flags", "注意", lambda row: row.flags),
)


def _row(deposit: Deposit, invoice: Invoice | None, flags: str = "") -> Row:
    return Row(
        url=reverse("admin:credit_insurance_deposit_change", args=[deposit.pk]),
        value_on=f"{deposit.value_on:%Y-%m-%d}",
        amount=yen(deposit.amount),
        open_amount=yen(deposit.open_amount),
        payer=deposit.payer,
        number=invoice.number if invoice else "",
        member=str(invoice.case.member) if invoice else "",
        missing=yen(invoice.missing) if invoice else "",
        flags=flags,
    )


def _found(one: deposits.Found) -> Row:
    return _row(one.deposit, one.invoice, "、".join(flag.label for flag in one.flags))


def desk(request: HttpRequest, site: AdminSite) -> HttpResponse | StreamingHttpResponse:
    """One list with the counts of all; `?format=csv` is the whole list as a file."""
    user = actor(request)
    if not user.has_perm("credit_insurance.view_deposit"):
        raise PermissionDenied
    found = deposits.found(deposits.undecided())
    counts = Counter(one.place.value for one in found)
    waiting = Deposit.objects.filter(is_cancellation=True, cancels=None, note="").order_by("value_on", "pk")
    done = (
        Allocation.objects.filter(made_by=None, undone_at=None)
        .select_related("deposit", "invoice__case__member")
        .order_by("-made_at", "-pk")
    )
    counts |= Counter({NOTICES: waiting.count(), DONE: done.count()})
    wanted = request.GET.get("list", "")
    if wanted not in LISTS:
        wanted = next((key for key in LISTS if counts[key]), DepositList.NUMBER.value)
    rows: Any
    if wanted == NOTICES:
        rows, shape = waiting, lambda one: _row(one, None)
    elif wanted == DONE:
        rows, shape = done, lambda one: _row(one.deposit, one.invoice)
    else:
        rows, shape = [one for one in found if one.place.value == wanted], _found
    if request.GET.get("format") == "csv":
        audit.record("credit.deposits_csv", actor=user, target=wanted, detail={"rows": counts[wanted]})
        answer = StreamingHttpResponse(
            csv_lines(COLUMNS, (shape(one) for one in rows)), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="deposits-{wanted}.csv"'
        return answer
    page = Paginator(rows, PAGE).get_page(request.GET.get("page", "1"))
    context = {
        **site.each_context(request),
        "title": "入金消込",
        "subtitle": None,
        "list_title": LISTS[wanted],
        "opts": Deposit._meta,
        "lists": [(key, title, counts[key], key == wanted) for key, title in LISTS.items()],
        "wanted": wanted,
        "advice": ADVICE[wanted],
        "columns": COLUMNS,
        "page": page,
        "rows": [shape(one) for one in page],
        "open_refunds": Refund.objects.filter(state=RefundState.REQUESTED).count(),
        "may_import": user.has_perm("credit_insurance.add_bankfile"),
        "may_enter": user.has_perm("credit_insurance.add_deposit"),
    }
    return render(request, "admin/credit_insurance/desk.html", context)
