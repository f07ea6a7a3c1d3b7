"""加入者情報 (credit_insurance.md 5.2): everything that a case, an invoice and the insurer need of a member."""

import re
import unicodedata
from typing import Any, cast

from credit_insurance.enums import LegalKind, Membership
from credit_insurance.enums.industry import INDUSTRY_CHOICES
from credit_insurance.forms.debtor import NO, PREFECTURE_CHOICES, YES
from credit_insurance.models import Member, Union
from credit_insurance.selectors.members import union_called
from portal.common import text
from portal.ui.fields import (
    ChoiceField,
    CorporateNumberField,
    DateField,
    EmailField,
    IntegerField,
    KatakanaField,
    MoneyField,
    PhoneField,
    PostalField,
    TextField,
)
from portal.ui.forms import Form, Section

MONTHS = [(month, f"{month}月") for month in range(1, 13)]
PHONE_DIGITS = (10, 11)

_HALF = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF61, 0xFF9E)}
_HALF |= {"\u3099": "ﾞ", "\u309a": "ﾟ"}
# Signs that a bank takes in a name besides kana, letters and digits.
_PAYER = re.compile("[A-Z0-9 ().,/ｦ-ﾟ-]+")


def half_kana(typed: str) -> str:
    """Return a name as banks write it: half-width kana, capitals, half-width signs."""
    parts = unicodedata.normalize("NFD", text.katakana(typed))
    return "".join(_HALF.get(sign, sign) for sign in parts).upper()


class PayerField(TextField):
    """振込名義 in half-width kana; any kana is taken."""

    def parse(self, typed: str) -> str:
        value = half_kana(typed)
        self.check_length(value, self.max_length)
        if not _PAYER.fullmatch(value):
            self.refuse(f"{self.label}はカナ、英数字で入力してください。例：カ）カクウシヨウジ")
        return value

    def understood(self, raw: Any, value: Any) -> str:
        return "" if str(raw).strip() == value else f"{value}と読み取りました"

    echoes = True


class ProfileForm(Form):
    """加入者情報 as the member keeps it."""

    help_url = "/help/credit/{field}/"
    sections = (
        Section(
            "会社",
            (
                *("legal_kind", "name", "name_kana", "payer_kana", "corporate_number"),
                *("postal_code", "prefecture", "address", "rep_title", "rep_name"),
            ),
        ),
        Section("ご担当者", ("contact_dept", "contact_name", "phone", "email")),
        Section("事業", ("industry_code", "products", "annual_sales", "fiscal_month", "employees")),
        Section(
            "所属組合",
            ("union", "union_since", "union_until"),
            "所属組合か法人番号を変えると、会員確認はやり直しになります。",
        ),
        Section("他の保険・保証", ("has_other_cover", "other_cover")),
    )

    legal_kind = ChoiceField(label="法人/個人事業主", choices=LegalKind.choices)
    name = TextField(label="名称（商号）", kind="name", max_length=60, autocomplete="organization")
    name_kana = KatakanaField(label="名称カナ", max_length=60)
    payer_kana = PayerField(
        label="振込名義（半角カナ）",
        max_length=48,
        hint="保険料を振り込む口座の名義。入力した文字は半角カナにします",
        help="保険料のお振込みを、この名義と照らし合わせます。通帳に記載された名義を入力してください。",
    )
    corporate_number = CorporateNumberField(
        label="法人番号", conditional=True, hint="法人は13桁の数字。個人事業主は空欄"
    )
    postal_code = PostalField(label="郵便番号")
    prefecture = ChoiceField(label="都道府県", choices=PREFECTURE_CHOICES, control="select")
    address = TextField(label="所在地", kind="name", max_length=120, hint="市区町村から")
    rep_title = TextField(label="代表者役職", kind="name", max_length=30)
    rep_name = TextField(label="代表者氏名", kind="name", max_length=40)
    contact_dept = TextField(label="担当部署", kind="name", max_length=40, required=False)
    contact_name = TextField(label="担当者氏名", kind="name", max_length=40)
    phone = PhoneField(label="電話番号")
    email = EmailField(label="メール")
    industry_code = ChoiceField(
        label="業種", choices=INDUSTRY_CHOICES, control="select", hint="日本標準産業分類の中分類"
    )
    products = TextField(label="取扱商品・サービス", kind="name", max_length=200)
    annual_sales = MoneyField(label="年間売上高", unit="千円", min_value=1, max_digits=15)
    fiscal_month = ChoiceField(label="決算月", choices=MONTHS, control="select")
    employees = IntegerField(
        label="常時使用する従業員数",
        unit="人",
        max_value=999_999,
        help="引受保険会社が破綻したとき、従業員等が20人以下の法人と個人の方は、損害保険契約者保護機構の補償の対象になります。",
    )
    union = TextField(
        label="所属組合", kind="name", max_length=60, hint="組合コードか、組合の名称を正確に入力してください"
    )
    union_since = DateField(label="組合加入日", required=False)
    union_until = DateField(label="組合脱退日", required=False)
    has_other_cover = ChoiceField(
        label="他の取引信用保険・保証・ファクタリングの有無", choices=[(YES, "あり"), (NO, "なし")]
    )
    other_cover = TextField(
        label="他の取引信用保険・保証・ファクタリングの内容", kind="name", max_length=200, conditional=True
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("legal_kind") == LegalKind.CORPORATION:
            self.require("corporate_number")
        elif values.get("corporate_number"):
            self.add_error(
                "corporate_number", "法人番号は法人だけが入力します。区分を法人にするか、法人番号を消してください。"
            )
        if (phone := values.get("phone")) and len(text.phone_digits(phone)) not in PHONE_DIGITS:
            self.add_error("phone", "電話番号は10桁か11桁で入力してください。例：03-1234-5678")
        if words := values.get("union"):
            values["union"] = found = union_called(words)
            if found is None:
                self.add_error(
                    "union", "この所属組合は見つかりません。組合コードを、所属組合に確かめて入力してください。"
                )
        self.require_order("union_since", "union_until")
        if values.get("has_other_cover") == YES:
            self.require("other_cover")
        return values

    def columns(self) -> dict[str, Any]:
        """Return the values of a valid form by column of `Member`."""
        values = dict(self.cleaned_data)
        union = cast(Union, values.pop("union"))
        has_other = values["has_other_cover"] == YES
        return values | {
            "union_id": union.pk,
            "has_other_cover": has_other,
            "other_cover": values["other_cover"] if has_other else "",
        }


def initial_of(member: Member) -> dict[str, Any]:
    """Return the stored data as the form shows them."""
    plain = {name: getattr(member, name) for name in ProfileForm.base_fields}
    return plain | {
        "union": member.union.name if member.union and union_called(member.union.name) == member.union
        else member.union.code if member.union else "",
        "has_other_cover": YES if member.has_other_cover else NO,
    }  # fmt: skip


class MembersFilterForm(Form):
    """Words and 会員確認 in the list of a 組合."""

    q = TextField(label="名称・加入者番号・法人番号", max_length=60, required=False, autocomplete="off")
    state = ChoiceField(
        label="会員確認", choices=[("", "すべて"), *Membership.choices], control="select", required=False
    )
