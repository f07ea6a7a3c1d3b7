"""返金: asked for by one person, approved by another, then paid (credit_insurance.md 5.6, 7.4)."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from credit_insurance.admin.base import actor
from credit_insurance.admin.work import RecordAdmin
from credit_insurance.enums import RefundState
from credit_insurance.models import Refund
from credit_insurance.services import refunds
from portal import audit
from portal.common.money import yen
from portal.ui.lists import Column, csv_lines

DONE = {
    "approve": "承認しました。",
    "reject": "却下しました。金額は入金の未処理額に戻ります。",
    "pay": "返金済みにしました。",
}
COLUMNS = (
    Column("account", "返金先の口座", lambda row: row.account),
    Column("amount", "返金額", lambda row: str(row.amount)),
    Column("payer", "振込依頼人名", lambda row: row.deposit.payer),
    Column("value_on", "入金の起算日", lambda row: f"{row.deposit.value_on:%Y-%m-%d}"),
    Column("reason", "返金の理由", lambda row: row.get_reason_display()),
    Column("approved", "承認者", lambda row: str(row.decided_by)),
)


class DecisionForm(forms.Form):
    """承認, 却下 or 返金済み."""

    decision = forms.ChoiceField(choices=[(name, name) for name in DONE])
    comment = forms.CharField(
        label="却下の理由", max_length=200, required=False, widget=forms.TextInput(attrs={"class": "vTextField"})
    )
    paid_on = forms.DateField(
        label="返金日", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") == "reject" and not values.get("comment"):
            self.add_error("comment", "却下の理由を入力してください。")
        if values.get("decision") == "pay" and not values.get("paid_on") and "paid_on" not in self.errors:
            self.add_error("paid_on", "返金日を入力してください。")
        return values


class QueueFilter(admin.SimpleListFilter):
    """業務: what waits for whom."""

    title = "業務"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        waiting = dict(Refund.objects.order_by().values_list("state").annotate(Count("pk")))
        return [(state.value, f"{state.label} {waiting.get(state.value, 0)}件") for state in RefundState]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Refund]") -> "QuerySet[Refund]":
        return queryset.filter(state=self.value()) if self.value() in RefundState.values else queryset


@admin.register(Refund)
class RefundAdmin(RecordAdmin):
    list_display = ("requested_at", "payer", "amount_yen", "reason", "state", "requested_by", "decided_by", "paid_on")
    list_filter = (QueueFilter, "reason")
    list_select_related = ("deposit", "requested_by", "decided_by")
    search_fields = ("deposit__payer", "=amount", "account")
    change_list_template = "admin/credit_insurance/refund_list.html"
    view_template = "admin/credit_insurance/refund.html"
    view_title = "返金"

    @admin.display(description="振込依頼人名")
    def payer(self, refund: Refund) -> str:
        return refund.deposit.payer

    @admin.display(description="返金額")
    def amount_yen(self, refund: Refund) -> str:
        return yen(refund.amount)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Refund]":
        found: QuerySet[Refund] = super().get_queryset(request)
        return found.select_related("deposit", "requested_by", "decided_by")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.transfers)
        return [path("transfers.csv", page, name="credit_insurance_refund_transfers"), *super().get_urls()]

    def transfers(self, request: HttpRequest) -> StreamingHttpResponse:
        """What is approved and not paid yet, for the transfer."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).filter(state=RefundState.APPROVED).order_by("pk")
        audit.record("credit.refunds_csv", actor=actor(request), target="refunds", detail={"rows": rows.count()})
        answer = StreamingHttpResponse(csv_lines(COLUMNS, rows), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="refunds.csv"'
        return answer

    def decided(self, request: HttpRequest, row: Refund) -> HttpResponse:
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        by, values = actor(request), form.cleaned_data
        act = {
            "approve": partial(refunds.approve, row, by),
            "reject": partial(refunds.reject, row, values["comment"], by),
            "pay": partial(refunds.pay, row, values["paid_on"], by),
        }[values["decision"]]
        return self.attempt(request, row, act, DONE[values["decision"]], form)

    def details(self, request: HttpRequest, row: Refund, form: forms.Form | None, **more: Any) -> dict[str, Any]:
        facts = [
            ("状況", row.get_state_display()),
            ("返金額", yen(row.amount)),
            ("理由", row.get_reason_display()),
            ("返金先の口座", row.account),
            ("入金", f"{row.deposit}　{yen(row.deposit.amount)}"),
            ("依頼", f"{row.requested_by}（{timezone.localtime(row.requested_at):%Y-%m-%d %H:%M}）"),
            ("承認・却下", _decision(row)),
            ("却下の理由", row.comment),
            ("返金日", f"{row.paid_on or ''}"),
        ]
        may_change = self.has_change_permission(request, row)
        is_open = row.state == RefundState.REQUESTED
        return {
            "form": form or DecisionForm(initial={"paid_on": timezone.localdate()}),
            "facts": [fact for fact in facts if fact[1]],
            "deposit_url": reverse("admin:credit_insurance_deposit_change", args=[row.deposit_id]),
            "may_decide": may_change and is_open and row.requested_by_id != actor(request).pk,
            "is_own": is_open and row.requested_by_id == actor(request).pk,
            "may_pay": may_change and row.state == RefundState.APPROVED,
        }


def _decision(row: Refund) -> str:
    return f"{row.decided_by}（{timezone.localtime(row.decided_at):%Y-%m-%d %H:%M}）" if row.decided_at else ""
