"""The people of the banks, their consents and the locks of their look-ups: read here, changed by services only."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from guarantee_lookup.admin.institutions import actor
from guarantee_lookup.enums import StopReason
from guarantee_lookup.models import Clerk, LookupLock, TermsAcceptance
from guarantee_lookup.services import locks, people
from portal.accounts.adminsite import AuditedAdmin
from portal.accounts.models import User


class ReadOnly(AuditedAdmin):
    """Nothing is typed in here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(field.name for field in self.opts.fields)


@admin.register(Clerk)
class ClerkAdmin(ReadOnly):
    list_display = ("login", "user", "bank", "branch", "state_words", "last_login", "confirmed_on")
    list_filter = ("user__is_active", "stop_reason")
    list_select_related = ("user__organisation", "branch")
    search_fields = ("user__login", "user__name", "user__organisation__code", "user__organisation__name")
    search_help_text = "利用者ID、氏名、金融機関コード、名称で探します。"
    ordering = ("user__login",)
    actions = ("confirm", "stop", "resume", "send_first_password")

    @admin.display(description="利用者ID", ordering="user__login")
    def login(self, clerk: Clerk) -> str:
        return clerk.user.login

    @admin.display(description="金融機関", ordering="user__organisation__code")
    def bank(self, clerk: Clerk) -> str:
        return str(clerk.user.organisation)

    @admin.display(description="状態")
    def state_words(self, clerk: Clerk) -> str:
        return clerk.state

    @admin.display(description="最終ログイン", ordering="user__last_login")
    def last_login(self, clerk: Clerk) -> Any:
        return clerk.user.last_login

    @admin.action(description="利用を継続する（利用者の確認）", permissions=["change"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[Clerk]) -> None:
        self._each(request, queryset, lambda by, clerk: people.confirm(by, clerk), "継続としました")

    @admin.action(description="停止する", permissions=["change"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Clerk]) -> None:
        self._each(request, queryset, lambda by, clerk: people.stop(by, clerk, StopReason.OFFICE), "停止しました")

    @admin.action(description="停止を解除する", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Clerk]) -> None:
        self._each(request, queryset, people.resume, "停止を解除しました")

    @admin.action(description="仮パスワードをメールで送る", permissions=["change"])
    def send_first_password(self, request: HttpRequest, queryset: QuerySet[Clerk]) -> None:
        self._each(request, queryset, people.send_first_password, "仮パスワードをメールで送ります（72時間有効）")

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Clerk], do: Callable[[User, Clerk], Any], done: str
    ) -> None:
        for clerk in queryset.select_related("user__organisation", "branch"):
            try:
                changed = do(actor(request), clerk) is not False
            except people.NotPossible as refusal:
                self.message_user(request, f"{clerk}：{refusal}", messages.ERROR)
            else:
                self.message_user(request, f"{clerk}：{done if changed else '変わりはありません'}。")


@admin.register(LookupLock)
class LookupLockAdmin(ReadOnly):
    list_display = ("user", "bank", "reason", "since", "until", "lifted_at", "lifted_by")
    list_filter = ("reason", ("lifted_at", admin.EmptyFieldListFilter))
    list_select_related = ("user__organisation", "lifted_by")
    search_fields = ("user__login", "user__name", "user__organisation__code")
    search_help_text = "利用者ID、氏名、金融機関コードで探します。"
    actions = ("lift",)

    @admin.display(description="金融機関")
    def bank(self, lock: LookupLock) -> str:
        return str(lock.user.organisation or "信用保証協会")

    @admin.action(description="この利用者の照会の停止を解除する", permissions=["change"])
    def lift(self, request: HttpRequest, queryset: QuerySet[LookupLock]) -> None:
        for user in User.objects.filter(pk__in=queryset.values("user")).select_related("organisation").order_by("pk"):
            try:
                lifted, _ = locks.lift(actor(request), user)
            except people.Himself:
                self.message_user(request, "ご自身の停止は、別の担当者に解除を依頼してください。", messages.ERROR)
            else:
                self.message_user(request, f"{user}：照会の停止を{lifted}件解除しました。")


@admin.register(TermsAcceptance)
class TermsAcceptanceAdmin(ReadOnly):
    list_display = ("user", "version", "at")
    list_filter = ("version",)
    list_select_related = ("user",)
    search_fields = ("user__login", "user__name", "user__organisation__code")
