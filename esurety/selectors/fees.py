"""保証料率表 of a day (esurety.md 7.2)."""

from datetime import date

from esurety.models import FeeTable
from esurety.rules.fees import Band, Table


def as_table(row: FeeTable) -> Table:
    """Return a stored 保証料率表 for the rules; one query unless `bands` was prefetched."""
    bands = tuple(Band(band.upper, band.ppm) for band in row.bands.all())
    return Table(bands, row.minimum, row.discount, row.discount_from)


def table_on(product: str, day: date) -> Table:
    """Return the 保証料率表 of a product that applies on `day`; raises FeeTable.DoesNotExist where none does."""
    rows = FeeTable.objects.filter(product=product, valid_from__lte=day).order_by("-valid_from")
    return as_table(rows[:1].get())
