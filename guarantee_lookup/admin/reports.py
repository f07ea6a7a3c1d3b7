"""月次報告 (guarantee_lookup.md 9.5) and 利用統計 (S17) of the look-ups."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone

from guarantee_lookup.admin.institutions import actor
from guarantee_lookup.enums import Outcome
from guarantee_lookup.models import Lookup
from guarantee_lookup.selectors import reports
from portal import audit
from portal.ui.lists import Column, csv_lines

PERMISSION = "guarantee_lookup.view_lookup"
MOST_MONTHS = 36


def _bank(row: Mapping[str, Any]) -> str:
    return f"{row['organisation__code']} {row['organisation__name']}" if row["organisation__code"] else "信用保証協会"


def _percent(row: Mapping[str, Any]) -> str:
    return f"{row['none'] * 100 / row['count']:.1f}%"


COUNT = Column("count", "照会", lambda row: f"{row['count']:,}")
NONE = Column("none", "該当なし", lambda row: f"{row['none']:,}")
SHARE = Column("share", "該当なしの割合", _percent)


@dataclass(frozen=True)
class Report:
    """One list of the month: what it shows, and when a row is in it."""

    slug: str
    title: str
    intro: str
    rows: Callable[[date], Iterable[Any]]
    columns: tuple[Column, ...]


REPORTS = (
    Report(
        "unrelated",
        "取引が確認できない照会",
        "照会の根拠を「既存の保証付取引あり」としながら、その金融機関の保証が見当たらない照会です。",
        reports.unrelated,
        (
            Column("at", "照会日時", lambda one: f"{timezone.localtime(one.at):%Y-%m-%d %H:%M}"),
            Column("receipt", "照会受付番号", lambda one: one.receipt),
            Column("number", "照会番号", lambda one: one.masked),
            Column("bank", "金融機関", lambda one: str(one.organisation or "信用保証協会")),
            Column("user", "利用者", lambda one: f"{one.user.login} {one.user.name}"),
        ),
    ),
    Report(
        "night",
        "夜間・休日の照会",
        f"{reports.DAY_FROM}時より前、{reports.DAY_TO}時以後、または休日に、照会した方と照会しようとした方です。",
        reports.at_night,
        (
            Column("user", "利用者ID", lambda row: row["login"]),
            Column("bank", "金融機関コード", lambda row: row["bank"] or "信用保証協会"),
            Column("refused", "時間外のため拒否", lambda row: f"{row['refused']:,}"),
            Column("answered", "照会", lambda row: f"{row['answered']:,}"),
        ),
    ),
    Report(
        "users",
        "照会の多い利用者",
        f"照会の多い順に{reports.MOST_USERS}名です。",
        reports.top_users,
        (
            Column("user", "利用者", lambda row: f"{row['user__login']} {row['user__name']}"),
            Column("bank", "金融機関", _bank),
            COUNT,
            NONE,
            SHARE,
        ),
    ),
    Report(
        "misses",
        "該当なしの多い金融機関",
        f"1週間に{reports.NONE_LEAST}件以上照会し、該当なしが{reports.NONE_SHARE}%を超えた金融機関です"
        "（週は月曜日から。この月に始まる週）。",
        reports.many_misses,
        (
            Column("week", "週の初日", lambda row: f"{timezone.localtime(row['week']):%Y-%m-%d}"),
            Column("bank", "金融機関", _bank),
            COUNT,
            NONE,
            SHARE,
        ),
    ),
    Report(
        "shared",
        "多くの金融機関が照会した顧客",
        f"同じ顧客を{reports.MANY_BANKS}以上の金融機関が照会したものです。"
        "照会受付番号の例から照会を確かめ、「この顧客を照会した記録」で調べてください。",
        reports.shared_customers,
        (
            Column("banks", "金融機関の数", lambda row: f"{row['banks']:,}"),
            COUNT,
            Column("example", "照会受付番号の例", lambda row: row["example"]),
        ),
    ),
)
USAGE = (
    Column("month", "月", lambda one: one.month),
    Column("bank", "金融機関", lambda one: one.bank),
    *(
        Column(outcome, label, lambda one, outcome=outcome: f"{one.counts.get(outcome, 0):,}")  # type: ignore[misc]
        for outcome, label in Outcome.choices
    ),
    Column("total", "照会の計", lambda one: f"{one.total:,}"),
    Column("share", "該当なしの割合", lambda one: one.none_percent),
    Column("hours", "軽減時間（時間）", lambda one: one.hours_saved),
)


class MonthField(forms.CharField):
    """A month as browsers send it: 2026-03; the value is its first day."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-03"})

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%Y-%m}" if isinstance(value, date) else value

    def to_python(self, value: Any) -> date | None:  # type: ignore[override]
        typed = str(value or "").strip()
        if not typed:
            return None
        if not re.fullmatch("(19|20)[0-9]{2}-(0[1-9]|1[0-2])", typed):
            raise forms.ValidationError("月を「2026-03」のように入力してください。")
        return date.fromisoformat(f"{typed}-01")


class MonthForm(forms.Form):
    """The month that is reported."""

    month = MonthField(label="月", required=False)


class SpanForm(forms.Form):
    """The months of 利用統計."""

    since = MonthField(label="開始月", required=False)
    until = MonthField(label="終了月", required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        this = timezone.localdate().replace(day=1)
        until = values.get("until") or max(this, values.get("since") or this)
        since = values.get("since") or until.replace(year=until.year - 1)
        if since > until:
            self.add_error("until", "終了月は開始月以後にしてください。")
        elif (until.year - since.year) * 12 + until.month - since.month >= MOST_MONTHS:
            self.add_error("since", f"期間は{MOST_MONTHS}か月以内にしてください。")
        return {"since": since, "until": until}


def urls(site: AdminSite) -> list[URLPattern]:
    """Return the addresses of the reports below the look-ups' admin."""

    def monthly(request: HttpRequest) -> HttpResponseBase:
        return monthly_page(request, site)

    def statistics(request: HttpRequest) -> HttpResponseBase:
        return statistics_page(request, site)

    return [
        path("reports/", site.admin_view(monthly), name="guarantee_lookup_reports"),
        path("statistics/", site.admin_view(statistics), name="guarantee_lookup_statistics"),
    ]


def monthly_page(request: HttpRequest, site: AdminSite) -> HttpResponseBase:
    """All reports of a month, or one of them as CSV."""
    _require(request)
    form = MonthForm(request.GET)
    wanted = {report.slug: report for report in REPORTS}.get(request.GET.get("csv", ""))
    lists: list[dict[str, Any]] = []
    if form.is_valid():
        month = form.cleaned_data["month"] or timezone.localdate().replace(day=1)
        _record(request, f"{month:%Y-%m}", wanted.slug if wanted else "")
        if wanted:
            return _csv(f"{wanted.slug}-{month:%Y-%m}.csv", wanted.columns, wanted.rows(month))
        form = MonthForm({"month": f"{month:%Y-%m}"})
        lists = [
            {
                "title": report.title,
                "intro": report.intro,
                "csv_url": f"?month={month:%Y-%m}&csv={report.slug}",
                "headings": [column.label for column in report.columns],
                "rows": _texts(report.columns, report.rows(month)),
            }
            for report in REPORTS
        ]
    return _page(request, site, "照会の月次報告", [form["month"]], lists, bool(form.errors))


def statistics_page(request: HttpRequest, site: AdminSite) -> HttpResponseBase:
    """利用統計 by month, bank and outcome, with the hours that were saved."""
    _require(request)
    form = SpanForm(request.GET)
    lists: list[dict[str, Any]] = []
    if form.is_valid():
        since, until = form.cleaned_data["since"], form.cleaned_data["until"]
        is_csv = request.GET.get("csv") == "usage"
        _record(request, f"{since:%Y-%m} {until:%Y-%m}", "usage" if is_csv else "")
        rows = reports.usage(since, until)
        if is_csv:
            return _csv("lookup-statistics.csv", USAGE, rows)
        form = SpanForm({"since": f"{since:%Y-%m}", "until": f"{until:%Y-%m}"})
        form.is_valid()
        lists = [
            {
                "title": "月・金融機関ごとの照会",
                "intro": f"軽減時間は、照会1件につき{reports.MINUTES_SAVED}分として計算しています。",
                "csv_url": f"?since={since:%Y-%m}&until={until:%Y-%m}&csv=usage",
                "headings": [column.label for column in USAGE],
                "rows": _texts(USAGE, rows),
            }
        ]
    return _page(request, site, "照会の利用統計", [form["since"], form["until"]], lists, bool(form.errors))


def _require(request: HttpRequest) -> None:
    if not actor(request).has_perm(PERMISSION):
        raise PermissionDenied


def _record(request: HttpRequest, months: str, saved: str) -> None:
    verb = "lookup.report_csv" if saved else "lookup.report"
    audit.record(verb, actor=actor(request), target=months, detail={"report": saved} if saved else {})


def _texts(columns: Iterable[Column], rows: Iterable[Any]) -> list[list[str]]:
    return [[column.text(row) for column in columns] for row in rows]


def _csv(name: str, columns: tuple[Column, ...], rows: Iterable[Any]) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(csv_lines(columns, list(rows)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _page(
    request: HttpRequest, site: AdminSite, title: str, fields: list[Any], lists: list[dict[str, Any]], is_wrong: bool
) -> HttpResponseBase:
    context = {
        **site.each_context(request),
        "title": title,
        "opts": Lookup._meta,
        "fields": fields,
        "lists": lists,
    }
    return render(request, "admin/guarantee_lookup/reports.html", context, status=422 if is_wrong else 200)
