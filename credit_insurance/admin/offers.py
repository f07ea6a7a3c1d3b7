"""お引受条件 that wait to be issued, and those that were (credit_insurance.md 10, S11)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from credit_insurance.admin.base import actor
from credit_insurance.admin.work import RecordAdmin
from credit_insurance.enums import QuoteState
from credit_insurance.models import Quote
from credit_insurance.selectors import masters
from credit_insurance.services import quotes, review
from portal.common.eras import seireki
from portal.common.money import yen
from portal.ui.templatetags.ui import jst

DONE = {
    "issue": "発行しました。加入者にお知らせします。",
    "withdraw": "取り下げました。審査画面でもう一度作成できます。",
}


class OfferForm(forms.Form):
    """条件提示, or why an offer is not issued like this."""

    decision = forms.ChoiceField(choices=[(name, name) for name in DONE], required=False)
    reason = forms.CharField(
        label="取下げの理由",
        max_length=500,
        required=False,
        help_text="取り下げるときに入力してください。加入者には表示しません。",
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") == "withdraw" and not values.get("reason"):
            self.add_error("reason", "理由を入力してください。")
        return values


@admin.register(Quote)
class QuoteAdmin(RecordAdmin):
    list_display = ("number", "case", "state", "premium_yen", "prepared_by", "prepared_at", "issued_by", "valid_until")
    list_filter = ("state",)
    list_select_related = ("case", "prepared_by", "issued_by")
    search_fields = ("number", "case__number", "case__member__name")
    search_help_text = "見積番号、受付番号、加入者の名称で探します。"
    view_template = "admin/credit_insurance/quote.html"
    view_title = "お引受条件のご案内"

    @admin.display(description="保険料")
    def premium_yen(self, quote: Quote) -> str:
        return yen(quote.premium)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Quote]":
        found: QuerySet[Quote] = super().get_queryset(request)
        people = ("prepared_by", "issued_by", "decided_by")
        return found.select_related("case__member__organisation", "case__policy", *people)

    def decided(self, request: HttpRequest, row: Quote) -> HttpResponse:
        form = OfferForm(request.POST)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        by, event = actor(request), form.cleaned_data["decision"] or "issue"
        act: Callable[[], None] = partial(quotes.withdraw, row, form.cleaned_data["reason"], by)
        if event == "issue":
            act = partial(quotes.issue, row, by, timezone.localdate(), masters.calendar())
        return self.attempt(request, row, act, DONE[event], form)

    def details(self, request: HttpRequest, row: Quote, form: forms.Form | None, **more: Any) -> dict[str, Any]:
        is_open = row.state == QuoteState.PREPARED and self.has_change_permission(request, row)
        return {
            "form": form or OfferForm(),
            "facts": _facts(row),
            "lines": row.lines if request.user.has_perm("credit_insurance.view_limitdecision") else [],
            "may_issue": is_open
            and row.prepared_by_id != actor(request).pk
            and actor(request).has_role(review.MANAGER),
            "may_withdraw": is_open,
        }


def _facts(row: Quote) -> list[tuple[str, str]]:
    found = [
        ("状況", row.get_state_display()),
        ("加入者", str(row.case.member)),
        ("補償期間", f"{seireki(row.starts_on)} から {seireki(row.ends_on)} まで（{row.months}か月）"),
        ("適用料率", f"{row.rate * 100:.3f} %"),
        ("調整率", f"{row.adjustment * 100:.3f} %" if row.adjustment else ""),
        ("縮小率", f"{row.indemnity_ratio * 100:.0f} %"),
        ("免責金額", yen(row.deductible)),
        ("支払限度額の合計", yen(row.total_limit)),
        ("期間中支払限度額", yen(row.period_limit)),
        ("保険料", yen(row.premium)),
        ("対売上コスト", f"{row.cost_on_sales} %"),
        ("有効期限", seireki(row.valid_until)),
        ("特認の理由（取引先の最低数）", row.special_reason),
        ("作成", f"{row.prepared_by}（{jst(row.prepared_at)}）"),
        ("発行", f"{row.issued_by}（{jst(row.issued_at)}）" if row.issued_by else ""),
        ("回答・取下げ", f"{row.decided_by or ''}（{jst(row.decided_at)}）" if row.decided_at else ""),
        ("見直しの依頼・取下げの理由", row.comment),
    ]
    return [(label, text) for label, text in found if text]
