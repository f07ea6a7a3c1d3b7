"""The log for the auditors: to be searched and read, never changed; whoever reads it is in it."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.audit import verbs
from portal.audit.log import record
from portal.audit.models import Event

VIEWED = verbs.register("audit.viewed", "監査ログの閲覧")


class VerbFilter(admin.SimpleListFilter):
    """One of the verbs that the switched-on portals register."""

    title = "操作"
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return verbs.choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(verb=self.value()) if self.value() else queryset


class PeriodFilter(admin.ListFilter):
    """From a day to a day, both included, in Japanese time."""

    title = "期間"
    template = "audit/period_filter.html"
    names = ("from", "to")

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.names:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.names)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        if first := self._day("from"):
            queryset = queryset.filter(at__gte=_midnight(first))
        if last := self._day("to"):
            queryset = queryset.filter(at__lt=_midnight(last + timedelta(days=1)))
        return queryset

    def choices(self, changelist: Any) -> Any:
        """Yield what the template needs: both days, and the other parameters, which the form must keep."""
        others = [
            (name, value)
            for name, values in self.request.GET.lists()
            for value in values
            if name not in (*self.names, "p")
        ]
        first, last = (self.used_parameters.get(name, "") for name in self.names)
        yield {"first": first, "last": last, "others": others}

    def _day(self, name: str) -> date | None:
        text = self.used_parameters.get(name)
        try:
            return date.fromisoformat(str(text)) if text else None
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    list_display = ("at", "verb_text", "actor_login", "organisation_code", "target", "outcome", "client", "seq")
    list_filter = (PeriodFilter, VerbFilter, "outcome")
    search_fields = ("=actor_login", "=organisation_code", "^target", "=request_id")
    search_help_text = "ユーザーID、組織コード、リクエストIDは完全一致、対象は前方一致で探します。"
    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False
    fields = readonly_fields = (
        *("at", "verb_text", "verb", "actor", "actor_login", "organisation_code", "target", "outcome", "detail"),
        *("request_id", "client", "seq", "mac", "previous", "hash"),
    )

    @admin.display(description="操作")
    def verb_text(self, event: Event) -> str:
        return event.verb_label

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if self.has_view_permission(request):
            search = {name: request.GET[name] for name in sorted(request.GET)}
            record(VIEWED, actor=request.user, target="一覧", detail=search)
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_view_permission(request):
            record(VIEWED, actor=request.user, target=object_id)
        return super().change_view(request, object_id, form_url, extra_context)
