"""Tokens for the staff: to be seen and, when one leaked, revoked; never made here, their secrets never shown."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.accounts.adminsite import AuditedAdmin
from portal.accounts.models import User
from portal.api import services
from portal.api.models import Token


@admin.register(Token)
class TokenAdmin(AuditedAdmin):
    list_display = (
        *("prefix", "organisation", "label", "created_by", "created_at"),
        *("expires_on", "last_used_on", "revoked_at"),
    )
    list_filter = ("organisation__portal", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("organisation", "created_by")
    search_fields = ("^prefix", "organisation__name", "=organisation__code")
    ordering = ("-id",)
    fields = readonly_fields = (*list_display, "role")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("api.change_token"))

    @admin.action(description="取り消す（すぐに使えなくなります）", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Token]) -> None:
        actor = cast(User, request.user)
        for token in queryset.select_related("organisation"):
            if services.revoke(token, actor):
                messages.success(request, f"{token}：取り消しました。")
            else:
                messages.warning(request, f"{token}：既に取り消されています。")
