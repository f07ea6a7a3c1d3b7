"""加入依頼書 受付: what the 団体事務局 receives, returns or cancels (credit_insurance.md 7.1, 10, S15)."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from credit_insurance.admin.base import actor
from credit_insurance.admin.work import RecordAdmin
from credit_insurance.enums import CaseState, FormState, InvoiceState
from credit_insurance.forms.disclosures import disclosures
from credit_insurance.forms.enrolment import CHANGED, NEW
from credit_insurance.models import Enrolment, EnrolmentForm, Invoice
from credit_insurance.selectors import masters
from credit_insurance.selectors.enrolment import enrolment_of, invoice_of
from credit_insurance.services import enrolment
from credit_insurance.services.refunds import MANAGER
from portal.applications.models import ApplicationVersion
from portal.common.eras import seireki
from portal.common.money import yen

QUEUES = {
    "new": ("受付待ち", Q(state=FormState.SUBMITTED, case__state=CaseState.FORM_SUBMITTED)),
    "money": ("受付済み・入金待ち", Q(state=FormState.ACCEPTED, case__state=CaseState.FORM_ACCEPTED)),
    "returned": ("不備返却（再提出待ち）", Q(state=FormState.RETURNED, case__state=CaseState.ACCEPTED)),
    "later": (
        "開始日の変更の確認待ち",
        Q(case__enrolment__proposed_start__isnull=False) & ~Q(state=FormState.RETURNED),
    ),
}
DONE = {
    "accept": "受け付けました。",
    "return": "不備として返却しました。加入者にお知らせします。",
    "cancel": "加入手続を取り消しました。入金済みの保険料は入金消込の一覧に戻ります。",
}


class QueueFilter(admin.SimpleListFilter):
    """業務: one queue, with how many wait in it."""

    title = "業務"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        counts = {key: Count("pk", filter=condition) for key, (_, condition) in QUEUES.items()}
        waiting = EnrolmentForm.objects.aggregate(**{f"in_{key}": count for key, count in counts.items()})
        return [(key, f"{label} {waiting[f'in_{key}']}件") for key, (label, _) in QUEUES.items()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[EnrolmentForm]") -> "QuerySet[EnrolmentForm]":
        key = self.value()
        return queryset.filter(QUEUES[key][1]) if key in QUEUES else queryset


class DecisionForm(forms.Form):
    """受付, 不備返却 or 取消し."""

    decision = forms.ChoiceField(choices=[(name, name) for name in DONE])
    comment = forms.CharField(
        label="理由",
        max_length=500,
        required=False,
        help_text="不備返却と取消しでは必ず入力してください。加入者に表示します。",
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") in {"return", "cancel"} and not values.get("comment"):
            self.add_error("comment", "理由を入力してください。")
        return values


@admin.register(EnrolmentForm)
class EnrolmentFormAdmin(RecordAdmin):
    list_display = ("number", "member", "form_day", "start", "premium", "money", "state", "case_state", "age")
    list_filter = (QueueFilter, "state")
    list_select_related = ("application", "case__member", "case__enrolment")
    search_fields = ("=application__number", "=case__number", "case__member__name", "=case__member__number")
    search_help_text = "受付番号、加入者番号、名称で探します。"
    ordering = ("form_day", "pk")
    view_template = "admin/credit_insurance/form.html"
    view_title = "加入依頼書の受付"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[EnrolmentForm]":
        found: QuerySet[EnrolmentForm] = super().get_queryset(request)
        live = Invoice.objects.filter(case=OuterRef("case"), kind="initial", cancelled_at=None)
        return found.select_related(
            "application", "case__member__organisation", "case__sheet", "case__policy", "quote__case", "decided_by"
        ).annotate(money_state=Subquery(live.values("state")[:1]))

    @admin.display(description="受付番号")
    def number(self, form: EnrolmentForm) -> str:
        return form.application.number

    @admin.display(description="加入者")
    def member(self, form: EnrolmentForm) -> str:
        return str(form.case.member)

    @admin.display(description="補償開始日")
    def start(self, form: EnrolmentForm) -> str:
        return f"{form.case.intended_start:%Y-%m-%d}"

    @admin.display(description="保険料")
    def premium(self, form: EnrolmentForm) -> str:
        agreed: Enrolment | None = getattr(form.case, "enrolment", None)
        return yen(agreed.premium) if agreed else ""

    @admin.display(description="入金状況")
    def money(self, form: Any) -> str:
        return InvoiceState(form.money_state).label if form.money_state else ""

    @admin.display(description="手続状況")
    def case_state(self, form: EnrolmentForm) -> str:
        return form.case.get_state_display()

    @admin.display(description="経過日数")
    def age(self, form: EnrolmentForm) -> str:
        return f"{(timezone.localdate() - form.form_day).days}日" if form.state == FormState.SUBMITTED else ""

    def decided(self, request: HttpRequest, row: EnrolmentForm) -> HttpResponse:
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        by, comment = actor(request), form.cleaned_data["comment"]
        decision = form.cleaned_data["decision"]
        act = {
            "accept": partial(enrolment.accept_form, row, by, masters.calendar()),
            "return": partial(enrolment.return_form, row, comment, by),
            "cancel": partial(enrolment.cancel, row.case, comment, by),
        }[decision]
        return self.attempt(request, row, act, DONE[decision], form)

    def details(self, request: HttpRequest, row: EnrolmentForm, form: forms.Form | None, **more: Any) -> dict[str, Any]:
        version = row.application.versions.order_by("-sequence").first()
        return {
            "form": form or DecisionForm(),
            "facts": _facts(row),
            "differences": _differences(row, version),
            "answers": version.answers if version else [],
            "consents": row.consents.select_related("paper", "by"),
            "events": self._events(request, row),
        }

    def _events(self, request: HttpRequest, row: EnrolmentForm) -> list[tuple[str, str]]:
        if not self.has_change_permission(request, row):
            return []
        events = []
        if row.state == FormState.SUBMITTED and row.case.state == CaseState.FORM_SUBMITTED:
            events = [("accept", "受付"), ("return", "不備返却")]
        if row.case.state in enrolment.WAITING and actor(request).has_role(MANAGER):
            events.append(("cancel", "加入手続の取消し"))
        return events


def _facts(row: EnrolmentForm) -> list[tuple[str, str]]:
    """Return where a form stands, with its money."""
    agreed, invoice = enrolment_of(row.case), invoice_of(row.case)
    found = [
        ("受付番号", row.application.number),
        ("加入者", str(row.case.member)),
        ("手続状況", f"{row.get_state_display()}　{row.case.get_state_display()}"),
        ("提出日", seireki(row.form_day)),
    ]
    if agreed:
        found += [
            ("補償期間", f"{seireki(agreed.starts_on)}から{seireki(agreed.ends_on)}まで（{agreed.months}か月）"),
            ("保険料", yen(agreed.premium)),
        ]
        if agreed.proposed_start:
            later = f"{seireki(agreed.proposed_start)}、保険料 {yen(agreed.proposed_premium or 0)}（加入者の確認待ち）"
            found.append(("変更後の補償開始日", later))
    if invoice:
        money = f"{invoice.get_state_display()}　{yen(invoice.received)} / {yen(invoice.amount)}"
        found += [("入金状況", money), ("払込期限", seireki(invoice.due_on))]
    if row.decided_by:
        found.append(("受付・返却", f"{row.decided_by}（{timezone.localtime(row.decided_at):%Y-%m-%d %H:%M}）"))
    if row.comment:
        found.append(("不備の内容", row.comment))
    if row.case.comment:
        found.append(("連絡事項", row.case.comment))
    return found


def _differences(row: EnrolmentForm, version: ApplicationVersion | None) -> list[tuple[str, str, str]]:
    """Return what the form says other than offer, 加入者情報 and ヒアリングシート: (item, there, in the form)."""
    found = []
    agreed, quote = enrolment_of(row.case), row.quote
    if agreed and agreed.starts_on != quote.starts_on:
        found.append(("補償開始日（お引受条件）", seireki(quote.starts_on), seireki(agreed.starts_on)))
    if agreed and agreed.premium != quote.premium:
        found.append(("保険料（お引受条件）", yen(quote.premium), yen(agreed.premium)))
    answered = {
        item["name"].removeprefix("main-"): item
        for step in (version.answers if version else ())
        for section in step["sections"]
        for item in section["items"]
    }
    registered = disclosures(quote) if answered else {}
    for item, text in registered.items():
        answer, label = answered.get(item.name.lower()), f"{item.mark} {item.label}"
        if answer is None:
            continue
        if answer["raw"] == [CHANGED]:
            found.append((label, text, answered.get(item.name.lower() + NEW, {}).get("shown", "")))
        elif text not in answer["shown"]:
            # What is registered has changed since the form was handed in.
            found.append((f"{label}（提出後に登録内容が変更）", text, answer["shown"]))
    return found
