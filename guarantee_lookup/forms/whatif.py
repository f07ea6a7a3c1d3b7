"""試算 (guarantee_lookup.md 3.6): what is asked beside the result that it starts from."""

from typing import Any

from guarantee_lookup.enums import Row, Sharing
from guarantee_lookup.rules.whatif import SPECIAL_POOLS, Product, Wish
from portal.ui.fields import ChoiceField, MoneyField
from portal.ui.forms import Form

MOST_YEN = 999_999_999_999

PRODUCTS = {
    Product.ORDINARY: "一般の保証",
    Product.MICRO: "小口零細企業保証",
    Product.BOND: "特定社債保証",
    Product.RECEIVABLES: "流動資産担保融資保証",
}
SN_ITEMS = [(0, "なし"), *((item, f"{item}号") for item in range(1, 9))]
BY_ROW = {
    "repaid": (
        "この融資で返済する既存の保証",
        "返済額",
        "借換えのときに、この融資で返済する保証付融資の保証残高を、保険の行ごとに入力します。",
    ),
    "elsewhere": (
        "他の信用保証協会の利用",
        "他協会の利用額",
        "お客様から聞き取った額を入力します。当協会の利用残高には含まれていません。",
    ),
    "affiliates": (
        "関連会社の利用",
        "関連会社の利用額",
        "一体とみて審査されることのある関連会社の利用額を入力します。",
    ),
}
"""Amounts that are asked for each row: heading, label, what to fill in."""


def _names(kind: str) -> tuple[str, ...]:
    return tuple(f"{kind}_{row.value}" for row in Row)


class WhatIfForm(Form):
    """What is tried out. `case` holds the remainders of the pools: a product without one is not offered."""

    amount = MoneyField(label="借入希望額", min_value=1, max_value=MOST_YEN, max_digits=12)
    product = ChoiceField(label="保証の種類", choices=PRODUCTS.items(), initial=Product.ORDINARY, control="select")
    is_secured = ChoiceField(label="担保", choices=[(False, "なし"), (True, "あり")], initial=False)
    certificate = ChoiceField(
        label="SN（経営安定関連）の認定書",
        choices=SN_ITEMS,
        initial=0,
        control="select",
        hint="SNの行は、市区町村の有効な認定書があるときだけ利用できます。",
    )
    is_shared = ChoiceField(label="責任共有制度", choices=[(True, "対象"), (False, "対象外")], initial=True)
    method = ChoiceField(
        label="責任共有方式",
        choices=Sharing.choices,
        hint="部分保証方式は融資額の80％、負担金方式は全額を保証額として計算します。",
    )

    main = ("amount", "product", "is_secured", "certificate", "is_shared", "method")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, (_, label, _) in BY_ROW.items():
            for row, name in zip(Row, _names(kind), strict=True):
                self.fields[name] = MoneyField(
                    label=f"{label}（{row.label}）", required=False, max_value=MOST_YEN, max_digits=12
                )
        offered = [
            (product, words)
            for product, words in PRODUCTS.items()
            if product not in SPECIAL_POOLS or any(pool in self.case for pool in SPECIAL_POOLS[product])
        ]
        self.offer("product", offered)

    def extras(self) -> list[dict[str, Any]]:
        """Return the amounts by row, for the page to fold away while none of them is filled in or wrong."""
        return [
            {
                "title": title,
                "intro": intro,
                "names": _names(kind),
                "is_open": any(self.errors.get(name) or any(self.typed_value(name)) for name in _names(kind)),
            }
            for kind, (title, _, intro) in BY_ROW.items()
        ]

    def wish(self) -> Wish:
        """Return what a valid form asks for."""
        answers = self.cleaned_data
        amounts = {
            kind: {row: answers[name] for row, name in zip(Row, _names(kind), strict=True) if answers[name]}
            for kind in BY_ROW
        }
        return Wish(
            amount=answers["amount"],
            is_secured=answers["is_secured"],
            certificate=answers["certificate"],
            is_partial=answers["method"] == Sharing.PARTIAL,
            is_shared=answers["is_shared"],
            product=Product(answers["product"]),
            **amounts,
        )
