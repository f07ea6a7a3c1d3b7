"""What the forms of several procedures share: code fields of 海外商社, 担当者情報."""

from typing import TYPE_CHECKING, Any

from portal.ui.fields import CodeField, EmailField, PhoneField, TextField
from portal.ui.forms import Form, Section

if TYPE_CHECKING:
    from portal.accounts.models import User


def code_field(label: str, **options: Any) -> CodeField:
    """Return a field for a 海外商社コード: three digits of the country and six of the buyer."""
    return CodeField(
        label=label,
        groups=(3, 6),
        hint="国コード3桁と番号6桁。例：304-123456",
        lookup="nexi:buyer-search",
        lookup_label="名称や国名から検索",
        **options,
    )


class ContactForm(Form):
    """担当者情報: whom to ask about this application; never written back to the user."""

    sections = (
        Section(
            "担当者情報",
            ("name", "department", "phone", "fax", "email"),
            intro="ログインしている利用者の登録情報を表示しています。別の方を問い合わせ先とするときは書き換えてください。"
            "この申込みだけに使い、登録情報は変わりません。",
        ),
    )
    name = TextField(label="氏名", kind="name", max_length=30, autocomplete="name")
    department = TextField(label="部署", kind="name", max_length=40, autocomplete="organization-title")
    phone = PhoneField(label="電話")
    fax = PhoneField(label="FAX", required=False, autocomplete="off")
    email = EmailField(label="メール")


def contact_of(user: "User") -> dict[str, str]:
    """Return the registration data that 担当者情報 begins with: of whoever is logged in (seed, section 2 ③)."""
    return {name: getattr(user, name) for name in ContactForm.base_fields}
