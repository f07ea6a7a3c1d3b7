"""受付, 審査, 決裁, 発行: the queues of the guarantees that were applied for, and the decision on one of them."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from esurety.admin.base import yen
from esurety.admin.work import (
    Facts,
    RecordAdmin,
    actor,
    age,
    day_field,
    iso,
    moment,
    reason_field,
    text_field,
    unprintable,
)
from esurety.documents import rows as certificate_rows
from esurety.enums import ItemState, Light, Product
from esurety.models import Item
from esurety.papers import REVIEW_SHEET, review_context
from esurety.rules.facts import Works
from esurety.rules.limits import ratio_text
from esurety.rules.numbers import displayed
from esurety.rules.review import Check, Paper
from esurety.selectors.bodies import submission_rule
from esurety.selectors.reviewing import findings, flags, needs_reason, next_in_queue, of_words, standing
from esurety.services import issuing, review
from portal import audit
from portal.accounts.adminfields import YenField
from portal.common.money import spoken
from portal.documents.glyphs import MissingGlyphs, ensure_glyphs
from portal.documents.serve import serve_on_demand

QUEUES = {
    "new": ("新着（受付）", ItemState.APPLIED),
    "review": ("審査", ItemState.REVIEW),
    "decide": ("決裁", ItemState.CHECKED),
    "fee": ("保証料", ItemState.FEE),
    "issue": ("発行", ItemState.CONCLUDED),
    "issuing": ("発行処理中", ItemState.ISSUING),
}
DONE = {
    "receive": "受け付けました。審査に回しました。",
    "check": "審査を終えました。別の担当者が決裁します。",
    "back": "審査に戻しました。",
    "approve": "決裁しました。保証契約番号を付け、保証料をご案内します。",
    "return": "差し戻しました。理由をお客様にメールで送ります。",
    "refuse": "謝絶しました。理由をお客様にメールで送ります。",
    "issue": "発行の処理を始めました。数秒後に発行済になります。",
    "answer": "お客様へのお知らせを登録しました。",
}
WORDS = {
    "receive": "受け付ける",
    "check": "審査を終えて決裁に回す",
    "back": "審査に戻す",
    "approve": "承認する",
    "return": "差し戻す",
    "refuse": "謝絶する",
    "issue": "発行する",
}


class QueueFilter(admin.SimpleListFilter):
    """業務: one queue, with how many wait in it."""

    title = "業務"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        states = Item.objects.filter(state__in=[state for _, state in QUEUES.values()])
        waiting = dict(states.order_by().values_list("state").annotate(Count("pk")))
        return [(key, f"{label} {waiting.get(state, 0)}件") for key, (label, state) in QUEUES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        key = self.value()
        return queryset.filter(state=QUEUES[key][1]) if key in QUEUES else queryset


class DecisionForm(forms.Form):
    """What was decided, why, what stands in the 請負契約書, and why a check that is 不適 is accepted."""

    decision = forms.ChoiceField(choices=[(event, event) for event in DONE])
    reason = reason_field(
        "所見・理由",
        "差戻し・謝絶・審査への戻しでは必ず入力してください（500文字以内）。差戻しと謝絶の理由はお客様に送ります。",
        required=False,
    )
    paper_name = text_field("請負契約書の工事名", 100, required=False)
    paper_price = YenField(label="請負契約書の請負金額（円）", required=False)
    paper_starts_on = day_field("請負契約書の工期（自）", required=False)
    paper_ends_on = day_field("請負契約書の工期（至）", required=False)
    answer = reason_field("弊社からお客様へのお知らせ", "「状況」の画面に表示します。", required=False)

    def __init__(self, *args: Any, checks: list[Check] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        for check in checks or []:
            if needs_reason(check):
                label = f"「{check.title}」が不適でも承認へ進める理由"
                self.fields[f"override-{check.code}"] = text_field(label, 200, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") in {"back", "return", "refuse"} and not values.get("reason"):
            self.add_error("reason", "理由を入力してください。")
        typed = [values.get(name) for name in PAPER]
        if any(typed) and not all(typed):
            self.add_error("paper_name", "請負契約書の工事名・請負金額・工期は、すべて入力してください。")
        return values

    def paper(self) -> Paper | None:
        """Return what the reviewer read in the 請負契約書, None where nothing (or not all) was entered."""
        values = self.cleaned_data
        if not all(values.get(name) for name in PAPER):
            return None
        return Paper(
            values["paper_name"], values["paper_price"], iso(values["paper_starts_on"]), iso(values["paper_ends_on"])
        )

    def reasons(self) -> dict[str, str]:
        """Return the reasons by the code of their check."""
        values = self.cleaned_data
        return {name.removeprefix("override-"): values[name] for name in values if name.startswith("override-")}


PAPER = ("paper_name", "paper_price", "paper_starts_on", "paper_ends_on")


@admin.register(Item)
class ItemAdmin(RecordAdmin):
    list_display = ("receipt", "product", "contractor", "work", "amount_yen", "medium", "age", "flags", "state")
    list_filter = (QueueFilter, "product", "medium", "request__office")
    list_select_related = ("request__organisation", "request__body", "request__office")
    search_fields = ("request__number",)
    search_help_text = "受付番号、保証契約番号、顧客番号、受注者、発注者、工事名で探します。"
    view_template = "admin/esurety/item.html"
    view_title = "保証申込の受付・審査・決裁・発行"

    @admin.display(description="受付番号")
    def receipt(self, item: Item) -> str:
        return item.request.number

    @admin.display(description="受注者")
    def contractor(self, item: Item) -> str:
        return item.request.organisation.name

    @admin.display(description="工事名")
    def work(self, item: Item) -> str:
        return str(item.facts["work"])

    @admin.display(description="保証金額")
    def amount_yen(self, item: Item) -> str:
        return yen(item.amount)

    @admin.display(description="経過")
    def age(self, item: Item) -> str:
        return age(item.state_at) if item.state in [state for _, state in QUEUES.values()] else ""

    @admin.display(description="注意")
    def flags(self, item: Item) -> str:
        return "・".join(flags(item))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        words = search_term.strip()
        return (queryset.filter(of_words(words)) if words else queryset), False

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """In a queue the urgent ones first, then who waits longest."""
        if request.GET.get("queue") in QUEUES:
            return "-request__is_urgent", "state_at", "pk"
        return "-request__sent_at", "pk"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/sheet.pdf", wrap(self.sheet), name="esurety_item_sheet"),
            path("<int:pk>/files/<uuid:file>/", wrap(self.attachment), name="esurety_item_file"),
            *super().get_urls(),
        ]

    # --- The decision ---------------------------------------------------------------

    def decided(self, request: HttpRequest, row: Item) -> HttpResponse:
        form = self._form(row, request.POST)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        event = form.cleaned_data["decision"]
        if event == "answer":
            if not actor(request).has_role("surety.clerk"):
                return self.show(request, row, form, status=403, notice="受付の担当者が登録します。")
        elif event not in review.possible(row, actor(request)):
            return self.show(request, row, form, status=409, notice=review.LATE)
        try:
            return self.attempt(request, row, partial(self._carry_out, row, event, request, form), DONE[event], form)
        except review.Unexplained as missing:
            return self._unexplained(request, row, form, missing)

    def _form(self, item: Item, data: Any) -> DecisionForm:
        """Return the form with a field for every check that is 不適, by what was typed of the 請負契約書."""
        first = DecisionForm(data)
        first.is_valid()
        return DecisionForm(data, checks=self._checks(item, first.paper()))

    def _checks(self, item: Item, paper: Paper | None) -> list[Check]:
        return findings(item, timezone.localdate(), paper) if item.state == ItemState.REVIEW else []

    def _unexplained(
        self, request: HttpRequest, item: Item, form: DecisionForm, missing: review.Unexplained
    ) -> HttpResponse:
        for code in missing.codes:
            form.add_error(f"override-{code}", "理由を入力してください。")
        return self.show(request, item, form, status=422, notice=str(missing))

    def _carry_out(self, item: Item, event: str, request: HttpRequest, form: DecisionForm) -> None:
        by, reason = actor(request), form.cleaned_data["reason"]
        match event:
            case "receive":
                review.receive(item, by)
            case "check":
                review.check(item, by, form.paper(), reason, form.reasons())
            case "back":
                review.back(item, by, reason)
            case "approve":
                review.approve(item, by, reason)
            case "return":
                review.send_back(item, by, reason)
            case "refuse":
                review.refuse(item, by, reason)
            case "issue":
                issuing.issue(item, by)
            case "answer":
                review.answer(item.request, by, form.cleaned_data["answer"])

    def after(self, row: Item) -> str:
        queue = next((key for key, (_, state) in QUEUES.items() if state == row.state), "")
        return f"{super().after(row)}{f'?queue={queue}' if queue else ''}"

    # --- The page -------------------------------------------------------------------

    def details(self, request: HttpRequest, row: Item, form: forms.Form | None) -> dict[str, Any]:
        application = row.request.application
        version = application.versions.order_by("-sequence").first()
        events = review.possible(row, actor(request))
        paper = form.paper() if isinstance(form, DecisionForm) and hasattr(form, "cleaned_data") else None
        checks = self._checks(row, paper)
        shown = form or DecisionForm(checks=checks, initial={"answer": row.request.answer})
        following = next_in_queue(row)
        return {
            "form": shown,
            "item": row,
            "facts": facts(row),
            "standing": _standing(row) if row.state in {ItemState.REVIEW, ItemState.CHECKED} else [],
            "lines": [_line(check, shown) for check in checks] or [_kept(line) for line in row.review],
            "is_live": bool(checks),
            "papers": [shown[name] for name in PAPER] if "check" in events else [],
            "events": [(event, WORDS[event]) for event in events],
            "may_answer": actor(request).has_role("surety.clerk"),
            "is_reviewer": row.state == ItemState.CHECKED and row.reviewed_by_id == actor(request).pk,
            "answers": version.answers if version else [],
            "files": application.attachments.order_by("created_at"),
            "fee": row.fees.order_by("pk").first(),
            "guarantee": getattr(row, "guarantee", None),
            # A message that is parked is sent again there.
            "outbox_url": f"{reverse('admin:outbox_message_changelist')}?topic={issuing.TOPIC}"
            if row.state == ItemState.ISSUING and request.user.has_perm("outbox.view_message")
            else "",
            "siblings": row.request.items.exclude(pk=row.pk).order_by("pk"),
            **(_preview(row) if row.state == ItemState.CONCLUDED else {}),
            "next_url": reverse("admin:esurety_item_change", args=[following.pk]) if following else "",
        }

    # --- Its papers -----------------------------------------------------------------

    def sheet(self, request: Any, pk: int) -> HttpResponse:
        """審査票: facts and checks on paper."""
        item = self.found(request, pk)
        context = review_context(item, facts(item))
        return serve_on_demand(request, REVIEW_SHEET, context, verb="surety.review_sheet", target=item.request.number)

    def attachment(self, request: HttpRequest, pk: int, file: Any) -> HttpResponseBase:
        """添付: recorded before it leaves."""
        found = self.found(request, pk).request.application.attachments.filter(pk=file).first()
        if found is None:
            raise Http404
        audit.record("attachment.read", actor=actor(request), target=str(file))
        answer = FileResponse(found.file.open("rb"), as_attachment=True, filename=found.name)
        answer["Content-Type"] = "application/octet-stream"
        return answer


def facts(item: Item) -> Facts:
    """Return what was applied for, and who did what."""
    request, said = item.request, item.facts
    works: Works = request.works
    found = [
        ("受付番号", request.number),
        ("送信日時", moment(request.sent_at)),
        ("手続状況", f"{item.get_state_display()}（{moment(item.state_at)}）"),
        ("受注者", f"{request.organisation}\n{said['contractor']['address']}\n{said['contractor']['representative']}"),
        ("JV", said["jv_name"]),
        ("発注者", f"{request.body}（{said['addressee']}）"),
        ("工事名", said["work"]),
        ("工事番号・契約番号", said["work_number"]),
        ("請負金額", f"{yen(works['price'])}（{spoken(works['price'])}）"),
        ("請負契約日", works["contract_on"]),
        ("工期", f"{works['starts_on']} 〜 {works['ends_on']}"),
        ("保証種類", item.get_product_display()),
        ("保証証書の形式", item.get_medium_display()),
        ("今年度対象額", yen(item.base_amount)),
        ("保証金額", f"{yen(item.amount)}（{spoken(item.amount)}）"),
        ("割合", ratio_text(item.amount, item.base_amount or works["price"])),
        ("保証期限", said["due_on"]),
        ("預託金融機関", said["bank"]),
        ("先行する前払金保証", said["advance_number"]),
        ("保証料支払方法", item.get_payment_display()),
        ("保証料請求先", item.get_bill_to_display()),
        ("保証料計算書(紙)", "希望する" if item.wants_paper_statement else "希望しない"),
        ("取扱箇所", request.office.name),
        ("お客様からの連絡事項", request.message),
        ("弊社からのお知らせ", request.answer),
        ("保証契約番号", displayed(item.number) if item.number else ""),
        ("受付", f"{item.taken_by or ''}"),
        ("審査", f"{item.reviewed_by or ''}"),
        ("決裁", f"{item.approved_by or ''}"),
        ("理由", item.reason),
    ]
    return [(label, text) for label, text in found if text]


def _standing(item: Item) -> Facts:
    known = standing(item)
    contractor = item.request.organisation.contractor
    return [
        ("保証残高", yen(known.exposure)),
        ("保証限度額", yen(known.exposure_limit)),
        ("請求中の保証", f"{known.open_claims}件"),
        ("電子保証の利用", contractor.get_online_display()),
        ("一括納付の契約", "あり" if contractor.pays_monthly else "なし"),
    ]


def _line(check: Check, form: forms.Form) -> dict[str, Any]:
    name = f"override-{check.code}"
    return {
        "title": check.title,
        "value": check.value,
        "light": check.light.label,
        "message": check.message,
        "field": form[name] if name in form.fields else None,
    }


def _kept(line: dict[str, Any]) -> dict[str, Any]:
    return {**line, "light": Light(line["light"]).label}


def _preview(item: Item) -> dict[str, Any]:
    """Return the certificate and the 認証キーのお知らせ as they would say, without a key."""
    said = {**item.facts, "number": displayed(item.number), "product": item.product}
    rule = submission_rule(item.request.body, item.product)
    sheet = [
        ("工事名", said["work"]),
        ("受注者名", said["contractor"]["name"]),
        ("発注者", said["addressee"]),
        ("商品（保証区分）", Product(item.product).label),
        ("対象", "新規"),
        ("保証契約番号", said["number"]),
        ("認証キー", "発行と同時に作成します（この画面には表示しません）"),
        ("提出先", f"{rule.department} {rule.address}".strip() if rule else ""),
    ]
    problem = ""
    try:
        ensure_glyphs(item.facts)
    except MissingGlyphs as error:
        problem = unprintable(error)
    return {
        "certificate": certificate_rows(said),
        "sheet": sheet if item.medium == "electronic" else [],
        "problem": problem,
    }
