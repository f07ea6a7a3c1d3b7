"""CSV取り込み: choose a file, see row by row what it would do, then take it over.

A file that changes 個別保証枠 is not taken over by who chose it, but proposed to a second person (docs/decisions/0008).
"""

import hashlib
import io
import secrets
import time
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from nexi_quota import imports, services
from nexi_quota.admin.base import actor
from nexi_quota.models import Buyer
from portal.common.text import unusable_characters

SALT = "nexi_quota.import"
VALID_SECONDS = 24 * 3600
PERMISSION = "nexi_quota.change_buyer"
KINDS = {kind.slug: kind for kind in imports.KINDS}


class ReasonForm(forms.Form):
    """Why the file changes 個別保証枠."""

    reason = forms.CharField(
        label="変更の理由",
        max_length=200,
        help_text="200文字以内。承認する人が判断に使います。",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class UploadForm(forms.Form):
    """One CSV file of any kind."""

    file = forms.FileField(
        label="CSVファイル",
        help_text="20MB・20万行まで。文字コードはUTF-8またはShift_JIS（CP932）。種類は見出しで判断します。",
    )

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > imports.MAX_BYTES:
            raise forms.ValidationError("ファイルが大きすぎます。20MB以下に分けて取り込んでください。")
        if unusable_characters(file.name or ""):
            raise forms.ValidationError("ファイル名に使えない文字があります。名前を変えて選び直してください。")
        return file


def urls(site: AdminSite) -> list[URLPattern]:
    """Return the addresses of the import below the buyers' admin."""

    def page(request: HttpRequest) -> HttpResponse:
        return import_page(request, site)

    return [
        path("import/", site.admin_view(page), name="nexi_quota_import"),
        path("import/template/<slug:slug>.csv", site.admin_view(template), name="nexi_quota_import_template"),
    ]


def _must_be_allowed(request: HttpRequest) -> None:
    if not actor(request).has_perm(PERMISSION):
        raise PermissionDenied


def template(request: HttpRequest, slug: str) -> HttpResponse:
    """雛形をダウンロード: the headings and an example."""
    _must_be_allowed(request)
    if slug not in KINDS:
        raise Http404
    answer = HttpResponse(imports.template(KINDS[slug]), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{slug}.csv"'
    return answer


def import_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """GET shows the form; a file is checked and kept for the second press; a token takes the kept file over."""
    _must_be_allowed(request)
    if request.method == "POST" and "token" in request.POST:
        return _take_over(request, site)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if not form.is_valid():
        return _show(request, site, form, status=422 if form.errors else 200)
    content = form.cleaned_data["file"].read()
    report = imports.load(io.BytesIO(content), form.cleaned_data["file"].name, timezone.localdate(), write=False)
    token = ""
    if report.ok and report.has_changes and _may_write(request, report):
        kept = _keep(content)
        agreed = {
            "kept": kept,
            "file": report.file,
            "kind": report.kind,
            "limits": report.limits,
            "sha256": report.sha256,
            "user": actor(request).pk,
        }
        token = signing.dumps(agreed, salt=SALT)
    return _show(request, site, UploadForm(), report=report, token=token, status=200 if report.ok else 422)


def _may_write(request: HttpRequest, report: imports.Report) -> bool:
    return actor(request).has_perms(KINDS[report.kind].permissions)


def _take_over(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Write the file that the page showed, and no other; a second press finds it gone."""
    try:
        agreed = signing.loads(request.POST["token"], salt=SALT, max_age=VALID_SECONDS)
        if agreed["user"] != actor(request).pk:
            raise signing.BadSignature
        content = (_folder() / agreed["kept"]).read_bytes()
        if hashlib.sha256(content).hexdigest() != agreed["sha256"]:
            raise FileNotFoundError
    except (signing.BadSignature, FileNotFoundError):
        messages.error(
            request, "確認した内容が残っていません（取り込み済みか、時間切れです）。もう一度ファイルを選んでください。"
        )
        return HttpResponseRedirect(reverse("admin:nexi_quota_import"))
    if not actor(request).has_perms(KINDS[agreed["kind"]].permissions):
        raise PermissionDenied
    if agreed["limits"]:
        return _propose(request, site, agreed, content)
    today = timezone.localdate()
    report = imports.load(io.BytesIO(content), agreed["file"], today, actor=actor(request), limits=False)
    (_folder() / agreed["kept"]).unlink(missing_ok=True)
    if not report.ok:
        return _show(request, site, UploadForm(), report=report, status=409)
    messages.success(request, f"{report.title}（{report.file}）：{report.sentence}")
    return HttpResponseRedirect(reverse("admin:nexi_quota_import"))


def _propose(request: HttpRequest, site: AdminSite, agreed: dict[str, Any], content: bytes) -> HttpResponse:
    """Hand the file that the page showed to a second person."""
    form = ReasonForm(request.POST)
    report = imports.load(io.BytesIO(content), agreed["file"], timezone.localdate(), write=False)
    if not report.ok:
        return _show(request, site, UploadForm(), report=report, status=409)
    if not form.is_valid():
        token = request.POST["token"]
        return _show(request, site, UploadForm(), report=report, token=token, reason=form, status=422)
    try:
        proposal = imports.propose_file(content, report, form.cleaned_data["reason"], actor(request))
    except services.AlreadyProposed:
        messages.error(request, "同じファイルが承認待ちです。承認待ちの一覧を確かめてください。")
        return HttpResponseRedirect(reverse("admin:nexi_quota_import"))
    (_folder() / agreed["kept"]).unlink(missing_ok=True)
    messages.success(
        request, f"{report.title}（{report.file}）の取り込みを申請しました。別の担当者が承認すると取り込みます。"
    )
    return HttpResponseRedirect(reverse("admin:nexi_quota_fileproposal_change", args=[proposal.pk]))


def _show(
    request: HttpRequest,
    site: AdminSite,
    form: UploadForm,
    *,
    report: imports.Report | None = None,
    token: str = "",
    reason: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        **site.each_context(request),
        "title": "CSV取り込み",
        "subtitle": None,
        "opts": Buyer._meta,
        "form": form,
        "report": report,
        "token": token,
        "reason": reason or ReasonForm(),
        "lacks_right": bool(report and report.kind and not _may_write(request, report)),
        "kinds": imports.KINDS,
    }
    return render(request, "admin/nexi_quota/import.html", context, status=status)


# --- The file between the two presses -----------------------------------------


def _folder() -> Path:
    """Where checked files wait: not among the stored documents, which all belong to an application."""
    folder = Path(settings.DATA_DIR) / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _keep(content: bytes) -> str:
    """Keep a checked file under a name that nobody can guess; what nobody came back for goes."""
    for old in _folder().iterdir():
        if old.stat().st_mtime < time.time() - VALID_SECONDS:
            old.unlink(missing_ok=True)
    name = f"{secrets.token_hex(16)}.csv"
    (_folder() / name).write_bytes(content)
    return name
