"""個別保証枠 with limit, balance and ledger; 個別保証枠確認: for reading. The limit is set by a page of its own."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from nexi_quota import services
from nexi_quota.admin.base import AmountSearch, ReadOnlyInline, RecordAdmin, actor, yen
from nexi_quota.models import Buyer, Confirmation, LedgerEntry, Quota, QuotaLimit
from portal.audit.admin import PeriodFilter
from portal.common.money import Negative, TooLarge, Unreadable, parse_yen, spoken

LATEST = 50
"""Ledger entries beside a quota; the others are a click away."""


class LedgerColumns:
    """Columns of a ledger entry with what stands behind it."""

    @admin.display(description="金額", ordering="amount_jpy")
    def amount(self, entry: LedgerEntry) -> str:
        return yen(entry.amount_jpy)

    @admin.display(description="保険利用者")
    def exporter(self, entry: LedgerEntry) -> str:
        return str(entry.confirmation.organisation)

    @admin.display(description="個別保証枠確認", ordering="confirmation__number")
    def confirmation_link(self, entry: LedgerEntry) -> str:
        url = reverse("admin:nexi_quota_confirmation_change", args=[entry.confirmation_id])
        return format_html('<a href="{}">{}</a>', url, entry.confirmation.number)

    @admin.display(description="Web申込番号")
    def application(self, entry: LedgerEntry) -> str:
        return str(entry.confirmation.application or "")


class LedgerInline(ReadOnlyInline, LedgerColumns, admin.TabularInline):
    model = LedgerEntry
    ordering = ("-at", "-pk")
    fields = readonly_fields = ("at", "kind", "amount", "confirmation_link", "application", "exporter", "actor")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        """Only the latest of this page's quota or confirmation: a busy buyer has thousands."""
        rows = (
            super()
            .get_queryset(request)
            .select_related("confirmation__application", "confirmation__organisation", "actor")
        )
        parent = request.resolver_match.kwargs["object_id"] if request.resolver_match else ""
        own = LedgerEntry.objects.filter(**{self.parent: parent}).order_by("-at", "-pk")
        return rows.filter(pk__in=own.values("pk")[:LATEST])

    parent = ""


class QuotaLedgerInline(LedgerInline):
    parent = "quota"
    verbose_name_plural = f"台帳（最近{LATEST}件）"


class ConfirmationLedgerInline(LedgerInline):
    parent = "confirmation"
    verbose_name_plural = "台帳"


class LimitInline(ReadOnlyInline, admin.TabularInline):
    model = QuotaLimit
    verbose_name_plural = "個別保証枠の履歴"
    ordering = ("-created_at", "-pk")
    fields = readonly_fields = ("limit", "effective_from", "set_by", "created_at")

    @admin.display(description="個別保証枠")
    def limit(self, row: QuotaLimit) -> str:
        return yen(row.limit_jpy)


class UseFilter(admin.SimpleListFilter):
    """How full a quota is."""

    title = "使用の状況"
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("free", "使用なし"), ("held", "使用中"), ("over", "枠を超過")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        over = Q(held_jpy__gt=F("limit_jpy"))
        wanted = {"free": Q(held_jpy=0), "held": Q(held_jpy__gt=0), "over": over}
        return queryset.filter(wanted.get(self.value() or "", Q()))


class LimitForm(forms.Form):
    """The new limit in yen, as people write amounts."""

    limit = forms.CharField(
        label="新しい個別保証枠（円）",
        max_length=40,
        help_text="例：100,000,000　1億円。0円にすると新しい確認はできません。",
    )

    def clean_limit(self) -> int:
        try:
            return parse_yen(self.cleaned_data["limit"])
        except (Negative, TooLarge):
            raise forms.ValidationError("0円以上、15桁以内の額を入力してください。") from None
        except Unreadable:
            raise forms.ValidationError("額を数字で入力してください。例：100,000,000") from None


@admin.register(Quota)
class QuotaAdmin(AmountSearch, RecordAdmin):
    list_display = ("buyer", "limit", "held", "balance")
    list_filter = (UseFilter, "buyer__country")
    list_select_related = ("buyer",)
    search_fields = ("^buyer__code", "buyer__name")
    search_help_text = "海外商社コード（前方一致）、名称、個別保証枠または使用中の金額で探します。"
    amount_fields = ("limit_jpy", "held_jpy")
    ordering = ("buyer__code",)
    fields = readonly_fields = ("buyer", "limit", "held", "balance", "pages")
    inlines = (LimitInline, QuotaLedgerInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quota]:
        return super().get_queryset(request).annotate(free=F("limit_jpy") - F("held_jpy"))

    @admin.display(description="個別保証枠", ordering="limit_jpy")
    def limit(self, quota: Quota) -> str:
        return yen(quota.limit_jpy)

    @admin.display(description="使用中", ordering="held_jpy")
    def held(self, quota: Quota) -> str:
        return yen(quota.held_jpy)

    @admin.display(description="残高", ordering="free")
    def balance(self, quota: Quota) -> str:
        return yen(quota.limit_jpy - quota.held_jpy)

    @admin.display(description="手続き")
    def pages(self, quota: Quota) -> str:
        limit = reverse("admin:nexi_quota_quota_limit", args=[quota.buyer_id])
        ledger = f"{reverse('admin:nexi_quota_ledgerentry_changelist')}?quota={quota.pk}"
        return format_html('<a href="{}">個別保証枠を設定する</a>　<a href="{}">台帳のすべての記録</a>', limit, ledger)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.limit_page)
        return [path("of/<int:buyer_id>/limit/", page, name="nexi_quota_quota_limit"), *super().get_urls()]

    def limit_page(self, request: HttpRequest, buyer_id: int) -> HttpResponse:
        """Show the facts and take the new limit; the service writes it with history and audit."""
        if not request.user.has_perm("nexi_quota.change_quota"):
            raise PermissionDenied
        buyer = get_object_or_404(Buyer.objects.select_related("country"), pk=buyer_id, head_office=None)
        quota = Quota.objects.filter(buyer=buyer).first()
        form = LimitForm(request.POST) if request.method == "POST" else LimitForm()
        if form.is_valid():
            quota = services.set_limit(buyer, form.cleaned_data["limit"], actor(request), timezone.localdate())
            messages.success(
                request, f"{buyer}：個別保証枠を{yen(quota.limit_jpy)}（{spoken(quota.limit_jpy)}）にしました。"
            )
            return HttpResponseRedirect(reverse("admin:nexi_quota_quota_change", args=[quota.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": "個別保証枠の設定",
            "subtitle": str(buyer),
            "opts": self.opts,
            "form": form,
            "buyer": buyer,
            "facts": [
                ("海外商社", str(buyer)),
                ("現在の個別保証枠", yen(quota.limit_jpy) if quota else "未設定"),
                ("使用中", yen(quota.held_jpy) if quota else "なし"),
                ("残高", yen(quota.limit_jpy - quota.held_jpy) if quota else "なし"),
            ],
        }
        return render(request, "admin/nexi_quota/limit.html", context, status=422 if form.errors else 200)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(AmountSearch, LedgerColumns, RecordAdmin):
    list_display = ("at", "buyer", "kind", "amount", "confirmation_link", "application", "exporter", "actor")
    list_filter = (PeriodFilter, "kind")
    list_select_related = ("quota__buyer", "confirmation__application", "confirmation__organisation", "actor")
    search_fields = (
        *("^quota__buyer__code", "quota__buyer__name", "=confirmation__number", "=confirmation__application__number"),
        *("=confirmation__organisation__code", "confirmation__organisation__name"),
    )
    search_help_text = "支払人・保険利用者のコードと名称、確認管理番号、Web申込番号、金額で探します。"
    amount_fields = ("amount_jpy",)
    ordering = ("-at", "-pk")
    fields = readonly_fields = list_display

    @admin.display(description="海外商社", ordering="quota__buyer__code")
    def buyer(self, entry: LedgerEntry) -> str:
        return str(entry.quota.buyer)


@admin.register(Confirmation)
class ConfirmationAdmin(AmountSearch, RecordAdmin):
    list_display = (
        *("number", "organisation", "product", "payer", "money", "in_yen", "unused_yen"),
        *("confirmed_on", "expires_on", "state"),
    )
    list_filter = ("state", "product", "expires_on", "origin", "payer__country")
    list_select_related = ("organisation", "payer", "currency")
    search_fields = (
        *("=number", "=application__number", "=contract_number", "reference"),
        *("=organisation__code", "organisation__name", "^payer__code", "payer__name"),
    )
    search_help_text = "確認管理番号、Web申込番号、契約等番号、保険利用者・支払人のコードと名称、円換算額で探します。"
    amount_fields = ("amount_jpy", "unused_jpy")
    date_hierarchy = "confirmed_on"
    ordering = ("-confirmed_on", "-pk")
    inlines = (ConfirmationLedgerInline,)
    fields = readonly_fields = (
        *("number", "state", "origin", "application", "organisation", "product", "payer", "rating", "quota"),
        *("contract_number", "reference", "contact", "money", "in_yen", "unused", "unused_yen", "rate", "rate_date"),
        *("confirmed_on", "expires_on"),
    )

    @admin.display(description="確認金額", ordering="amount")
    def money(self, confirmation: Confirmation) -> str:
        return f"{confirmation.currency_id} {confirmation.amount:,}"

    @admin.display(description="円換算額", ordering="amount_jpy")
    def in_yen(self, confirmation: Confirmation) -> str:
        return yen(confirmation.amount_jpy)

    @admin.display(description="未使用額（円）", ordering="unused_jpy")
    def unused_yen(self, confirmation: Confirmation) -> str:
        return yen(confirmation.unused_jpy)
