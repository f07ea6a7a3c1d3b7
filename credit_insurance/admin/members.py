"""加入者: opened by the 団体事務局, which may also answer the 会員確認 in the place of a 組合."""

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from credit_insurance.admin.base import CleanForm, MasterAdmin, actor
from credit_insurance.enums import LegalKind, Membership
from credit_insurance.enums.industry import INDUSTRY_CHOICES
from credit_insurance.forms.debtor import PREFECTURE_CHOICES
from credit_insurance.forms.profile import half_kana
from credit_insurance.models import Member, Union
from credit_insurance.numbers import MEMBER
from credit_insurance.services import members
from portal.accounts.models import Organisation
from portal.common import text
from portal.common.checkdigit import corporate_number_ok
from portal.numbering.series import allocate

COMPANY = (
    *("legal_kind", "name", "name_kana", "payer_kana", "corporate_number", "postal_code", "prefecture", "address"),
    *("rep_title", "rep_name", "contact_dept", "contact_name", "phone", "email", "industry_code", "products"),
    *("annual_sales", "fiscal_month", "employees"),
)
UNION = ("union", "union_since", "union_until", "has_other_cover", "other_cover")
ANSWERED = ("membership", "membership_asked_at", "membership_at", "membership_by")
BLANK = ("", "---------")


class MemberForm(CleanForm):
    """The data of a member; `seen` is the revision that the page was made from."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    prefecture = forms.ChoiceField(label="都道府県", choices=[BLANK, *PREFECTURE_CHOICES], required=False)
    industry_code = forms.ChoiceField(label="業種", choices=[BLANK, *INDUSTRY_CHOICES], required=False)
    cleaners = {
        "name_kana": text.katakana,
        "payer_kana": half_kana,
        "corporate_number": text.corporate_number,
        "postal_code": text.code,
        "phone": text.phone,
        "email": text.mail,
    }

    class Meta:
        model = Member
        fields = ("organisation", *COMPANY, *UNION)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "organisation" in self.fields:
            free = Organisation.objects.filter(portal="credit", member=None, union=None)
            self.fields["organisation"].queryset = free  # type: ignore[attr-defined]
        if "union" in self.fields:
            known = Q(is_active=True) | Q(pk=self.instance.union_id)
            self.fields["union"].queryset = Union.objects.filter(known)  # type: ignore[attr-defined]
        if "seen" in self.fields:
            self.fields["seen"].initial = self.instance.revision

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        number = values.get("corporate_number", "")
        if number and values.get("legal_kind") == LegalKind.SOLE:
            self.add_error("corporate_number", "法人番号は法人だけが入力します。")
        elif number and not corporate_number_ok(number):
            self.add_error("corporate_number", "法人番号の数字の組み合わせが正しくありません。番号を確かめてください。")
        if (code := values.get("postal_code")) and not re.fullmatch("[0-9]{3}-?[0-9]{4}", code):
            self.add_error("postal_code", "7桁の数字で入力してください。")
        month = values.get("fiscal_month")
        if month is not None and not 1 <= month <= 12:
            self.add_error("fiscal_month", "1から12までの数字で入力してください。")
        since, until = values.get("union_since"), values.get("union_until")
        if since and until and until < since:
            self.add_error("union_until", "組合加入日以後の日を入力してください。")
        pk = self.instance.pk
        if pk and not Member.objects.filter(pk=pk, revision=values.get("seen") or 0).exists():
            raise ValidationError("この加入者はほかの方が変更しました。画面を開き直して、内容を確かめてください。")
        return values


@admin.register(Member)
class MemberAdmin(MasterAdmin):
    form = MemberForm
    fieldsets = (
        (None, {"fields": ("organisation", "number", "seen")}),
        ("加入者情報", {"fields": COMPANY}),
        ("所属組合", {"fields": UNION}),
        ("会員確認", {"fields": ANSWERED}),
    )
    list_display = ("number", "name", "corporate_number", "union", "membership", "membership_asked_at")
    list_filter = ("membership", ("membership_asked_at", admin.EmptyFieldListFilter))
    list_select_related = ("union",)
    search_fields = ("=number", "=corporate_number", "name", "name_kana", "=union__code")
    search_help_text = "加入者番号、法人番号、名称、カナ、組合コードで探します。"
    actions = ("confirm", "deny")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only reads has no form, and so no field of its own in it."""
        sets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return sets
        return [
            (title, {**more, "fields": [name for name in more["fields"] if name != "seen"]}) for title, more in sets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("number", *ANSWERED, *(("organisation",) if obj else ()))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.number = allocate(MEMBER)
            super().save_model(request, obj, form, change)
            return
        read = Member.objects.select_related("organisation").get(pk=obj.pk)
        names = [name for name in form.changed_data if name != "seen"]
        values = {f"{name}_id" if name == "union" else name: getattr(obj, f"{name}_id" if name == "union" else name)
                  for name in names}  # fmt: skip
        try:
            members.change_profile(read, values, actor(request), form.cleaned_data["seen"])
        except members.StaleProfile:
            self.message_user(request, "ほかの方が同時に変更したため、保存しませんでした。", messages.ERROR)

    @admin.action(description="会員である（会員確認を「会員」にする）", permissions=["change"])
    def confirm(self, request: HttpRequest, queryset: "QuerySet[Member]") -> None:
        self._answer(request, queryset, is_member=True)

    @admin.action(description="会員ではない（会員だった事業者は会員資格喪失）", permissions=["change"])
    def deny(self, request: HttpRequest, queryset: "QuerySet[Member]") -> None:
        self._answer(request, queryset, is_member=False)

    def _answer(self, request: HttpRequest, queryset: "QuerySet[Member]", *, is_member: bool) -> None:
        for member in queryset.select_related("organisation").order_by("number"):
            if member.union_id is None:
                self.message_user(request, f"{member}：所属組合が登録されていません。", messages.WARNING)
                continue
            everybody = Member.objects.all()
            kept = members.answer_membership(everybody, member, actor(request), member.revision, is_member=is_member)
            words = (
                f"会員確認を「{kept.label}」にしました"
                if kept
                else f"変わりません（{Membership(member.membership).label}）"
            )
            self.message_user(request, f"{member}：{words}。", messages.SUCCESS if kept else messages.WARNING)
