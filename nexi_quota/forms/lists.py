"""Filters of the lists, and the search of 海外商社."""

from collections.abc import Iterable
from typing import Any

from nexi_quota import selectors
from nexi_quota.enums import Product
from portal.common.text import half
from portal.ui.fields import ChoiceField, DateField, TextField
from portal.ui.forms import Form


def _filter_products() -> Iterable[tuple[str, str]]:
    return [("", "すべて"), *Product.choices]


class ConfirmationFilterForm(Form):
    """What 個別保証枠一覧 can be narrowed to (nexi.md 7.1)."""

    q = TextField(label="支払人名・番号・整理番号", max_length=60, required=False)
    product = ChoiceField(label="保険種", choices=_filter_products(), control="select", required=False)
    country = ChoiceField(label="国", control="select", required=False)
    whose = ChoiceField(
        label="範囲", choices=[("", "会社全体"), ("own", "自分の申込み")], control="select", required=False
    )
    since = DateField(label="有効期限（から）", required=False)
    until = DateField(label="有効期限（まで）", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("country", [("", "すべて"), *selectors.choices().countries])


class BuyerSearchForm(Form):
    """海外商社検索 (S40)."""

    q = TextField(label="海外商社コード・名称・国名", max_length=100, required=False)

    def clean_q(self) -> str:
        """Find also what was typed in full width: names are registered in half-width letters."""
        return half(self.cleaned_data["q"])
