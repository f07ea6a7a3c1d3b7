"""What a covered member enters: a new 債権残高, the wish for another 加入者証, what its list is narrowed by."""

from collections.abc import Sequence
from typing import Any, cast

from django.utils import timezone

from credit_insurance.enums import LimitState
from portal.ui.fields import ChoiceField, DateField, MoneyField, NoteField, TextField
from portal.ui.forms import Form

LEVELS = [("", "すべて"), ("near", "90%超"), ("over", "限度額超過"), ("overdue", "遅延あり")]
STATES = (
    *(LimitState.IN_FORCE, LimitState.REDUCTION_NOTICED, LimitState.ZERO, LimitState.STOPPED),
    *(LimitState.CLOSED_ACCIDENT, LimitState.CLOSED_CUSTOMER, LimitState.EXPIRED),
)


class DebtorsFilterForm(Form):
    """Words, 利用率 and 状況 in the 取引先一覧."""

    q = TextField(label="企業名・法人番号", max_length=60, required=False, autocomplete="off")
    level = ChoiceField(label="利用率・遅延", choices=LEVELS, control="select", required=False)
    state = ChoiceField(
        label="状況",
        choices=[("", "すべて"), *((one.value, one.label) for one in STATES)],
        control="select",
        required=False,
    )
    cover = ChoiceField(label="補償期間", choices=[], control="select", required=False)

    def __init__(self, *args: Any, covers: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        if len(covers) > 1:
            cast(ChoiceField, self.fields["cover"]).choices = covers
        else:
            del self.fields["cover"]


class BalanceForm(Form):
    """残高を更新."""

    balance = MoneyField(label="債権残高", hint="基準日現在の売掛金・受取手形・割引手形・裏書手形の合計")
    day = DateField(label="基準日")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (day := values.get("day")) and day > timezone.localdate():
            self.add_error("day", "基準日は今日までの日を入力してください。")
        return values


class AskForm(Form):
    """再発行を依頼."""

    reason = NoteField(
        label="再発行を依頼する理由", max_length=200, rows=3, hint="例：紛失したため。商号が変わったため。"
    )
