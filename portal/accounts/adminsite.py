"""The admin without an entrance of its own, and with every change in the audit log."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest as DjangoRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from portal import audit
from portal.accounts import access
from portal.accounts.models import User
from portal.common.http import HttpRequest
from portal.ui.access import STAFF


class StaffSite(admin.AdminSite):
    """Login, logout and password are those of the portal: the limits and the second factor cannot be gone around."""

    site_header = site_title = "管理・事務局"
    index_title = "業務の選択"
    site_url = "/"

    def has_permission(self, request: DjangoRequest) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_staff and user.password_expires_at is None

    def login(self, request: DjangoRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django sends everybody here who has no permission; who is logged in learns that he is no staff."""
        request = cast(HttpRequest, request)
        user = access.user_of(request)
        if user is None:
            target = request.GET.get("next", "")
            return HttpResponseRedirect(access.login_url(target if target.startswith("/") else reverse("admin:index")))
        if not user.is_staff:
            access.deny(request, STAFF)
        return HttpResponseRedirect(reverse("account:password" if user.password_expires_at else "admin:index"))

    def logout(  # type: ignore[override]
        self, request: DjangoRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        from portal.accounts.views import logout

        return cast(HttpResponse, logout(request))

    def password_change(  # type: ignore[override]
        self, request: DjangoRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("account:password"))


class AuditedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django itself knows no parameters here
    """Base of every admin page of the project: changes are recorded, nothing is deleted in bulk."""

    def get_actions(self, request: DjangoRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def log_addition(self, request: DjangoRequest, obj: Model, message: Any) -> Any:
        self._record("admin.added", request, obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: DjangoRequest, obj: Model, message: Any) -> Any:
        self._record("admin.changed", request, obj, message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: DjangoRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._record("admin.deleted", request, obj, None)
        return super().log_deletions(request, queryset)

    def _record(self, verb: str, request: DjangoRequest, obj: Model, message: Any) -> None:
        target = f"{obj._meta.label_lower}:{obj.pk}"
        audit.record(verb, actor=request.user, target=target, detail={"object": str(obj), "changes": message or []})
