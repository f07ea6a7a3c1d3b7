"""保険料の目安: sales, 売掛債権回転期間 and 適用料率 (ux.md 5.5)."""

from decimal import Decimal

from portal.ui.fields import MoneyField
from portal.ui.forms import Form, Section

PRESET = {"sales": 400_000_000, "months": Decimal(3), "rate": Decimal(1)}
"""The seed's example: a wholesaler who sells to makers of parts."""


class SimulatorForm(Form):
    """What is asked; nothing of it is stored. `rate` is in per cent, as people say it."""

    sections = (Section("条件", ("sales", "months", "rate")),)

    sales = MoneyField(label="年間売上高", min_value=1, max_digits=13, hint="例：4億円")
    months = MoneyField(
        label="売掛債権回転期間",
        unit="か月",
        decimals=1,
        min_value=Decimal("0.1"),
        max_value=24,
        max_digits=2,
        hint="売掛債権残高 ÷（年間売上高 ÷ 12）",
    )
    rate = MoneyField(
        label="適用料率",
        unit="%",
        decimals=3,
        min_value=Decimal("0.001"),
        max_value=10,
        max_digits=2,
        hint="支払限度額の合計に対する1年間の保険料の割合。審査のあとで決まります",
    )
