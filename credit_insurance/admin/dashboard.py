"""団体ダッシュボード (credit_insurance.md 10, S34): a few sums for one 保険期間, also as CSV."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from credit_insurance.admin.base import actor
from credit_insurance.forms.debtor import PREFECTURE_CHOICES
from credit_insurance.models import Invoice, MasterPolicy
from credit_insurance.rules.deadlines import period_year
from credit_insurance.selectors.dashboard import Figure, by_prefecture, by_state, money
from portal import audit
from portal.ui.lists import Column, csv_lines

CSV = (
    Column("group", "区分", lambda row: row[0]),
    Column("label", "項目", lambda row: row[1]),
    Column("cases", "件数", lambda row: str(row[2])),
    Column("covered", "加入手続完了", lambda row: str(row[3])),
    Column("yen", "金額（円）", lambda row: str(row[4])),
)


def dashboard(request: HttpRequest, site: AdminSite) -> HttpResponse | StreamingHttpResponse:
    """The sums of `?year=`, the running 保険期間 unless told; `?format=csv` is the same as a file."""
    if not actor(request).has_perm("credit_insurance.view_invoice"):
        raise PermissionDenied
    today = timezone.localdate()
    years = list(MasterPolicy.objects.order_by("-year").values_list("year", flat=True))
    typed = request.GET.get("year", "")
    year = next((one for one in years if str(one) == typed), period_year(today))
    groups: list[tuple[str, Sequence[Figure]]] = [
        ("手続状況別", by_state(year)),
        ("中央会別（所属組合の都道府県）", by_prefecture(year, dict(PREFECTURE_CHOICES))),
    ]
    sums = money(today)
    if request.GET.get("format") == "csv":
        audit.record("credit.dashboard_csv", actor=actor(request), target=str(year))
        rows: list[Any] = [
            (title, one.label, one.cases, one.covered, one.premium) for title, found in groups for one in found
        ]
        rows += [("入金（全期間）", one.label, one.count, "", one.amount) for one in sums]
        answer = StreamingHttpResponse(csv_lines(CSV, rows), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="dashboard-{year}.csv"'
        return answer
    context = {
        **site.each_context(request),
        "title": "団体ダッシュボード",
        "subtitle": f"{year}年度",
        "opts": Invoice._meta,
        "years": years,
        "year": year,
        "groups": groups,
        "sums": sums,
    }
    return render(request, "admin/credit_insurance/dashboard.html", context)
