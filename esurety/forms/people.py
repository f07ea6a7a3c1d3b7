"""利用者管理 of a 発注者: filters of the list, and what is registered of a person."""

from typing import Any

from portal.ui.fields import ChoiceField, EmailField, PhoneField, TextField
from portal.ui.forms import Form, Section

ROLES = [
    ("verify.user", "契約担当（認証キーの入力、受領・差戻しができます）"),
    ("verify.view", "監査閲覧（登録済みの証書を見るだけです）"),
]
STATES = [("", "すべて"), ("active", "有効"), ("stopped", "停止")]


class PeopleFilterForm(Form):
    """Words and state."""

    q = TextField(label="利用者ID・氏名・メール", max_length=60, required=False, autocomplete="off")
    state = ChoiceField(label="状態", choices=STATES, control="select", required=False)


class PersonForm(Form):
    """A person of the body; `is_admin` leaves out the role, which the surety company gives."""

    name = TextField(label="氏名", kind="name", max_length=30, autocomplete="off")
    department = TextField(label="所属部署", kind="name", max_length=40, required=False)
    phone = PhoneField(label="電話", required=False, autocomplete="off")
    email = EmailField(
        label="メール",
        autocomplete="off",
        hint="仮パスワードをお送りします。本人だけが読めるメールを入力してください。",
    )
    role = ChoiceField(label="権限", choices=ROLES, initial="verify.user")

    sections = (Section("利用者", ("name", "department", "phone", "email")), Section("権限", ("role",)))

    def __init__(self, *args: Any, is_admin: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.is_admin = is_admin
        if is_admin:
            del self.fields["role"]

    def details(self) -> dict[str, str]:
        """Return the registration data of a valid form."""
        return {name: self.cleaned_data[name] for name in ("name", "department", "phone", "email")}
