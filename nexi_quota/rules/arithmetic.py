"""Money and dates of a quota: holds, releases, due dates, validity (nexi.md 5.4 to 5.7)."""

from datetime import date, timedelta
from decimal import Context, Decimal

from nexi_quota.enums import Days, SettlementMethod
from portal.common.calendar import add_months
from portal.common.money import round_up

VALIDITY_MONTHS = 3
SIGHT_DAYS = 30

# 17 digits of an amount times 12 of a rate exceed the default precision of 28.
_EXACT = Context(prec=60)


def to_yen(amount: Decimal, rate: Decimal) -> int:
    """Return `amount` × `rate` (yen per unit) in yen, rounded up to the yen (5.4)."""
    return round_up(_EXACT.multiply(amount, rate))


def confirmable(contract_amount: Decimal, advance: Decimal) -> Decimal:
    """Return the most that may be asked for: the contract amount without 前受金, in its currency (5.4)."""
    return contract_amount - advance


def released_yen(amount: Decimal, rate: Decimal, *, open_amount: Decimal, open_jpy: int) -> int:
    """Return the yen that a release of `amount` gives back at the frozen `rate` (5.5).

    `open_amount` and `open_jpy` are what is still held, in the currency and in yen. A part is rounded down, so that
    what stays held always covers what is open; the last release returns exactly the rest. ValueError unless
    0 < amount <= open_amount.
    """
    if not 0 < amount <= open_amount:
        raise ValueError("a release must be positive and within what is open")
    return open_jpy if amount == open_amount else int(_EXACT.multiply(amount, rate))


def part_to_free(reduced: Decimal, unused: Decimal, *, is_last: bool) -> Decimal:
    """Return what of `unused` is freed when a contract is reduced by `reduced`, both in the confirmation's currency.

    With the last open contract of the confirmation (`is_last`) nothing stays held; before, no more than is there.
    """
    return unused if is_last else min(reduced, unused)


def proposed_due(last_shipment: date, settlement: SettlementMethod, usance: int | None) -> date | None:
    """Return the 最終決済予定日 to propose (5.6), or None when the method gives none or ユーザンス日数 is missing."""
    if settlement.days is Days.FIXED:
        days = SIGHT_DAYS
    elif settlement.days.asks_usance and usance is not None:
        days = usance + (SIGHT_DAYS if settlement.days is Days.USANCE_PLUS_30 else 0)
    else:
        return None
    try:
        return last_shipment + timedelta(days=days)
    except OverflowError:
        return None


def usance_days(last_shipment: date, due: date) -> int:
    """Return the usance that the rules judge: days from the last shipment to the due date (5.6)."""
    return (due - last_shipment).days


def months_after(day: date, months: int) -> date:
    """Return the day `months` later (5.7), or the last day of the calendar where none is left."""
    try:
        return add_months(day, months)
    except (OverflowError, ValueError):
        return date.max


def expires_on(confirmed: date) -> date:
    """Return 保証枠有効期限: the last valid day, 3 months after `confirmed`, else the end of that month (5.7)."""
    return add_months(confirmed, VALIDITY_MONTHS)


def is_valid(confirmed: date, today: date) -> bool:
    """True through the end of the day of expiry (JST)."""
    return today <= expires_on(confirmed)
