"""引受状況: what all members have on a debtor, by period and by 区分 (credit_insurance.md 10, S34)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from credit_insurance.admin.base import actor
from credit_insurance.admin.work import RecordAdmin
from credit_insurance.models import CoveredDebtor
from credit_insurance.selectors import portfolio
from portal import audit
from portal.common import text
from portal.common.eras import seireki


class SearchForm(forms.Form):
    """Which period, and whose name or 法人番号."""

    period = forms.ChoiceField(label="保険期間", required=False)
    q = forms.CharField(label="企業名・法人番号", max_length=60, required=False)

    def __init__(self, *args: Any, periods: list[dict[str, Any]], **options: Any) -> None:
        super().__init__(*args, **options)
        period: Any = self.fields["period"]
        period.choices = [(f"{one['ends_on']}", f"{seireki(one['ends_on'])}まで") for one in periods]

    def clean_q(self) -> str:
        words: str = self.cleaned_data["q"]
        number = text.code(words)
        return number if number.isdecimal() else words.strip()


@admin.register(CoveredDebtor)
class CoveredDebtorAdmin(RecordAdmin):
    """No list of rows: sums over all members, and behind each of them its holders."""

    view_template = "admin/credit_insurance/holders.html"
    view_title = "取引先の引受状況"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> "QuerySet[CoveredDebtor]":
        found: QuerySet[CoveredDebtor] = super().get_queryset(request)
        return found.select_related("enrolment__case__member")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The sums of a period, the largest debtors first; recorded before anything is shown."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        audit.record(
            "credit.portfolio_viewed", actor=actor(request), detail={"query": request.META["QUERY_STRING"][:200]}
        )
        periods = portfolio.by_period(timezone.localdate())
        form = SearchForm(request.GET, periods=periods)
        is_valid = form.is_valid()
        shown = next((one for one in periods if f"{one['ends_on']}" == form.cleaned_data.get("period")), None)
        shown = shown or (periods[0] if periods else None)
        context = {
            **self.admin_site.each_context(request),
            "title": self.opts.verbose_name_plural,
            "opts": self.opts,
            "form": form,
            "periods": periods,
            "shown": shown,
            "classes": portfolio.by_class(shown["ends_on"]) if shown else [],
            "largest": portfolio.largest(shown["ends_on"], form.cleaned_data.get("q", "")) if shown else [],
            "most": portfolio.MOST,
        }
        return render(request, "admin/credit_insurance/portfolio.html", context, status=200 if is_valid else 422)

    def details(self, request: HttpRequest, row: CoveredDebtor, form: forms.Form | None, **more: Any) -> dict[str, Any]:
        audit.record("credit.exposure_viewed", actor=actor(request), target=row.debtor_key)
        holders = portfolio.holders(row)
        return {"holders": holders, "total": sum(one.limit for one in holders)}
