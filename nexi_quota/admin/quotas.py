"""個別保証枠 with limit, balance and the latest of its ledger; a new limit is proposed on a page of its own."""

from datetime import date, timedelta
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
from nexi_quota.admin.base import VIEWED, ReadOnlyInline, RecordAdmin, actor, yen
from nexi_quota.admin.lists import IndexedSearch, day_box
from nexi_quota.admin.records import QuotaLedgerInline
from nexi_quota.enums import ProposalState
from nexi_quota.models import Buyer, LimitProposal, Quota, QuotaLimit
from portal import audit
from portal.common.money import Negative, TooLarge, Unreadable, parse_yen, spoken

TITLE = "個別保証枠の変更の申請"
FURTHEST = timedelta(days=366)
"""How far ahead a limit may be decided on."""


class LimitInline(ReadOnlyInline, admin.TabularInline):
    model = QuotaLimit
    verbose_name_plural = "個別保証枠の履歴"
    ordering = ("-created_at", "-pk")
    fields = readonly_fields = ("limit", "effective_from", "set_by", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuotaLimit]:
        return super().get_queryset(request).select_related("set_by")

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
    """The new limit in yen, as people write amounts, its day, and why."""

    limit = forms.CharField(
        label="新しい個別保証枠（円）",
        max_length=40,
        help_text="例：100,000,000　1億円。0円にすると新しい確認はできません。",
    )
    effective_from = forms.DateField(
        label="適用日",
        widget=day_box(),
        help_text="今日にすると、承認されたときに適用します。先の日にすると、その日の日次処理で適用します。",
    )
    reason = forms.CharField(
        label="変更の理由",
        max_length=200,
        help_text="200文字以内。承認する人が判断に使います。",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def clean_limit(self) -> int:
        try:
            return parse_yen(self.cleaned_data["limit"])
        except (Negative, TooLarge):
            raise forms.ValidationError("0円以上、15桁以内の額を入力してください。") from None
        except Unreadable:
            raise forms.ValidationError("額を数字で入力してください。例：100,000,000") from None

    def clean_effective_from(self) -> date:
        day: date = self.cleaned_data["effective_from"]
        today = timezone.localdate()
        if not today <= day <= today + FURTHEST:
            raise forms.ValidationError("今日から1年以内の日を入力してください。")
        return day


@admin.register(Quota)
class QuotaAdmin(IndexedSearch, RecordAdmin):
    list_display = ("buyer", "limit", "held", "balance")
    list_filter = (UseFilter, "buyer__country")
    list_select_related = ("buyer",)
    search_fields = ("buyer__code__startswith", "buyer__name__icontains")
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
        return format_html(
            '<a href="{}">台帳のすべての記録</a>　<a href="{}">個別保証枠の変更を申請する</a>',
            reverse("admin:nexi_quota_buyer_ledger", args=[quota.buyer_id]),
            reverse("admin:nexi_quota_quota_limit", args=[quota.buyer_id]),
        )

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.limit_page)
        return [path("of/<int:buyer_id>/limit/", page, name="nexi_quota_quota_limit"), *super().get_urls()]

    def limit_page(self, request: HttpRequest, buyer_id: int) -> HttpResponse:
        """Show the facts and take a proposal for the new limit; nothing changes before another person approves it."""
        if not request.user.has_perm("nexi_quota.add_limitproposal"):
            raise PermissionDenied
        buyer = get_object_or_404(Buyer.objects.select_related("country"), pk=buyer_id, head_office=None)
        form = LimitForm(
            request.POST if request.method == "POST" else None, initial={"effective_from": timezone.localdate()}
        )
        waiting, status = _waiting(buyer), 200
        if request.method != "POST":
            audit.record(VIEWED, actor=actor(request), target=f"{buyer.code} {TITLE}")
        if request.method == "POST" and form.is_valid():
            try:
                proposal = services.propose_limit(
                    buyer,
                    form.cleaned_data["limit"],
                    form.cleaned_data["effective_from"],
                    form.cleaned_data["reason"],
                    actor(request),
                )
            except services.AlreadyProposed:
                waiting, status = _waiting(buyer), 409
            else:
                amount = f"{yen(proposal.limit_jpy)}（{spoken(proposal.limit_jpy)}）"
                messages.success(
                    request,
                    f"{buyer}：個別保証枠を{amount}にする変更を申請しました。別の担当者が承認すると適用します。",
                )
                return HttpResponseRedirect(reverse("admin:nexi_quota_limitproposal_change", args=[proposal.pk]))
        elif form.errors:
            status = 422
        context = {
            **self.admin_site.each_context(request),
            "title": TITLE,
            "subtitle": str(buyer),
            "opts": self.opts,
            "form": form,
            "buyer": buyer,
            "waiting": waiting,
            "facts": limit_facts(buyer),
        }
        return render(request, "admin/nexi_quota/limit.html", context, status=status)


def _waiting(buyer: Buyer) -> LimitProposal | None:
    return LimitProposal.objects.filter(buyer=buyer, state=ProposalState.OPEN).select_related("proposed_by").first()


def limit_facts(buyer: Buyer) -> list[tuple[str, str]]:
    """Return the quota of a head office as it is, for the pages that decide on it."""
    quota = Quota.objects.filter(buyer=buyer).first()
    return [
        ("海外商社", str(buyer)),
        ("現在の個別保証枠", yen(quota.limit_jpy) if quota else "未設定"),
        ("使用中", yen(quota.held_jpy) if quota else "なし"),
        ("残高", yen(quota.limit_jpy - quota.held_jpy) if quota else "なし"),
    ]
