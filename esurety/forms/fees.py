"""Filters of 保証料計算書一覧."""

from typing import Any

from esurety.enums import FeeKind
from portal.ui.fields import ChoiceField, DateField, TextField
from portal.ui.forms import Form


class FeeFilterForm(Form):
    """Period of the calculation, kind, number or words of the works."""

    q = TextField(label="保証料計算書番号・保証契約番号・工事名", max_length=100, required=False)
    kind = ChoiceField(label="種類", choices=[("", "すべて"), *FeeKind.choices], control="select", required=False)
    since = DateField(label="計算日（から）", required=False)
    until = DateField(label="計算日（まで）", required=False)

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        self.require_order("since", "until")
        return answers
