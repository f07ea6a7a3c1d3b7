"""金融機関 with branches and networks: registered by an approved application, here they are kept up and stopped."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from guarantee_lookup.models import Branch, Institution
from guarantee_lookup.rules import applying
from guarantee_lookup.services import institutions as services
from portal.accounts.adminsite import AuditedAdmin
from portal.accounts.models import User


def actor(request: HttpRequest) -> User:
    return cast(User, request.user)


class NetworksField(forms.CharField):
    """接続元IPアドレス: one network a line, kept as a list."""

    widget = forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        try:
            return applying.read_networks(str(value or ""))
        except applying.Unreadable as error:
            raise ValidationError(str(error)) from error

    def validate(self, value: Any) -> None:
        """Every list that could be read is right, the empty one too."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


class InstitutionForm(forms.ModelForm):
    networks = NetworksField(
        label="接続元IPアドレス", required=False, help_text="1行に1つ、10件まで。例：203.0.113.0/24。空欄は制限なし。"
    )

    class Meta:
        model = Institution
        fields = ("sharing", "contract_on", "networks")


class BranchForm(forms.ModelForm):
    """A branch; the 承継店 is one of the same bank, and not the branch itself."""

    class Meta:
        model = Branch
        fields = ("code", "name", "closes_on", "successor")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (code := values.get("code")) and not (len(code) == 3 and code.isascii() and code.isdecimal()):
            self.add_error("code", "支店コードは3桁の数字で入力してください。")
        if self.instance.pk and values.get("successor") == self.instance:
            self.add_error("successor", "承継店には、ほかの店舗を選んでください。")
        return values


class BranchInline(admin.TabularInline):
    model = Branch
    form = BranchForm
    fk_name = "institution"
    extra = 1
    can_delete = False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "successor":
            match = request.resolver_match
            pk = match.kwargs.get("object_id") if match else None
            options["queryset"] = Branch.objects.filter(institution=pk).order_by("code")
        return super().formfield_for_foreignkey(db_field, request, **options)


@admin.register(Institution)
class InstitutionAdmin(AuditedAdmin):
    list_display = ("code", "organisation", "sharing", "state", "contract_on", "people")
    list_filter = ("state", "sharing")
    search_fields = ("organisation__code", "organisation__name")
    search_help_text = "金融機関コード、名称で探します。"
    list_select_related = ("organisation",)
    form = InstitutionForm
    fields = ("organisation", "state", "sharing", "contract_on", "networks")
    readonly_fields = ("organisation", "state")
    inlines = (BranchInline,)
    actions = ("stop", "resume")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A bank is registered by its approved application."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="金融機関コード", ordering="organisation__code")
    def code(self, institution: Institution) -> str:
        return institution.organisation.code

    def get_queryset(self, request: HttpRequest) -> QuerySet[Institution]:
        active = Count("organisation__users", filter=Q(organisation__users__is_active=True))
        return super().get_queryset(request).annotate(people=active)

    @admin.display(description="有効な利用者", ordering="people")
    def people(self, institution: Any) -> int:
        return int(institution.people)

    @admin.action(description="停止する（すべての利用者が照会できなくなります）", permissions=["change"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Institution]) -> None:
        self._turn(request, queryset, services.stop, "停止しました", "停止できる状態ではありません")

    @admin.action(description="停止を解除する", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Institution]) -> None:
        self._turn(request, queryset, services.resume, "停止を解除しました", "停止していません")

    def _turn(self, request: HttpRequest, queryset: QuerySet[Institution], turn: Any, done: str, not_done: str) -> None:
        for institution in queryset.select_related("organisation"):
            if turn(institution, actor(request)):
                self.message_user(request, f"{institution}：{done}。")
            else:
                self.message_user(request, f"{institution}：{not_done}。", messages.WARNING)
