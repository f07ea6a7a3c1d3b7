"""個別保証枠確認, 保有契約, 通知 and 台帳, with links between them: written by services, here to be found and read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from nexi_quota.admin.base import ReadOnlyInline, RecordAdmin, yen
from nexi_quota.admin.lists import IndexedSearch, days, link
from nexi_quota.models import Confirmation, InsuranceContract, LedgerEntry, Notice
from nexi_quota.selectors import with_records
from portal.applications.models import Application
from portal.common.money import money

LATEST = 50
"""Ledger entries beside a record; the others are on the ledger page of the buyer."""


def application_link(application: Application | None) -> str:
    return _link_of("applications_application", application)


def _link_of(model: str, row: Any) -> str:
    return link(model, row.pk, row) if row else ""


def application_of(entry: LedgerEntry) -> Application | None:
    """Return the 申込み behind an entry: of its notice if there is one, else of the confirmation."""
    return entry.notice.application if entry.notice else entry.confirmation.application


class Links:
    """Columns that lead to the records beside a row."""

    @admin.display(description="個別保証枠確認")
    def confirmation_link(self, row: Any) -> str:
        return _link_of("nexi_quota_confirmation", row.confirmation)

    @admin.display(description="保有契約")
    def contract_link(self, row: Any) -> str:
        return _link_of("nexi_quota_insurancecontract", row.contract)

    @admin.display(description="Web申込番号")
    def application_link(self, row: Any) -> str:
        return application_link(row.application)

    @admin.display(description="支払人")
    def payer_link(self, row: Any) -> str:
        return _link_of("nexi_quota_buyer", row.payer)


class LedgerColumns(Links):
    """Columns of a ledger entry with what stands behind it."""

    @admin.display(description="金額")
    def amount(self, entry: LedgerEntry) -> str:
        return yen(entry.amount_jpy)

    @admin.display(description="保険利用者")
    def exporter(self, entry: LedgerEntry) -> str:
        return str(entry.confirmation.organisation)

    @admin.display(description="通知")
    def notice_link(self, entry: LedgerEntry) -> str:
        return link("nexi_quota_notice", entry.notice_id, entry.notice.get_kind_display()) if entry.notice else ""

    @admin.display(description="Web申込番号")
    def application_link(self, entry: LedgerEntry) -> str:
        return application_link(application_of(entry))


class LedgerInline(ReadOnlyInline, LedgerColumns, admin.TabularInline):
    """The latest entries of the record that the page is about: a busy one has thousands."""

    model = LedgerEntry
    verbose_name_plural = f"台帳（最近{LATEST}件）"
    ordering = ("-at", "-pk")
    fields = readonly_fields = (
        *("at", "kind", "amount", "confirmation_link", "contract_link", "notice_link", "application_link"),
        *("exporter", "actor"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        parent = request.resolver_match.kwargs["object_id"] if request.resolver_match else ""
        own = LedgerEntry.objects.filter(**{self.parent: parent}).order_by("-at", "-pk")
        latest = list(own.values_list("pk", flat=True)[:LATEST])
        return with_records(super().get_queryset(request)).filter(pk__in=latest)

    parent = ""


class QuotaLedgerInline(LedgerInline):
    parent = "quota"


class ConfirmationLedgerInline(LedgerInline):
    parent = "confirmation"


class ContractLedgerInline(LedgerInline):
    parent = "contract"


class NoticeLedgerInline(LedgerInline):
    parent = "notice"


class ContractInline(ReadOnlyInline, admin.TabularInline):
    model = InsuranceContract
    ordering = ("due_on", "pk")
    show_change_link = True
    fields = readonly_fields = ("number", "currency", "amount", "balance", "due_on", "state")

    @admin.display(description="保険証券番号-枝番")
    def number(self, contract: InsuranceContract) -> str:
        return contract.number


class NoticeInline(ReadOnlyInline, Links, admin.TabularInline):
    model = Notice
    ordering = ("-created_at", "-pk")
    show_change_link = True
    fields = readonly_fields = ("created_at", "kind", "route", "day", "amount", "application_link")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        return super().get_queryset(request).select_related("application").defer("application__data")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(IndexedSearch, LedgerColumns, RecordAdmin):
    """台帳 of every buyer, as it was written; the ledger of one buyer has a page of its own."""

    list_display = (
        *("at", "buyer", "kind", "amount", "confirmation_link", "contract_link", "notice_link", "application_link"),
        *("exporter", "actor"),
    )
    list_filter = (days("at", "日時", is_moment=True, names=("from", "to")), "kind")
    list_select_related = ("quota__buyer",)
    sortable_by = ()
    search_fields = (
        *("quota__buyer__code__startswith", "quota__buyer__name__icontains", "confirmation__number__exact"),
        *("confirmation__application__number__exact", "notice__application__number__exact"),
        *("confirmation__organisation__code__exact", "confirmation__organisation__name__icontains"),
    )
    search_help_text = "支払人・保険利用者のコードと名称、確認管理番号、保険証券番号、Web申込番号、金額で探します。"
    amount_fields = ("amount_jpy",)
    contract = "contract__"
    ordering = ("-at", "-pk")
    fields = readonly_fields = list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        return with_records(super().get_queryset(request)).select_related("quota__buyer")

    @admin.display(description="海外商社")
    def buyer(self, entry: LedgerEntry) -> str:
        return str(entry.quota.buyer)


@admin.register(Confirmation)
class ConfirmationAdmin(IndexedSearch, Links, RecordAdmin):
    list_display = (
        *("number", "organisation", "product", "payer_link", "money", "in_yen", "unused_yen"),
        *("confirmed_on", "expires_on", "state", "application_link"),
    )
    list_filter = (
        *("state", "product", "origin", days("confirmed_on", "確認日"), days("expires_on", "保証枠有効期限")),
        "payer__country",
    )
    sortable_by = ()
    search_fields = (
        *("number__exact", "application__number__exact", "contract_number__exact", "reference__exact"),
        *("organisation__code__exact", "organisation__name__icontains", "payer__code__startswith"),
        "payer__name__icontains",
    )
    search_help_text = (
        "確認管理番号、保険証券番号、Web申込番号、契約等番号、お客様整理番号、"
        "保険利用者・支払人のコードと名称、円換算額で探します。"
    )
    amount_fields = ("amount_jpy", "unused_jpy")
    contract = "contracts__"
    ordering = ("-pk",)
    inlines = (ContractInline, NoticeInline, ConfirmationLedgerInline)
    fields = readonly_fields = (
        *("number", "state", "origin", "application_link", "organisation", "product", "payer_link", "rating"),
        *("quota_link", "contract_number", "reference", "contact", "money", "in_yen", "left", "unused_yen"),
        *("rate", "rate_date", "confirmed_on", "expires_on"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Confirmation]:
        rows = super().get_queryset(request).select_related("organisation", "payer", "currency", "application")
        return rows.defer("application__data")

    @admin.display(description="確認金額")
    def money(self, confirmation: Confirmation) -> str:
        return money(confirmation.amount, confirmation.currency_id)

    @admin.display(description="円換算額")
    def in_yen(self, confirmation: Confirmation) -> str:
        return yen(confirmation.amount_jpy)

    @admin.display(description="未使用額")
    def left(self, confirmation: Confirmation) -> str:
        return money(confirmation.unused, confirmation.currency_id)

    @admin.display(description="未使用額（円）")
    def unused_yen(self, confirmation: Confirmation) -> str:
        return yen(confirmation.unused_jpy)

    @admin.display(description="個別保証枠")
    def quota_link(self, confirmation: Confirmation) -> str:
        return _link_of("nexi_quota_quota", confirmation.quota)


@admin.register(InsuranceContract)
class InsuranceContractAdmin(IndexedSearch, Links, RecordAdmin):
    list_display = (
        *("number", "organisation", "product", "payer_link", "money", "left", "shipped_on", "due_on", "state"),
        "confirmation_link",
    )
    list_filter = (
        *("state", "product", "origin", days("due_on", "決済期限"), days("concluded_on", "保険契約締結日")),
        "payer__country",
    )
    sortable_by = ()
    search_fields = (
        *("confirmation__number__exact", "reference__exact", "organisation__code__exact"),
        *("organisation__name__icontains", "payer__code__startswith", "payer__name__icontains"),
    )
    search_help_text = (
        "保険証券番号（枝番も可）、確認管理番号、お客様整理番号、保険利用者・支払人のコードと名称、"
        "契約金額・決済残高（契約の通貨）で探します。"
    )
    amount_fields = ("amount", "balance")
    amount_decimals = 2
    contract = ""
    ordering = ("-pk",)
    inlines = (NoticeInline, ContractLedgerInline)
    fields = readonly_fields = (
        *("number", "history", "state", "origin", "organisation", "product", "payer_link", "confirmation_link"),
        *("reference", "money", "left", "shipped_on", "due_on", "concluded_on", "loss_reported_on"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[InsuranceContract]:
        return super().get_queryset(request).select_related("organisation", "payer", "currency", "confirmation")

    @admin.display(description="保険証券番号-枝番")
    def number(self, contract: InsuranceContract) -> str:
        return contract.number

    @admin.display(description="契約金額")
    def money(self, contract: InsuranceContract) -> str:
        return money(contract.amount, contract.currency_id)

    @admin.display(description="決済残高")
    def left(self, contract: InsuranceContract) -> str:
        return money(contract.balance, contract.currency_id)


@admin.register(Notice)
class NoticeAdmin(IndexedSearch, Links, RecordAdmin):
    list_display = (
        *("created_at", "kind", "route", "organisation", "contract_link", "confirmation_link", "day", "money"),
        "application_link",
    )
    list_filter = (
        *("kind", "route", days("created_at", "通知日", is_moment=True), days("day", "決済日・枠戻日")),
        *("manner", "reason"),
    )
    sortable_by = ()
    search_fields = (
        *("application__number__exact", "confirmation__number__exact", "organisation__code__exact"),
        *("organisation__name__icontains", "contract__payer__code__startswith", "contract__payer__name__icontains"),
        *("confirmation__payer__code__startswith", "confirmation__payer__name__icontains"),
    )
    search_help_text = (
        "Web申込番号、保険証券番号（枝番も可）、確認管理番号、保険利用者・支払人のコードと名称、"
        "通知の金額（契約の通貨）で探します。"
    )
    amount_fields = ("amount",)
    amount_decimals = 2
    contract = "contract__"
    ordering = ("-pk",)
    inlines = (NoticeLedgerInline,)
    fields = readonly_fields = (
        *("created_at", "kind", "route", "application_link", "line", "organisation", "contract_link"),
        *("confirmation_link", "day", "money", "manner", "reason", "note"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        rows = super().get_queryset(request).select_related("organisation", "contract", "confirmation", "application")
        return rows.defer("application__data")

    @admin.display(description="決済金額・枠戻金額")
    def money(self, notice: Notice) -> str:
        held = notice.contract or notice.confirmation
        return money(notice.amount, held.currency_id) if held else ""
