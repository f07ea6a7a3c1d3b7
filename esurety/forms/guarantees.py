"""Forms of the pages after the issue: the searches, 提出, 認証キー再発行."""

from datetime import date
from typing import Any

from django.utils import timezone

from esurety.enums import HandInChannel, Product, SubmissionState
from portal.ui.fields import (
    AttachmentField,
    CheckField,
    ChoiceField,
    DateField,
    EmailField,
    NoteField,
    TextField,
)
from portal.ui.forms import Form


class GuaranteeSearchForm(Form):
    """Search of 保証契約一覧, as in the seed; the page offers the 契約者."""

    party = ChoiceField(label="契約者", control="select", required=False)
    product = ChoiceField(
        label="保証種類", choices=[("", "すべての保証"), *Product.choices], control="select", required=False
    )
    since = DateField(label="期間（から）", hint="保証契約の締結日", required=False)
    until = DateField(label="期間（まで）", hint="保証契約の締結日", required=False)
    work = TextField(label="工事名", max_length=100, required=False)
    handed = ChoiceField(
        label="提出状況", choices=[("", "すべて"), *SubmissionState.choices], control="select", required=False
    )

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        self.require_order("since", "until")
        return answers


class WorksSearchForm(Form):
    """Conditions of 保証工事一覧."""

    number = TextField(label="保証契約番号", kind="half", max_length=13, required=False)
    work = TextField(label="工事名", max_length=100, required=False)


class SendForm(Form):
    """送信する: the mail that carries the 認証キーのお知らせ."""

    address = EmailField(label="宛先", autocomplete="off", hint="発注者の担当課のメールアドレスを確認してください。")
    subject = TextField(label="件名", kind="name", max_length=200)
    text = NoteField(label="本文", max_length=2000, rows=10)
    checked = CheckField(label="宛先・件名・本文を確認しました", required=True)


class MarkForm(Form):
    """提出済みにする: handed in by another way; `case` is the day on which the certificate arrived."""

    channel = ChoiceField(label="提出方法", choices=HandInChannel.choices)
    day = DateField(label="提出日")
    note = NoteField(label="メモ", max_length=500, rows=3, required=False, hint="受付番号、担当者の名前など")
    file = AttachmentField(
        label="提出したファイル",
        max_count=1,
        types=("pdf",),
        required=False,
        hint="提出したPDFが「認証キーのお知らせ」であることを確かめます。ファイルは保存しません。",
    )

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        day, arrived_on = answers.get("day"), self.case
        if isinstance(day, date) and not arrived_on <= day <= timezone.localdate():
            self.add_error("day", f"提出日は、発行日（{arrived_on:%Y/%m/%d}）から今日までの日にしてください。")
        return answers


class ReissueForm(Form):
    """認証キー再発行 with its reason."""

    reason = NoteField(label="再発行の理由", max_length=500, rows=3, hint="例：認証キーを誤った宛先に送信した")
