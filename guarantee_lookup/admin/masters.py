"""マスタ (S16): insurances, pools, hours and limits with their days, never deleted, only ended; canary numbers."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from guarantee_lookup import vault
from guarantee_lookup.forms.lookup import LENGTH_TYPED, pattern
from guarantee_lookup.messages import ANSWERS
from guarantee_lookup.models import Announcement, Canary, CapacityPool, InsuranceCode, ServiceRules
from guarantee_lookup.rules import numbers
from portal.accounts.adminsite import AuditedAdmin
from portal.common import text
from portal.common.money import group


class ListField(forms.CharField):
    """Several codes in one line, kept as a list."""

    def prepare_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return text.half(str(value or "")).replace(",", " ").split()

    def validate(self, value: Any) -> None:
        """Every list can be stored; what it may name is the model's question."""

    def run_validators(self, value: Any) -> None:
        """Those of a text do not fit."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


class DaysField(ListField):
    """Days like 2026-12-28, kept as texts in their order."""

    def to_python(self, value: Any) -> Any:
        try:
            return sorted({date.fromisoformat(one).isoformat() for one in super().to_python(value)})
        except ValueError:
            raise forms.ValidationError("日付を「2026-12-28」のように、空白で区切って入力してください。") from None


class DatedForm(forms.ModelForm):
    """A row for days to come; one that is in force already is only ended, not earlier than yesterday."""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        today = timezone.localdate()
        if "valid_from" in self.fields and (since := values.get("valid_from")) and since < today:
            self.add_error("valid_from", "適用開始日は今日以後にしてください。過去の基準日の結果は変えられません。")
        if (until := values.get("valid_to")) and "valid_to" in self.changed_data and until < today - timedelta(days=1):
            self.add_error("valid_to", "適用終了日は昨日以後にしてください。過去の基準日の結果は変えられません。")
        return values


class InsuranceCodeForm(DatedForm):
    pools = ListField(label="消費する枠", required=False, help_text="枠コードを空白で区切ります。例：MG J5")
    core_codes = ListField(
        label="基幹システムのコード", required=False, help_text="この保険種類として取り込むコードを空白で区切ります。"
    )

    class Meta:
        model = InsuranceCode
        fields = ("code", "name", "row", "pools", "needs_sn_item", "core_codes", "valid_from", "valid_to")

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        wanted = set(values.get("core_codes") or ())
        if wanted and (code := values.get("code")):
            others = InsuranceCode.objects.exclude(code=code).order_by("code")
            taken = [f"{one} は {other.code}" for other in others for one in sorted(wanted & {*other.core_codes})]
            if taken:
                self.add_error("core_codes", f"ほかの保険種類のコードです：{'、'.join(taken)}")
        return values


class CapacityPoolForm(DatedForm):
    class Meta:
        model = CapacityPool
        fields = ("code", "name", "limit", "addition", "rule", "valid_from", "valid_to")


class ServiceRulesForm(DatedForm):
    closed_days = DaysField(label="臨時休業日", required=False, help_text="例：2026-12-28 2027-01-04")

    class Meta:
        model = ServiceRules
        fields = (
            *("valid_from", "valid_to", "opens_at", "closes_at", "every_day", "closed_days"),
            *("user_hour", "user_day", "institution_day", "file_lines_day"),
            *("none_in_a_row", "none_hour", "none_day"),
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        for name in ("user_hour", "user_day", "institution_day", "none_in_a_row", "none_hour", "none_day"):
            # A limit that locks needs a first try that does not.
            if name in self.fields and (most := values.get(name)) is not None and most < 2:
                self.add_error(name, "2以上を入力してください。")
        return values


class MasterAdmin(AuditedAdmin):
    """Added and changed one by one, never deleted; the audit log keeps what was there before."""

    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> list[Any]:
        """Add old and new values to the names of the changed fields; a typed number never."""
        message: list[Any] = list(super().construct_change_message(request, form, formsets, add))
        names = [name for name in form.changed_data if name != "number"]
        if not add and message and "changed" in message[0]:
            message[0]["changed"]["values"] = {
                name: [str(form.initial.get(name)), str(form.cleaned_data.get(name))] for name in names
            }
        return message


class DatedAdmin(MasterAdmin):
    """A row in force is history: it is ended, and another begins."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or obj.valid_from > timezone.localdate():
            return ()
        return tuple(name for name in self.form._meta.fields or () if name != "valid_to")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"valid_from": timezone.localdate(), **super().get_changeform_initial_data(request)}

    @admin.display(description="適用")
    def applies(self, row: Any) -> str:
        today = timezone.localdate()
        if row.valid_from > today:
            return "これから適用"
        return "適用中" if row.valid_to is None or row.valid_to >= today else "過去"


@admin.register(InsuranceCode)
class InsuranceCodeAdmin(DatedAdmin):
    form = InsuranceCodeForm
    list_display = ("code", "name", "row", "pool_codes", "valid_from", "valid_to", "applies")
    list_filter = ("row",)
    search_fields = ("=code", "name")
    search_help_text = "保険コード、名称で探します。"

    @admin.display(description="消費する枠")
    def pool_codes(self, insurance: InsuranceCode) -> str:
        return "、".join(insurance.pools)


@admin.register(CapacityPool)
class CapacityPoolAdmin(DatedAdmin):
    form = CapacityPoolForm
    list_display = ("code", "name", "limit_yen", "addition_yen", "rule", "valid_from", "valid_to", "applies")
    list_filter = ("rule",)
    search_fields = ("=code", "name")
    search_help_text = "枠コード、名称で探します。"

    @admin.display(description="上限額", ordering="limit")
    def limit_yen(self, pool: CapacityPool) -> str:
        return f"{group(pool.limit)}円"

    @admin.display(description="組合の加算額", ordering="addition")
    def addition_yen(self, pool: CapacityPool) -> str:
        return f"{group(pool.addition)}円" if pool.addition else ""


@admin.register(ServiceRules)
class ServiceRulesAdmin(DatedAdmin):
    form = ServiceRulesForm
    list_display = ("valid_from", "valid_to", "opens_at", "closes_at", "every_day", "user_hour", "user_day", "applies")


class CanaryForm(forms.ModelForm):
    """A number that belongs to nobody: typed once, kept as its hash; afterwards only the note can be changed."""

    number = forms.CharField(
        label="番号",
        max_length=LENGTH_TYPED,
        help_text="だれのものでもない番号を入力します。番号そのものは保存しません。",
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    class Meta:
        model = Canary
        fields = ("kind", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["number"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.instance.pk:
            return values
        kind, number = values.get("kind"), numbers.read(values.get("number", ""))
        if not kind or not number:
            return values
        if not numbers.fits(number, pattern(kind)):
            self.add_error("number", ANSWERS["E-FMT"])
            return values
        self.instance.digest, self.instance.last = vault.digest(kind, number), number[-numbers.SHOWN_DIGITS :]
        if Canary.objects.filter(digest=self.instance.digest).exists():
            self.add_error("number", "この番号は登録されています。")
        return values


@admin.register(Canary)
class CanaryAdmin(MasterAdmin):
    list_display = ("__str__", "kind", "note")
    list_filter = ("kind",)
    ordering = ("-pk",)
    form = CanaryForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("kind", "note") if obj else ("kind", "number", "note")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("kind",) if obj else ()


@admin.register(Announcement)
class AnnouncementAdmin(MasterAdmin):
    """お知らせ (S18): written, changed and taken back; the log keeps what it said."""

    list_display = ("title", "starts_on", "ends_on", "organisation", "is_public")
    list_filter = ("is_public",)
    search_fields = ("title", "body")
    search_help_text = "件名、本文で探します。"
