"""加入時の確認書類: a new version is entered, what was agreed to before is never changed (credit_insurance.md 5.8)."""

import hashlib
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from credit_insurance.admin.base import CleanForm, MasterAdmin, actor
from credit_insurance.enums import ConsentKind
from credit_insurance.models import ConsentPaper
from portal import audit
from portal.common import text
from portal.documents.serve import pdf_response
from portal.ui import uploads


class PaperLimits:
    """What a 重要事項説明書 may be."""

    max_bytes: int = 5 * 1024 * 1024
    types: tuple[str, ...] = ("pdf",)


class PaperForm(CleanForm):
    cleaners = {"body": text.note}

    class Meta:
        model = ConsentPaper
        fields = ("kind", "valid_from", "body", "file")
        help_texts = {
            "valid_from": "この日から、加入依頼書に表示します。今日以後の日を入力してください。",
            "body": "加入者が画面で読む文章です。",
            "file": "重要事項説明書のときに選びます。5MBまで。",
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (day := values.get("valid_from")) and day < timezone.localdate():
            self.add_error("valid_from", "今日以後の日を入力してください。過ぎた日の書類は変えられません。")
        file = values.get("file")
        if file and (problem := uploads.check(file, PaperLimits())):
            self.add_error("file", problem)
        if "kind" in values and "file" not in self.errors:
            is_important = values["kind"] == ConsentKind.IMPORTANT
            if is_important and not file:
                self.add_error("file", "重要事項説明書のPDFを選択してください。")
            elif file and not is_important:
                self.add_error("file", "PDFを登録するのは重要事項説明書だけです。ほかの書類は本文に入力してください。")
        return values


@admin.register(ConsentPaper)
class ConsentPaperAdmin(MasterAdmin):
    """The papers of the 加入依頼書; only added, by the 引受責任者."""

    form = PaperForm
    list_display = ("kind", "version", "valid_from", "entered_by", "pdf")
    list_filter = ("kind",)
    list_select_related = ("entered_by",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("kind", "valid_from", "body", "file")
        return ("kind", "version", "valid_from", "body", "pdf", "sha256", "entered_by")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj) if obj else ()

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.pdf_view)
        return [path("<int:pk>/pdf/", view, name="credit_insurance_consentpaper_pdf"), *super().get_urls()]

    @admin.display(description="書類（PDF）")
    def pdf(self, paper: ConsentPaper) -> str:
        if not paper.file:
            return "なし"
        return format_html(
            '<a href="{}">第{}版を開く</a>',
            reverse("admin:credit_insurance_consentpaper_pdf", args=[paper.pk]),
            paper.version,
        )

    def pdf_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The PDF as it was entered."""
        paper = self.get_object(request, str(pk))
        if not self.has_view_permission(request, paper):
            raise PermissionDenied
        if paper is None or not paper.file:
            raise Http404
        audit.record("credit.paper_shown", actor=actor(request), target=f"{paper.kind}-{paper.version}")
        with paper.file.open("rb") as file:
            content = file.read()
        name = f"{paper.get_kind_display()}_第{paper.version}版.pdf"
        return pdf_response(request, content, name, inline=True)  # type: ignore[arg-type]

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        """Give the paper the next version of its kind, the hash of its file, and who entered it."""
        obj.entered_by = actor(request)
        obj.version = 1 + (ConsentPaper.objects.filter(kind=obj.kind).aggregate(Max("version"))["version__max"] or 0)
        if obj.file:
            obj.file.seek(0)
            obj.sha256 = hashlib.sha256(obj.file.read()).hexdigest()
            obj.file.seek(0)
        super().save_model(request, obj, form, change)
