"""照会 for the association: the history of all banks, and who looked up one customer (S15)."""

import re
from functools import cached_property
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from guarantee_lookup.admin import reports
from guarantee_lookup.admin.institutions import actor
from guarantee_lookup.admin.people import ReadOnly
from guarantee_lookup.enums import NumberKind
from guarantee_lookup.forms.lookup import LENGTH_TYPED, pattern
from guarantee_lookup.messages import ANSWERS
from guarantee_lookup.models import Lookup
from guarantee_lookup.rules import numbers
from guarantee_lookup.selectors.customers import look_ups_of
from portal import audit
from portal.audit.admin import PeriodFilter
from portal.ui.lists import Column, csv_lines

MOST_COUNTED = 10_000
MOST_SHOWN = 1_000
PERMISSION = "guarantee_lookup.view_lookup"

COLUMNS = (
    Column("at", "照会日時", lambda one: f"{timezone.localtime(one.at):%Y-%m-%d %H:%M:%S}"),
    Column("receipt", "照会受付番号", lambda one: one.receipt),
    Column("bank", "金融機関", lambda one: str(one.organisation or "信用保証協会")),
    Column("branch", "店舗", lambda one: str(one.branch or "")),
    Column("user", "利用者", lambda one: f"{one.user.login} {one.user.name}"),
    Column("kind", "番号の種類", lambda one: one.get_kind_display()),
    Column("number", "照会番号", lambda one: one.masked),
    Column("basis", "照会の根拠", lambda one: one.get_basis_display()),
    Column("consent", "同意", lambda one: "あり" if one.consent else ""),
    Column("purpose", "照会目的", lambda one: one.get_purpose_display()),
    Column("channel", "照会の方法", lambda one: one.get_channel_display()),
    Column("outcome", "結果", lambda one: one.get_outcome_display()),
    Column("snapshot", "世代", lambda one: one.snapshot.name),
)


class BoundedPaginator(Paginator):
    """Counts no further than 10,000: who needs more narrows the list down."""

    @cached_property
    def count(self) -> int:
        return cast(QuerySet[Any], self.object_list).order_by()[:MOST_COUNTED].count()


@admin.register(Lookup)
class LookupAdmin(ReadOnly):
    """照会履歴 of all banks: numbers masked, results not shown; every look at it is recorded."""

    change_list_template = "admin/guarantee_lookup/lookup_list.html"
    list_display = ("receipt", "at", "masked_number", "outcome", "organisation", "branch", "user", "basis", "channel")
    list_filter = (PeriodFilter, "outcome", "channel", "basis", "is_related")
    list_select_related = ("organisation", "branch", "user")
    search_fields = ("=receipt", "=user__login", "=organisation__code")
    search_help_text = "照会受付番号、利用者ID、金融機関コードで探します。番号は「この顧客を照会した記録」で探します。"
    ordering = ("-at", "-pk")
    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    paginator = BoundedPaginator
    actions = None
    fields = readonly_fields = (
        *("receipt", "at", "kind", "masked_number", "outcome", "organisation", "branch", "user", "channel"),
        *("basis", "consent", "consent_on", "purpose", "memo", "is_related", "snapshot", "sha256"),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.readonly_fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="照会番号")
    def masked_number(self, lookup: Lookup) -> str:
        return lookup.masked

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if self.has_view_permission(request):
            search = {name: request.GET[name] for name in sorted(request.GET)}
            audit.record("lookup.records", actor=actor(request), target="一覧", detail=search)
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_view_permission(request):
            audit.record("lookup.records", actor=actor(request), target=object_id)
        return super().change_view(request, object_id, form_url, extra_context)

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site

        def customer(request: HttpRequest) -> HttpResponseBase:
            return customer_page(request, site)

        return [
            path("customer/", site.admin_view(customer), name="guarantee_lookup_customer"),
            *reports.urls(site),
            *super().get_urls(),
        ]


class CustomerForm(forms.Form):
    """The whole number, and why somebody wants to know."""

    kind = forms.ChoiceField(label="番号の種類", choices=NumberKind.choices, initial=NumberKind.CUSTOMER)
    number = forms.CharField(
        label="番号",
        max_length=LENGTH_TYPED,
        help_text="顧客番号または保証番号のすべての桁を入力します。番号は記録にもアドレスにも残りません。",
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label="理由",
        max_length=200,
        help_text="監査ログに残ります。番号や個人の名前は入力しないでください（200文字以内）。",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        kind = values.get("kind")
        number = numbers.read(values.get("number", ""))
        if kind and values.get("number") and not numbers.fits(number, pattern(kind)):
            self.add_error("number", ANSWERS["E-FMT"])
        elif number and number in re.sub("[^0-9]", "", numbers.read(values.get("reason", ""))):
            self.add_error("reason", "理由に番号を入力しないでください。")
        return {**values, "number": number}


@sensitive_post_parameters("number", "reason")
@sensitive_variables("form", "values", "context")
def customer_page(request: HttpRequest, site: admin.AdminSite) -> HttpResponseBase:
    """この顧客を照会した記録: by POST, with a reason, recorded before anything is shown."""
    if not actor(request).has_perm(PERMISSION):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    form = CustomerForm(request.POST) if request.method == "POST" else CustomerForm()
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": "この顧客を照会した記録",
        "opts": Lookup._meta,
        "form": form,
        "headings": [column.label for column in COLUMNS],
        "rows": None,
    }
    if not form.is_valid():
        return render(request, "admin/guarantee_lookup/customer.html", context, status=422 if form.is_bound else 200)
    values = form.cleaned_data
    is_csv = "csv" in request.POST
    audit.record(
        "lookup.search_csv" if is_csv else "lookup.search",
        actor=actor(request),
        target=numbers.masked(values["number"]),
        detail={"kind": values["kind"], "reason": values["reason"]},
    )
    found = look_ups_of(values["kind"], values["number"])
    if is_csv:
        answer = StreamingHttpResponse(
            csv_lines(COLUMNS, found.iterator(chunk_size=500)), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = 'attachment; filename="customer-lookups.csv"'
        return answer
    listed = list(found[: MOST_SHOWN + 1])
    context |= {
        "rows": [[column.text(one) for column in COLUMNS] for one in listed[:MOST_SHOWN]],
        "is_cut": len(listed) > MOST_SHOWN,
        "banks": len({one.organisation_id for one in listed if one.organisation_id}),
    }
    return render(request, "admin/guarantee_lookup/customer.html", context)
