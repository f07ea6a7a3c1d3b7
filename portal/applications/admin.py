"""Applications for the staff: searched by number, party, amount and time, read, never edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from portal.accounts.adminsite import AuditedAdmin
from portal.applications.models import Application


@admin.register(Application)
class ApplicationAdmin(AuditedAdmin):
    """申込み: a list to search; what was agreed stands in the versions."""

    list_display = (
        "number",
        "kind_title",
        "organisation",
        "subject",
        "party",
        "currency",
        "amount",
        "state",
        "submitted_at",
    )
    list_filter = (
        "state",
        "kind",
        ("submitted_at", admin.DateFieldListFilter),
        ("created_at", admin.DateFieldListFilter),
    )
    search_fields = ("number", "party", "reference", "organisation__name", "amount")
    list_select_related = ("organisation",)
    ordering = ("-created_at",)
    exclude = ("data",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
