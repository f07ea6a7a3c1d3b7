"""保証料計算 (esurety.md 7): amount, product, online or not."""

from esurety.enums import Product
from portal.ui.fields import ChoiceField, MoneyField
from portal.ui.forms import Form

MOST_YEN = 999_999_999_999


class FeeForm(Form):
    """What is asked; nothing of it is stored."""

    amount = MoneyField(label="保証金額", min_value=1, max_value=MOST_YEN, max_digits=12)
    product = ChoiceField(label="商品名", choices=Product.choices, initial=Product.ADV)
    online = ChoiceField(
        label="申込方法",
        choices=[("yes", "インターネット"), ("no", "書面")],
        initial="yes",
    )
