"""申請審査 (S13): who takes an application up, and the decision of another person, beside what it would change."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from guarantee_lookup.admin.institutions import actor
from guarantee_lookup.admin.people import ReadOnly
from guarantee_lookup.enums import UsageState
from guarantee_lookup.models import UsageApplication
from guarantee_lookup.selectors.applications import changes, obstacles
from guarantee_lookup.services import applications as services
from guarantee_lookup.services.institutions import Obstacle
from guarantee_lookup.wizards import paper
from portal import audit
from portal.documents.serve import serve_on_demand

DONE = {
    "take": "審査中にしました。別の担当者が決定します",
    "approve": "承認しました。利用者IDと仮パスワードをメールで送ります",
    "return": "差し戻しました。理由を申請者にメールで送ります",
    "refuse": "却下しました。理由を申請者にメールで送ります",
}
LATE = "ほかの担当者が先に処理しています。状態を確かめてください。"


class DecisionForm(forms.Form):
    """What was decided, and why."""

    decision = forms.ChoiceField(choices=[(event, event) for event in DONE])
    note = forms.CharField(
        label="所見・理由",
        max_length=400,
        required=False,
        help_text="差戻しと却下では必ず入力してください（400文字以内）。そのまま申請者に送ります。",
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") in {"return", "refuse"} and not values.get("note"):
            self.add_error("note", "理由を入力してください。申請者がメールで読みます。")
        return values


@admin.register(UsageApplication)
class UsageApplicationAdmin(ReadOnly):
    list_display = ("number", "kind", "code", "name", "submitted", "age", "state", "reviewer", "decided_by")
    list_filter = ("state", "kind")
    list_select_related = ("application", "reviewer", "decided_by")
    search_fields = ("application__number", "code", "application__party")
    search_help_text = "Web申込番号、金融機関コード、名称で探します。"
    actions = None

    @admin.display(description="Web申込番号", ordering="application__number")
    def number(self, usage: UsageApplication) -> str:
        return usage.application.number

    @admin.display(description="名称")
    def name(self, usage: UsageApplication) -> str:
        return str(usage.wanted["name"])

    @admin.display(description="申請日時", ordering="application__submitted_at")
    def submitted(self, usage: UsageApplication) -> Any:
        return usage.application.submitted_at

    @admin.display(description="経過")
    def age(self, usage: UsageApplication) -> str:
        if usage.decided_at:
            return ""
        days = (timezone.localdate() - timezone.localdate(usage.application.submitted_at)).days
        return f"{days}日" if days else "今日"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/form.pdf", wrap(self.form_pdf), name="guarantee_lookup_usage_paper"),
            path("<int:pk>/files/<uuid:file>/", wrap(self.attachment), name="guarantee_lookup_usage_file"),
            *super().get_urls(),
        ]

    # --- The page of one application ---------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what is applied for, and take the decision."""
        usage = self._found(request, object_id)
        if request.method == "POST":
            return self._decided(request, usage)
        audit.record("lookup.application_viewed", actor=actor(request), target=usage.application.number)
        return self._show(request, usage, DecisionForm())

    def _found(self, request: HttpRequest, pk: Any) -> UsageApplication:
        usage = self.get_object(request, str(pk))
        if not self.has_view_permission(request, usage):
            raise PermissionDenied
        if usage is None:
            raise Http404
        return usage

    def _decided(self, request: HttpRequest, usage: UsageApplication) -> HttpResponse:
        if not self.has_change_permission(request, usage):
            raise PermissionDenied
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self._show(request, usage, form, status=422)
        event, note = form.cleaned_data["decision"], form.cleaned_data["note"]
        try:
            self._carry_out(usage, event, request, note)
        except services.WrongPerson:
            number = usage.application.number
            audit.record("lookup.application_denied", actor=actor(request), target=number, outcome="denied")
            return self._show(request, self._found(request, usage.pk), form, status=403)
        except services.AlreadyDecided:
            return self._late(request, usage, event, form)
        except Obstacle as obstacle:
            return self._show(request, self._found(request, usage.pk), form, status=409, notice=str(obstacle))
        return self._done(request, usage, event)

    def _carry_out(self, usage: UsageApplication, event: str, request: HttpRequest, note: str) -> None:
        if event == "take":
            services.take(usage, actor(request), note)
        elif event == "approve":
            services.approve(usage, actor(request), note)
        else:
            services.decide(usage, event, actor(request), note)

    def _late(self, request: HttpRequest, usage: UsageApplication, event: str, form: DecisionForm) -> HttpResponse:
        """Answer a second press of the same button like the first, and any other with what was decided before."""
        now = self._found(request, usage.pk)
        own = now.reviewer_id if event == "take" else now.decided_by_id
        reached = {services.MACHINE.target(event), *([UsageState.ISSUED] if event == "approve" else [])}
        if own == actor(request).pk and now.state in reached:
            return self._done(request, now, event)
        return self._show(request, now, form, status=409, notice=LATE)

    def _done(self, request: HttpRequest, usage: UsageApplication, event: str) -> HttpResponse:
        messages.success(request, f"{usage}：{DONE[event]}。")
        return HttpResponseRedirect(reverse("admin:guarantee_lookup_usageapplication_changelist"))

    def _show(
        self, request: HttpRequest, usage: UsageApplication, form: DecisionForm, *, status: int = 200, notice: str = ""
    ) -> HttpResponse:
        version = usage.application.versions.order_by("-sequence").first()
        may_act = self.has_change_permission(request, usage)
        context = {
            **self.admin_site.each_context(request),
            "title": "利用開始申請の審査",
            "subtitle": str(usage),
            "opts": self.opts,
            "usage": usage,
            "facts": _course(usage),
            "changes": changes(usage) if not usage.decided_at else [],
            "obstacles": obstacles(usage) if not usage.decided_at else [],
            "answers": version.answers if version else [],
            "files": usage.application.attachments.order_by("created_at"),
            "form": form,
            "notice": notice,
            "may_take": may_act and usage.state == UsageState.RECEIVED,
            "may_decide": may_act and usage.state == UsageState.REVIEW,
            "is_reviewer": usage.reviewer_id == actor(request).pk,
        }
        return render(request, "admin/guarantee_lookup/application.html", context, status=status)

    # --- Its papers -----------------------------------------------------------------

    def form_pdf(self, request: Any, pk: int) -> HttpResponse:
        """申請書 as the applicant has it."""
        usage = self._found(request, pk)
        version = usage.application.versions.select_related("application").order_by("-sequence").first()
        if version is None:
            raise Http404
        number = usage.application.number
        return serve_on_demand(
            request, paper.PAPER, paper.paper_of_version(version), verb="lookup.application_paper", target=number
        )

    def attachment(self, request: HttpRequest, pk: int, file: Any) -> HttpResponseBase:
        """添付: recorded before it leaves."""
        found = self._found(request, pk).application.attachments.filter(pk=file).first()
        if found is None:
            raise Http404
        audit.record("attachment.read", actor=actor(request), target=str(file))
        answer = FileResponse(found.file.open("rb"), as_attachment=True, filename=found.name)
        answer["Content-Type"] = "application/octet-stream"
        return answer


def _course(usage: UsageApplication) -> list[tuple[str, Any]]:
    """Return who did what when."""
    application = usage.application
    rows: list[tuple[str, Any]] = [
        ("Web申込番号", application.number),
        ("申請日時", _moment(application.submitted_at)),
        ("状態", usage.get_state_display()),
    ]
    if application.copied_from:
        rows.append(("前の申請", f"{application.copied_from} {_previous(application.copied_from)}"))
    if usage.reviewed_at:
        rows += [("審査", f"{_moment(usage.reviewed_at)}　{usage.reviewer}"), ("審査の所見", usage.opinion or "なし")]
    if usage.decided_at:
        rows += [("決定", f"{_moment(usage.decided_at)}　{usage.decided_by}"), ("決定の理由", usage.reason or "なし")]
    if usage.issued_at:
        rows.append(("発行", _moment(usage.issued_at)))
    return rows


def _previous(application: Any) -> str:
    before: UsageApplication | None = getattr(application, "usage", None)
    return f"{before.get_state_display()}：{before.reason}" if before else application.get_state_display()


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
