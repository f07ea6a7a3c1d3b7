"""認証キー for the surety company: which are stopped, and 停止解除 with a reason; no key is ever shown here."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from esurety.admin.base import MasterAdmin
from esurety.enums import KeyState
from esurety.models import AuthKey
from esurety.rules.numbers import plain
from esurety.services.registering import unlock
from portal.accounts.models import User


class UnlockForm(forms.ModelForm):
    """Why the stop and the pauses of a key are lifted."""

    reason = forms.CharField(
        label="解除の理由",
        max_length=500,
        help_text="発注者にどのように確かめたかを入力します。保存すると、認証キーの停止と入力の一時停止を解除します。",
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )

    class Meta:
        model = AuthKey
        fields = ()


@admin.register(AuthKey)
class AuthKeyAdmin(MasterAdmin):
    list_display = ("number", "target", "body", "generation", "state", "made_at")
    list_filter = ("state",)
    list_select_related = ("certificate__guarantee__body",)
    search_fields = ("=certificate__guarantee__number",)
    search_help_text = "保証契約番号で探します。"
    ordering = ("-made_at", "-pk")
    form = UnlockForm
    fields = ("number", "target", "body", "generation", "state", "made_at", "ended_at", "reason")
    readonly_fields = ("number", "target", "body", "generation", "state", "made_at", "ended_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A key is made with its version."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.state != KeyState.VOID)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        return fields if self.has_change_permission(request, obj) else fields[:-1]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuthKey], search_term: str
    ) -> tuple[QuerySet[AuthKey], bool]:
        return super().get_search_results(request, queryset, plain(search_term))

    @admin.display(description="保証契約番号")
    def number(self, key: AuthKey) -> str:
        return str(key.certificate.guarantee)

    @admin.display(description="対象")
    def target(self, key: AuthKey) -> str:
        return key.certificate.target

    @admin.display(description="発注者")
    def body(self, key: AuthKey) -> str:
        return str(key.certificate.guarantee.body)

    def save_model(self, request: HttpRequest, obj: AuthKey, form: Any, change: bool) -> None:
        if not unlock(obj, cast(User, request.user), form.cleaned_data["reason"]):
            messages.error(request, "この認証キーは無効になっているため、停止を解除できません。")
