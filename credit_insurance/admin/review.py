"""審査一覧, 審査画面 and the terms of an offer (credit_insurance.md 10, S09 to S11)."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from credit_insurance.admin.base import actor
from credit_insurance.admin.decisions import BulkForm, line_of
from credit_insurance.admin.work import RecordAdmin
from credit_insurance.enums import CaseState, Decision, QuoteState
from credit_insurance.models import Case, LimitDecision
from credit_insurance.rules.premium import applied_rate, period_limit_bounds
from credit_insurance.selectors import masters
from credit_insurance.selectors.reviewing import Review, flags_of, is_unanswered, review_of, warnings_of
from credit_insurance.services import quotes, review
from credit_insurance.wizards.hearing import excluded_lines
from portal.accounts.adminfields import YenField
from portal.common.eras import seireki
from portal.common.money import yen

QUEUES = {
    "new": ("新着（審査開始待ち）", CaseState.SUBMITTED),
    "review": ("審査中", CaseState.UNDER_REVIEW),
    "info": ("追加情報待ち", CaseState.INFO_WAIT),
    "quoted": ("条件提示済", CaseState.QUOTED),
}


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


class Queue(ChangeList):
    """The list with the flags of the cases on its page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        cases = list(self.result_list)
        flags = flags_of(cases)
        for case in cases:
            case.flags = flags[case.pk]
        self.result_list = cases


DONE = {
    "take": "審査を始めました。",
    "assign": "自分に割り当てました。",
    "ask": "追加情報を依頼しました。",
    "resume": "回答のない取引先を対象外（情報不足）とし、審査を再開しました。",
    "return": "差し戻しました。",
    "decline": "謝絶しました。",
    "offer": "お引受条件を作成しました。別の引受責任者が発行します。",
}
CALCULATE, BULK = "calculate", "bulk"
CHOICES = [(name, name) for name in (*DONE, CALCULATE)]


class CaseForm(forms.Form):
    """What was decided about a whole case, and the terms of its offer."""

    decision = forms.ChoiceField(choices=CHOICES)
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
    period_limit = YenField(
        label="期間中支払限度額（円）", required=False, help_text="空欄のときは、基準による額を使います。"
    )
    special_reason = forms.CharField(
        label="特認の理由",
        max_length=200,
        required=False,
        help_text="限度額のある取引先が最低数に満ちないときに入力します。発行する引受責任者が承認します。",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") in {"return", "decline"} and not values.get("comment"):
            self.add_error("comment", "理由を入力してください。")
        return values


@admin.register(Case)
class CaseAdmin(RecordAdmin):
    list_display = (
        *("number", "member", "state", "waiting", "pointed_out", "requested_yen"),
        *("taken_by", "start", "debtors"),
    )
    list_filter = (QueueFilter, ("taken_by", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("member", "policy", "taken_by")
    search_fields = ("number", "member__name", "=member__number")
    search_help_text = "受付番号、加入者番号、名称で探します。"
    ordering = ("state_at", "pk")
    actions = ("assign",)
    view_template = "admin/credit_insurance/case.html"
    view_title = "加入手続の審査"

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return Queue

    @admin.display(description="加入希望始期")
    def start(self, case: Case) -> str:
        return f"{case.intended_start:%Y-%m-%d}"

    @admin.display(description="経過日数")
    def waiting(self, case: Case) -> str:
        days = (timezone.localdate() - timezone.localdate(case.state_at)).days
        return f"{days}日" if days else "今日"

    @admin.display(description="希望限度額の合計")
    def requested_yen(self, case: Case) -> str:
        return yen(case.requested)

    @admin.display(description="注意")
    def pointed_out(self, case: Any) -> str:
        return "、".join(case.flags)

    @admin.action(description="自分に割当", permissions=["change"])
    def assign(self, request: HttpRequest, queryset: "QuerySet[Case]") -> None:
        done = 0
        for case in queryset.select_related("member__organisation", "taken_by").order_by("pk"):
            try:
                review.assign(case, actor(request))
            except review.Overtaken:
                self.message_user(
                    request, f"{case}：審査の業務が終わっているため、割り当てていません。", messages.WARNING
                )
            else:
                done += 1
        if done:
            self.message_user(request, f"{done}件を自分に割り当てました。")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Case]":
        found: QuerySet[Case] = super().get_queryset(request)
        return found.select_related("member__union", "member__organisation", "policy", "sheet", "taken_by")

    # --- Deciding ---------------------------------------------------------------------

    def decided(self, request: HttpRequest, row: Case) -> HttpResponse:
        if request.POST.get("decision") == BULK:
            return self._bulk(request, row)
        form = CaseForm(request.POST)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        event = form.cleaned_data["decision"]
        if event == CALCULATE:
            return self.show(request, row, form)
        try:
            return self.attempt(request, row, self._act(row, event, request, form), DONE[event], form)
        except quotes.Wrong as wrong:
            for fault in wrong.faults:
                form.add_error(fault.field if fault.field in form.fields else None, fault.message)
            return self.show(request, row, form, status=422)

    def _act(self, case: Case, event: str, request: HttpRequest, form: CaseForm) -> Callable[[], object]:
        by, comment, today = actor(request), form.cleaned_data["comment"], timezone.localdate()
        acts: dict[str, Callable[[], object]] = {
            "take": lambda: review.take(case, excluded_lines(case), by),
            "assign": lambda: review.assign(case, by),
            "ask": lambda: review.ask(case, by),
            "resume": lambda: review.resume(case, by, today),
            "return": lambda: review.send_back(case, comment, by),
            "decline": lambda: review.decline(case, comment, by),
            "offer": lambda: quotes.prepare(
                case, _terms(review_of(case), form.cleaned_data), by, today, masters.calendar()
            ),
        }
        return acts[event]

    def _bulk(self, request: HttpRequest, case: Case) -> HttpResponse:
        """まとめて設定: every ticked line by itself; the refused ones are named and stay ticked."""
        found = review_of(case)
        form = BulkForm(request.POST, case=case)
        if not form.is_valid():
            return self.show(request, case, None, status=422, bulk=form)
        rulings = form.rulings(found)
        if not rulings:
            form.add_error(None, "取引先を選択してください。")
            return self.show(request, case, None, status=422, bulk=form)
        try:
            refused = review.rule_each(case, rulings, actor(request))
        except review.NotAllowed as refusal:
            return self.show(request, self.found(request, case.pk), None, status=409, notice=str(refusal))
        done = len(rulings) - len(refused)
        if done:
            messages.success(request, f"{case}：{done}社の審査の結果を登録しました。")
        if refused:
            return self.show(request, case, None, status=422, bulk=form, refused=refused)
        return self.back(case)

    # --- Showing ----------------------------------------------------------------------

    def details(self, request: HttpRequest, row: Case, form: forms.Form | None, **more: Any) -> dict[str, Any]:
        bulk: BulkForm | None = more.get("bulk")
        refused: Sequence[tuple[LimitDecision, str]] = more.get("refused", ())
        may_see_lines = request.user.has_perm("credit_insurance.view_limitdecision")
        may_decide = self.has_change_permission(request, row)
        found = review_of(row)
        wanted = request.GET.get("result", "")
        ticked = {pk for pk, _ in bulk.ticked()} if bulk else set()
        ticked = {one.pk for one, _ in refused} or ticked
        weighted = found.weighted()
        return {
            "case": row,
            "form": form or CaseForm(),
            "bulk": bulk or BulkForm(case=row),
            "refused": [(one.line.values.get("debtor_name", ""), why) for one, why in refused],
            "lines": [
                {**line_of(line), "is_ticked": line.decision.pk in ticked}
                for line in found.lines
                if not wanted or line.decision.decision == wanted
            ]
            if may_see_lines
            else [],
            "results": [(one.value, one.label, count) for one, count in sorted(found.results.items())],
            "wanted": wanted,
            "warnings": warnings_of(row, found) if may_see_lines else [],
            "summary": _summary(found, weighted),
            "may_rule": may_decide and row.state == CaseState.UNDER_REVIEW,
            "events": _events(row, found, actor(request)) if may_decide else [],
            "proposed": yen(found.period_limit()),
            "figures": _figures(row, found, form),
            "quotes": row.quotes.select_related("prepared_by", "issued_by"),
            "asked_again": row.quotes.filter(state=QuoteState.REVISED).order_by("-pk").first(),
        }


def _terms(found: Review, values: dict[str, Any]) -> quotes.Terms:
    """Return the terms that were entered, with what the rules propose for what was left empty."""
    adjustment = (values["adjustment"] or Decimal(0)) / 100
    weighted = found.weighted()
    if weighted is None:
        raise review.NotAllowed("限度額のある取引先がありません。")
    rate = values["rate"] / 100 if values["rate"] else applied_rate(weighted, adjustment)
    return quotes.Terms(rate, values["period_limit"] or found.period_limit(), adjustment, values["special_reason"])


def _figures(case: Case, found: Review, form: forms.Form | None) -> list[tuple[str, str]]:
    """計算: what the terms of the form come to, in words; nothing unless it was asked for."""
    if form is None or not form.is_bound or form.errors or form.cleaned_data.get("decision") != CALCULATE:
        return []
    try:
        terms = _terms(found, form.cleaned_data)
        sums = quotes.figures(case, found.limits, terms, timezone.localdate(), masters.calendar())
    except review.NotAllowed as refusal:
        return [("計算できません", str(refusal))]
    least, most = period_limit_bounds(found.limits)
    return [
        ("補償期間", f"{seireki(sums.cover.start)} から {seireki(sums.cover.end)} まで（{sums.cover.months}か月）"),
        ("適用料率", f"{terms.rate * 100:.3f} %"),
        ("支払限度額の合計", yen(sums.total)),
        ("期間中支払限度額", f"{yen(terms.period_limit)}（{yen(least)}から{yen(most)}まで）"),
        ("保険料", yen(sums.premium)),
        ("対売上コスト", f"{sums.cost_on_sales} %"),
        ("有効期限（今日発行した場合）", seireki(sums.valid_until)),
    ]


def _summary(found: Review, weighted: Decimal | None) -> str:
    if not found.lines:
        return ""
    mean = f"、基準料率の加重平均 {weighted * 100:.3f} %" if weighted is not None else ""
    return f"限度額のある取引先 {len(found.limits)}社、支払限度額の合計 {yen(sum(found.limits))}{mean}"


def _events(case: Case, found: Review, by: Any) -> list[tuple[str, str]]:
    """Return what may be done now: event and the words of its button, the most likely first."""
    events: list[tuple[str, str]] = []
    is_manager = by.has_role(review.MANAGER)
    if case.state == CaseState.SUBMITTED:
        events = [("take", "審査を始める"), ("return", "差し戻す")]
    elif case.state == CaseState.UNDER_REVIEW:
        if found.is_decided:
            events += [(CALCULATE, "計算"), ("offer", "お引受条件を作成する")]
        if found.results[Decision.INFO]:
            events.append(("ask", "追加情報を依頼する"))
    elif is_unanswered(case, timezone.localdate()):
        events.append(("resume", "回答なしとして審査を再開する"))
    if is_manager and case.state in {CaseState.UNDER_REVIEW, CaseState.INFO_WAIT}:
        events.append(("decline", "謝絶する"))
    if case.state in review.AT_THE_DESK and case.taken_by_id != by.pk:
        events.append(("assign", "自分に割当"))
    return events
