"""アンケート as answered, and the calls that somebody waits for."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from credit_insurance.admin.base import MasterAdmin, actor
from credit_insurance.models import Questionnaire
from credit_insurance.rules.questionnaire import RESULTS
from credit_insurance.selectors.questionnaires import answers_in_words
from credit_insurance.services import questionnaires
from portal import audit

HANDLERS = ("credit.fed", "credit.uw")


class StandingFilter(admin.SimpleListFilter):
    """Open calls first, since that is what the list is looked at for."""

    title = "連絡"
    parameter_name = "standing"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "対応待ち"), ("done", "対応済み"), ("none", "希望なし")]

    def queryset(self, request: Any, queryset: "QuerySet[Questionnaire]") -> "QuerySet[Questionnaire]":
        if self.value() == "open":
            return queryset.filter(wants_contact=True, handled_at=None)
        if self.value() == "done":
            return queryset.filter(wants_contact=True, handled_at__isnull=False)
        return queryset.filter(wants_contact=False) if self.value() == "none" else queryset


@admin.register(Questionnaire)
class QuestionnaireAdmin(MasterAdmin):
    """Read only but for 対応済みにする; looking is recorded, as people are named."""

    list_display = ("answered_at", "outcome", "company", "person", "phone", "email", "member", "handled_at")
    list_filter = (StandingFilter, "result")
    list_select_related = ("member",)
    search_fields = ("company", "person", "=member__number")
    search_help_text = "会社名、氏名、加入者番号で探します。"
    fields = (
        *("answered_at", "answered_by", "member", "in_words", "outcome", "wants_contact"),
        *("company", "person", "phone", "email", "handled_by", "handled_at"),
    )
    readonly_fields = fields
    actions = ("handle",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_handle_permission(self, request: HttpRequest) -> bool:
        return actor(request).has_role(*HANDLERS)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        audit.record("credit.leads_shown", actor=request.user, detail={"query": request.META["QUERY_STRING"][:200]})
        return super().changelist_view(request, extra_context)

    def changeform_view(self, request: HttpRequest, object_id: Any = None, *args: Any, **more: Any) -> Any:
        audit.record("credit.leads_shown", actor=request.user, target=f"{object_id or ''}"[:200])
        return super().changeform_view(request, object_id, *args, **more)

    @admin.display(description="結果")
    def outcome(self, found: Questionnaire) -> str:
        end = RESULTS.get(found.result)
        return f"{found.result} {end.text}" if end else found.result

    @admin.display(description="回答")
    def in_words(self, found: Questionnaire) -> str:
        return "　".join(f"{question} {answer}" for question, answer in answers_in_words(found))

    @admin.action(description="対応済みにする", permissions=["handle"])
    def handle(self, request: HttpRequest, queryset: "QuerySet[Questionnaire]") -> None:
        done = sum(
            questionnaires.handle(pk, actor(request)) for pk in queryset.order_by("pk").values_list("pk", flat=True)
        )
        if done:
            self.message_user(request, f"{done}件を対応済みにしました。")
        else:
            self.message_user(request, "対応待ちのものはありませんでした。", messages.WARNING)
