"""Holds, releases, due dates and validity: nexi.md 5.4 to 5.7."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexi_quota.enums import SETTLEMENT_METHODS, Days, SettlementMethod
from nexi_quota.rules import (
    confirmable,
    expires_on,
    is_valid,
    part_to_free,
    proposed_due,
    released_yen,
    to_yen,
    usance_days,
)
from tests.nexi_quota.cases import unhurried


@pytest.mark.parametrize(
    ("amount", "rate", "yen"),
    [
        ("400000.00", "150.00", 60_000_000),
        ("0.01", "150.00", 2),
        ("0.01", "0.000001", 1),
        ("100.00", "1.000000", 100),
        ("100.00", "1.000001", 101),
        ("999999999999999.99", "999999.999999", 999_999_999_998_999_990_001),
    ],
)
def test_a_hold_is_rounded_up_to_the_yen(amount: str, rate: str, yen: int) -> None:
    assert to_yen(Decimal(amount), Decimal(rate)) == yen


def test_what_was_paid_in_advance_is_not_asked_for() -> None:
    assert confirmable(Decimal("400000.00"), Decimal("100000.50")) == Decimal("299999.50")


def test_forty_then_sixty_percent_return_the_hold_to_the_yen() -> None:
    amount, rate = Decimal("333333.33"), Decimal("150.123456")
    held = to_yen(amount, rate)
    first = Decimal("133333.33")
    freed = released_yen(first, rate, open_amount=amount, open_jpy=held)
    rest = released_yen(amount - first, rate, open_amount=amount - first, open_jpy=held - freed)
    assert freed == 20_016_460
    assert freed + rest == held


@pytest.mark.parametrize("amount", ["0", "-0.01", "100.01"])
def test_nothing_and_more_than_what_is_open_cannot_be_released(amount: str) -> None:
    with pytest.raises(ValueError, match="within what is open"):
        released_yen(Decimal(amount), Decimal(150), open_amount=Decimal(100), open_jpy=15_000)


@pytest.mark.parametrize(
    ("reduced", "unused", "is_last", "freed"),
    [
        # One of two 枝番 of 100 + 300 is settled, then the other.
        ("100", "400", False, "100"),
        ("300", "300", True, "300"),
        # The quota was larger than the contracts: nothing stays held after the last.
        ("300", "350.50", True, "350.50"),
        # 枠戻通知 has returned a part already: no more is freed than is there.
        ("300", "120.25", False, "120.25"),
        ("300", "120.25", True, "120.25"),
    ],
)
def test_the_last_contract_frees_everything_and_another_no_more_than_there_is(
    reduced: str, unused: str, is_last: bool, freed: str
) -> None:
    assert part_to_free(Decimal(reduced), Decimal(unused), is_last=is_last) == Decimal(freed)


cents = st.integers(1, 10**17 - 1).map(lambda n: Decimal(n).scaleb(-2))
rates = st.integers(1, 10**12 - 1).map(lambda n: Decimal(n).scaleb(-6))


@unhurried
@given(cents, rates, st.lists(st.integers(1, 99), max_size=6))
def test_any_releases_cover_what_stays_open_and_end_at_nothing(
    amount: Decimal, rate: Decimal, parts: list[int]
) -> None:
    open_amount, open_jpy = amount, to_yen(amount, rate)
    for percent in [*parts, 100]:
        part = open_amount if percent == 100 else (open_amount * percent / 100).quantize(Decimal("0.01"))
        if not 0 < part <= open_amount:
            continue
        open_jpy -= released_yen(part, rate, open_amount=open_amount, open_jpy=open_jpy)
        open_amount -= part
        assert open_jpy >= (to_yen(open_amount, rate) if open_amount else 0)
        if not open_amount:
            break
    assert (open_amount, open_jpy) == (0, 0)


@pytest.mark.parametrize(
    ("code", "usance", "due"),
    [
        ("30", None, date(2027, 3, 2)),
        ("20", 90, date(2027, 5, 1)),
        ("21", 90, date(2027, 5, 31)),
        ("20", 1, date(2027, 2, 1)),
        ("20", None, None),
        ("21", None, None),
        ("29", 90, None),
        ("60", None, None),
    ],
)
def test_the_due_date_is_proposed_from_the_method(code: str, usance: int | None, due: date | None) -> None:
    assert proposed_due(date(2027, 1, 31), SETTLEMENT_METHODS[code], usance) == due


def test_a_leap_day_counts_in_the_proposal() -> None:
    assert proposed_due(date(2028, 1, 31), SETTLEMENT_METHODS["10"], None) == date(2028, 3, 1)


def test_beyond_the_calendar_nothing_is_proposed() -> None:
    assert proposed_due(date.max, SETTLEMENT_METHODS["30"], None) is None


@pytest.mark.parametrize("method", SETTLEMENT_METHODS.values(), ids=lambda method: method.code)
def test_every_method_proposes_by_its_kind_of_days(method: SettlementMethod) -> None:
    days = {Days.FIXED: 30, Days.USANCE: 45, Days.USANCE_PLUS_30: 75}.get(method.days)
    due = proposed_due(date(2026, 12, 1), method, 45)
    assert (due and usance_days(date(2026, 12, 1), due)) == days


@pytest.mark.parametrize(
    ("confirmed", "last_day"),
    [
        (date(2026, 11, 21), date(2027, 2, 21)),
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 11, 28), date(2027, 2, 28)),
        (date(2027, 1, 31), date(2027, 4, 30)),
        (date(2026, 12, 31), date(2027, 3, 31)),
        (date(2028, 2, 29), date(2028, 5, 29)),
    ],
)
def test_a_confirmation_is_valid_for_three_months_to_the_end_of_the_day(confirmed: date, last_day: date) -> None:
    assert expires_on(confirmed) == last_day
    assert is_valid(confirmed, confirmed)
    assert is_valid(confirmed, last_day)
    assert not is_valid(confirmed, date.fromordinal(last_day.toordinal() + 1))
