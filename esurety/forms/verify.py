"""What a 発注者 enters: 認証キー, the figures of its contract, reasons, files to check."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from esurety.enums import Product, RegistrationSource
from esurety.rules.comparing import AMOUNTS
from esurety.uploads import paper_of
from portal.ui import uploads
from portal.ui.fields import AttachmentField, ChoiceField, DateField, MoneyField, NoteField, TextField
from portal.ui.fields.attachments import Attached
from portal.ui.forms import Form, Section

MOST_YEN = 999_999_999_999
SHEET_BYTES = 2 * 1024 * 1024
CODE = re.compile(r"\s*ESURETY:([^:]{1,40}):([^:]{1,60})\s*")
"""The text of the QR code: number and key (see esurety.documents.code_text)."""

THIS_IS_THE_CERTIFICATE = (
    "これは保証証書（確認用）です。登録に必要なのは「認証キーのお知らせ」です。"
    "受注者から「認証キーのお知らせ」のPDFを受け取り、選び直してください。"
)
NO_SHEET = "認証キーのお知らせのPDFとして読み取れませんでした。受注者から受け取ったファイルを確かめてください。"


def read_sheet(content: bytes) -> tuple[str, str]:
    """Return number and key of a 認証キーのお知らせ; ValueError with the reason in Japanese when it is none."""
    paper = paper_of(content)
    if code := CODE.fullmatch(paper.code):
        return code[1], code[2]
    raise ValueError(THIS_IS_THE_CERTIFICATE if paper.is_certificate else NO_SHEET)


class EntryForm(Form):
    """認証キー入力: number and key, or the text of the QR code, or the key sheet; `entered` has what counts."""

    number = TextField(
        label="保証契約番号",
        kind="name",
        max_length=200,
        conditional=True,
        autocomplete="off",
        hint="ハイフンや空白、全角・半角の違いは気にせず入力できます。例：01261-000001",
    )
    key = TextField(
        label="認証キー",
        kind="name",
        max_length=200,
        conditional=True,
        autocomplete="off",
        hint="12文字。大文字と小文字は区別します。空白と全角・半角の違いは気にせず入力できます。",
    )
    code = TextField(
        label="QRコードの内容",
        kind="name",
        max_length=200,
        required=False,
        autocomplete="off",
        hint="QRコードリーダーで読み取った文字をそのまま入力します。「ESURETY:」で始まります。",
    )
    sheet = AttachmentField(
        label="認証キーのお知らせ（PDF）",
        required=False,
        max_count=1,
        max_bytes=SHEET_BYTES,
        types=("pdf",),
        hint="ファイルから保証契約番号と認証キーを読み取ります。ファイルは保存しません。",
    )

    sections = (
        Section("番号と認証キーを入力する", ("number", "key")),
        Section("または、QRコードかPDFから読み取る", ("code", "sheet")),
    )

    entered: tuple[str, str, RegistrationSource]

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        sent = self.sent_files(self.add_prefix("sheet"))
        if sent and "sheet" not in self.errors:
            try:
                self.entered = (*read_sheet(sent[0].read()), RegistrationSource.SHEET)
            except ValueError as error:
                self.add_error("sheet", str(error))
            return answers
        # A reader of QR codes types into whichever field has the focus.
        for name in ("code", "number", "key"):
            if code := CODE.fullmatch(answers.get(name) or ""):
                self.entered = (code[1], code[2], RegistrationSource.CODE)
                return answers
        if answers.get("code"):
            self.add_error(
                "code", "QRコードの内容を読み取れませんでした。認証キーのお知らせのQRコードを読み取ってください。"
            )
            return answers
        self.require("number", "key")
        self.entered = (answers.get("number") or "", answers.get("key") or "", RegistrationSource.TYPED)
        return answers


class FilterForm(Form):
    """Filters of 証書一覧."""

    number = TextField(label="保証契約番号", max_length=20, required=False)
    words = TextField(label="工事名・受注者", max_length=60, required=False)
    product = ChoiceField(
        label="保証種類", choices=[("", "すべて"), *Product.choices], control="select", required=False
    )
    since = DateField(label="登録日（から）", required=False, hint="")
    until = DateField(label="登録日（まで）", required=False, hint="")

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        self.require_order("since", "until")
        return answers


class CompareForm(Form):
    """照合: the figures of the body's own contract; `case` is the payload of the certificate.

    `agreed` is what was entered before, as `Registration.agreed` holds it.
    """

    price = MoneyField(label="請負金額", min_value=1, max_value=MOST_YEN, max_digits=12)
    starts_on = DateField(label="工期（始期）")
    ends_on = DateField(label="工期（終期）")
    contract_on = DateField(label="請負契約日")
    amount = MoneyField(label="前払金額", min_value=1, max_value=MOST_YEN, max_digits=12)
    base_amount = MoneyField(
        label="今年度対象額",
        min_value=1,
        max_value=MOST_YEN,
        max_digits=12,
        required=False,
        hint="複数年度にわたる契約の場合に入力します。",
    )
    certified_on = DateField(label="認定調書の日付", hint="中間前払金の認定をした日")

    def __init__(self, *args: Any, agreed: Mapping[str, Any] | None = None, **options: Any) -> None:
        known = {
            name: date.fromisoformat(value) if value and name.endswith("_on") else value
            for name, value in (agreed or {}).items()
        }
        super().__init__(*args, initial=known, **options)
        self.fields["amount"].label = AMOUNTS[self.case["product"]]
        if self.case["product"] != Product.MID:
            del self.fields["certified_on"]
        if self.case["product"] == Product.CTR:
            del self.fields["base_amount"]

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        self.require_order("starts_on", "ends_on")
        return answers

    def agreed(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in self.cleaned_data.items()
        }


class ReturnForm(Form):
    """差戻し."""

    reason = NoteField(
        label="差戻しの理由",
        max_length=500,
        hint="受注者にメールで伝わります。認証キーや個人の情報は入力しないでください。",
    )


class CertificateFileField(AttachmentField):
    """One PDF or JSON file of a certificate; what is in it is for the check to say."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_count=1, types=("pdf",), **options)
        self.types = ("pdf", "json")
        self.hint = f"このサービスまたは受注者から受け取ったPDFかJSON。{uploads.size(self.max_bytes)}まで、1件。"

    def clean(self, value: Attached | None) -> list[str]:
        sent: list[UploadedFile[Any]] = value.sent if value else []
        if not sent:
            self.refuse(self.missing(), "required")
        if len(sent) > 1:
            self.refuse("一度に検証できるのは1件です。1件だけ選んでください。")
        if not 0 < (sent[0].size or 0) <= self.max_bytes:
            self.refuse(f"空のファイルと、{uploads.size(self.max_bytes)}を超えるファイルは検証できません。")
        return []


class CheckForm(Form):
    """検証 of a file."""

    file = CertificateFileField(label="検証するファイル")

    def content(self) -> bytes:
        """Return the bytes of the file of a valid form."""
        content: bytes = self.sent_files(self.add_prefix("file"))[0].read()
        return content
