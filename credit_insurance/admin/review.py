"""審査一覧, 審査画面 and 条件提示 (credit_insurance.md 10, S09 and S10)."""

from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from credit_insurance.admin.base import actor
from credit_insurance.admin.work import RecordAdmin
from credit_insurance.enums import CaseState, Decision, Exclusion, QuoteState, Reason
from credit_insurance.forms.debtor import shown
from credit_insurance.models import Case, CreditClass, LimitDecision, Quote
from credit_insurance.rules.facts import LABELS
from credit_insurance.rules.premium import applied_rate
from credit_insurance.selectors import masters
from credit_insurance.selectors.reviewing import Review, review_of
from credit_insurance.services import quotes, review
from credit_insurance.wizards.hearing import excluded_lines
from portal.common.money import Negative, TooLarge, Unreadable, group, parse_yen, yen
from portal.ui.templatetags.ui import jst

QUEUES = {
    "new": ("新着（審査開始待ち）", CaseState.SUBMITTED),
    "review": ("審査中", CaseState.UNDER_REVIEW),
    "info": ("追加情報待ち", CaseState.INFO_WAIT),
    "quoted": ("条件提示済", CaseState.QUOTED),
}


class YenField(forms.CharField):
    """An amount in yen, typed as people write it: 8,000,000 or 800万."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"class": "vTextField", "inputmode": "decimal"}), **options)

    def prepare_value(self, value: Any) -> Any:
        return group(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return parse_yen(typed)
        except (Negative, TooLarge):
            raise forms.ValidationError("0円以上、15桁以内の金額で入力してください。") from None
        except Unreadable:
            raise forms.ValidationError("金額を数字で入力してください。例：8,000,000") from None


class QueueFilter(admin.SimpleListFilter):
    """業務: one queue, with how many wait in it."""

    title = "業務"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        states = Case.objects.filter(state__in=[state for _, state in QUEUES.values()])
        waiting = dict(states.order_by().values_list("state").annotate(Count("pk")))
        return [(key, f"{label} {waiting.get(state, 0)}件") for key, (label, state) in QUEUES.items()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Case]") -> "QuerySet[Case]":
        key = self.value()
        return queryset.filter(state=QUEUES[key][1]) if key in QUEUES else queryset


class CaseForm(forms.Form):
    """What was decided about a whole case, and the terms of its offer."""

    decision = forms.ChoiceField(choices=[(name, name) for name in ("take", "ask", "return", "decline", "offer")])
    comment = forms.CharField(
        label="連絡事項・理由",
        max_length=500,
        required=False,
        help_text="差戻しと謝絶では必ず入力してください。加入者に表示します。",
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )
    adjustment = forms.DecimalField(
        label="調整率（%）", required=False, max_digits=6, decimal_places=3, min_value=-99, max_value=400
    )
    rate = forms.DecimalField(
        label="適用料率（%）",
        required=False,
        max_digits=6,
        decimal_places=3,
        min_value=Decimal("0.001"),
        max_value=99,
        help_text="空欄のときは、区分の基準料率の加重平均に調整率を掛けて計算します。",
    )
    period_limit = YenField(label="期間中支払限度額（円）", required=False)
    special_reason = forms.CharField(
        label="限度額のある取引先が最低数に満ちない場合の特認の理由", max_length=200, required=False
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") in {"return", "decline"} and not values.get("comment"):
            self.add_error("comment", "理由を入力してください。")
        return values


DONE = {
    "take": "審査を始めました。",
    "ask": "追加情報を依頼しました。",
    "return": "差し戻しました。",
    "decline": "謝絶しました。",
    "offer": "お引受条件を作成しました。別の引受責任者が発行します。",
}


@admin.register(Case)
class CaseAdmin(RecordAdmin):
    list_display = ("number", "member", "start", "state", "debtors", "requested_yen", "state_at", "taken_by")
    list_filter = (QueueFilter, "kind", "policy")
    list_select_related = ("member", "policy", "taken_by")
    search_fields = ("number", "member__name", "=member__number")
    search_help_text = "受付番号、加入者番号、名称で探します。"
    ordering = ("state_at", "pk")
    view_template = "admin/credit_insurance/case.html"
    view_title = "加入手続の審査"

    @admin.display(description="加入希望始期")
    def start(self, case: Case) -> str:
        return f"{case.intended_start:%Y-%m-%d}"

    @admin.display(description="希望限度額の合計")
    def requested_yen(self, case: Case) -> str:
        return yen(case.requested)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Case]":
        found: QuerySet[Case] = super().get_queryset(request)
        return found.select_related("member__union", "member__organisation", "policy", "sheet")

    def decided(self, request: HttpRequest, row: Case) -> HttpResponse:
        form = CaseForm(request.POST)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        event = form.cleaned_data["decision"]
        try:
            return self.attempt(request, row, partial(self._carry_out, row, event, request, form), DONE[event], form)
        except quotes.Wrong as wrong:
            for fault in wrong.faults:
                form.add_error(fault.field if fault.field in form.fields else None, fault.message)
            return self.show(request, row, form, status=422)

    def _carry_out(self, case: Case, event: str, request: HttpRequest, form: CaseForm) -> None:
        by, values = actor(request), form.cleaned_data
        match event:
            case "take":
                review.take(case, excluded_lines(case), by)
            case "ask":
                review.ask(case, by)
            case "return":
                review.send_back(case, values["comment"], by)
            case "decline":
                review.decline(case, values["comment"], by)
            case "offer":
                today = timezone.localdate()
                terms = _terms(review_of(case), values)
                quotes.prepare(case, terms, by, today, masters.calendar())

    def details(self, request: HttpRequest, row: Case, form: forms.Form | None) -> dict[str, Any]:
        found = review_of(row)
        weighted = found.weighted()
        proposed = {"period_limit": found.period_limit() or None}
        return {
            "case": row,
            "form": form or CaseForm(initial=proposed),
            "review": found,
            "lines": [_line(line) for line in found.lines],
            "weighted": f"{weighted * 100:.3f}" if weighted is not None else "",
            "events": _events(row, found, actor(request).has_role(review.MANAGER)),
            "quotes": row.quotes.select_related("prepared_by", "issued_by"),
            "total": yen(sum(found.limits)),
            "insured": len(found.limits),
        }


def _terms(found: Review, values: dict[str, Any]) -> quotes.Terms:
    """Return the terms that were entered, with what the rules propose for what was left empty."""
    adjustment = (values["adjustment"] or Decimal(0)) / 100
    weighted = found.weighted()
    if values["rate"]:
        rate = values["rate"] / 100
    elif weighted is None:
        raise review.NotAllowed("限度額のある取引先がありません。")
    else:
        rate = applied_rate(weighted, adjustment)
    return quotes.Terms(rate, values["period_limit"] or found.period_limit(), adjustment, values["special_reason"])


def _events(case: Case, found: Review, is_manager: bool) -> list[tuple[str, str]]:
    if case.state == CaseState.SUBMITTED:
        return [("take", "審査を始める"), ("return", "差し戻す")]
    if case.state != CaseState.UNDER_REVIEW:
        return []
    events = []
    if found.is_decided:
        events.append(("offer", "お引受条件を作成する"))
    if any(decision is Decision.INFO for decision, _ in found.decided):
        events.append(("ask", "追加情報を依頼する"))
    if is_manager:
        events.append(("decline", "謝絶する"))
    return events


def _line(line: Any) -> dict[str, Any]:
    one = line.decision
    return {
        "url": reverse("admin:credit_insurance_limitdecision_change", args=[one.pk]),
        "name": line.values.get("debtor_name", ""),
        "number": line.values.get("corporate_number", ""),
        "requested": yen(line.requested),
        "reference": yen(line.fit.reference),
        "ratio": line.fit.ratio,
        "excluded": "、".join(why.label for why in line.excluded),
        "exposure": f"{line.exposure.cases}件 {yen(line.exposure.amount)}" if line.exposure.cases else "",
        "credit_class": one.credit_class or "",
        "decision": one.get_decision_display(),
        "limit": yen(one.limit),
    }


# --- One debtor -----------------------------------------------------------------------


class DecisionForm(forms.Form):
    """審査結果 of one debtor."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        label="審査結果",
        choices=[
            (one.value, one.label)
            for one in (Decision.APPROVED, Decision.PARTIAL, Decision.CONDITIONAL, Decision.DECLINED, Decision.INFO)
        ],
    )
    credit_class = forms.ModelChoiceField(label="区分", queryset=CreditClass.objects.none(), required=False)
    limit = YenField(label="支払限度額（円）", required=False)
    reasons = forms.MultipleChoiceField(
        label="理由", choices=Reason.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    excluded = forms.MultipleChoiceField(
        label="対象外の理由", choices=Exclusion.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    conditions = forms.CharField(label="条件", max_length=400, required=False)
    special_reason = forms.CharField(label="特認の理由（引受責任者）", max_length=200, required=False)
    question = forms.CharField(label="追加情報の依頼", max_length=400, required=False)

    def __init__(self, *args: Any, case: Case, **options: Any) -> None:
        super().__init__(*args, **options)
        classes: Any = self.fields["credit_class"]
        classes.queryset = CreditClass.objects.filter(policy=case.policy_id).order_by("number")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") == Decision.INFO and not values.get("question"):
            self.add_error("question", "加入者に尋ねることを入力してください。")
        return values

    def entered(self) -> review.Entered:
        """Return what was entered; without a limit, 希望どおり takes the limit that was asked for."""
        values = self.cleaned_data
        return review.Entered(
            decision=Decision(values["decision"]),
            credit_class=values["credit_class"],
            limit=values["limit"] or 0,
            reasons=tuple(Reason(code) for code in values["reasons"]),
            excluded=tuple(Exclusion(code) for code in values["excluded"]),
            conditions=values["conditions"],
            special_reason=values["special_reason"],
            question=values["question"],
        )


@admin.register(LimitDecision)
class LimitDecisionAdmin(RecordAdmin):
    list_display = ("case", "name", "decision", "limit_yen", "decided_by", "decided_at")
    list_select_related = ("case", "line", "decided_by")
    search_fields = ("case__number",)
    view_template = "admin/credit_insurance/decision.html"
    view_title = "取引先の審査"

    @admin.display(description="企業名")
    def name(self, decision: LimitDecision) -> str:
        return str(decision.line.values.get("debtor_name", ""))

    @admin.display(description="支払限度額")
    def limit_yen(self, decision: LimitDecision) -> str:
        return yen(decision.limit)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[LimitDecision]":
        found: QuerySet[LimitDecision] = super().get_queryset(request)
        return found.select_related("line", "case__member__organisation", "case__policy", "credit_class", "decided_by")

    def decided(self, request: HttpRequest, row: LimitDecision) -> HttpResponse:
        form = DecisionForm(request.POST, case=row.case)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        act = partial(review.rule, row, form.entered(), actor(request), form.cleaned_data["revision"])
        try:
            return self.attempt(request, row, act, "審査結果を登録しました。", form)
        except review.Wrong as wrong:
            for fault in wrong.faults:
                form.add_error(fault.field if fault.field in form.fields else None, fault.message)
            return self.show(request, row, form, status=422)

    def after(self, row: LimitDecision) -> str:
        return reverse("admin:credit_insurance_case_change", args=[row.case_id])

    def details(self, request: HttpRequest, row: LimitDecision, form: forms.Form | None) -> dict[str, Any]:
        found = next(line for line in review_of(row.case).lines if line.decision.pk == row.pk)
        initial = {
            "revision": row.revision,
            "decision": row.decision if row.decision != Decision.PENDING else Decision.APPROVED,
            "credit_class": row.credit_class_id,
            "limit": row.limit or found.requested,
            "reasons": row.reasons,
            "excluded": row.excluded,
            "conditions": row.conditions,
            "special_reason": row.special_reason,
            "question": row.question,
        }
        return {
            "form": form or DecisionForm(initial=initial, case=row.case),
            "facts": [(LABELS[name], text) for name in LABELS if (text := shown(name, row.line.values))],
            "line": _line(found),
            "case": row.case,
            "case_url": self.after(row),
            "may_decide": row.case.state == CaseState.UNDER_REVIEW and self.has_change_permission(request, row),
        }


# --- The offer ------------------------------------------------------------------------


@admin.register(Quote)
class QuoteAdmin(RecordAdmin):
    list_display = ("number", "case", "state", "premium_yen", "prepared_by", "prepared_at", "issued_by", "valid_until")
    list_filter = ("state",)
    list_select_related = ("case", "prepared_by", "issued_by")
    search_fields = ("number", "case__number", "case__member__name")
    view_template = "admin/credit_insurance/quote.html"
    view_title = "お引受条件のご案内"

    @admin.display(description="保険料")
    def premium_yen(self, quote: Quote) -> str:
        return yen(quote.premium)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Quote]":
        found: QuerySet[Quote] = super().get_queryset(request)
        return found.select_related("case__member__organisation", "case__policy", "prepared_by", "issued_by")

    def decided(self, request: HttpRequest, row: Quote) -> HttpResponse:
        act = partial(quotes.issue, row, actor(request), timezone.localdate(), masters.calendar())
        return self.attempt(request, row, act, "発行しました。加入者にお知らせします。", None)

    def details(self, request: HttpRequest, row: Quote, form: forms.Form | None) -> dict[str, Any]:
        return {
            "facts": [
                ("加入者", str(row.case.member)),
                ("補償期間", f"{row.starts_on} 〜 {row.ends_on}（{row.months}か月）"),
                ("適用料率", f"{row.rate * 100:.3f} %"),
                ("支払限度額の合計", yen(row.total_limit)),
                ("期間中支払限度額", yen(row.period_limit)),
                ("保険料", yen(row.premium)),
                ("対売上コスト", f"{row.cost_on_sales} %"),
                ("有効期限", f"{row.valid_until}"),
                ("作成", f"{row.prepared_by}（{jst(row.prepared_at)}）"),
                ("発行", f"{row.issued_by}（{jst(row.issued_at)}）" if row.issued_by else ""),
            ],
            "may_issue": row.state == QuoteState.PREPARED and row.prepared_by_id != actor(request).pk,
        }
