"""保険契約 with its 区分, 営業日・締切の変更, and 所属組合."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from credit_insurance.admin.base import CleanForm, MasterAdmin, actor
from credit_insurance.enums import CalendarKind
from credit_insurance.forms.debtor import PREFECTURE_CHOICES
from credit_insurance.models import CalendarDay, CreditClass, MasterPolicy, Union
from credit_insurance.rules.deadlines import CLOSING_DAY
from portal.accounts.models import Organisation
from portal.common import text
from portal.common.calendar import is_business_day
from portal.common.money import group

NATIONAL = ("00", "全国")
BLANK = ("", "選択してください")


class PolicyForm(CleanForm):
    cleaners = {
        **dict.fromkeys(("policy_no", "insurer", "branch", "agent", "bank_name", "bank_branch"), text.plain),
        **dict.fromkeys(("account_kind", "account_holder"), text.plain),
        "account_no": text.digits,
    }

    class Meta:
        model = MasterPolicy
        fields = (
            *("year", "policy_no", "insurer", "branch", "agent", "campaign_open", "campaign_close"),
            *("indemnity_ratio", "deductible", "min_debtors", "min_premium", "rounding"),
            *("bank_name", "bank_branch", "account_kind", "account_no", "account_holder"),
        )
        help_texts = {"indemnity_ratio": "95%は0.95と入力します。"}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "account_no" in values and not re.fullmatch("[0-9]{7}", values["account_no"]):
            self.add_error("account_no", "7桁の数字で入力してください。")
        first, last = values.get("campaign_open"), values.get("campaign_close")
        if first and last and last < first:
            self.add_error("campaign_close", "募集開始日以後の日を入力してください。")
        ratio = values.get("indemnity_ratio")
        if ratio is not None and not 0 < ratio <= 1:
            self.add_error("indemnity_ratio", "0より大きく1以下の数字で入力してください。95%は0.95です。")
        for name in ("rounding", "min_debtors"):
            if values.get(name) is not None and values[name] < 1:
                self.add_error(name, "1以上の数字で入力してください。")
        for name in ("deductible", "min_premium"):
            if values.get(name) is not None and values[name] < 0:
                self.add_error(name, "0以上の数字で入力してください。")
        return values


class ClassForm(forms.ModelForm):
    class Meta:
        model = CreditClass
        fields = ("number", "ceiling", "base_rate", "meaning")
        help_texts = {"base_rate": "1%は0.01と入力します。引受対象外の区分では空欄にします。"}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        ceiling, rate = values.get("ceiling"), values.get("base_rate")
        if ceiling is not None and ceiling < 0:
            self.add_error("ceiling", "0以上の数字で入力してください。")
        elif ceiling and (rate is None or rate <= 0):
            self.add_error("base_rate", "限度額のある区分には、0より大きい基準料率を入力してください。1%は0.01です。")
        elif ceiling == 0 and rate is not None:
            self.add_error("base_rate", "限度額の上限が0円の区分（引受対象外）では、基準料率を空欄にしてください。")
        return values


class ClassInline(admin.TabularInline):
    model = CreditClass
    form = ClassForm
    extra = 1
    can_delete = False


@admin.register(MasterPolicy)
class MasterPolicyAdmin(MasterAdmin):
    """保険契約 of a period; what was issued under it keeps its own figures."""

    form = PolicyForm
    inlines = (ClassInline,)
    list_display = ("year", "policy_no", "insurer", "campaign_open", "campaign_close", "indemnity_ratio", "classes_set")
    search_fields = ("=year", "policy_no")
    search_help_text = "始期の年、証券番号で探します。"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("year",) if obj else ()  # cases of the period hang on it

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("classes")

    @admin.display(description="区分")
    def classes_set(self, policy: MasterPolicy) -> str:
        return "、".join(f"{one.number}：{group(one.ceiling)}円" for one in policy.classes.all())


class CalendarForm(CleanForm):
    cleaners = {"reason": text.plain}

    class Meta:
        model = CalendarDay
        fields = ("day", "kind", "reason")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        day, kind = values.get("day", self.instance.day), values.get("kind", self.instance.kind)
        if not day or not kind:
            return values
        if not self.instance.pk and day < timezone.localdate():
            self.add_error("day", "今日以後の日を入力してください。過ぎた日の締切は変えられません。")
        elif kind == CalendarKind.EXTENDED and day.day != CLOSING_DAY:
            self.add_error("day", "加入依頼書の締切を延ばす日は、17日を入力してください。")
        elif kind == CalendarKind.CLOSED and not is_business_day(day):
            self.add_error("day", "土日祝日は、もともと金融機関の休業日です。")
        elif kind == CalendarKind.OPENED and is_business_day(day):
            self.add_error("day", "この日は、もともと金融機関の営業日です。")
        return values


@admin.register(CalendarDay)
class CalendarDayAdmin(MasterAdmin):
    """Bank days are the system administrator's, a moved 締切 of the form that of the 団体事務局's manager."""

    form = CalendarForm
    list_display = ("day", "kind", "reason", "entered_by")
    list_filter = ("kind",)
    list_select_related = ("entered_by",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("day", "kind") if obj else ()

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "kind":
            is_calendar = actor(request).has_role("credit.calendar")
            may = {
                CalendarKind.CLOSED: is_calendar,
                CalendarKind.OPENED: is_calendar,
                CalendarKind.EXTENDED: actor(request).has_role("credit.fed_manager"),
            }
            options["choices"] = [BLANK, *((kind.value, kind.label) for kind in CalendarKind if may[kind])]
        return super().formfield_for_choice_field(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.entered_by = actor(request)
        super().save_model(request, obj, form, change)


class UnionForm(CleanForm):
    prefecture = forms.ChoiceField(label="所属する中央会", choices=[NATIONAL, *PREFECTURE_CHOICES])
    cleaners = {"code": text.code, "name": text.plain}

    class Meta:
        model = Union
        fields = ("code", "name", "prefecture", "organisation", "is_active")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "organisation" in self.fields:
            free = Organisation.objects.filter(portal="credit", member=None, union=None)
            self.fields["organisation"].queryset = free  # type: ignore[attr-defined]


@admin.register(Union)
class UnionAdmin(MasterAdmin):
    form = UnionForm
    list_display = ("code", "name", "prefecture_name", "organisation", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("organisation",)
    search_fields = ("=code", "name")
    search_help_text = "組合コード、組合名で探します。"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fixed = ("organisation",) if obj and obj.organisation_id else ()
        return ("code", *fixed) if obj else ()

    @admin.display(description="所属する中央会", ordering="prefecture")
    def prefecture_name(self, union: Union) -> str:
        return dict([NATIONAL, *PREFECTURE_CHOICES]).get(union.prefecture, union.prefecture)
