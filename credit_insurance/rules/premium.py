"""保険料, 適用料率 and 期間中支払限度額 (credit_insurance.md 8.4, 8.5, 8.13): exact fractions, one rounding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from credit_insurance.rules.deadlines import months_left

Rate = Decimal | Fraction
"""A part of one: 1 % is 0.01."""

YEAR = 12
RATE_PLACES = 5
PERIOD_LIMIT_UNIT = 1_000_000
PERIOD_LIMIT_SHARE = Fraction(30, 100)


@dataclass(frozen=True)
class ClassLimit:
    """The limit of one debtor in yen, and the base rate of its class (None in a class that is not insured)."""

    limit: int
    base_rate: Decimal | None


@dataclass(frozen=True)
class Change:
    """A debtor's limit before and after, in yen; `rate` where the underwriter set one for this line."""

    old: int
    new: int
    rate: Decimal | None = None


@dataclass(frozen=True)
class Rounding:
    """How a premium becomes whole yen: to the nearest `unit`, half up, and not below `minimum`."""

    unit: int = 10
    minimum: int = 0


PLAIN = Rounding()


def _half_up(value: Fraction, unit: int = 1) -> int:
    return int((value / unit + Fraction(1, 2)) // 1) * unit


def _places(value: Fraction, places: int) -> Decimal:
    return Decimal(_half_up(value * 10**places)).scaleb(-places)


def weighted_rate(limits: Iterable[ClassLimit]) -> Fraction:
    """Return the mean of the base rates, weighted by the limits; ValueError without a limit, or with one in class 6."""
    lines = [line for line in limits if line.limit]
    if not lines:
        raise ValueError("no debtor has a limit")
    if any(line.base_rate is None for line in lines):
        raise ValueError("a class that is not insured has a limit")
    total = sum(line.limit for line in lines)
    return sum((line.limit * Fraction(line.base_rate or 0) for line in lines), Fraction(0)) / total


def applied_rate(weighted: Rate, adjustment: Rate = Decimal(0)) -> Decimal:
    """Return 適用料率: `weighted` with 調整率 (−0.074 is −7.4 %), half up to 0.001 percentage points."""
    return _places(Fraction(weighted) * (1 + Fraction(adjustment)), RATE_PLACES)


def receivables(sales: int, turnover_months: Rate) -> int:
    """Return 売掛債権額 in whole yen that 年間売上高 in yen and 売掛債権回転期間 come to."""
    return int(Fraction(sales) * Fraction(turnover_months) / YEAR)


def annual_premium(total_limit: int, rate: Rate) -> Fraction:
    """Return 年間保険料 of the sum of limits in yen, not rounded."""
    return total_limit * Fraction(rate)


def premium(total_limit: int, rate: Rate, months: int, rounding: Rounding = PLAIN) -> int:
    """Return 保険料 in yen for `months` of 12; the minimum is what is paid at least, whatever the months."""
    return max(_half_up(annual_premium(total_limit, rate) * months / YEAR, rounding.unit), rounding.minimum)


def line_shares(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` yen out over debtors in proportion to `weights` (limits, or limit × own rate): it always adds up.

    The largest remainders get the yen that are left; equal ones in the order of the lines. ValueError when there is
    something to share and nothing to share it over.
    """
    whole = sum(weights)
    if not whole:
        if total:
            raise ValueError("no debtor has a limit")
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(total * weights[place] % whole))
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares


def cost_on_sales(rate: Rate, turnover_months: Rate) -> Decimal:
    """Return 対売上コスト in per cent with two decimals, half up: 適用料率 × 売掛債権回転期間 ÷ 12."""
    return _places(Fraction(rate) * Fraction(turnover_months) * 100 / YEAR, 2)


def proposed_period_limit(limits: Sequence[int]) -> int:
    """Return 期間中支払限度額 to propose: the largest limit or 30 % of all, rounded up to 1,000,000 yen.

    Never more than the sum of the limits, even where rounding up would exceed it; 0 without limits.
    """
    total = sum(limits)
    wanted = max(Fraction(max(limits, default=0)), PERIOD_LIMIT_SHARE * total)
    return min(-(-wanted // PERIOD_LIMIT_UNIT) * PERIOD_LIMIT_UNIT, total)


def period_limit_bounds(limits: Sequence[int]) -> tuple[int, int]:
    """Return the least and the most 期間中支払限度額: the largest limit and the sum of the limits."""
    return max(limits, default=0), sum(limits)


# --- During the period ----------------------------------------------------------------


def additional_premium(changes: Iterable[Change], rate: Decimal, months: int, unit: int = 10) -> int:
    """Return 追加保険料 of one change request in yen, rounded once; a member's decrease gives nothing back."""
    more = sum(
        (
            max(change.new - change.old, 0) * Fraction(rate if change.rate is None else change.rate)
            for change in changes
        ),
        Fraction(0),
    )
    return _half_up(more * months / YEAR, unit)


def reduction_refund(old: int, new: int, rate: Rate, effective: date, unit: int = 10) -> int:
    """Return what an insurer's reduction from `effective` on gives back in yen: whole months left only (8.13)."""
    return _half_up(max(old - new, 0) * Fraction(rate) * months_left(effective) / YEAR, unit)
