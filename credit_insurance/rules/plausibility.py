"""希望限度額 against the trade it is for (credit_insurance.md 8.6): limits must fit the real business."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from fractions import Fraction

LEAST, LEAST_PLAIN = Decimal("0.50"), Decimal("0.80")
MOST_PLAIN, MOST = Decimal("1.20"), Decimal("1.50")
GOOD_CLASSES, BAD_CLASSES = (1, 2), (4, 5)


class Fit(Enum):
    """Result of the ratio test."""

    PLAIN = "plain"
    NEEDS_REASON = "needs_reason"
    TOO_LOW = "too_low"
    TOO_HIGH = "too_high"
    NO_REFERENCE = "no_reference"

    @property
    def is_error(self) -> bool:
        """True when the line cannot be submitted; a reason does not help."""
        return self not in {Fit.PLAIN, Fit.NEEDS_REASON}


@dataclass(frozen=True)
class Plausibility:
    """`reference` in yen, `ratio` with two decimals (None without a reference)."""

    reference: int
    ratio: Decimal | None
    fit: Fit


def plausibility(requested: int, balance_max: int, balance_forecast: int | None) -> Plausibility:
    """Return how `requested` fits the larger of 最大債権残高 and 見込み債権残高, all in yen.

    The ratio is rounded half up to two decimals before it is judged.
    """
    reference = max(balance_max, balance_forecast or 0)
    if reference <= 0:
        return Plausibility(0, None, Fit.NO_REFERENCE)
    ratio = (Decimal(requested) / reference).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Plausibility(reference, ratio, _fit(ratio))


def _fit(ratio: Decimal) -> Fit:
    if ratio < LEAST:
        return Fit.TOO_LOW
    if ratio > MOST:
        return Fit.TOO_HIGH
    return Fit.PLAIN if LEAST_PLAIN <= ratio <= MOST_PLAIN else Fit.NEEDS_REASON


def is_adverse(lines: Iterable[tuple[int, Decimal]]) -> bool:
    """Return True for 逆選択の疑い: low limits asked for good debtors (classes 1, 2), high ones for bad (4, 5).

    `lines` are class and ratio of each debtor; both groups must be there.
    """
    found = list(lines)
    good = [ratio for number, ratio in found if number in GOOD_CLASSES]
    bad = [ratio for number, ratio in found if number in BAD_CLASSES]
    return bool(good and bad) and _mean(good) < Fraction(LEAST_PLAIN) and _mean(bad) > 1


def _mean(ratios: list[Decimal]) -> Fraction:
    return sum((Fraction(ratio) for ratio in ratios), Fraction(0)) / len(ratios)
