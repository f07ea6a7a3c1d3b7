"""保証契約 with their versions and keys' states, the stored certificates, and 検証."""

import hashlib
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from esurety.admin.base import yen
from esurety.admin.revisions import prepare_view
from esurety.admin.work import Facts, RecordAdmin, actor, moment, reason_field
from esurety.documents import CERTIFICATE, certificate_context
from esurety.documents import rows as certificate_rows
from esurety.enums import RevisionKind, VersionState
from esurety.models import Certificate, Guarantee
from esurety.rules.numbers import plain
from esurety.selectors.billing import state_of
from esurety.selectors.reviewing import LIVE
from esurety.selectors.revising import contents_of, differences
from esurety.services import submissions
from esurety.services.evidence import verify
from esurety.services.issuing import payload_of
from portal import audit
from portal.documents.serve import pdf_response, too_many


class ReissueForm(forms.Form):
    """認証キー再発行 asked for by telephone."""

    decision = forms.ChoiceField(choices=[("reissue", "reissue")])
    reason = reason_field("再発行の理由", "紛失、漏えい、停止など（500文字以内）。")


@admin.register(Guarantee)
class GuaranteeAdmin(RecordAdmin):
    list_display = ("number_words", "product", "contractor", "body", "work", "amount_yen", "due_on", "medium", "state")
    list_filter = ("state", "product", "medium", "office")
    list_select_related = ("organisation", "body")
    search_fields = ("number",)
    search_help_text = "保証契約番号、顧客番号、受注者、発注者、工事名で探します。"
    view_template = "admin/esurety/guarantee.html"
    view_title = "保証契約"

    @admin.display(description="保証契約番号")
    def number_words(self, guarantee: Guarantee) -> str:
        return str(guarantee)

    @admin.display(description="受注者")
    def contractor(self, guarantee: Guarantee) -> str:
        return guarantee.organisation.name

    @admin.display(description="保証金額")
    def amount_yen(self, guarantee: Guarantee) -> str:
        return yen(guarantee.amount)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        words = search_term.strip()
        if not words:
            return queryset, False
        number = plain(words)
        named = Q(organisation__name__icontains=words) | Q(body__name__icontains=words) | Q(work__icontains=words)
        return queryset.filter(named | Q(number=number) | Q(organisation__code=number)), False

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(partial(prepare_view, self))
        return [path("<int:pk>/revise/<slug:kind>/", page, name="esurety_guarantee_revise"), *super().get_urls()]

    def decided(self, request: HttpRequest, row: Guarantee) -> HttpResponse:
        """認証キー再発行 for the contractor, by the clerk; nobody of the staff sees the key."""
        if not actor(request).has_role("surety.clerk") or row.current is None:
            raise PermissionDenied
        form = ReissueForm(request.POST)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        act = partial(submissions.renew_key, row.current, actor(request), form.cleaned_data["reason"])
        return self.attempt(request, row, act, "認証キーを再発行しました。お客様にお知らせします。", form)

    def after(self, row: Guarantee) -> str:
        return reverse("admin:esurety_guarantee_change", args=[row.pk])

    def details(self, request: HttpRequest, row: Guarantee, form: forms.Form | None) -> dict[str, Any]:
        versions = list(row.certificates.select_related("previous").prefetch_related("keys", "registrations__body"))
        may_prepare = actor(request).has_role("surety.clerk") and row.state in LIVE
        current = row.current
        return {
            "form": form or ReissueForm(),
            "facts": guarantee_facts(row),
            "versions": [_version(made) for made in versions],
            "revisions": row.revisions.select_related("prepared_by", "decided_by"),
            "fees": [(fee, yen(fee.net), state_of(fee)) for fee in row.item.fees.select_related("item").order_by("pk")],
            "kinds": [(kind.value, f"{kind.label}を起案する") for kind in RevisionKind] if may_prepare else [],
            "may_reissue": may_prepare and current is not None and bool(current.keys.exists()),
        }


def guarantee_facts(guarantee: Guarantee) -> Facts:
    """Return what a 保証契約 is, as lists have it."""
    found = [
        ("保証契約番号", str(guarantee)),
        ("保証種類", guarantee.get_product_display()),
        ("保証証書の形式", f"{guarantee.get_medium_display()}（変更・訂正でも変わりません）"),
        ("状態", guarantee.get_state_display()),
        ("受注者", f"{guarantee.organisation}"),
        ("発注者", f"{guarantee.body}"),
        ("工事名", guarantee.work),
        ("請負金額", yen(guarantee.price)),
        ("保証金額", yen(guarantee.amount)),
        ("保証期限", f"{guarantee.due_on}"),
        ("締結日", f"{guarantee.concluded_on}"),
        ("取扱箇所", f"{guarantee.office}"),
        ("現在の証書", guarantee.current.target if guarantee.current else "なし"),
    ]
    return [(label, text) for label, text in found if text]


def _version(made: Certificate) -> dict[str, Any]:
    """Return one version of the tree: what it changed, its key's state (never the key), where it was handed in."""
    submission = getattr(made, "submission", None)
    keys = sorted(made.keys.all(), key=lambda key: key.generation)
    return {
        "made": made,
        "changed": differences(contents_of(made.previous), contents_of(made)) if made.previous else [],
        "keys": "、".join(f"第{key.generation}世代 {key.get_state_display()}" for key in keys) or "なし",
        "submission": submission.get_state_display() if submission else "―",
        "registrations": "、".join(
            f"{row.body} {row.get_state_display()}（{moment(row.registered_at)}）" for row in made.registrations.all()
        )
        or "なし",
        "arrived": moment(made.arrived_at) or "発行処理中",
    }


def _in_lines(sha256: str) -> str:
    """Return a hash in two lines: the 64 signs do not fit onto a phone."""
    return "\n".join(part for part in (sha256[:32], sha256[32:]) if part)


@admin.register(Certificate)
class CertificateAdmin(RecordAdmin):
    list_display = ("number", "target_words", "serial", "issued_on", "arrived_at", "state")
    list_filter = ("state", "kind")
    list_select_related = ("guarantee",)
    search_fields = ("guarantee__number", "serial")
    search_help_text = "保証契約番号、発行通番で探します。"
    ordering = ("-pk",)
    view_template = "admin/esurety/certificate.html"
    view_title = "電子証書"

    @admin.display(description="保証契約番号")
    def number(self, made: Certificate) -> str:
        return str(made.guarantee)

    @admin.display(description="対象")
    def target_words(self, made: Certificate) -> str:
        return made.target

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        number = plain(search_term)
        return (queryset.filter(Q(guarantee__number=number) | Q(serial=number)) if number else queryset), False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.pdf)
        return [path("<int:pk>/certificate.pdf", page, name="esurety_certificate_pdf"), *super().get_urls()]

    def decided(self, request: HttpRequest, row: Certificate) -> HttpResponse:
        """検証: check text, signature, chain and stored file (see `details`)."""
        return self.show(request, row)

    def show(self, request: HttpRequest, row: Any, *args: Any, **options: Any) -> HttpResponse:
        guarantee = row.guarantee
        detail = {"sequence": row.sequence, "by": "staff"}
        audit.record("surety.certificate_shown", actor=actor(request), target=guarantee.number, detail=detail)
        return super().show(request, row, *args, **options)

    def details(self, request: HttpRequest, row: Certificate, form: forms.Form | None) -> dict[str, Any]:
        payload = payload_of(row)
        return {
            "certificate": certificate_rows(payload),
            "facts": [
                ("保証契約番号", str(row.guarantee)),
                ("対象", row.target),
                ("状態", row.get_state_display()),
                ("発行通番", row.serial),
                ("発行日", payload["issued_on"]),
                ("電子保証発行日時", moment(row.arrived_at)),
                ("内容のSHA-256", _in_lines(row.payload_sha256)),
                ("直前の証書のSHA-256", _in_lines(row.previous_sha256) or "なし"),
                ("PDFのSHA-256", _in_lines(row.sha256)),
                ("署名鍵", row.signer),
                ("効力を失った日時", moment(row.ended_at)),
                ("理由", row.ended_reason),
            ],
            "steps": verify(row, actor(request)) if request.method == "POST" else [],
        }

    def pdf(self, request: Any, pk: int) -> HttpResponse:
        """The stored PDF as it was issued; a 証書(紙) is printed from it."""
        made = self.found(request, pk)
        if made.state == VersionState.PENDING:
            raise Http404
        if refused := too_many(request):
            return refused
        with made.file.open("rb") as file:
            content = file.read()
        guarantee = made.guarantee
        detail = {"sequence": made.sequence, "sha256": hashlib.sha256(content).hexdigest(), "by": "staff"}
        audit.record("surety.certificate_pdf", actor=request.user, target=guarantee.number, detail=detail)
        return pdf_response(request, content, CERTIFICATE.filename(certificate_context(made)))
