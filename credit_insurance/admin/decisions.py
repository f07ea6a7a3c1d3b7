"""審査の結果 of one debtor, and of several at once (credit_insurance.md 10, S10)."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from credit_insurance.admin.base import actor
from credit_insurance.admin.work import RecordAdmin
from credit_insurance.enums import CaseState, DebtorKind, Decision, Exclusion, Reason
from credit_insurance.forms.debtor import shown
from credit_insurance.models import Case, CreditClass, LimitDecision
from credit_insurance.rules.facts import LABELS
from credit_insurance.rules.plausibility import Fit
from credit_insurance.selectors.exposure import holdings
from credit_insurance.selectors.reviewing import Review, Reviewed, decisions_of, history, reviewed
from credit_insurance.services import review
from portal import audit
from portal.accounts.adminfields import YenField
from portal.common.money import yen

SOLE_CLASS = 5
"""区分 to propose for a 個人事業主 (6.10)."""

LIMIT_UNIT = 100_000
JUDGED = [(one.value, f"{one.value} {one.label}") for one in Exclusion if one.is_judged]
REASONS = [(one.value, f"{one.value} {one.label}") for one in Reason]


def _text(label: str, length: int, **options: Any) -> forms.CharField:
    box = forms.TextInput(attrs={"class": "vTextField"})
    return forms.CharField(label=label, max_length=length, required=False, widget=box, **options)


def _area(label: str, length: int, **options: Any) -> forms.CharField:
    box = forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})
    return forms.CharField(label=label, max_length=length, required=False, widget=box, **options)


def _boxes(label: str, choices: list[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


class RulingForm(forms.Form):
    """What one ruling and a まとめて設定 have in common."""

    credit_class = forms.ModelChoiceField(label="区分", queryset=CreditClass.objects.none(), required=False)
    reasons = _boxes("理由", REASONS)
    excluded = _boxes("対象外の理由", JUDGED)
    explanation = _area("理由の説明", 400, help_text="加入者に表示します。X05・X06・X07では必ず入力してください。")

    def __init__(self, *args: Any, case: Case, **options: Any) -> None:
        super().__init__(*args, **options)
        classes: Any = self.fields["credit_class"]
        classes.queryset = CreditClass.objects.filter(policy=case.policy_id).order_by("number")
        classes.label_from_instance = lambda one: f"{one.number} {one.meaning}（上限 {yen(one.ceiling)}）"

    def why(self) -> dict[str, Any]:
        """Return class and reasons of a valid form."""
        values = self.cleaned_data
        return {
            "credit_class": values["credit_class"],
            "reasons": tuple(Reason(code) for code in values["reasons"]),
            "excluded": tuple(Exclusion(code) for code in values["excluded"]),
            "explanation": values["explanation"],
        }


# --- Several lines --------------------------------------------------------------------


class BulkForm(RulingForm):
    """まとめて設定: the same class and the same way to a limit for every ticked line."""

    how = forms.ChoiceField(
        label="支払限度額",
        choices=[
            ("asked", "希望どおり"),
            ("ceiling", "希望限度額（区分の上限を超えるときは上限）"),
            ("ratio", "希望限度額に割合を掛けた額"),
            ("amount", "金額（希望限度額がそれより少ないときは希望限度額）"),
            ("none", "対象外（0円）"),
        ],
    )
    ratio = forms.DecimalField(
        label="割合（%）", required=False, max_digits=5, decimal_places=2, min_value=1, max_value=100,
        help_text="10万円未満を切り捨てます。",
    )  # fmt: skip
    amount = YenField(label="金額（円）", required=False)
    takes_open = forms.BooleanField(label="審査中の取引先すべて", required=False)

    field_order = ("takes_open", "credit_class", "how", "ratio", "amount", "reasons", "excluded", "explanation")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for how in ("ratio", "amount"):
            if values.get("how") == how and how not in self.errors and values.get(how) is None:
                self.add_error(how, "数字を入力してください。")
        return values

    def ticked(self) -> list[tuple[int, int]]:
        """Return (decision, revision as shown) of the ticked lines."""
        parts = [text.partition("-") for text in getattr(self.data, "getlist", lambda name: [])("line")]
        return [(int(pk), int(rev)) for pk, _, rev in parts if pk.isdecimal() and rev.isdecimal()]

    def rulings(self, found: Review) -> list[tuple[LimitDecision, review.Entered, int]]:
        """Return the ruling of every chosen line of the case."""
        revisions = dict(self.ticked())
        if self.cleaned_data["takes_open"]:
            still_open = [line.decision for line in found.lines if line.decision.decision == Decision.PENDING]
            revisions |= {one.pk: one.revision for one in still_open}
        return [
            (line.decision, self._entered(line.requested), revisions[line.decision.pk])
            for line in found.lines
            if line.decision.pk in revisions
        ]

    def _entered(self, requested: int) -> review.Entered:
        values = self.cleaned_data
        ceiling = values["credit_class"].ceiling if values["credit_class"] else 0
        ways: Mapping[str, int] = {
            "asked": requested,
            "ceiling": min(requested, ceiling),
            "ratio": int(requested * (values["ratio"] or 0) / 100 // LIMIT_UNIT) * LIMIT_UNIT,
            "amount": min(requested, values["amount"] or 0),
            "none": 0,
        }
        limit = ways[values["how"]]
        if values["how"] == "none":
            decision = Decision.DECLINED
        else:
            decision = Decision.APPROVED if limit == requested else Decision.PARTIAL
        return review.Entered(decision, limit=limit, **self.why())


# --- One line -------------------------------------------------------------------------


class DecisionForm(RulingForm):
    """審査の結果 of one debtor."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        label="審査の結果",
        choices=[
            (one.value, one.label)
            for one in (Decision.APPROVED, Decision.PARTIAL, Decision.CONDITIONAL, Decision.DECLINED, Decision.INFO)
        ],
    )
    limit = YenField(label="支払限度額（円）", required=False, help_text="「希望どおり」では空欄にできます。")
    conditions = _area("条件", 400, help_text="「条件付き」のときに入力します。加入者に表示します。")
    special_reason = _text(
        "特認の理由", 200, help_text="対象外（X01〜X04）の取引先に、引受責任者が限度額を設定するとき。"
    )
    question = _area("追加情報の依頼", 400, help_text="「追加情報依頼」のときに、加入者に尋ねることを入力します。")

    field_order = (
        *("decision", "credit_class", "limit", "reasons", "excluded", "explanation"),
        *("conditions", "special_reason", "question"),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") == Decision.INFO and not values.get("question"):
            self.add_error("question", "加入者に尋ねることを入力してください。")
        return values

    def entered(self, requested: int) -> review.Entered:
        """Return what was entered; without a limit, 希望どおり takes the limit that was asked for."""
        values = self.cleaned_data
        decision, limit = Decision(values["decision"]), values["limit"]
        if limit is None:
            limit = requested if decision is Decision.APPROVED else 0
        return review.Entered(
            decision=decision,
            limit=limit,
            conditions=values["conditions"],
            special_reason=values["special_reason"],
            question=values["question"],
            **self.why(),
        )


@admin.register(LimitDecision)
class LimitDecisionAdmin(RecordAdmin):
    """審査の結果 of one line; the lines of a case are listed on its own page."""

    view_template = "admin/credit_insurance/decision.html"
    view_title = "取引先の審査"

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {}  # no list of its own in the menu

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:credit_insurance_case_changelist"))

    def get_queryset(self, request: HttpRequest) -> "QuerySet[LimitDecision]":
        found: QuerySet[LimitDecision] = super().get_queryset(request)
        return found.select_related("line", "case__member__organisation", "case__policy", "credit_class", "decided_by")

    def decided(self, request: HttpRequest, row: LimitDecision) -> HttpResponse:
        form = DecisionForm(request.POST, case=row.case)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        entered = form.entered(int(row.line.values.get("requested_limit", 0)))
        act = partial(review.rule, row, entered, actor(request), form.cleaned_data["revision"])
        try:
            answer = self.attempt(request, row, act, "審査の結果を登録しました。", form)
        except review.Wrong as wrong:
            for fault in wrong.faults:
                form.add_error(fault.field if fault.field in form.fields else None, fault.message)
            return self.show(request, row, form, status=422)
        following = decisions_of(row.case).filter(decision=Decision.PENDING).first()
        if answer.status_code == 302 and following and request.POST.get("then") == "next":
            return self.back(following)
        return answer

    def after(self, row: LimitDecision) -> str:
        return reverse("admin:credit_insurance_case_change", args=[row.case_id])

    def details(self, request: HttpRequest, row: LimitDecision, form: forms.Form | None, **more: Any) -> dict[str, Any]:
        key = row.line.debtor_key
        audit.record("credit.exposure_viewed", actor=actor(request), target=key, detail={"case": row.case.number})
        found = reviewed(row)
        return {
            "form": form or DecisionForm(initial=_initial(found), case=row.case),
            "facts": [(LABELS[name], text) for name in LABELS if (text := shown(name, row.line.values))],
            "line": line_of(found),
            "automatic": "、".join(Exclusion(code).label for code in row.automatic),
            "others": holdings(row),
            "history": history(row),
            "case": row.case,
            "case_url": self.after(row),
            "may_decide": row.case.state == CaseState.UNDER_REVIEW and self.has_change_permission(request, row),
        }


def _initial(found: Reviewed) -> dict[str, Any]:
    row = found.decision
    is_new = row.decision == Decision.PENDING
    sole = CreditClass.objects.filter(policy=row.case.policy_id, number=SOLE_CLASS).first()
    proposed = sole.pk if sole and found.values.get("kind") == DebtorKind.SOLE else None
    return {
        "revision": row.revision,
        "decision": Decision.APPROVED if is_new else row.decision,
        "credit_class": row.credit_class_id or (proposed if is_new else None),
        "limit": row.limit or None,
        "reasons": row.reasons,
        "excluded": row.excluded,
        "explanation": row.explanation,
        "conditions": row.conditions,
        "special_reason": row.special_reason,
        "question": row.question,
    }


def line_of(line: Reviewed) -> dict[str, Any]:
    """Return a line as the pages show it; amounts in yen."""
    one = line.decision
    said = [*(["要個別照会"] if line.needs_inquiry else [])]
    if line.fit.fit is Fit.NEEDS_REASON:
        said.append(f"理由：{line.values.get('note', '')}")
    if one.special_reason:
        said.append("特認")
    return {
        "pk": one.pk,
        "revision": one.revision,
        "url": reverse("admin:credit_insurance_limitdecision_change", args=[one.pk]),
        "name": line.values.get("debtor_name", ""),
        "number": line.values.get("corporate_number", ""),
        "requested": line.requested,
        "reference": line.fit.reference,
        "ratio": "" if line.fit.ratio is None else f"{line.fit.ratio}",
        "said": "、".join(said),
        "excluded": "、".join(why.label for why in line.excluded),
        "exposure": f"{line.exposure.cases}件 {yen(line.exposure.amount)}" if line.exposure.cases else "",
        "credit_class": f"{one.credit_class.number}（{yen(one.credit_class.ceiling)}）" if one.credit_class else "",
        "decision": one.get_decision_display(),
        "limit": one.limit,
    }
