"""利用開始申請書 (guarantee_lookup.md 7.2): what a bank tells about itself, and how it comes back later."""

from typing import Any

from guarantee_lookup.enums import Sharing, UsageKind
from guarantee_lookup.rules import applying
from guarantee_lookup.rules.terms import VERSION
from portal.common.eras import seireki
from portal.ui.fields import (
    AttachmentField,
    CheckField,
    ChoiceField,
    CodeField,
    DateField,
    EmailField,
    IntegerField,
    NoteField,
    PhoneField,
    TextField,
)
from portal.ui.forms import NOTHING, Form, Section

MAX_ATTACHMENT = 5 * 1024 * 1024
MOST_PEOPLE = 200
HEAD_OFFICE, BY_BRANCH = "head", "branches"


class BankForm(Form):
    """申込区分 and which bank it is."""

    kind = ChoiceField(label="申込区分", choices=UsageKind.choices)
    code = CodeField(label="金融機関コード", digits=4)
    name = TextField(label="名称", kind="name", max_length=60, hint="金融機関の正式な名称")

    sections = (Section("金融機関", ("kind", "code", "name")),)


class MasterForm(Form):
    """利用管理者: who adds and stops the people of the bank."""

    name = TextField(label="氏名", kind="name", max_length=30, autocomplete="name")
    department = TextField(label="部署", kind="name", max_length=40)
    phone = PhoneField(label="電話")
    email = EmailField(label="メール", hint="審査の結果と利用者IDをお送りします。申請を再開するときにも使います。")

    sections = (
        Section("利用管理者（1人目）", ("name", "department", "phone", "email"), "利用者の追加や停止を行う方です。"),
    )


class SecondMasterForm(Form):
    """A second 利用管理者, all of it or nothing."""

    name = TextField(label="氏名（2人目）", kind="name", max_length=30, required=False, autocomplete="off")
    department = TextField(label="部署（2人目）", kind="name", max_length=40, required=False)
    phone = PhoneField(label="電話（2人目）", required=False, autocomplete="off")
    email = EmailField(label="メール（2人目）", required=False, autocomplete="off")

    sections = (
        Section(
            "利用管理者（2人目）",
            ("name", "department", "phone", "email"),
            "1人目の方の不在に備え、2人の登録をお勧めします。登録しないときは、すべて空欄にしてください。",
        ),
    )

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        if any(answers.values()):
            self.require(*self.fields)
        return answers


class UseForm(Form):
    """Where and how the bank uses the portal."""

    scope = ChoiceField(
        label="店舗",
        choices=[(HEAD_OFFICE, "本部一括（店舗を分けない）"), (BY_BRANCH, "店舗ごと")],
    )
    branches = NoteField(
        label="店舗コードと店舗名",
        max_length=4000,
        rows=6,
        conditional=True,
        hint="店舗ごとの場合に入力します。1行に1店、3桁の支店コードと店舗名。例：101 本店営業部。"
        "変更の申請では、利用を続ける店舗もすべて入力してください。",
    )
    sharing = ChoiceField(label="責任共有方式", choices=Sharing.choices)
    people = IntegerField(label="利用者数", unit="人", min_value=1, max_value=MOST_PEOPLE)
    networks = NoteField(
        label="接続元IPアドレス",
        max_length=500,
        rows=3,
        required=False,
        hint="1行に1つ、10件まで。例：203.0.113.0/24。空欄のときは、接続元を制限しません。",
    )

    sections = (
        Section("店舗", ("scope", "branches")),
        Section("利用の条件", ("sharing", "people", "networks")),
    )

    def clean_branches(self) -> list[tuple[str, str]]:
        return self._read("branches", applying.read_branches)

    def clean_networks(self) -> list[str]:
        return self._read("networks", applying.read_networks)

    def _read(self, name: str, read: Any) -> Any:
        try:
            return read(self.cleaned_data[name])
        except applying.Unreadable as error:
            return self.field(name).refuse(f"{self.field(name).label}：{error}")

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        if answers.get("scope") == BY_BRANCH:
            self.require("branches")
        return answers

    def answers_by_section(self) -> list[tuple[str, list[Any]]]:
        """Describe lists line by line, as they were understood."""
        found = super().answers_by_section()
        lines = {
            self.add_prefix("branches"): [f"{code} {shop}" for code, shop in self.cleaned_data.get("branches") or ()],
            self.add_prefix("networks"): self.cleaned_data.get("networks") or [],
        }
        for _, answers in found:
            for answer in answers:
                if answer["name"] in lines:
                    answer["shown"] = "\n".join(lines[answer["name"]]) or NOTHING
        return found


class PersonForm(Form):
    """Who answers for the application, from when, and the sealed paper if there is one."""

    responsible = TextField(label="申込責任者 氏名", kind="name", max_length=40)
    post = TextField(label="申込責任者 役職", kind="name", max_length=40, hint="支店長または同等以上の方")
    start_on = DateField(label="希望利用開始日", hint="例：2026年4月20日、令和8年4月20日")
    attachments = AttachmentField(
        label="添付",
        required=False,
        max_count=1,
        max_bytes=MAX_ATTACHMENT,
        types=("pdf",),
        hint="押印済みの利用開始申請書がある場合に選びます。",
    )

    sections = (
        Section("申込責任者", ("responsible", "post")),
        Section("希望日", ("start_on",), "変更または廃止の場合は、その希望日を入力してください。"),
        Section("添付書類", ("attachments",)),
    )

    def clean_start_on(self) -> Any:
        day = self.cleaned_data["start_on"]
        first = applying.earliest_start(self.case.today)
        if day and day < first:
            self.field("start_on").refuse(
                f"希望利用開始日は{applying.LEAD_DAYS}営業日後（{seireki(first)}）以後の日にしてください。"
            )
        return day


class ConsentForm(Form):
    """Both consents stand directly above the button that binds."""

    terms = CheckField(label=f"利用規約（{VERSION}版）に同意します", required=True)
    privacy = CheckField(label="個人情報の取扱いに同意します", required=True)


class ComeBackForm(Form):
    """申請の再開: which application, and whose."""

    number = CodeField(label="Web申込番号", pattern="[0-9]{8,20}", example="826112000017")
    email = EmailField(label="利用管理者のメール", hint="申請書に入力した利用管理者（1人目または2人目）のメール")


class CodeForm(Form):
    """The code that we sent."""

    code = CodeField(label="確認コード", digits=6, autocomplete="one-time-code")
