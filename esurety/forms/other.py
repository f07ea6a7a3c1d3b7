"""その他: the third tab of a 保証申込 (esurety.md 3.4), and the filter of 状況."""

from typing import Any

from esurety.enums import ItemState, Product
from esurety.forms.guarantee import MEGABYTE, WISHES
from esurety.forms.works import HELP_URL
from esurety.selectors.requests import office_choices
from portal.ui.fields import (
    AttachmentField,
    CheckField,
    ChoiceField,
    DateField,
    EmailField,
    NoteField,
    PhoneField,
    TextField,
)
from portal.ui.forms import Form, Section

MAIL_NOTE = "※「希望する」場合、弊社手続き完了後にメールを送信します。"
TYPES = ("pdf", "jpg", "jpeg", "png", "tif", "tiff", "xlsx")
PAPERS = ("contract", "payees", "agreement", "others")


class OtherForm(Form):
    """Where the application goes, who is told, whom to ask."""

    help_url = HELP_URL

    office = ChoiceField(label="申込送信先", control="select")
    wants_mail = ChoiceField(label="電子保証発行完了のお知らせ", hint=MAIL_NOTE, choices=WISHES)
    email = EmailField(
        label="メールアドレス",
        help="受付のお知らせと電子保証発行完了のお知らせをお送りします。認証キーはメールに記載しません。",
    )
    department = TextField(
        label="担当部署", help="この申込みについて、弊社からご連絡する部署です。", max_length=40, required=False
    )
    post = TextField(label="役職", max_length=30, required=False)
    person = TextField(label="担当者名", kind="name", max_length=40)
    phone = PhoneField(label="連絡先電話番号")
    is_urgent = CheckField(label="至急の手続きを希望する")
    message = NoteField(label="お客様から弊社への連絡事項", max_length=500, required=False)

    sections = (
        Section("申込送信先、保証証書受取", ("office", "wants_mail", "email")),
        Section("連絡先", ("department", "post", "person", "phone")),
        Section("連絡事項", ("is_urgent", "message")),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offer("office", office_choices())


def _paper(label: str, hint: str = "") -> AttachmentField:
    return AttachmentField(label=label, hint=hint, types=TYPES, max_count=5, max_bytes=20 * MEGABYTE, required=False)


class FilesForm(Form):
    """書類送信 with the application."""

    contract = _paper("請負契約書または指名通知書等")
    payees = _paper("支払先確認書類")
    agreement = _paper("JV協定書")
    others = _paper("その他の書類", "財務諸表、手持工事一覧表など。")

    sections = (Section("書類送信", PAPERS),)


STATES = tuple((state.value, state.label) for state in ItemState if state != ItemState.CHECKED)
"""手続状況 as the contractor sees it: 決裁待ち is part of 審査中 (esurety.md 8.2)."""


class StatusFilterForm(Form):
    """What 状況 can be narrowed to."""

    q = TextField(label="受付番号・工事名・発注者名", max_length=60, required=False)
    product = ChoiceField(
        label="保証種類", choices=[("", "すべての保証"), *Product.choices], control="select", required=False
    )
    state = ChoiceField(label="手続状況", choices=[("", "すべて"), *STATES], control="select", required=False)
    since = DateField(label="送信日（から）", required=False)
    until = DateField(label="送信日（まで）", required=False)

    def clean(self) -> None:
        self.require_order("since", "until")
