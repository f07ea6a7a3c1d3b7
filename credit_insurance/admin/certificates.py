"""加入者証: what waits to be issued, 発行 and 再発行 (credit_insurance.md 4.1, 7.1, 12)."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html

from credit_insurance.admin.base import actor
from credit_insurance.admin.work import RecordAdmin
from credit_insurance.documents.certificate import CERTIFICATE
from credit_insurance.enums import CertificateState
from credit_insurance.models import Certificate, Enrolment
from credit_insurance.selectors import cover
from credit_insurance.services import certificates
from portal.common.eras import seireki
from portal.common.money import yen
from portal.documents.serve import serve_on_demand

LIMITS = "credit_insurance.view_limitdecision"
"""Who sees limits by debtor: the insurer and the auditor, not the 団体事務局 (2.1)."""

DUE = Q(certificate_number="")
QUEUES = {
    "due": ("発行待ち", DUE),
    "asked": ("再発行の依頼", Q(asked__isnull=False)),
    "issued": ("発行済み", ~DUE),
}


class QueueFilter(admin.SimpleListFilter):
    """業務: one queue, with how many wait in it."""

    title = "業務"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = Certificate.objects.filter(state=CertificateState.ISSUED, asked_at__isnull=False).count()
        due = Enrolment.objects.filter(DUE, completed_at__isnull=False).count()
        counts = {"due": f" {due}件", "asked": f" {asked}件", "issued": ""}
        return [(key, f"{label}{counts[key]}") for key, (label, _) in QUEUES.items()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Enrolment]") -> "QuerySet[Enrolment]":
        key = self.value()
        return queryset.filter(QUEUES[key][1]) if key in QUEUES else queryset


class IssueForm(forms.Form):
    """発行 or 再発行 after the version that was shown."""

    after = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    reason = forms.CharField(
        label="再発行の理由",
        max_length=200,
        required=False,
        help_text="再発行では必ず入力してください。加入者に表示します。",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


def waiting_words(enrolment: Enrolment) -> str:
    """Return how long a 加入者証 has been waited for; "" once it is issued."""
    found = cover.waiting(enrolment, timezone.localdate())
    if found is None:
        return ""
    if found.days < 0:
        return f"補償開始の{-found.days}日前"
    return {
        "": f"補償開始から{found.days}日",
        "warning": f"▲ 注意：補償開始から{found.days}日（{found.alarm_on:%-m月%-d日}まで）",
        "alarm": f"▲ 警告：補償開始から{found.days}日（1か月の期限を過ぎています）",
    }[found.level]


@admin.register(Enrolment)
class EnrolmentAdmin(RecordAdmin):
    list_display = ("name", "member", "starts_on", "state", "waits", "version", "asked_words")
    list_filter = (QueueFilter,)
    list_select_related = ("case__member",)
    search_fields = ("=certificate_number", "=case__number", "case__member__name")
    search_help_text = "証券番号、受付番号、加入者の名称で探します。"
    view_template = "admin/credit_insurance/enrolment.html"
    view_title = "加入者証"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Enrolment]":
        found: QuerySet[Enrolment] = super().get_queryset(request)
        issued = Certificate.objects.filter(enrolment=OuterRef("pk"), state=CertificateState.ISSUED)
        return (
            found.filter(completed_at__isnull=False)
            .select_related("case__member__organisation", "case__policy", "quote")
            .annotate(newest=Subquery(issued.values("version")[:1]), asked=Subquery(issued.values("asked_at")[:1]))
        )

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the oldest first where something waits."""
        return ("starts_on", "pk") if request.GET.get("queue") in {"due", "asked"} else ("-starts_on", "-pk")

    @admin.display(description="証券番号・受付番号")
    def name(self, enrolment: Enrolment) -> str:
        return str(enrolment)

    @admin.display(description="加入者")
    def member(self, enrolment: Enrolment) -> str:
        return str(enrolment.case.member)

    @admin.display(description="手続状況")
    def state(self, enrolment: Enrolment) -> str:
        return str(enrolment.case.get_state_display())

    @admin.display(description="発行待ち")
    def waits(self, enrolment: Enrolment) -> str:
        words = waiting_words(enrolment)
        return format_html('<strong class="errornote">{}</strong>', words) if words.startswith("▲ 警告") else words

    @admin.display(description="版")
    def version(self, enrolment: Any) -> str:
        return f"第{enrolment.newest}版" if enrolment.newest else "未発行"

    @admin.display(description="再発行の依頼")
    def asked_words(self, enrolment: Any) -> str:
        return f"{timezone.localtime(enrolment.asked):%Y-%m-%d}" if enrolment.asked else ""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.paper)
        return [path("<int:pk>/paper/<int:version>/", page, name="credit_certificate_paper"), *super().get_urls()]

    def decided(self, request: HttpRequest, row: Enrolment) -> HttpResponse:
        form = IssueForm(request.POST)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        after, reason = form.cleaned_data["after"], form.cleaned_data["reason"]
        act = partial(certificates.issue, row, actor(request), reason, after)
        return self.attempt(request, row, act, f"第{after + 1}版を発行しました。加入者にお知らせします。", form)

    def details(self, request: HttpRequest, row: Enrolment, form: forms.Form | None, **more: Any) -> dict[str, Any]:
        versions = cover.versions(row)
        issued = next((one for one in versions if one.state == CertificateState.ISSUED), None)
        asked = cover.asked(versions)
        after = issued.version if issued else 0
        return {
            "form": form if form is not None and form.errors else IssueForm(initial={"after": after}),
            "facts": _facts(row),
            "versions": versions,
            "issued": issued,
            "asked": asked,
            "waiting": waiting_words(row),
            "may_see": request.user.has_perm(LIMITS),
            "may_issue": self.has_change_permission(request, row),
            "label": f"再発行する（第{after + 1}版）" if after else "加入者証を発行する",
        }

    def paper(self, request: Any, pk: int, version: int) -> HttpResponse:
        """A version of the 加入者証 with its 別紙."""
        row = self.found(request, pk)
        if not request.user.has_perm(LIMITS):
            raise PermissionDenied
        found = Certificate.objects.filter(enrolment=row, version=version).first()
        if found is None:
            raise Http404
        detail = {"version": version, "by": "staff"}
        target = row.certificate_number
        return serve_on_demand(
            request, CERTIFICATE, found.facts, verb="credit.certificate_pdf", target=target, detail=detail
        )


def _facts(row: Enrolment) -> list[tuple[str, str]]:
    sums = cover.sums(row)
    return [
        ("証券番号", row.certificate_number or "未発行"),
        ("受付番号", row.case.number),
        ("加入者", str(row.case.member)),
        ("手続状況", str(row.case.get_state_display())),
        ("補償期間", f"{seireki(row.starts_on)} から {seireki(row.ends_on)} まで（{row.months}か月）"),
        ("保険料", yen(row.premium)),
        ("期間中支払限度額", yen(row.period_limit)),
        ("取引先", f"{sums.debtors}社（支払限度額の合計 {yen(sums.limits)}）"),
    ]
