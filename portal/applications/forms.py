"""The filter bar of 申込状況一覧."""

from typing import Any

from portal.applications.kinds import kinds_of
from portal.applications.models import State
from portal.ui.fields import ChoiceField, DateField, MoneyField, TextField
from portal.ui.forms import Form


class FilterForm(Form):
    """What the list can be narrowed to: words, procedure, state, time, amount, own or company."""

    q = TextField(label="番号・相手方・整理番号", max_length=60, required=False)
    kind = ChoiceField(label="手続種別", choices=(), control="select", required=False)
    state = ChoiceField(
        label="手続状況", choices=[("", "入力中・手続完了"), *State.choices], control="select", required=False
    )
    whose = ChoiceField(
        label="範囲", choices=[("", "会社全体"), ("own", "自分の申込み")], control="select", required=False
    )
    since = DateField(label="入力日（から）", required=False)
    until = DateField(label="入力日（まで）", required=False)
    least = MoneyField(label="金額（以上）", required=False)
    most = MoneyField(label="金額（以下）", required=False)

    def __init__(self, *args: Any, portal: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("kind", [("", "すべて"), *((kind.slug, kind.title) for kind in kinds_of(portal))])
