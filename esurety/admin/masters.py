"""保証会社, 取扱箇所, 受注者, 預託金融機関."""

import re
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from esurety.admin.base import CleanForm, MasterAdmin, yen
from esurety.models import BankBranch, Contractor, Office, Surety
from portal.accounts.models import Organisation
from portal.common import text


class SuretyForm(CleanForm):
    cleaners = dict.fromkeys(("name", "address", "president_title", "president", "account"), text.plain)

    class Meta:
        model = Surety
        fields = ("name", "address", "president_title", "president", "account")


@admin.register(Surety)
class SuretyAdmin(MasterAdmin):
    """One row: what certificates of tomorrow say; issued ones keep what they say."""

    form = SuretyForm
    list_display = ("name", "address", "president_title", "president")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Surety.objects.exists()


class OfficeForm(CleanForm):
    cleaners = {"code": text.digits, "name": text.plain, "phone": text.phone, "fax": text.phone}

    class Meta:
        model = Office
        fields = ("code", "name", "phone", "fax", "email", "hours")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "code" in values and not re.fullmatch("[0-9]{2}", values["code"]):
            self.add_error("code", "2桁の数字で入力してください。")
        return values


@admin.register(Office)
class OfficeAdmin(MasterAdmin):
    form = OfficeForm
    list_display = ("code", "name", "phone", "fax", "email", "hours")
    search_fields = ("=code", "name")
    search_help_text = "支店コード、名称で探します。"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()  # it begins the 保証契約番号


class ContractorForm(CleanForm):
    cleaners = {
        "kana": text.katakana,
        "address": text.plain,
        "phone": text.phone,
        "representative": text.plain,
        "licence": text.digits,
    }

    class Meta:
        model = Contractor
        fields = (
            *("organisation", "kana", "address", "phone", "representative", "licence", "licence_until"),
            *("statements_on", "exposure_limit", "office", "online", "pays_monthly", "redeposits", "payees_fixed"),
        )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "organisation" in self.fields:
            free = Organisation.objects.filter(portal="surety", contractor=None)
            self.fields["organisation"].queryset = free  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("licence") and not re.fullmatch("[0-9]{8}", values["licence"]):
            self.add_error("licence", "許可行政庁コード2桁と番号6桁の、8桁の数字で入力してください。")
        if (values.get("exposure_limit") or 0) < 0:
            self.add_error("exposure_limit", "0以上の数字で入力してください。")
        return values


@admin.register(Contractor)
class ContractorAdmin(MasterAdmin):
    form = ContractorForm
    list_display = ("code", "organisation", "office", "online", "limit", "licence_until", "pays_monthly")
    list_filter = ("online", "office", "pays_monthly")
    list_select_related = ("organisation", "office")
    search_fields = ("=organisation__code", "organisation__name", "kana")
    search_help_text = "顧客番号、名称、名称カナで探します。"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("organisation",) if obj else ()

    @admin.display(description="顧客番号", ordering="organisation__code")
    def code(self, contractor: Contractor) -> str:
        return contractor.organisation.code

    @admin.display(description="保証限度額", ordering="exposure_limit")
    def limit(self, contractor: Contractor) -> str:
        return yen(contractor.exposure_limit)


class BankBranchForm(CleanForm):
    cleaners = {
        "bank_code": text.digits,
        "branch_code": text.digits,
        "bank_name": text.plain,
        "branch_name": text.plain,
    }

    class Meta:
        model = BankBranch
        fields = ("bank_code", "branch_code", "bank_name", "branch_name", "has_agency")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name, digits in (("bank_code", 4), ("branch_code", 3)):
            if name in values and not re.fullmatch(f"[0-9]{{{digits}}}", values[name]):
                self.add_error(name, f"{digits}桁の数字で入力してください。")
        return values


@admin.register(BankBranch)
class BankBranchAdmin(MasterAdmin):
    form = BankBranchForm
    list_display = ("code", "bank_name", "branch_name", "has_agency")
    list_filter = ("has_agency",)
    search_fields = ("=bank_code", "bank_name", "branch_name")
    search_help_text = "金融機関コード、金融機関名、支店名で探します。"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("bank_code", "branch_code") if obj else ()

    @admin.display(description="コード", ordering="bank_code")
    def code(self, branch: BankBranch) -> str:
        return branch.code
