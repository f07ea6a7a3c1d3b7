"""CSV取り込み of 発注者: a file is checked, or taken over whole; both show what it does row by row."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from esurety.models import Body
from esurety.services import bodies
from esurety.services.body_rows import COLUMNS
from portal.accounts.models import User
from portal.common.tables import MAX_BYTES
from portal.common.text import unusable_characters

PERMISSIONS = (
    *("esurety.add_body", "esurety.change_body", "esurety.add_acceptancerule", "esurety.change_acceptancerule"),
    *("esurety.add_submissionrule", "esurety.change_submissionrule"),
)


class UploadForm(forms.Form):
    file = forms.FileField(
        label="CSVファイル", help_text="20MB・20万行まで。文字コードはUTF-8またはShift_JIS（CP932）。"
    )

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError("ファイルが大きすぎます。20MB以下に分けて取り込んでください。")
        if unusable_characters(file.name or ""):
            raise forms.ValidationError("ファイル名に使えない文字があります。名前を変えて選び直してください。")
        return file


def urls(site: AdminSite) -> list[URLPattern]:
    """Return the addresses of the import below those of the 発注者."""

    def page(request: HttpRequest) -> HttpResponse:
        return import_page(request, site)

    return [
        path("import/", site.admin_view(page), name="esurety_body_import"),
        path("import/template.csv", site.admin_view(template), name="esurety_body_import_template"),
    ]


def _user(request: HttpRequest) -> User:
    user = cast(User, request.user)
    if not user.has_perms(PERMISSIONS):
        raise PermissionDenied
    return user


def template(request: HttpRequest) -> HttpResponse:
    """雛形をダウンロード: the headings and an example."""
    _user(request)
    answer = HttpResponse(bodies.template(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="bodies.csv"'
    return answer


def import_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """GET shows the form; 「内容を確かめる」 only checks the file, 「取り込む」 takes it over if nothing is wrong."""
    user = _user(request)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    report = None
    if form.is_valid():
        file = form.cleaned_data["file"]
        report = bodies.load(file, file.name, actor=user, write="apply" in request.POST)
        if report.applied:
            messages.success(request, f"{report.file}：{report.sentence}")
            return HttpResponseRedirect(reverse("admin:esurety_body_import"))
    context = {
        **site.each_context(request),
        "title": "CSV取り込み",
        "subtitle": None,
        "opts": Body._meta,
        "form": form,
        "report": report,
        "columns": COLUMNS,
    }
    is_wrong = bool(form.errors) or bool(report and not report.ok)
    return render(request, "admin/esurety/import.html", context, status=422 if is_wrong else 200)
