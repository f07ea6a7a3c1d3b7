"""Staff pages for organisations, users and their rights; nobody sets another's password or his own rights."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from portal.accounts import roles, services
from portal.accounts.adminsite import AuditedAdmin
from portal.accounts.models import Grant, Organisation, User

if admin.site.is_registered(Group):
    admin.site.unregister(Group)


class NothingDeleted(AuditedAdmin):
    """Accounts are switched off and rights end; the log keeps pointing at something."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Organisation)
class OrganisationAdmin(NothingDeleted):
    list_display = ("code", "name", "portal", "is_active", "four_eyes", "strict_sessions")
    list_filter = ("portal", "is_active")
    search_fields = ("code", "name")
    fieldsets = (
        (None, {"fields": ("portal", "code", "name", "name_en", "address", "phone")}),
        ("利用の条件", {"fields": ("is_active", "four_eyes", "strict_sessions")}),
    )


class GrantInline(admin.TabularInline):
    """For reading; rights are given and ended on their own page."""

    model = Grant
    fk_name = "user"
    fields = readonly_fields = ("role_label", "starts_on", "ends_on", "granted_by")
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="権限")
    def role_label(self, grant: Grant) -> str:
        return label_of(grant.role)


@admin.register(User)
class UserAdmin(NothingDeleted):
    list_display = ("login", "name", "organisation", "is_staff", "is_active", "last_login")
    list_filter = ("is_active", "is_staff", "organisation__portal")
    list_select_related = ("organisation",)
    search_fields = ("login", "name", "kana", "organisation__name", "organisation__code")
    autocomplete_fields = ("organisation",)
    readonly_fields = ("last_login", "date_joined", "password_expires_at")
    fieldsets = (
        (None, {"fields": ("login", "name", "kana", "organisation", "is_active", "is_staff")}),
        ("連絡先", {"fields": ("department", "post", "phone", "fax", "email")}),
        ("記録", {"fields": ("last_login", "date_joined", "password_expires_at")}),
    )
    inlines = (GrantInline,)
    actions = ("send_first_password", "remove_second_factor", "end_sessions")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """The ログイン名 never changes, and nobody makes himself staff or somebody else's colleague."""
        own = ("organisation", "is_active", "is_staff") if obj is not None and obj.pk == request.user.pk else ()
        return (*self.readonly_fields, *(("login",) if obj is not None else ()), *own)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    @admin.action(description="仮パスワードをメールで送る", permissions=["change"])
    def send_first_password(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset.select_related("organisation"):
            if not user.email:
                self.message_user(request, f"{user.name}：メールが登録されていません。", messages.ERROR)
            elif user.pk == request.user.pk:
                self.message_user(request, "ご自分のパスワードは「パスワードの変更」で変えてください。", messages.ERROR)
            else:
                services.send_first_password(actor(request), user)
                self.message_user(request, f"{user.name}：仮パスワードをメールで送ります。有効期間は72時間です。")

    @admin.action(description="追加認証を解除する（本人確認のあとで）", permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset.select_related("organisation").exclude(pk=actor(request).pk):
            services.remove_second_factor(actor(request), user)
            self.message_user(request, f"{user.name}：追加認証を解除しました。次のログインで登録し直します。")

    @admin.action(description="ログイン中の端末をすべてログアウトする", permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset.select_related("organisation"):
            services.end_sessions(actor(request), user)
            self.message_user(request, f"{user.name}：ログアウトしました。")


class GrantForm(forms.ModelForm):
    """A right from the registry, always with a last day."""

    role = forms.ChoiceField(label="権限", choices=lambda: [("", "選択してください"), *role_choices()])
    starts_on = forms.DateField(label="開始日", initial=timezone.localdate)
    ends_on = forms.DateField(label="終了日", initial=lambda: timezone.localdate() + timedelta(days=365))

    class Meta:
        model = Grant
        fields = ("user", "role", "starts_on", "ends_on")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        starts_on = values.get("starts_on", self.instance.starts_on)
        ends_on = values.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", "終了日は開始日以後の日にしてください。")
        return values


@admin.register(Grant)
class GrantAdmin(NothingDeleted):
    list_display = ("user", "role_label", "starts_on", "ends_on", "granted_by")
    list_filter = ("role", "ends_on")
    list_select_related = ("user", "granted_by")
    search_fields = ("user__login", "user__name", "role")
    autocomplete_fields = ("user",)
    form = GrantForm
    readonly_fields = ("granted_by", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Grant | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, *(("user", "role", "starts_on") if obj is not None else ()))

    def has_change_permission(self, request: HttpRequest, obj: Grant | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.user_id != request.user.pk)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """The choice leaves the person out who is choosing."""
        if db_field.name == "user":
            options["queryset"] = User.objects.exclude(pk=actor(request).pk)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        if change:
            services.end_grant(actor(request), obj, form.cleaned_data["ends_on"])
        else:
            given = services.grant(actor(request), obj.user, obj.role, obj.starts_on, obj.ends_on)
            obj.__dict__.update(given.__dict__)

    @admin.display(description="権限", ordering="role")
    def role_label(self, grant: Grant) -> str:
        return label_of(grant.role)


def actor(request: HttpRequest) -> User:
    return cast(User, request.user)


def role_choices() -> list[tuple[str, str]]:
    return [(role.code, f"{role.label}（{role.portal}）") for role in roles.every()]


def label_of(code: str) -> str:
    """The label of a role; the code itself when its portal is switched off."""
    return next((role.label for role in roles.every() if role.code == code), code)
