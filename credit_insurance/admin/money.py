"""振込入金通知 and 払込のご案内 (credit_insurance.md 5.6, 10, S16)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from credit_insurance.admin.base import actor
from credit_insurance.admin.dashboard import dashboard
from credit_insurance.admin.work import RecordAdmin
from credit_insurance.documents.payment import PAYMENT_NOTICE, payment_context
from credit_insurance.enums import InvoiceState
from credit_insurance.models import BankFile, Invoice
from credit_insurance.services import bank_files
from portal.common.eras import seireki
from portal.common.money import yen
from portal.common.text import unusable_characters
from portal.documents.serve import serve_on_demand


class UploadForm(forms.Form):
    file = forms.FileField(
        label="振込入金通知",
        help_text="全銀協形式（1件200バイト、JIS）。10MB・5万件まで。",
        allow_empty_file=True,
    )

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > bank_files.MAX_BYTES:
            raise forms.ValidationError("ファイルが大きすぎます。10MB以下に分けて取り込んでください。")
        if unusable_characters(file.name or ""):
            raise forms.ValidationError("ファイル名に使えない文字があります。名前を変えて選び直してください。")
        return file


@admin.register(BankFile)
class BankFileAdmin(RecordAdmin):
    list_display = ("name", "imported_at", "imported_by", "entries", "known", "amount_yen")
    list_select_related = ("imported_by",)
    search_fields = ("name", "=sha256")
    change_list_template = "admin/credit_insurance/bank_file_list.html"
    view_template = "admin/credit_insurance/facts.html"
    view_title = "振込入金通知"

    @admin.display(description="合計")
    def amount_yen(self, file: BankFile) -> str:
        return yen(file.amount)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.take)
        return [path("import/", page, name="credit_insurance_bankfile_import"), *super().get_urls()]

    def take(self, request: HttpRequest) -> HttpResponse:
        """取込: all of a file or nothing; what it lists as wrong is to be put right at the bank."""
        if not actor(request).has_perm("credit_insurance.add_bankfile"):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        faults: tuple[str, ...] = ()
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                report = bank_files.load(file.read(), file.name, actor(request))
            except bank_files.Refused as refusal:
                faults = refusal.faults
            else:
                messages.success(request, f"{report.file}：{report.sentence}")
                return HttpResponseRedirect(reverse("admin:credit_insurance_deposit_desk"))
        context = {
            **self.admin_site.each_context(request),
            "title": "振込入金通知の取込",
            "opts": self.opts,
            "form": form,
            "faults": faults,
        }
        status = 422 if form.is_bound else 200
        return render(request, "admin/credit_insurance/bank_file_import.html", context, status=status)

    def details(self, request: HttpRequest, row: BankFile, form: forms.Form | None, **more: Any) -> dict[str, Any]:
        return {
            "facts": [
                ("ファイル名", row.name),
                ("取込", f"{timezone.localtime(row.imported_at):%Y-%m-%d %H:%M}　{row.imported_by or 'コマンド'}"),
                ("明細", f"{row.entries:,}件（取込済みだった明細 {row.known:,}件）"),
                ("合計", yen(row.amount)),
                ("SHA-256", row.sha256),
            ],
            "links": [
                (f"{one}　{yen(one.amount)}", reverse("admin:credit_insurance_deposit_change", args=[one.pk]))
                for one in row.deposits.order_by("line")[:100]
            ],
            "links_title": "入金（100件まで）",
        }


class DueFilter(admin.SimpleListFilter):
    """入金: what is missing, and what is overdue."""

    title = "入金"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "入金待ち"), ("late", "期限を過ぎた入金待ち"), ("paid", "入金済み"), ("ended", "取消済み")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Invoice]") -> "QuerySet[Invoice]":
        waiting = Q(cancelled_at=None, state__in=[InvoiceState.OPEN, InvoiceState.PARTIAL])
        wanted = {
            "open": waiting,
            "late": waiting & Q(due_on__lt=timezone.localdate()),
            "paid": Q(cancelled_at=None) & ~waiting,
            "ended": Q(cancelled_at__isnull=False),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


@admin.register(Invoice)
class InvoiceAdmin(RecordAdmin):
    list_display = ("number", "member", "case", "amount_yen", "received_yen", "state", "due_on", "money_day")
    list_filter = (DueFilter, "kind")
    list_select_related = ("case__member",)
    search_fields = ("=number", "=case__number", "case__member__name", "=case__member__number")
    search_help_text = "受付番号、加入者番号、名称で探します。"
    view_template = "admin/credit_insurance/facts.html"
    view_title = "払込のご案内"

    @admin.display(description="加入者")
    def member(self, invoice: Invoice) -> str:
        return str(invoice.case.member)

    @admin.display(description="請求額")
    def amount_yen(self, invoice: Invoice) -> str:
        return yen(invoice.amount)

    @admin.display(description="入金額")
    def received_yen(self, invoice: Invoice) -> str:
        return yen(invoice.received)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Invoice]":
        found: QuerySet[Invoice] = super().get_queryset(request)
        return found.select_related("case__member__organisation", "case__policy", "case__enrolment")

    def get_urls(self) -> list[URLPattern]:
        def page(request: HttpRequest) -> Any:
            return dashboard(request, self.admin_site)

        return [
            path("dashboard/", self.admin_site.admin_view(page), name="credit_insurance_dashboard"),
            path(
                "<int:pk>/receipt.pdf",
                self.admin_site.admin_view(self.receipt),
                name="credit_insurance_invoice_receipt",
            ),
            *super().get_urls(),
        ]

    def receipt(self, request: Any, pk: int) -> HttpResponse:
        """払込確認のお知らせ (D07) as the member gets it; 404 before the money is there."""
        row = self.found(request, pk)
        if row.money_day is None or row.cancelled_at:
            raise Http404
        context = payment_context(row)
        return serve_on_demand(
            request, PAYMENT_NOTICE, context, verb="credit.receipt_pdf", target=str(context["number"])
        )

    def details(self, request: HttpRequest, row: Invoice, form: forms.Form | None, **more: Any) -> dict[str, Any]:
        facts = [
            ("受付番号", row.number),
            ("加入者", str(row.case.member)),
            ("加入手続", f"{row.case}　{row.case.get_state_display()}"),
            ("区分", row.get_kind_display()),
            ("請求額", yen(row.amount)),
            ("入金状況", f"{row.get_state_display()}　{yen(row.received)}（残額 {yen(row.missing)}）"),
            ("払込期限", seireki(row.due_on)),
            ("入金完了日（起算日）", seireki(row.money_day) if row.money_day else ""),
            ("取消日時", f"{timezone.localtime(row.cancelled_at):%Y-%m-%d %H:%M}" if row.cancelled_at else ""),
        ]
        paid = [("払込確認のお知らせ（PDF）", reverse("admin:credit_insurance_invoice_receipt", args=[row.pk]))]
        return {
            "facts": [fact for fact in facts if fact[1]],
            "links": [
                *(paid if row.money_day and not row.cancelled_at else []),
                *(
                    (
                        f"{one.deposit}　{yen(one.amount)}（{'取消済み' if one.undone_at else one.get_way_display()}）",
                        reverse("admin:credit_insurance_deposit_change", args=[one.deposit_id]),
                    )
                    for one in row.allocations.select_related("deposit")
                ),
            ],
            "links_title": "入金と書類",
        }
