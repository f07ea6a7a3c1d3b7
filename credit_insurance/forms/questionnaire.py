"""アンケート: the measures of its last question, and who wants to be called."""

from typing import Any

from credit_insurance.enums import Measure
from credit_insurance.messages import text
from credit_insurance.rules.questionnaire import LONGEST_NOTE, MEASURES_TEXT, measure_faults
from portal.ui.fields import CheckField, EmailField, PhoneField, TextField
from portal.ui.forms import Form, Section

TICKS = {f"measure_{measure.value.lower()}": measure for measure in Measure}


class MeasuresForm(Form):
    """現在の対策: at least one, その他 in words."""

    sections = (Section(MEASURES_TEXT, (*TICKS, "measure_note"), "当てはまるものをすべて選んでください。"),)

    measure_m1 = CheckField(label=Measure.DEPOSIT.label)
    measure_m2 = CheckField(label=Measure.COLLATERAL.label)
    measure_m3 = CheckField(label=Measure.FACTORING.label)
    measure_m4 = CheckField(label=Measure.INSURANCE.label)
    measure_m9 = CheckField(label=Measure.OTHER.label)
    measure_note = TextField(label="その他の対策の内容", max_length=LONGEST_NOTE, conditional=True)

    def measures(self) -> set[Measure]:
        """Return what a valid form has ticked."""
        return {measure for name, measure in TICKS.items() if self.cleaned_data.get(name)}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.measures():
            self.add_error("measure_m1", "現在の対策を1つ以上選択してください。")
        for fault in measure_faults(self.measures(), values.get("measure_note", "")):
            if fault.field not in self.errors:
                self.add_error(fault.field, fault.message)
        return values


class ContactForm(Form):
    """Who wants to be called; phone or mail is enough."""

    sections = (Section("ご連絡先", ("company", "person", "phone", "email", "agrees")),)

    company = TextField(label="会社名", kind="name", max_length=60, autocomplete="organization")
    person = TextField(label="氏名", kind="name", max_length=40, autocomplete="name")
    phone = PhoneField(label="電話番号", conditional=True, hint="電話番号かメールのどちらかを入力してください")
    email = EmailField(label="メール", conditional=True)
    agrees = CheckField(
        label="貸倒補償制度のご説明とお見積りのために、取扱代理店が連絡することに同意します", required=True
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("phone") and not values.get("email") and not {"phone", "email"} & set(self.errors):
            self.add_error("phone", text("F-REQUIRED", 項目="電話番号かメールのどちらか"))
        return values
