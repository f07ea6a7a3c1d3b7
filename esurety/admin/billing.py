"""保証料: what waits for its payment, and 一括納付 with its monthly 請求書."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from esurety.admin.base import yen
from esurety.admin.work import Facts, RecordAdmin, actor, age, day_field, moment
from esurety.enums import FeeKind, ItemState, Payment
from esurety.models import Fee, Invoice
from esurety.papers import FEE_STATEMENT, INVOICE, fee_context, invoice_context
from esurety.rules.numbers import displayed, plain
from esurety.selectors.billing import open_fees, state_of
from esurety.services import billing
from portal.documents.serve import serve_on_demand

METHODS = [(how.value, how.label) for how in billing.PAYABLE]


class OpenFilter(admin.SimpleListFilter):
    """入金: what is still to be paid, paid back or billed."""

    title = "入金"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("pay", "入金待ち"),
            ("bill", "一括納付（締結待ち・請求待ち）"),
            ("back", "返還待ち"),
            ("done", "処理済み"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Fee]) -> QuerySet[Fee]:
        is_open = open_fees()
        monthly = Q(item__payment=Payment.MONTHLY)
        match self.value():
            case "pay":
                return queryset.filter(is_open, net__gte=0).exclude(monthly)
            case "bill":
                return queryset.filter(is_open & monthly)
            case "back":
                return queryset.filter(is_open, kind=FeeKind.BACK).exclude(monthly)
            case "done":
                return queryset.exclude(is_open)
        return queryset


class PaymentForm(forms.Form):
    """入金 of one fee, or 一括納付 instead."""

    decision = forms.ChoiceField(choices=[("pay", "pay"), ("bill", "bill")])
    paid_on = day_field("入金日", required=False)
    paid_how = forms.ChoiceField(label="入金方法", choices=METHODS, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") == "pay":
            for name, words in (("paid_on", "入金日を入力してください。"), ("paid_how", "入金方法を選んでください。")):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return values


@admin.register(Fee)
class FeeAdmin(RecordAdmin):
    list_display = ("number", "kind", "contractor", "work", "net_yen", "due_on", "payment", "age", "state_words")
    list_filter = (OpenFilter, "kind", "item__payment")
    list_select_related = ("item__request__organisation", "invoice")
    search_fields = ("number",)
    search_help_text = "保証料計算書番号、保証契約番号、顧客番号、受注者で探します。"
    view_template = "admin/esurety/fee.html"
    view_title = "保証料計算書"

    @admin.display(description="受注者")
    def contractor(self, fee: Fee) -> str:
        return fee.item.request.organisation.name

    @admin.display(description="工事名")
    def work(self, fee: Fee) -> str:
        return str(fee.item.facts["work"])

    @admin.display(description="お支払額")
    def net_yen(self, fee: Fee) -> str:
        return yen(fee.net)

    @admin.display(description="支払方法")
    def payment(self, fee: Fee) -> str:
        return fee.item.get_payment_display()

    @admin.display(description="経過")
    def age(self, fee: Fee) -> str:
        return "" if fee.paid_on else age(fee.made_at)

    @admin.display(description="状態")
    def state_words(self, fee: Fee) -> str:
        return state_of(fee)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        words = search_term.strip()
        if not words:
            return queryset, False
        number = plain(words)
        named = Q(item__request__organisation__name__icontains=words) | Q(item__request__organisation__code=number)
        return queryset.filter(named | Q(number__istartswith=words) | Q(item__number=number)), False

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.statement)
        return [path("<int:pk>/statement.pdf", page, name="esurety_fee_statement"), *super().get_urls()]

    def decided(self, request: HttpRequest, row: Fee) -> HttpResponse:
        form = PaymentForm(request.POST)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        if form.cleaned_data["decision"] == "bill":
            act, done = partial(billing.put_on_bill, row, actor(request)), "一括納付として保証契約を締結しました。"
        else:
            values = form.cleaned_data
            act = partial(billing.pay, row, actor(request), values["paid_on"], values["paid_how"])
            done = "返還を登録しました。" if row.kind == FeeKind.BACK else "入金を登録しました。"
        return self.attempt(request, row, act, done, form)

    def after(self, row: Fee) -> str:
        return f"{super().after(row)}?open={'back' if row.kind == FeeKind.BACK else 'pay'}"

    def details(self, request: HttpRequest, row: Fee, form: forms.Form | None) -> dict[str, Any]:
        is_open = row.paid_on is None and row.invoice_id is None
        is_waiting = row.kind != FeeKind.FIRST or row.item.state == ItemState.FEE
        following = Fee.objects.filter(open_fees()).exclude(pk=row.pk).order_by("made_at", "pk").first()
        initial = {"paid_on": timezone.localdate(), "paid_how": row.item.payment}
        context = fee_context(row)
        return {
            "form": form or PaymentForm(initial=initial),
            "facts": fee_facts(row),
            "sections": context["sections"],
            "is_back": row.kind == FeeKind.BACK,
            "may_pay": is_open and is_waiting and self.has_change_permission(request, row),
            "may_bill": row.kind == FeeKind.FIRST and row.item.payment == Payment.MONTHLY,
            "next_url": reverse("admin:esurety_fee_change", args=[following.pk]) if following else "",
        }

    def statement(self, request: Any, pk: int) -> HttpResponse:
        """保証料計算書 as the contractor has it."""
        fee = self.found(request, pk)
        return serve_on_demand(request, FEE_STATEMENT, fee_context(fee), verb="surety.fee_statement", target=fee.number)


def fee_facts(fee: Fee) -> Facts:
    """Return what a fee is for, and where it stands."""
    item = fee.item
    found = [
        ("保証料計算書番号", fee.number),
        ("種類", fee.get_kind_display()),
        ("受注者", f"{item.request.organisation}"),
        ("保証契約番号", displayed(item.number)),
        ("工事名", item.facts["work"]),
        ("お支払額", yen(fee.net)),
        ("お支払方法", item.get_payment_display()),
        ("お支払期限", f"{fee.due_on or ''}"),
        ("計算日時", moment(fee.made_at)),
        ("状態", state_of(fee)),
        ("入金日", f"{fee.paid_on or ''}"),
        ("入金方法", fee.get_paid_how_display()),
        ("一括納付の請求書", f"{fee.invoice or ''}"),
        ("保証料計算書(紙)", "希望する" if item.wants_paper_statement else "希望しない"),
    ]
    return [(label, text) for label, text in found if text]


class BookingForm(forms.Form):
    """消込 of a whole 請求書."""

    paid_on = day_field("入金日")


@admin.register(Invoice)
class InvoiceAdmin(RecordAdmin):
    list_display = ("month_words", "organisation", "fees_count", "total_yen", "made_at", "paid_on")
    list_filter = (("paid_on", admin.EmptyFieldListFilter), "month")
    list_select_related = ("organisation",)
    search_fields = ("organisation__code", "organisation__name")
    search_help_text = "顧客番号、受注者で探します。"
    view_template = "admin/esurety/invoice.html"
    view_title = "一括納付の請求書"

    @admin.display(description="対象月")
    def month_words(self, invoice: Invoice) -> str:
        return f"{invoice.month:%Y年%-m月}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(many=Count("fees"))

    @admin.display(description="件数")
    def fees_count(self, invoice: Any) -> str:
        return f"{invoice.many}件"

    @admin.display(description="合計")
    def total_yen(self, invoice: Invoice) -> str:
        return yen(invoice.total)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.bill)
        return [path("<int:pk>/invoice.pdf", page, name="esurety_invoice_pdf"), *super().get_urls()]

    def decided(self, request: HttpRequest, row: Invoice) -> HttpResponse:
        form = BookingForm(request.POST)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        act = partial(billing.book, row, actor(request), form.cleaned_data["paid_on"])
        return self.attempt(request, row, act, "消し込みました。", form)

    def details(self, request: HttpRequest, row: Invoice, form: forms.Form | None) -> dict[str, Any]:
        return {
            "form": form or BookingForm(initial={"paid_on": timezone.localdate()}),
            "facts": [
                ("対象月", self.month_words(row)),
                ("受注者", f"{row.organisation}"),
                ("合計", yen(row.total)),
                ("発行日時", moment(row.made_at)),
                ("入金日", f"{row.paid_on or '未入金'}"),
            ],
            "fees": [
                (reverse("admin:esurety_fee_change", args=[fee.pk]), fee.number, fee.item.facts["work"], yen(fee.net))
                for fee in row.fees.select_related("item").order_by("pk")
            ],
            "may_book": row.paid_on is None and self.has_change_permission(request, row),
        }

    def bill(self, request: Any, pk: int) -> HttpResponse:
        """請求書 as the contractor gets it."""
        invoice = self.found(request, pk)
        context = invoice_context(invoice)
        return serve_on_demand(request, INVOICE, context, verb="surety.invoice_pdf", target=str(context["number"]))
