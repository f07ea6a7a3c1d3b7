"""保証料率表: new tables for days to come; one in force is history and stays."""

from typing import Any

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone

from esurety.admin.base import MasterAdmin, yen
from esurety.models import FeeBand, FeeTable
from esurety.rules.fees import Band, fault, rate_text
from portal.common.money import yen as yen_text


class FeeTableForm(forms.ModelForm):
    class Meta:
        model = FeeTable
        fields = ("product", "valid_from", "minimum", "discount", "discount_from")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        since = values.get("valid_from")
        if since and since < timezone.localdate():
            self.add_error("valid_from", "適用開始日は今日以後にしてください。過去の保証料は変えられません。")
        if (values.get("discount_from") or 0) < 0:
            self.add_error("discount_from", "0以上の数字で入力してください。")
        return values


class BandFormSet(BaseInlineFormSet):
    """The bands of a table: from 0 on, without gap or overlap, the last one open."""

    def clean(self) -> None:
        if not any(self.errors):
            rows = [form.cleaned_data for form in self.forms if form.cleaned_data and form not in self.deleted_forms]
            if wrong := fault([Band(row["upper"], row["ppm"]) for row in rows]):
                raise forms.ValidationError(wrong)
        super().clean()


class BandInline(admin.TabularInline):
    """The bands may go, too, while their table is for days to come: who may change the table may do that."""

    model = FeeBand
    formset = BandFormSet
    extra = 5
    fields = ("upper", "ppm", "percent")
    readonly_fields = ("percent",)
    verbose_name_plural = "保証料率（上限の順に計算します。最後の区分は上限を空欄にします）"

    @admin.display(description="率（%）")
    def percent(self, band: FeeBand) -> str:
        return "" if band.ppm is None else rate_text(band.ppm)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _is_open(obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and _is_open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


def _is_open(table: FeeTable | None) -> bool:
    return table is None or table.valid_from > timezone.localdate()


@admin.register(FeeTable)
class FeeTableAdmin(MasterAdmin):
    form = FeeTableForm
    inlines = (BandInline,)
    list_display = ("product", "valid_from", "bands_text", "minimum_yen", "discount_yen")
    list_filter = ("product",)
    ordering = ("product", "-valid_from")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _is_open(obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"valid_from": timezone.localdate(), **super().get_changeform_initial_data(request)}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("bands")

    @admin.display(description="保証料率")
    def bands_text(self, table: FeeTable) -> str:
        bands = sorted(table.bands.all(), key=lambda band: (band.upper is None, band.upper or 0))
        return "、".join(
            f"{f'{yen_text(band.upper)}まで' if band.upper else 'それを超える額' if len(bands) > 1 else '全額'}"
            f" {rate_text(band.ppm)}%"
            for band in bands
        )

    @admin.display(description="最低保証料", ordering="minimum")
    def minimum_yen(self, table: FeeTable) -> str:
        return yen(table.minimum)

    @admin.display(description="インターネット割引")
    def discount_yen(self, table: FeeTable) -> str:
        return f"{yen(table.discount)}（{yen(table.discount_from)}以上）" if table.discount else ""
