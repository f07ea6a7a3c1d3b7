"""The outbox for the staff: to be read, and what is parked to be sent again."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.outbox.models import Message, State
from portal.outbox.relay import resend


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    list_display = ("created_at", "topic", "key", "state", "tries", "run_after", "last_error")
    list_filter = ("state", "topic")
    search_fields = ("=key",)
    ordering = ("-id",)
    show_full_result_count = False
    # The payload holds texts for customers: the operator needs the error, not the letter.
    fields = readonly_fields = (*list_display, "lease_until", "done_at")
    actions = ("send_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("outbox.change_message"))

    @admin.action(description="もう一度送る", permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        sent = sum(resend(message, request.user) for message in queryset.filter(state=State.PARKED))
        if sent:
            messages.success(request, f"{sent}件をもう一度送ります。数秒後に一覧を更新して、結果を確かめてください。")
        else:
            messages.warning(request, "停止中のものが選ばれていません。状態が「停止中」のものを選んでください。")
