"""承認待ち: what one member of the staff proposed and another decides, with the effect in words."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from nexi_quota import imports, selectors, services
from nexi_quota.admin.base import VIEWED, RecordAdmin, actor, yen
from nexi_quota.admin.importing import KINDS
from nexi_quota.admin.lists import IndexedSearch, days
from nexi_quota.admin.quotas import limit_facts
from nexi_quota.enums import ProposalState, Rating
from nexi_quota.models import FileProposal, LimitProposal, Proposal, Quota
from portal import audit
from portal.common.eras import seireki
from portal.common.money import spoken

MOST_WAITING = 100
DONE = {"approve": "承認しました", "refuse": "却下しました", "withdraw": "取り下げました"}


class DecisionForm(forms.Form):
    """What was decided, and why."""

    decision = forms.ChoiceField(choices=[(event, event) for event in DONE])
    note = forms.CharField(
        label="決定の理由",
        max_length=200,
        required=False,
        help_text="却下するときは必ず入力してください（200文字以内）。",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") == "refuse" and not values.get("note"):
            self.add_error("note", "却下する理由を入力してください。申請した人がこのページで読みます。")
        return values


class ProposalAdmin(IndexedSearch, RecordAdmin):
    """A proposal: read by all staff, decided by another person than the maker."""

    ordering = ("-pk",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("proposed_by", "decided_by")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the facts with the effect, and take the decision."""
        proposal = self.get_object(request, object_id)
        if not self.has_view_permission(request, proposal):
            raise PermissionDenied
        if proposal is None:
            raise Http404
        if request.method == "POST":
            return self._decided(request, proposal)
        audit.record(VIEWED, actor=actor(request), target=f"{self.opts.label_lower}:{object_id}")
        return self._show(request, proposal, DecisionForm())

    def may_decide(self, request: HttpRequest, proposal: Any) -> bool:
        return request.user.has_perm(f"nexi_quota.change_{self.opts.model_name}")

    def _decided(self, request: HttpRequest, proposal: Any) -> HttpResponse:
        if not self.may_decide(request, proposal):
            raise PermissionDenied
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self._show(request, proposal, form, status=422)
        event = form.cleaned_data["decision"]
        try:
            self.carry_out(proposal, event, request, form.cleaned_data["note"])
        except services.WrongPerson:
            audit.record("nexi.decision_denied", actor=actor(request), target=str(proposal), outcome="denied")
            return self._show(request, self._again(request, proposal), form, status=403)
        except services.AlreadyDecided:
            return self._show(request, self._again(request, proposal), form, status=409)
        except imports.Refused as refused:
            return self._show(request, self._again(request, proposal), form, status=409, report=refused.report)
        messages.success(request, f"{proposal}：{DONE[event]}。")
        return HttpResponseRedirect(reverse("admin:nexi_quota_waiting"))

    def _again(self, request: HttpRequest, proposal: Proposal) -> Any:
        """Return the proposal as the table has it: what was tried is rolled back."""
        return self.get_queryset(request).get(pk=proposal.pk)

    def carry_out(self, proposal: Any, event: str, request: HttpRequest, note: str) -> None:
        raise NotImplementedError

    def facts(self, proposal: Any) -> list[tuple[str, str]]:
        raise NotImplementedError

    def effects(self, proposal: Any) -> list[str]:
        return []

    def _show(
        self, request: HttpRequest, proposal: Any, form: DecisionForm, *, status: int = 200, **more: Any
    ) -> HttpResponse:
        is_own = proposal.proposed_by_id == actor(request).pk
        context = {
            **self.admin_site.each_context(request),
            "title": str(self.opts.verbose_name),
            "subtitle": str(proposal),
            "opts": self.opts,
            "proposal": proposal,
            "facts": [*self.facts(proposal), *_course(proposal)],
            "effects": self.effects(proposal) if proposal.is_open else [],
            "report": None,
            "form": form,
            "is_own": is_own,
            "may_decide": proposal.is_open and self.may_decide(request, proposal),
            "conflict": status == 409,
            **more,
        }
        return render(request, "admin/nexi_quota/proposal.html", context, status=status)


def _course(proposal: Proposal) -> list[tuple[str, str]]:
    """Return who did what when."""
    rows = [
        ("変更の理由", proposal.reason),
        ("申請", f"{_moment(proposal.proposed_at)}　{proposal.proposed_by}"),
        ("状態", proposal.get_state_display()),
    ]
    if proposal.decided_at:
        rows.append(("決定", f"{_moment(proposal.decided_at)}　{proposal.decided_by or proposal.proposed_by}"))
    return [*rows, ("決定の理由", proposal.note)] if proposal.note else rows


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


@admin.register(LimitProposal)
class LimitProposalAdmin(ProposalAdmin):
    list_display = ("proposed_at", "buyer", "before", "after", "effective_from", "proposed_by", "state", "decided_by")
    list_filter = ("state", days("proposed_at", "申請日", is_moment=True), days("effective_from", "適用日"))
    search_fields = ("buyer__code__startswith", "buyer__name__icontains", "proposed_by__login__exact")
    search_help_text = "海外商社コード（前方一致）、名称、申請者のユーザーID、申請の金額で探します。"
    amount_fields = ("limit_jpy",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LimitProposal]:
        return super().get_queryset(request).select_related("buyer")

    @admin.display(description="申請時")
    def before(self, proposal: LimitProposal) -> str:
        return yen(proposal.limit_now_jpy) or "未設定"

    @admin.display(description="申請の額")
    def after(self, proposal: LimitProposal) -> str:
        return yen(proposal.limit_jpy)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.waiting)
        return [path("waiting/", page, name="nexi_quota_waiting"), *super().get_urls()]

    def carry_out(self, proposal: LimitProposal, event: str, request: HttpRequest, note: str) -> None:
        if event == "approve":
            services.approve_limit(proposal, actor(request), note)
        else:
            services.decide(proposal, event, actor(request), note)

    def facts(self, proposal: LimitProposal) -> list[tuple[str, str]]:
        rating = selectors.rating_of(proposal.buyer_id, timezone.localdate())
        return [
            *limit_facts(proposal.buyer),
            ("格付", f"{rating} {Rating(rating).label}" if rating else "なし"),
            ("申請時の個別保証枠", yen(proposal.limit_now_jpy) or "未設定"),
            ("申請の個別保証枠", f"{yen(proposal.limit_jpy)}（{spoken(proposal.limit_jpy)}）"),
            ("適用日", seireki(proposal.effective_from)),
        ]

    def effects(self, proposal: LimitProposal) -> list[str]:
        quota = Quota.objects.filter(buyer=proposal.buyer_id).first()
        held, now = (quota.held_jpy, quota.limit_jpy) if quota else (0, None)
        today = timezone.localdate()
        free = proposal.limit_jpy - held
        said = [f"変更後の残高は{yen(free)}です（いまの使用中{yen(held)}で計算）。"]
        if free < 0:
            said.append(
                "申請の額は使用中の額より小さい額です。いまある確認と保険契約はそのまま残り、"
                "使用中の額が枠より小さくなるまで、新しい確認はできません。"
            )
        if now != proposal.limit_now_jpy:
            said.append(
                f"申請の後に個別保証枠が変わっています（申請時{yen(proposal.limit_now_jpy) or '未設定'}、"
                f"現在{yen(now) or '未設定'}）。"
            )
        if proposal.effective_from > today:
            said.append(f"承認すると、{seireki(proposal.effective_from)}の日次処理で適用します。")
        else:
            said.append("承認すると、すぐに適用します。")
        said += [
            f"承認済みの変更（{seireki(earlier.effective_from)}から{yen(earlier.limit_jpy)}）は、"
            "この変更を承認すると取り消されます。"
            for earlier in selectors.replaced_by(proposal)
        ]
        return said

    def waiting(self, request: HttpRequest) -> HttpResponse:
        """承認待ち: every open proposal of both kinds, oldest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        audit.record(VIEWED, actor=actor(request), target="承認待ち")
        context = {
            **self.admin_site.each_context(request),
            "title": "承認待ち",
            "subtitle": None,
            "opts": self.opts,
            "limits": _aged(_open_limits(), actor(request).pk),
            "files": _aged(_open_files(), actor(request).pk),
            "most": MOST_WAITING,
        }
        return render(request, "admin/nexi_quota/waiting.html", context)


def _open_limits() -> QuerySet[LimitProposal]:
    rows = LimitProposal.objects.filter(state=ProposalState.OPEN).select_related("buyer", "proposed_by")
    rows = rows.annotate(now_jpy=F("buyer__quota__limit_jpy"), held_jpy=F("buyer__quota__held_jpy"))
    return rows.order_by("proposed_at", "pk")


def _open_files() -> QuerySet[FileProposal]:
    rows = FileProposal.objects.filter(state=ProposalState.OPEN).select_related("proposed_by").defer("content")
    return rows.order_by("proposed_at", "pk")


def _aged(rows: QuerySet[Any], user_id: int) -> list[dict[str, Any]]:
    """Return the oldest proposals with their age in days and what would be free; yen."""
    today = timezone.localdate()
    return [
        {
            "proposal": row,
            "url": reverse(f"admin:nexi_quota_{row._meta.model_name}_change", args=[row.pk]),
            "age": (today - timezone.localdate(row.proposed_at)).days,
            "is_own": row.proposed_by_id == user_id,
            **({} if isinstance(row, FileProposal) else _amounts(row)),
        }
        for row in rows[:MOST_WAITING]
    ]


def _amounts(row: Any) -> dict[str, str]:
    held = row.held_jpy or 0
    return {
        "now": yen(row.now_jpy) or "未設定",
        "held": yen(held),
        "free": yen((row.now_jpy or 0) - held),
        "wanted": yen(row.limit_jpy),
        "left": yen(row.limit_jpy - held),
    }


@admin.register(FileProposal)
class FileProposalAdmin(ProposalAdmin):
    list_display = ("proposed_at", "title", "file", "rows", "limits", "proposed_by", "state", "decided_by")
    list_filter = ("state", "kind", days("proposed_at", "申請日", is_moment=True))
    search_fields = ("file__icontains", "sha256__exact", "proposed_by__login__exact")
    search_help_text = "ファイルの名前、SHA-256、申請者のユーザーIDで探します。"

    def get_queryset(self, request: HttpRequest) -> QuerySet[FileProposal]:
        return super().get_queryset(request).defer("content")

    def may_decide(self, request: HttpRequest, proposal: FileProposal) -> bool:
        return super().may_decide(request, proposal) and actor(request).has_perms(KINDS[proposal.kind].permissions)

    def carry_out(self, proposal: FileProposal, event: str, request: HttpRequest, note: str) -> None:
        if event == "approve":
            imports.approve_file(proposal, actor(request), note, timezone.localdate())
        else:
            services.decide(proposal, event, actor(request), note)

    def facts(self, proposal: FileProposal) -> list[tuple[str, str]]:
        return [
            ("種類", proposal.title),
            ("ファイル", proposal.file),
            ("SHA-256", proposal.sha256),
            ("行数", f"{proposal.rows:,}"),
            ("個別保証枠が変わる行（申請時）", f"{proposal.limits:,}"),
        ]

    def _show(
        self, request: HttpRequest, proposal: Any, form: DecisionForm, *, status: int = 200, **more: Any
    ) -> HttpResponse:
        if proposal.is_open and "report" not in more:
            more["report"] = imports.check_file(proposal, timezone.localdate())
        return super()._show(request, proposal, form, status=status, **more)
