"""国別引受方針 as dated samples (nexi.md 5.3): real values of 2017 to 2020, not the policy of today.

Where the source names only a month, the sample takes effect on the day of the announcement. The first day of an earlier
value is not public: such rows start on EARLIER.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from nexi_quota.enums.choices import Attitude, Product

OKU = 100_000_000
EARLIER = date(2010, 1, 1)


@dataclass(frozen=True, slots=True)
class PolicySample:
    """One dated row: 案件枠 in yen and ユーザンス in months, None for no limit."""

    country: str
    product: Product
    attitude: Attitude
    case_limit_jpy: int | None
    usance_months: int | None
    effective_from: date
    note: str = "サンプル"


def _conditional(
    countries: str, products: tuple[Product, ...], limit_jpy: int, months: int, since: date
) -> Iterator[PolicySample]:
    for country in countries.split():
        for product in products:
            yield PolicySample(country, product, Attitude.CONDITIONAL, limit_jpy, months, since)


_INDIVIDUAL, _SME, _EQUIPMENT, _BILL = ((product,) for product in Product)
_SHORT_TERM = (Product.INDIVIDUAL, Product.SME, Product.EQUIPMENT)
_NICARAGUA, _ZAMBIA = date(2017, 11, 6), date(2018, 9, 7)

POLICY_SAMPLES: tuple[PolicySample, ...] = (
    PolicySample("310", Product.INDIVIDUAL, Attitude.OPEN, 20 * OKU, 12, _NICARAGUA),
    PolicySample("310", Product.SME, Attitude.OPEN, None, None, _NICARAGUA),
    *_conditional("310", _EQUIPMENT, 20 * OKU, 12, _NICARAGUA),
    *_conditional("310", _BILL, OKU // 10, 12, EARLIER),
    *_conditional("310", _BILL, 2 * OKU, 12, _NICARAGUA),
    *_conditional("554", _INDIVIDUAL + _EQUIPMENT, 20 * OKU, 12, EARLIER),
    *_conditional("554", _INDIVIDUAL + _EQUIPMENT, 5 * OKU, 12, _ZAMBIA),
    *_conditional("554", _EQUIPMENT, OKU, 6, date(2019, 10, 15)),
    *_conditional("554", _BILL, 2 * OKU, 12, EARLIER),
    *_conditional("554", _BILL, OKU // 2, 12, _ZAMBIA),
    *_conditional("131 151 157", _EQUIPMENT, 10 * OKU, 12, EARLIER),
    *_conditional("131 151 157", _EQUIPMENT, 20 * OKU, 12, date(2018, 7, 5)),
    *_conditional("131 151 157", _BILL, OKU, 12, EARLIER),
    *_conditional("131 151 157", _BILL, 2 * OKU, 12, date(2018, 7, 5)),
    *_conditional("518", _SHORT_TERM, 10 * OKU, 12, date(2020, 10, 8)),
    *_conditional("518", _BILL, OKU, 12, date(2020, 10, 8)),
    *_conditional("549", _SHORT_TERM, OKU, 6, date(2020, 10, 8)),
    *_conditional("549", _BILL, OKU // 10, 6, date(2020, 10, 8)),
    *(
        PolicySample(country, product, Attitude.SUSPENDED, None, None, date(2018, 7, 12))
        for country in ("600", "690", "691", "692", "693")
        for product in Product
    ),
)
