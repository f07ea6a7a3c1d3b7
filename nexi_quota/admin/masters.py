"""Countries with their policies, currencies with their rates, 格付別の扱い, 保険利用者."""

from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join

from nexi_quota.admin.base import DatedAdmin, MasterAdmin, yen
from nexi_quota.enums import Product
from nexi_quota.models import Country, CountryPolicy, Currency, ExchangeRate, InsuredParty, RatingRule
from portal.accounts.models import Organisation


class CurrentFilter(admin.SimpleListFilter):
    """In force today, not yet, or no longer; `latest` is annotated by the admin."""

    title = "適用"
    parameter_name = "applies"
    since = "effective_from"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", "適用中"), ("future", "これから適用"), ("past", "過去")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        since = self.since
        wanted = {
            "now": Q(**{since: F("latest")}),
            "future": Q(**{f"{since}__gt": timezone.localdate()}),
            "past": Q(**{f"{since}__lt": F("latest")}),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


class CurrentRateFilter(CurrentFilter):
    since = "date"


def latest_day(rows: QuerySet[Any], since: str) -> Subquery:
    """Return the day of the row of `rows` that is in force today."""
    known = rows.filter(**{f"{since}__lte": timezone.localdate()}).order_by(f"-{since}")
    return Subquery(known.values(since)[:1])


def status(since: date, latest: date | None) -> str:
    """Return when a row applies, in words."""
    if since > timezone.localdate():
        return "これから適用"
    return "適用中" if since == latest else "過去"


def history(rows: list[tuple[Any, ...]]) -> str:
    """Return earlier and later rows as lines, latest first."""
    return format_html_join("", "<div>{}　{}</div>", rows) if rows else "なし"


@admin.register(Country)
class CountryAdmin(MasterAdmin):
    list_display = ("code", "name", "name_en", "category", "sustainable_lending")
    list_filter = ("category", "sustainable_lending")
    search_fields = ("=code", "name", "name_en")
    ordering = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()


@admin.register(Currency)
class CurrencyAdmin(MasterAdmin):
    """The decimals of a currency that amounts were typed in never change."""

    list_display = ("code", "name", "decimals", "position")
    search_fields = ("=code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code", "decimals") if obj else ()


@admin.register(CountryPolicy)
class CountryPolicyAdmin(DatedAdmin):
    list_display = (
        *("country", "product", "attitude", "limit", "usance_months", "lc_required", "effective_from"),
        *("applies", "note"),
    )
    list_filter = (CurrentFilter, "product", "attitude", "country")
    list_select_related = ("country",)
    search_fields = ("=country__code", "country__name", "note")
    search_help_text = "国コード、国名、備考で探します。"
    ordering = ("country", "product", "-effective_from")
    date_hierarchy = "effective_from"
    readonly_fields = ("others",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CountryPolicy]:
        same = CountryPolicy.objects.filter(country=OuterRef("country"), product=OuterRef("product"))
        return super().get_queryset(request).annotate(latest=latest_day(same, "effective_from"))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"effective_from": timezone.localdate(), **super().get_changeform_initial_data(request)}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [name for name in super().get_fields(request, obj) if obj or name != "others"]

    @admin.display(description="案件枠", ordering="case_limit_jpy")
    def limit(self, policy: CountryPolicy) -> str:
        return yen(policy.case_limit_jpy)

    @admin.display(description="適用")
    def applies(self, policy: Any) -> str:
        return status(policy.effective_from, policy.latest)

    @admin.display(description="同じ国・保険種の履歴")
    def others(self, policy: CountryPolicy) -> str:
        same = CountryPolicy.objects.filter(country=policy.country_id, product=policy.product).exclude(pk=policy.pk)
        return history(
            [
                (
                    f"{row.effective_from:%Y-%m-%d}",
                    f"{row.get_attitude_display()}　案件枠 {yen(row.case_limit_jpy) or 'なし'}"
                    f"　ユーザンス {f'{row.usance_months}か月' if row.usance_months else 'なし'}",
                )
                for row in same.order_by("-effective_from")
            ]
        )


@admin.register(ExchangeRate)
class ExchangeRateAdmin(DatedAdmin):
    since = "date"
    list_display = ("currency", "date", "jpy_per_unit", "applies")
    list_filter = (CurrentRateFilter, "currency")
    list_select_related = ("currency",)
    search_fields = ("=currency__code", "currency__name")
    search_help_text = "通貨コード、通貨名で探します。"
    ordering = ("currency", "-date")
    date_hierarchy = "date"
    readonly_fields = ("others",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExchangeRate]:
        same = ExchangeRate.objects.filter(currency=OuterRef("currency"))
        return super().get_queryset(request).annotate(latest=latest_day(same, "date"))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"date": timezone.localdate(), **super().get_changeform_initial_data(request)}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [name for name in super().get_fields(request, obj) if obj or name != "others"]

    @admin.display(description="適用")
    def applies(self, rate: Any) -> str:
        return status(rate.date, rate.latest)

    @admin.display(description="同じ通貨の履歴（最近30件）")
    def others(self, rate: ExchangeRate) -> str:
        same = ExchangeRate.objects.filter(currency=rate.currency_id).exclude(pk=rate.pk).order_by("-date")[:30]
        return history([(f"{row.date:%Y-%m-%d}", f"{row.jpy_per_unit.normalize():f}円") for row in same])


@admin.register(RatingRule)
class RatingRuleAdmin(MasterAdmin):
    list_display = ("rating_name", "product", "need")
    list_filter = ("product", "need", "rating")
    search_fields = ("=rating",)
    ordering = ("rating", "product")

    @admin.display(description="格付", ordering="rating")
    def rating_name(self, rule: RatingRule) -> str:
        return f"{rule.rating} {rule.get_rating_display()}"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("rating", "product") if obj else ()


class InsuredPartyForm(forms.ModelForm):
    """保険種 as boxes; stored as codes with spaces between."""

    products = forms.MultipleChoiceField(
        label="利用可能保険種", choices=Product.choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = InsuredParty
        fields = ("organisation", "products", "is_sme", "department", "suspended_on")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.products:
            self.initial["products"] = self.instance.products.split()
        if "organisation" in self.fields:
            exporters = Organisation.objects.filter(portal="nexi", insured_party=None)
            cast(forms.ModelChoiceField, self.fields["organisation"]).queryset = exporters

    def clean_products(self) -> str:
        return " ".join(sorted(self.cleaned_data["products"]))


@admin.register(InsuredParty)
class InsuredPartyAdmin(MasterAdmin):
    form = InsuredPartyForm
    list_display = ("code", "organisation", "product_names", "is_sme", "department", "suspended_on")
    list_filter = ("is_sme", ("suspended_on", admin.EmptyFieldListFilter))
    list_select_related = ("organisation",)
    search_fields = ("=organisation__code", "organisation__name", "organisation__name_en")
    search_help_text = "保険利用者コード、名称で探します。"
    ordering = ("organisation__code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("organisation",) if obj else ()

    @admin.display(description="保険利用者コード", ordering="organisation__code")
    def code(self, party: InsuredParty) -> str:
        return party.organisation.code

    @admin.display(description="利用可能保険種")
    def product_names(self, party: InsuredParty) -> str:
        return "、".join(Product(code).label for code in party.products.split() if code in Product.values)
