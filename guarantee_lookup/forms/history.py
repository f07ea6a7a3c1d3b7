"""Filters of 照会履歴 (S09)."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from guarantee_lookup.enums import Outcome
from portal.ui.fields import ChoiceField, DateField, TextField
from portal.ui.forms import Form

DAYS = 30
LONGEST = timedelta(days=366)


class HistoryForm(Form):
    """Period (30 days unless said otherwise, a year at most), person and outcome."""

    since = DateField(label="照会日（から）", required=False)
    until = DateField(label="照会日（まで）", required=False)
    q = TextField(label="照会受付番号・利用者ID", max_length=40, required=False)
    outcome = ChoiceField(label="結果", choices=[("", "すべて"), *Outcome.choices], control="select", required=False)

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        self.require_order("since", "until")
        since, until = self.period()
        if until - since > LONGEST:
            self.add_error("since", "期間は1年以内にしてください。")
        return answers

    def period(self) -> tuple[date, date]:
        """Return the days that are listed."""
        until = self.cleaned_data.get("until") or timezone.localdate()
        return self.cleaned_data.get("since") or until - timedelta(days=DAYS), until
