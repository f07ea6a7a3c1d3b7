"""保証料率表 that every installation begins with (esurety.md 7.2): only the rate of 中間前払金保証 is public."""

from datetime import date

from django.db import transaction

from esurety.enums import Product
from esurety.models import FeeBand, FeeTable

SINCE = date(2022, 5, 9)
"""From when the first tables apply: the first day of 電子保証 in Japan."""

MILLION = 1_000_000

TABLES = {
    Product.ADV: ((3, 3600), (10, 3300), (50, 3000), (200, 2600), (None, 2200)),
    Product.MID: ((None, 650),),
    Product.CTR: ((10, 3000), (None, 2600)),
}
"""Bands: upper bound in million yen, rate in millionths."""

MINIMUM = {Product.ADV: 1000, Product.CTR: 1000}

DISCOUNT, DISCOUNT_FROM = 200, 3 * MILLION
"""インターネット割引 of a 前払金保証."""


@transaction.atomic
def load_fee_tables() -> int:
    """Add the table of each product that has none and return how many were added; what 経理 entered stays."""
    added = 0
    for product, bands in TABLES.items():
        if FeeTable.objects.filter(product=product).exists():
            continue
        has_discount = product == Product.ADV
        table, is_new = FeeTable.objects.get_or_create(
            product=product,
            valid_from=SINCE,
            defaults={
                "minimum": MINIMUM.get(product, 0),
                "discount": DISCOUNT if has_discount else 0,
                "discount_from": DISCOUNT_FROM if has_discount else 0,
            },
        )
        if is_new:
            FeeBand.objects.bulk_create(
                FeeBand(table=table, upper=upper and upper * MILLION, ppm=ppm) for upper, ppm in bands
            )
            added += 1
    return added
