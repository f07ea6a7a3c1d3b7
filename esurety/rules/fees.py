"""保証料 (esurety.md 7.2): marginal bands, one floor at the end, minimum, discount; whole yen throughout."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

MILLION = 1_000_000


@dataclass(frozen=True)
class Band:
    """The part of 保証金額 up to `upper` (open: None) at `ppm` millionths."""

    upper: int | None
    ppm: int


@dataclass(frozen=True)
class Table:
    """保証料率表 of one product; `discount` is saved online from `discount_from` (保証金額) on."""

    bands: tuple[Band, ...]
    minimum: int = 0
    discount: int = 0
    discount_from: int = 0


@dataclass(frozen=True)
class Line:
    """One line of a 保証料計算書: the part of the amount above `lower`, and its fee in millionths of a yen."""

    lower: int
    upper: int | None
    amount: int
    ppm: int
    millionths: int

    @property
    def rate(self) -> str:
        """Return the rate in per cent: 0.36%, 0.065%."""
        return f"{rate_text(self.ppm)}%"


@dataclass(frozen=True)
class Quote:
    """保証料 of one amount: `gross` after the minimum, `net` is paid."""

    basis: int
    lines: tuple[Line, ...]
    gross: int
    discount: int
    is_minimum: bool

    @property
    def net(self) -> int:
        """Return お支払額 in yen."""
        return max(self.gross - self.discount, 0)

    def lines_json(self) -> list[dict[str, Any]]:
        """Return the lines as `esurety.models.Fee.lines` keeps them."""
        return [asdict(line) for line in self.lines]


def rate_text(ppm: int) -> str:
    """Return millionths in per cent, at least two decimals: 3600 is 0.36, 650 is 0.065."""
    whole, rest = divmod(ppm, 10_000)
    return f"{whole}.{f'{rest:04d}'.rstrip('0').ljust(2, '0')}"


def fault(bands: Sequence[Band]) -> str:
    """Return what is wrong with the bands of a table, in words, or "": from 0 on, no gap, no overlap, one open."""
    uppers = [band.upper for band in bands]
    bounds = [upper for upper in uppers if upper is not None]
    if len(uppers) - len(bounds) != 1:
        return "上限のない区分（最後の区分）を1つだけ入力してください。"
    if any(upper <= 0 for upper in bounds):
        return "保証金額の上限は1円以上にしてください。"
    if len(set(bounds)) < len(bounds):
        return "同じ上限の区分が2つあり、区分が重なっています。上限を変えてください。"
    return ""


def quote(table: Table, amount: int, *, online: bool = False, first: bool = True) -> Quote:
    """Return the 保証料 of `amount` yen; `first` is False for a change, which repeats no discount.

    ValueError for a table whose bands are not whole (see `fault`) or for an amount below 1.
    """
    if amount <= 0 or (wrong := fault(table.bands)):
        raise ValueError(wrong if amount > 0 else f"amount {amount}")
    lines = []
    lower = 0
    for band in sorted(table.bands, key=lambda band: (band.upper is None, band.upper)):
        part = (amount if band.upper is None else min(amount, band.upper)) - lower
        lines.append(Line(lower, band.upper, part, band.ppm, part * band.ppm))
        if band.upper is None or amount <= band.upper:
            break
        lower = band.upper
    computed = sum(line.millionths for line in lines) // MILLION
    has_discount = online and first and amount >= table.discount_from
    return Quote(
        amount,
        tuple(lines),
        max(computed, table.minimum),
        table.discount if has_discount else 0,
        is_minimum=computed < table.minimum,
    )


def difference(table: Table, amount: int, previous_gross: int) -> int:
    """Return what a change to `amount` costs beside `previous_gross` (before discount): negative is paid back.

    A longer 工期 alone costs nothing: the fee does not depend on time.
    """
    return quote(table, amount, first=False).gross - previous_gross
