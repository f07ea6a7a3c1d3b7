"""発注者 with their 前払金の規定, 電子保証の対応 and 認証キーの提出方法; single ones here, lists by CSV取り込み."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils import timezone

from esurety.admin import importing
from esurety.admin.base import CleanForm, CodesField, LinesField, MasterAdmin
from esurety.admin.work import actor
from esurety.enums import HandInChannel, Product, WorkKind
from esurety.models import AcceptanceRule, Body, SubmissionRule
from esurety.rules import submission
from esurety.services import body_rules
from portal.accounts.models import Organisation
from portal.common import text

MONEY = (
    "is_confirmed",
    ("rate_works", "rate_design", "rate_low_bid"),
    ("rate_mid", "rate_total", "refund_rate"),
    ("rate_contract", "rate_contract_low_bid", "raise_percent"),
    ("unit", "cap", "mid_cap"),
    ("least_price", "mid_least_price", "mid_least_days"),
    "plan_base",
    ("takes_overheads", "wants_usage"),
)
RATES = (
    *("rate_works", "rate_design", "rate_low_bid", "rate_mid", "rate_total", "refund_rate"),
    *("rate_contract", "rate_contract_low_bid"),
)


class BodyForm(CleanForm):
    departments = LinesField(label="部署", required=False, help_text="1行に1つ。")
    cleaners = {"code": text.digits, "kana": text.katakana, "name": text.plain, "addressee": text.plain}

    class Meta:
        model = Body
        fields = "__all__"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "organisation" in self.fields:
            self.fields["organisation"].queryset = Organisation.objects.filter(portal="verify")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        code = values.get("code", "")
        if code and not (len(code) == 6 and code.isascii() and code.isdecimal()):
            self.add_error("code", "6桁の数字で入力してください。")
        for name in RATES:
            if (values.get(name) or 0) > 100:
                self.add_error(name, "100以下の数字で入力してください。")
        if values.get("unit") == 0:
            self.add_error("unit", "1以上の数字で入力してください。端数を切り捨てないときは1にします。")
        if (values.get("raise_percent") or 100) < 100:
            self.add_error("raise_percent", "100以上の数字で入力してください。")
        return values


class AcceptanceForm(forms.ModelForm):
    products = CodesField(label="保証種類", choices=Product.choices)
    work_kinds = CodesField(label="工事区分", choices=WorkKind.choices)
    departments = LinesField(label="部署", required=False, help_text="1行に1つ。空欄はすべての部署。")

    class Meta:
        model = AcceptanceRule
        fields = (
            *("body", "products", "work_kinds", "departments", "basis", "starts_on", "ends_on"),
            *("issuers", "remark", "source"),
        )


class SubmissionForm(forms.ModelForm):
    """Templates may only name what can be filled."""

    products = CodesField(label="保証種類", choices=Product.choices)
    channels = LinesField(
        label="提出チャネル",
        help_text=f"優先する順に1行に1つ。{'、'.join(HandInChannel.labels)}",
    )

    class Meta:
        model = SubmissionRule
        fields = (
            *("body", "products", "starts_on", "channels", "department", "address", "subject", "text"),
            *("side_documents", "calls", "wants_print"),
        )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.channels:
            self.initial["channels"] = [HandInChannel(code).label for code in self.instance.channels]

    def clean_channels(self) -> list[str]:
        codes = {text.search_key(label): code for code, label in HandInChannel.choices}
        found = [codes.get(text.search_key(line), "") for line in self.cleaned_data["channels"]]
        if not found or "" in found:
            raise forms.ValidationError(f"1行に1つ、{'、'.join(HandInChannel.labels)}のどれかを入力してください。")
        return found

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in ("subject", "text"):
            if wrong := submission.refusal(values.get(name) or ""):
                self.add_error(name, wrong)
        return values


class AcceptsFilter(admin.SimpleListFilter):
    """電子保証の対応 today."""

    title = "電子保証"
    parameter_name = "accepts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "対応あり"), ("0", "対応なし")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {"0", "1"}:
            return queryset
        today = timezone.localdate()
        bodies = AcceptanceRule.objects.filter(starts_on__lte=today).exclude(ends_on__lt=today).values("body")
        return queryset.filter(pk__in=bodies) if self.value() == "1" else queryset.exclude(pk__in=bodies)


@admin.register(Body)
class BodyAdmin(MasterAdmin):
    form = BodyForm
    change_list_template = "admin/esurety/body_list.html"
    list_display = ("code", "name", "kind", "is_active", "is_confirmed", "organisation")
    list_filter = (AcceptsFilter, "kind", "is_active", "is_confirmed")
    list_select_related = ("organisation",)
    search_fields = ("code__startswith", "name", "kana")
    search_help_text = "団体コード、名称、名称カナで探します。"
    fieldsets = (
        (None, {"fields": ("code", "name", "kana", "kind", "addressee", "departments", "organisation", "is_active")}),
        ("前払金の規定", {"fields": MONEY}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def get_urls(self) -> list[URLPattern]:
        return [*importing.urls(self.admin_site), *super().get_urls()]


class RuleAdmin(MasterAdmin):
    """A rule of a 発注者: `body` is chosen once."""

    autocomplete_fields = ("body",)
    list_select_related = ("body",)
    search_fields = ("body__code__startswith", "body__name", "body__kana")
    search_help_text = "団体コード、名称、名称カナで探します。"
    ordering = ("body__code", "pk")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep what was there in the history that the 発注者 reads."""
        before = body_rules.as_data(type(obj).objects.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)
        body_rules.record_change(obj, actor(request), before)

    @admin.display(description="保証種類")
    def product_names(self, rule: Any) -> str:
        return "・".join(Product(code).short for code in rule.products)


@admin.register(AcceptanceRule)
class AcceptanceRuleAdmin(RuleAdmin):
    form = AcceptanceForm
    list_display = ("body", "product_names", "kind_names", "basis", "starts_on", "ends_on", "remark")
    list_filter = ("basis",)
    date_hierarchy = "starts_on"

    @admin.display(description="工事区分")
    def kind_names(self, rule: AcceptanceRule) -> str:
        return "、".join(WorkKind(code).label for code in rule.work_kinds)


@admin.register(SubmissionRule)
class SubmissionRuleAdmin(RuleAdmin):
    form = SubmissionForm
    list_display = ("body", "product_names", "starts_on", "channel_names", "department", "subject", "calls")
    list_filter = ("calls", "wants_print")

    @admin.display(description="提出チャネル")
    def channel_names(self, rule: SubmissionRule) -> str:
        return "、".join(HandInChannel(code).label for code in rule.channels)
