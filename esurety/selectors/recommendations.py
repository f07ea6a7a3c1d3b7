"""保証申込のお勧め: what a contractor may apply for next (esurety.md 3.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from esurety.enums import GuaranteeState, ItemState, Product
from esurety.models import Guarantee, Item, Request
from esurety.rules.facts import Works
from esurety.rules.limits import year_base, year_row
from esurety.rules.periods import earliest_mid, period_of
from esurety.selectors.bodies import money_rules
from esurety.selectors.requests import ENDED
from portal.common.calendar import fiscal_year

if TYPE_CHECKING:
    from portal.accounts.permissions import Member

LOOKED_AT = 200
"""The newest 前払金保証 that are looked through."""


@dataclass(frozen=True)
class Recommendation:
    """A 前払金保証 that another guarantee can follow: this year's, or the 中間前払金保証."""

    product: Product
    advance: Guarantee
    fiscal_year: int | None
    base_amount: int | None

    @property
    def item(self) -> Item:
        """What the advance was applied for with."""
        item: Item = self.advance.item
        return item

    @property
    def why(self) -> str:
        if self.product == Product.MID:
            return "工期の2分の1を経過しました。発注者の認定を受けると、中間前払金保証を申し込めます。"
        return f"複数年度の工事です。{self.fiscal_year}年度の前払金保証を申し込めます。"


def recommendations(user: "Member", today: date) -> list[Recommendation]:
    """Return what the contractor may apply for next and has not, the newest advance first. Two queries."""
    own = Item.objects.filter(request__in=Request.objects.visible_to(user), product__in=[Product.ADV, Product.MID])
    advances = (
        own.filter(product=Product.ADV, state=ItemState.ISSUED, guarantee__isnull=False)
        .select_related("guarantee__item__request__application", "guarantee__body", "request")
        .order_by("-pk")[:LOOKED_AT]
    )
    taken = _taken(own)
    found = []
    for item in advances:
        for one in _following(item, today):
            key = (*_works_key(item.request.works), one.product, one.fiscal_year)
            if key not in taken:
                taken.add(key)
                found.append(one)
    return found


def _works_key(works: Works) -> tuple[str, str, str]:
    return works["body"], works["name"], works["contract_on"]


def _taken(own: QuerySet[Item]) -> set[tuple[object, ...]]:
    alive = own.exclude(state__in=ENDED).values_list("request__works", "product", "details")
    return {(*_works_key(works), product, details.get("fiscal_year")) for works, product, details in alive}


def _following(item: Item, today: date) -> Iterator[Recommendation]:
    works: Works = item.request.works
    guarantee, year, this = item.guarantee, item.details.get("fiscal_year"), fiscal_year(today)
    if guarantee.state == GuaranteeState.ACTIVE and earliest_mid(works, year) <= today <= period_of(works, year)[1]:
        yield Recommendation(Product.MID, guarantee, year, item.base_amount)
    row = year_row(works, this)
    if row and row["plan"] and year is not None and year < this and guarantee.state != GuaranteeState.CANCELLED:
        base = year_base(money_rules(guarantee.body), works, this)
        yield Recommendation(Product.ADV, guarantee, this, base)
