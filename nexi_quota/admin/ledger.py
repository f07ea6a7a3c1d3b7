"""台帳 of one buyer: every movement of its 個別保証枠 with the balance after it and what stands behind it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone

from nexi_quota import selectors
from nexi_quota.admin.base import VIEWED, actor, yen
from nexi_quota.admin.lists import day_box, link, midnight
from nexi_quota.admin.records import application_link, application_of
from nexi_quota.enums import LedgerKind
from nexi_quota.models import Buyer, LedgerEntry, Quota
from nexi_quota.selectors import LedgerFilter
from portal import audit
from portal.common.money import group
from portal.ui.lists import Column, csv_lines

SIZE = 50
PERMISSIONS = ("nexi_quota.view_quota", "nexi_quota.view_ledgerentry")
Line = tuple[LedgerEntry, int]


def _above_zero(amount_jpy: int) -> str:
    return group(amount_jpy) if amount_jpy > 0 else ""


def _contract(entry: LedgerEntry) -> str:
    return link("nexi_quota_insurancecontract", entry.contract_id, entry.contract)


def _notice(entry: LedgerEntry) -> str:
    return link("nexi_quota_notice", entry.notice_id, entry.notice.get_kind_display()) if entry.notice else ""


COLUMNS = (
    Column("at", "日時", lambda line: f"{timezone.localtime(line[0].at):%Y-%m-%d %H:%M:%S}"),
    Column("kind", "種別", lambda line: line[0].get_kind_display()),
    # Two columns of figures without a sign: a spreadsheet reads them as numbers.
    Column("taken", "確保（円）", lambda line: _above_zero(line[0].amount_jpy)),
    Column("given", "解放（円）", lambda line: _above_zero(-line[0].amount_jpy)),
    Column("balance", "使用中（円）", lambda line: group(line[1])),
    Column(
        "confirmation",
        "個別保証枠確認",
        lambda line: line[0].confirmation.number,
        cell=lambda line: link("nexi_quota_confirmation", line[0].confirmation_id, line[0].confirmation),
    ),
    Column("contract", "保有契約", lambda line: str(line[0].contract or ""), cell=lambda line: _contract(line[0])),
    Column(
        "notice",
        "通知",
        lambda line: line[0].notice.get_kind_display() if line[0].notice else "",
        cell=lambda line: _notice(line[0]),
    ),
    Column(
        "application",
        "Web申込番号",
        lambda line: str(application_of(line[0]) or ""),
        cell=lambda line: application_link(application_of(line[0])),
    ),
    Column("exporter", "保険利用者", lambda line: str(line[0].confirmation.organisation)),
    Column("actor", "操作者", lambda line: str(line[0].actor or "")),
)


class LedgerForm(forms.Form):
    """Kind and period, and where the page begins."""

    kind = forms.ChoiceField(label="種別", required=False, choices=[("", "すべて"), *LedgerKind.choices])
    since = forms.DateField(label="開始日", required=False, widget=day_box())
    until = forms.DateField(label="終了日", required=False, widget=day_box())
    after = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in ("since", "until"):
            if (day := values.get(name)) and not 1900 <= day.year < 3000:
                self.add_error(name, "1900年から2999年までの日を入力してください。")
        return values


def urls(site: AdminSite) -> list[URLPattern]:
    """Return the address of the ledger below the buyers' admin."""

    def page(request: HttpRequest, buyer_id: int) -> HttpResponseBase:
        return ledger_page(request, buyer_id, site)

    return [path("<int:buyer_id>/ledger/", site.admin_view(page), name="nexi_quota_buyer_ledger")]


def ledger_page(request: HttpRequest, buyer_id: int, site: AdminSite) -> HttpResponseBase:
    """Show one page of the ledger, or all of it as CSV; a branch shares the ledger of its head office."""
    if not actor(request).has_perms(PERMISSIONS):
        raise PermissionDenied
    buyer = get_object_or_404(Buyer.objects.select_related("head_office"), pk=buyer_id)
    quota = get_object_or_404(Quota.objects.select_related("buyer"), buyer=buyer.head_office_id or buyer.pk)
    search = {name: request.GET[name] for name in sorted(request.GET)}
    audit.record(VIEWED, actor=actor(request), target=f"{quota.buyer.code} 台帳", detail=search)
    form = LedgerForm(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    wanted = LedgerFilter(
        kind=given.get("kind") or "",
        since=midnight(given["since"]) if given.get("since") else None,
        before=midnight(given["until"] + timedelta(days=1)) if given.get("until") else None,
    )
    if form.is_valid() and request.GET.get("format") == "csv":
        return _csv(quota, wanted)
    rows, more = selectors.ledger_page(quota.pk, wanted, SIZE, after=given.get("after")) if given else ([], False)
    held = selectors.balances(rows)
    context = {
        **site.each_context(request),
        "title": "台帳",
        "subtitle": str(quota.buyer),
        "opts": Quota._meta,
        "buyer": buyer,
        "quota": quota,
        "facts": [
            ("個別保証枠", yen(quota.limit_jpy)),
            ("使用中", yen(quota.held_jpy)),
            ("残高", yen(quota.limit_jpy - quota.held_jpy)),
        ],
        "form": form,
        "headings": [column.label for column in COLUMNS],
        "rows": [
            [
                column.cell((row, held[row.pk])) if column.cell else column.text((row, held[row.pk]))
                for column in COLUMNS
            ]
            for row in rows
        ],
        "first_url": _url(request) if given.get("after") else "",
        "next_url": _url(request, after=rows[-1].pk) if more else "",
        "csv_url": _url(request, format="csv"),
    }
    return render(request, "admin/nexi_quota/ledger.html", context, status=422 if form.errors else 200)


def _url(request: HttpRequest, **more: object) -> str:
    """Return the address of the same filter, with `more`."""
    query = request.GET.copy()
    query.pop("after", None)
    for name, value in more.items():
        query[name] = str(value)
    return f"?{query.urlencode()}"


def _csv(quota: Quota, wanted: LedgerFilter) -> HttpResponseBase:
    lines: Iterator[Line] = selectors.ledger_lines(quota.pk, wanted)
    answer = StreamingHttpResponse(csv_lines(COLUMNS, lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="ledger-{quota.buyer.code}.csv"'
    return answer
