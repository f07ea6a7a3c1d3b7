"""海外商社名簿 with the history of 格付, and the ways to what is decided about a buyer."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from nexi_quota.admin import importing, ledger
from nexi_quota.admin.base import MasterAdmin, ReadOnlyInline
from nexi_quota.admin.lists import IndexedSearch
from nexi_quota.enums import BranchKind, Rating
from nexi_quota.imports import branch_problem
from nexi_quota.models import Buyer, BuyerRating, Country, LimitProposal, Quota
from portal.common import text

CODE = re.compile("([0-9]{3})-?([0-9]{6})")


class RatingFilter(admin.SimpleListFilter):
    """格付 in force today."""

    title = "格付（現在）"
    parameter_name = "rating"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(rating.value, rating.value) for rating in Rating]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(rating_now=self.value()) if self.value() in Rating.values else queryset


class QuotaFilter(admin.SimpleListFilter):
    """Whether the buyer, or its head office, has a 個別保証枠."""

    title = "個別保証枠"
    parameter_name = "quota"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "あり"), ("0", "なし")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(has_quota=self.value() == "1") if self.value() in {"0", "1"} else queryset


class RatingInline(ReadOnlyInline, admin.TabularInline):
    model = BuyerRating
    verbose_name_plural = "格付の履歴"
    fields = readonly_fields = ("rating", "meaning", "effective_from")
    ordering = ("-effective_from",)

    @admin.display(description="意味")
    def meaning(self, row: BuyerRating) -> str:
        return row.get_rating_display()


class BuyerForm(forms.ModelForm):
    """The rules of the 海外商社名簿, the same as in the CSV import."""

    class Meta:
        model = Buyer
        fields = ("code", "name", "address", "country", "branch_kind", "head_office", "state", "reviewed_on")

    def clean_code(self) -> str:
        match = CODE.fullmatch(text.code(self.cleaned_data["code"]))
        if match is None:
            raise ValidationError("国コード3桁と番号6桁の数字で入力してください（例：304-123456）。")
        return f"{match[1]}-{match[2]}"

    def clean_name(self) -> str:
        name = text.half(self.cleaned_data["name"])
        if others := re.sub("[ -~]", "", name):
            raise ValidationError(f"使えない文字（{others[:20]}）があります。英数字と記号（半角）で入力してください。")
        return name

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        code = values.get("code", self.instance.code)
        country: Country | None = values.get("country")
        if code and country and country.code != code[:3]:
            self.add_error("country", f"海外商社コードの先頭3桁（{code[:3]}）の国を選択してください。")
        head: Buyer | None = values.get("head_office")
        own = self.instance
        has_dependants = bool(
            own.pk
            and not own.head_office_id
            and (
                Quota.objects.filter(buyer=own).exists()
                or Buyer.objects.filter(head_office=own).exists()
                or LimitProposal.objects.pending().filter(buyer=own).exists()
            )
        )
        if head and head.pk == own.pk:
            self.add_error("head_office", "自分自身は本店にできません。")
        elif "branch_kind" in values:
            head_kind = head.branch_kind if head else None
            field, message = branch_problem(values["branch_kind"], head_kind, has_dependants=has_dependants)
            if message:
                self.add_error(field, message)
        return values


@admin.register(Buyer)
class BuyerAdmin(IndexedSearch, MasterAdmin):
    form = BuyerForm
    change_list_template = "admin/nexi_quota/buyer_list.html"
    list_display = ("code", "name", "country", "rating", "state", "quota_mark", "branch_kind", "reviewed_on")
    list_filter = ("state", RatingFilter, QuotaFilter, "branch_kind", "country")
    list_select_related = ("country",)
    search_fields = ("code__startswith", "name__icontains")
    search_help_text = "海外商社コード（前方一致）、名称で探します。"
    autocomplete_fields = ("head_office",)
    ordering = ("code",)
    inlines = (RatingInline,)
    readonly_fields = ("quota_page",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Buyer]:
        """Add the rating of today and whether there is a quota, of the head office for a branch."""
        quotas = Quota.objects.filter(buyer=OuterRef("owner"))
        rows: QuerySet[Buyer] = Buyer.objects.rated(timezone.localdate())
        return rows.annotate(owner=Coalesce(F("head_office"), F("pk"))).annotate(has_quota=Exists(quotas))

    def get_readonly_fields(self, request: HttpRequest, obj: Buyer | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "code", "country") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Buyer | None = None) -> list[Any]:
        fields = list(BuyerForm.Meta.fields)
        return [*fields, "quota_page"] if obj else fields

    def get_urls(self) -> list[URLPattern]:
        return [*importing.urls(self.admin_site), *ledger.urls(self.admin_site), *super().get_urls()]

    @admin.display(description="格付", ordering="rating_now")
    def rating(self, buyer: Any) -> str:
        return buyer.rating_now or "なし"

    @admin.display(description="個別保証枠", boolean=True, ordering="has_quota")
    def quota_mark(self, buyer: Any) -> bool:
        return buyer.has_quota

    @admin.display(description="格付・個別保証枠")
    def quota_page(self, buyer: Buyer) -> str:
        rate = f"{reverse('admin:nexi_quota_buyerrating_add')}?buyer={buyer.pk}"
        pages = [(rate, "格付を設定する")]
        if buyer.branch_kind != BranchKind.BRANCH:
            pages.append((reverse("admin:nexi_quota_quota_limit", args=[buyer.pk]), "個別保証枠の変更を申請する"))
        if Quota.objects.filter(buyer=buyer.head_office_id or buyer.pk).exists():
            pages.append((reverse("admin:nexi_quota_buyer_ledger", args=[buyer.pk]), "台帳"))
        shared = "（個別保証枠は本店と共用です）" if buyer.branch_kind == BranchKind.BRANCH else ""
        return format_html("{}{}", format_html_join("　", '<a href="{}">{}</a>', pages), shared)
