"""Filters of the lists, and the search of 海外商社."""

from collections.abc import Iterable
from typing import Any

from nexi_quota import selectors
from nexi_quota.enums import ConfirmationState, Product
from portal.common.text import half
from portal.ui.fields import ChoiceField, DateField, TextField
from portal.ui.forms import Form

ANY = ("", "すべて")


def _filter_products() -> Iterable[tuple[str, str]]:
    return [ANY, *Product.choices]


class SearchForm(Form):
    """One box of words; found is also what was typed in full width, as codes and names are stored in half width."""

    def clean_q(self) -> str:
        return half(self.cleaned_data["q"])


class ConfirmationFilterForm(SearchForm):
    """What 個別保証枠一覧 can be narrowed to (nexi.md 7.1)."""

    q = TextField(label="支払人名・番号・整理番号", max_length=60, required=False)
    product = ChoiceField(label="保険種", choices=_filter_products(), control="select", required=False)
    country = ChoiceField(label="国", control="select", required=False)
    state = ChoiceField(
        label="状態",
        choices=[ANY, *((state, str(state.label)) for state in (ConfirmationState.VALID, ConfirmationState.INSURED))],
        control="select",
        required=False,
    )
    whose = ChoiceField(
        label="範囲", choices=[("", "会社全体"), ("own", "自分の申込み")], control="select", required=False
    )
    since = DateField(label="有効期限（から）", required=False)
    until = DateField(label="有効期限（まで）", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("country", [ANY, *selectors.choices().countries])


class ContractFilterForm(SearchForm):
    """What 保有契約一覧 can be narrowed to (nexi.md 7.2)."""

    q = TextField(label="支払人名・番号・整理番号", max_length=60, required=False)
    product = ChoiceField(label="保険種", control="select", required=False)
    country = ChoiceField(label="国", control="select", required=False)
    since = DateField(label="決済期限（から）", required=False)
    until = DateField(label="決済期限（まで）", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = [(product.value, product.label) for product in selectors.contract_products()]
        self.offer("product", [ANY, *listed])
        self.offer("country", [ANY, *selectors.choices().countries])


class BuyerSearchForm(SearchForm):
    """海外商社検索 (S40)."""

    q = TextField(label="海外商社コード・名称・国名", max_length=100, required=False)
