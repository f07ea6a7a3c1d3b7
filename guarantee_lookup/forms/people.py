"""利用者管理: filters of the list, and what is registered of a person."""

from typing import Any

from guarantee_lookup.models import Branch
from guarantee_lookup.selectors.institutions import open_branches
from portal.ui.fields import CheckField, ChoiceField, EmailField, PhoneField, TextField
from portal.ui.forms import Form, Section

ROLES = [("lookup.user", "照会者"), ("lookup.branch", "店舗管理者（店舗の照会履歴も見られます）")]
STATES = [("", "すべて"), ("active", "有効"), ("stopped", "停止・廃止"), ("locked", "照会の停止中")]
HEAD_OFFICE = ("", "本部（店舗なし）")


class PeopleFilterForm(Form):
    """Words, branch and state. `case` is the 利用管理者."""

    q = TextField(label="利用者ID・氏名・メール", max_length=60, required=False, autocomplete="off")
    branch = ChoiceField(label="店舗", control="select", required=False)
    state = ChoiceField(label="状態", choices=STATES, control="select", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shops = Branch.objects.filter(institution__organisation=self.case.organisation_id).order_by("code")
        self.offer("branch", [("", "すべて"), *((shop.pk, str(shop)) for shop in shops)])


class PersonForm(Form):
    """A person of the bank; `is_master` leaves out what only the association gives. `case` is who fills it in."""

    name = TextField(label="氏名", kind="name", max_length=30, autocomplete="off")
    department = TextField(label="所属部署", kind="name", max_length=40, required=False)
    phone = PhoneField(label="電話", required=False, autocomplete="off")
    email = EmailField(
        label="メール",
        autocomplete="off",
        hint="仮パスワードをお送りします。本人だけが読めるメールを入力してください。",
    )
    branch = ChoiceField(label="店舗", control="select", required=False)
    role = ChoiceField(label="権限", choices=ROLES, initial="lookup.user")
    batch = CheckField(label="一括照会を使う")

    sections = (
        Section("利用者", ("name", "department", "phone", "email")),
        Section("所属と権限", ("branch", "role", "batch")),
    )

    def __init__(self, *args: Any, is_master: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_master = is_master
        self.shops = {shop.pk: shop for shop in open_branches(self.case.organisation_id)}
        self.offer("branch", [HEAD_OFFICE, *((pk, str(shop)) for pk, shop in self.shops.items())])
        if is_master:
            del self.fields["role"], self.fields["batch"]

    def details(self) -> dict[str, str]:
        """Return the registration data of a valid form."""
        return {name: self.cleaned_data[name] for name in ("name", "department", "phone", "email")}

    def shop(self) -> Branch | None:
        """Return the chosen branch, None for the head office."""
        return self.shops.get(self.cleaned_data["branch"])

    def roles(self) -> set[str]:
        """Return the roles that a 利用管理者 gives; none for a 利用管理者, whose role is the association's."""
        if self.is_master:
            return set()
        return {self.cleaned_data["role"]} | ({"lookup.batch"} if self.cleaned_data["batch"] else set())
