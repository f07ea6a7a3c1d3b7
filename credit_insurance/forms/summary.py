"""ヒアリングシート（概要): the member's own figures and how the debtors were chosen (credit_insurance.md 5.3)."""

from datetime import date
from typing import Any, cast

from django.forms import formset_factory

from credit_insurance.enums import ManagementOwner, Measure, SelectionMethod
from credit_insurance.forms.debtor import NO, YES
from credit_insurance.rules.facts import SHEET_LABELS, BadDebt, Sheet
from credit_insurance.rules.hearing import BAD_DEBT_YEARS, turnover_months
from credit_insurance.selectors.masters import starts
from portal.common.eras import seireki
from portal.ui.fields import CheckField, ChoiceField, IntegerField, MoneyField, TextField
from portal.ui.forms import Form, FormSet, Section

HELP_URL = "/help/credit/{field}/"
MEASURES = {f"measure_{measure.value.lower()}": measure for measure in Measure}


class SummaryForm(Form):
    """概要 of the sheet; offers the 加入希望始期 that can still be reached today."""

    help_url = HELP_URL
    sections = (
        Section("加入希望始期", ("intended_start",)),
        Section(
            "取引先の選定方法",
            ("selection_method", "selection_amount", "selection_count", "selection_unit", "declares_complete"),
            "選んだ方法に当てはまる取引先を、すべて記載します。一部の取引先だけを選ぶことはできません。",
        ),
        Section("売上と売掛債権", ("total_sales", "credit_sales", "ar_total")),
        Section("与信・債権管理の状況", ("owner", "has_rules", "has_limits", "has_reports", "management_note")),
        Section("現在の対策", (*MEASURES, "measure_note")),
        Section("支払遅延", ("overdue_now",)),
    )

    intended_start = ChoiceField(label=SHEET_LABELS["intended_start"])
    selection_method = ChoiceField(label=SHEET_LABELS["selection_method"], choices=SelectionMethod.choices)
    selection_amount = MoneyField(
        label="選定基準値（金額）",
        min_value=1,
        conditional=True,
        hint="年間販売高・債権残高が基準額以上の取引先を選ぶとき。例：1,000万円",
    )
    selection_count = IntegerField(
        label="選定基準値（社数）",
        unit="社",
        min_value=1,
        max_value=500,
        conditional=True,
        hint="上位の取引先を選ぶとき",
    )
    selection_unit = TextField(
        label=SHEET_LABELS["selection_unit"], max_length=60, conditional=True, hint="特定の事業部・支店を選ぶとき"
    )
    declares_complete = CheckField(label="選定方法に当てはまる取引先をすべて記載します", required=True)
    total_sales = MoneyField(label=SHEET_LABELS["total_sales"], unit="千円", min_value=1)
    credit_sales = MoneyField(
        label=SHEET_LABELS["credit_sales"], unit="千円", min_value=1, hint="年間売上高のうち、代金後払いの売上高"
    )
    ar_total = MoneyField(
        label=SHEET_LABELS["ar_total"],
        unit="千円",
        min_value=1,
        hint="売掛金・受取手形・割引手形・裏書手形の合計",
        help="売掛債権回転期間（月）は、売掛債権残高 ÷（掛売上 ÷ 12）で計算します。対売上コストの計算に使います。",
    )
    owner = ChoiceField(label=SHEET_LABELS["credit_mgmt_owner"], choices=ManagementOwner.choices)
    has_rules = CheckField(label="与信管理規程がある")
    has_limits = CheckField(label="取引先ごとに与信限度を決めている")
    has_reports = CheckField(label="信用調査を利用している")
    management_note = TextField(label="与信・債権管理の補足", max_length=200, required=False)
    measure_m1 = CheckField(label=Measure.DEPOSIT.label)
    measure_m2 = CheckField(label=Measure.COLLATERAL.label)
    measure_m3 = CheckField(label=Measure.FACTORING.label)
    measure_m4 = CheckField(label=Measure.INSURANCE.label)
    measure_m9 = CheckField(label=Measure.OTHER.label)
    measure_note = TextField(label="その他の対策の内容", max_length=100, conditional=True)
    overdue_now = ChoiceField(
        label="現在延滞している取引先",
        choices=[(YES, "あり"), (NO, "なし")],
        hint="「あり」のときは、取引先の一覧にも支払遅延を入力します",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = starts(self.case.today) if self.case else []
        self.offer("intended_start", [(day.isoformat(), seireki(day)) for day in offered])

    def echo(self, name: str) -> str:
        said = super().echo(name)
        if name != "ar_total":
            return said
        self.is_valid()
        known = getattr(self, "cleaned_data", {})
        months = turnover_months(known.get("ar_total"), known.get("credit_sales"))
        return f"{said}　売掛債権回転期間 {months}か月".strip() if months is not None else said

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        method = answers.get("selection_method")
        if method:
            chosen = SelectionMethod(method)
            self.require(*(["selection_amount"] if chosen.is_threshold else []))
            self.require(*(["selection_count"] if chosen.is_top else []))
            self.require(*(["selection_unit"] if chosen is SelectionMethod.UNIT else []))
        if answers.get("measure_m9"):
            self.require("measure_note")
        return answers


class LossForm(Form):
    """貸倒 of one business year."""

    year = IntegerField(label="年度", unit="年度", min_value=2000, max_value=2199)
    cases = IntegerField(label="件数", unit="件", hint="なければ0")
    amount = MoneyField(label="金額", unit="千円", hint="なければ0")


LossFormSet = cast(
    type[FormSet],
    formset_factory(
        LossForm, formset=FormSet, extra=0, min_num=BAD_DEBT_YEARS, max_num=BAD_DEBT_YEARS, validate_max=True
    ),
)
"""貸倒 of the last three business years: always three rows."""


def sheet_of(main: dict[str, Any], losses: list[dict[str, Any]]) -> Sheet:
    """Return the facts of a summary from its answers, complete or not."""
    method = SelectionMethod(main["selection_method"]) if main.get("selection_method") else None
    value = None
    if method and method.is_threshold:
        value = main.get("selection_amount")
    elif method and method.is_top:
        value = main.get("selection_count")
    overdue = main.get("overdue_now")
    return Sheet(
        intended_start=date.fromisoformat(main["intended_start"]) if main.get("intended_start") else None,
        selection_method=method,
        selection_value=value,
        selection_unit=main.get("selection_unit") or "",
        declares_complete=bool(main.get("declares_complete")),
        total_sales=main.get("total_sales"),
        credit_sales=main.get("credit_sales"),
        ar_total=main.get("ar_total"),
        bad_debts=tuple(BadDebt(row.get("year"), row.get("cases"), row.get("amount")) for row in losses),
        credit_mgmt_owner=ManagementOwner(main["owner"]) if main.get("owner") else None,
        current_measures=frozenset(measure for name, measure in MEASURES.items() if main.get(name)),
        measure_note=main.get("measure_note") or "",
        overdue_now=overdue == YES if overdue else None,
    )


ANCHORS = {
    "intended_start": "id_main-intended_start_0",
    "selection_method": "id_main-selection_method_0",
    "selection_value": "id_main-selection_amount",
    "selection_unit": "id_main-selection_unit",
    "declares_complete": "id_main-declares_complete",
    "total_sales": "id_main-total_sales",
    "credit_sales": "id_main-credit_sales",
    "ar_total": "id_main-ar_total",
    "bad_debts": "id_losses-0-year",
    "credit_mgmt_owner": "id_main-owner_0",
    "measure_note": "id_main-measure_note",
    "overdue_now": "id_main-overdue_now_0",
}
"""Where a fault of the head is put right, by the field that the rules name; the others belong to the lines."""
