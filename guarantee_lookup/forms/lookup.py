"""照会入力 (guarantee_lookup.md 8.1, S05)."""

from typing import Any

from django.conf import settings

from guarantee_lookup.enums import Basis, Channel, NumberKind, Purpose
from guarantee_lookup.messages import ANSWERS
from guarantee_lookup.rules import numbers
from guarantee_lookup.services.lookup import Question
from portal.ui.fields import CheckField, ChoiceField, DateField, TextField
from portal.ui.forms import Form, Section

LENGTH_TYPED = 40


def pattern(kind: str) -> str:
    """Return the form of a number of this kind, as the association has set it."""
    return settings.CUSTOMER_NO_PATTERN if kind == NumberKind.CUSTOMER else settings.GUARANTEE_NO_PATTERN


class LookupForm(Form):
    """What a look-up needs. `case` is the user: only the association has the ground 協会業務."""

    kind = ChoiceField(label="番号の種類", choices=NumberKind.choices, initial=NumberKind.CUSTOMER)
    number = TextField(
        label="番号", max_length=LENGTH_TYPED, hint="数字だけを入力します。全角、空白、ハイフンがあっても構いません。"
    )
    basis = ChoiceField(label="照会の根拠", choices=Basis.choices)
    consent = CheckField(
        label="同意を得ています",
        required=False,
        hint="本人から番号の提供を受けた場合に必要です。同意書は貴店で保管してください。",
    )
    consent_on = DateField(label="同意日", required=False)
    purpose = ChoiceField(
        label="照会目的", choices=[("", "選択しない"), *Purpose.choices], required=False, control="select"
    )
    memo = TextField(label="メモ", max_length=50, required=False, hint="個人の名前は入力しないでください。50文字まで。")

    sections = (
        Section("照会する先", ("kind", "number")),
        Section("根拠と同意", ("basis", "consent", "consent_on")),
        Section("記録用（任意）", ("purpose", "memo")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None:
            is_office = self.case.organisation_id is None
            self.offer("basis", [row for row in Basis.choices if is_office or row[0] != Basis.OFFICE])

    def clean_number(self) -> str:
        return numbers.read(self.cleaned_data["number"])

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        kind, number = answers.get("kind"), answers.get("number")
        if kind and number and not numbers.fits(number, pattern(kind)):
            self.add_error("number", ANSWERS["E-FMT"])
        if answers.get("basis") == Basis.GIVEN and not answers.get("consent"):
            self.add_error("consent", "本人から同意を得たことを確かめ、「同意を得ています」を選択してください。")
        return answers


def question_of(answers: dict[str, Any], channel: Channel = Channel.SCREEN) -> Question:
    """Return the question of a valid form."""
    return Question(
        NumberKind(answers["kind"]),
        answers["number"],
        Basis(answers["basis"]),
        answers["consent"],
        answers["consent_on"],
        answers["purpose"],
        answers["memo"],
        channel,
    )
