"""取込管理 (S14): the deliveries with what their import found, and who lets a held one serve or goes back."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from guarantee_lookup.admin.institutions import actor
from guarantee_lookup.admin.people import ReadOnly
from guarantee_lookup.enums import SnapshotState
from guarantee_lookup.models import Snapshot
from guarantee_lookup.selectors.snapshots import previous
from guarantee_lookup.services import snapshots
from portal import audit

DONE = {
    "approve": "承認し、切り替えました",
    "refuse": "却下しました",
    "back": "前版へ戻しました",
}
LATE = "ほかの担当者が先に処理したか、より新しいデータに切り替わっています。状態を確かめてください。"
OWN = "ご自身が取り込んだデータは、承認も却下もできません。別の担当者に決定を依頼してください。"
TOTALS = {
    "customers": "顧客数",
    "guarantees": "保証件数",
    "settlements": "決算件数",
    "quarantined": "隔離した顧客数",
    "counted": "利用残高の合計（円）",
}
QUALITY = {
    "I08": "空き枠が基幹システムと異なる顧客",
    "I09": "保証決定から60日を過ぎても実行の報告がない保証",
    "I10": "枠の上限を超えている顧客",
}


class DecisionForm(forms.Form):
    """What was decided, and why."""

    decision = forms.ChoiceField(choices=[(event, event) for event in DONE])
    note = forms.CharField(
        label="決定の理由",
        max_length=200,
        required=False,
        help_text="却下するときと前版へ戻すときは、必ず入力してください（200文字以内）。",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") in {"refuse", "back"} and not values.get("note"):
            self.add_error("note", "理由を入力してください。監査ログに残ります。")
        return values


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnly):
    list_display = (
        "name",
        "state",
        "received_at",
        "customers",
        "guarantees",
        "quarantined",
        "switched_at",
        "decided_by",
    )
    list_filter = ("state",)
    list_select_related = ("decided_by",)
    actions = None

    @admin.display(description="世代", ordering="as_of")
    def name(self, snapshot: Snapshot) -> str:
        return snapshot.name

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what the import found, and take the decision."""
        snapshot = self._found(request, object_id)
        if request.method == "POST":
            return self._decided(request, snapshot)
        audit.record("lookup.import_viewed", actor=actor(request), target=snapshot.name)
        return self._show(request, snapshot, DecisionForm())

    def _found(self, request: HttpRequest, pk: Any) -> Snapshot:
        snapshot = self.get_object(request, str(pk))
        if not self.has_view_permission(request, snapshot):
            raise PermissionDenied
        if snapshot is None:
            raise Http404
        return snapshot

    def _decided(self, request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
        if not self.has_change_permission(request, snapshot):
            raise PermissionDenied
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self._show(request, snapshot, form, status=422)
        event, note = form.cleaned_data["decision"], form.cleaned_data["note"]
        name = snapshot.name
        try:
            if event == "approve":
                snapshots.approve(snapshot, actor(request), note)
            elif event == "refuse":
                snapshots.refuse(snapshot, actor(request), note)
            else:
                name = snapshots.roll_back(snapshot, actor(request), note).name
        except snapshots.WrongPerson:
            return self._show(request, self._found(request, snapshot.pk), form, status=403, notice=OWN)
        except snapshots.AlreadyDecided:
            return self._show(request, self._found(request, snapshot.pk), form, status=409, notice=LATE)
        messages.success(request, f"{name}：{DONE[event]}。")
        return HttpResponseRedirect(reverse("admin:guarantee_lookup_snapshot_changelist"))

    def _show(
        self, request: HttpRequest, snapshot: Snapshot, form: DecisionForm, *, status: int = 200, notice: str = ""
    ) -> HttpResponse:
        report = snapshot.report
        may_act = self.has_change_permission(request, snapshot)
        is_held = snapshot.state == SnapshotState.HELD
        is_own = is_held and snapshot.received_by_id == actor(request).pk
        older = previous() if snapshot.state == SnapshotState.CURRENT else None
        context = {
            **self.admin_site.each_context(request),
            "title": "取込管理",
            "subtitle": snapshot.name,
            "opts": self.opts,
            "snapshot": snapshot,
            "facts": _course(snapshot),
            "held_for": report.get("held_for", []),
            "totals": _compared(report),
            "errors": report.get("errors"),
            "quality": [(title, report.get("quality", {}).get(code)) for code, title in QUALITY.items()],
            "form": form,
            "notice": notice or (OWN if may_act and is_own else ""),
            "may_decide": may_act and is_held and not is_own,
            "older": older if may_act else None,
        }
        return render(request, "admin/guarantee_lookup/snapshot.html", context, status=status)


def _course(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return what came when, and who decided."""
    rows = [
        ("世代", snapshot.name),
        ("状態", snapshot.get_state_display()),
        ("取込", f"{_moment(snapshot.received_at)}　{snapshot.received_by or '管理コマンド'}"),
    ]
    if snapshot.switched_at:
        rows.append(("切替", _moment(snapshot.switched_at)))
    if snapshot.decided_by:
        rows.append(("決定", str(snapshot.decided_by)))
    if snapshot.state in {SnapshotState.HELD, SnapshotState.REJECTED} and (said := snapshot.report.get("message")):
        rows.append(("結果", said))
    if note := snapshot.report.get("note"):
        rows.append(("決定の理由", note))
    files = [f"{stated['file']}（{stated['rows']:,}件）" for stated in snapshot.files.values()]
    return [*rows, ("ファイル", "、".join(files))]


def _compared(report: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return the figures of a delivery beside those of the one that served then."""
    now, before = report.get("totals", {}), report.get("previous", {})
    return [
        (
            title,
            f"{now[name]:,}",
            f"{before[name]:,}" if before else "—",
            f"{now[name] - before[name]:+,}" if before else "—",
        )
        for name, title in TOTALS.items()
        if name in now
    ]


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
