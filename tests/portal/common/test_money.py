"""What people type as an amount, and how amounts are written back (ux.md 2.3)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common import money


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("58646000", 58_646_000),
        ("58,646,000", 58_646_000),
        ("５８，６４６，０００", 58_646_000),
        ("58、646、000", 58_646_000),
        ("58.646.000", 58_646_000),
        ("58．646．000", 58_646_000),
        ("1.234", 1_234),
        ("58 646 000", 58_646_000),
        ("58　646　000", 58_646_000),
        ("58, 646, 000", 58_646_000),
        (" 12,345 \t", 12_345),
        ("12,345\n", 12_345),
        ("\u200b12345\ufeff", 12_345),
        ("¥12,345", 12_345),
        ("￥12,345", 12_345),
        ("￥ １２，３４５", 12_345),
        ("12,345円", 12_345),
        ("12,345 円", 12_345),
        ("120千円", 120_000),
        ("1,200千円", 1_200_000),
        ("5百万円", 5_000_000),
        ("12百万円", 12_000_000),
        ("500万円", 5_000_000),
        ("500万", 5_000_000),
        ("1億", 100_000_000),
        ("1億円", 100_000_000),
        ("１億２，０００万", 120_000_000),
        ("1億2,000万", 120_000_000),
        ("1億 2,000万 円", 120_000_000),
        ("1億2千万", 120_000_000),
        ("5,864万6,000円", 58_646_000),
        ("1.5億", 150_000_000),
        ("1.234億円", 123_400_000),
        ("1.5千円", 1_500),
        ("0.5百万円", 500_000),
        ("1万5000", 15_000),
        ("1兆2億3万4", 1_000_200_030_004),
        ("0", 0),
        ("007", 7),
        ("999999999999999", 999_999_999_999_999),
        ("999,999,999,999,999", 999_999_999_999_999),
        ("999兆9999億9999万9999円", 999_999_999_999_999),
    ],
)
def test_an_amount_is_read_in_every_way_it_is_written(typed, amount):
    assert money.parse_yen(typed) == amount


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "円", "¥", "千円", "億", ".", ",", "-"),
        *("1e3", "1E+1000000", "1_000", "NaN", "Infinity", "inf", "0x10", "+5", "10^30"),
        *("٣", "٣٤٥", "१२३", "一億", "①", "10³", "½", "1/2"),
        *("12,34", "1,2345", "1,2340", "1234,567", "1,23,456", ",123", "1,", "1,,234", "1,234 567", "1 2 3", "12 34"),
        *("1.234,56", "1.234.56", "1.2.3", ".5", "5.", "1,234.567.890"),
        *("約3百万", "3百万くらい", "12,345円也", "USD 100", "$100", "100ドル", "1000-", "(1,000)"),
        *(
            "1億1億",
            "2,000万1億",
            "1億12,000万",
            "1万2万",
            "1.5億2,000万",
            "1億2.5万",
            "1千2百万",
            "2千5百万円",
            "1万億",
            "1億億",
        ),
        *("1円2", "円1", "1円円", "￥￥", "1\x00.\x005\ud800"),
        "1" * 5000,
    ],
)
def test_what_has_no_certain_meaning_is_refused(typed):
    with pytest.raises(money.Unreadable) as refused:
        money.parse_yen(typed)
    assert type(refused.value) is money.Unreadable
    assert len(str(refused.value)) <= 100


@pytest.mark.parametrize(
    "typed", ["-1", "−1", "－1", "△1,000", "▲1,000", "▲ 1,000円", "ー100", "¥-100", "-￥100", "-0"]
)
def test_a_negative_amount_is_refused_with_its_reason_unless_the_field_allows_it(typed):
    with pytest.raises(money.Negative):
        money.parse_yen(typed)
    assert money.parse_yen(typed, negative=True) == -money.parse_yen(typed.lstrip("-−－△▲ー").replace("¥-", ""))


@pytest.mark.parametrize(
    "typed", ["1000000000000000", "1" + "0" * 30, "1,000,000,000,000,000", "1000兆", "9999999999億"]
)
def test_more_than_fifteen_digits_are_refused(typed):
    with pytest.raises(money.TooLarge):
        money.parse_yen(typed)


def test_fifteen_digits_are_counted_after_conversion_to_the_main_unit():
    assert money.parse_yen("999,999,999,999", unit=1000) == 999_999_999_999_000
    with pytest.raises(money.TooLarge):
        money.parse_yen("1,000,000,000,000", unit=1000)


@pytest.mark.parametrize(
    ("typed", "decimals"),
    [
        ("0.1", 0),
        ("1000.0", 0),
        ("1,234.56", 0),
        ("1.5円", 0),
        ("0.00001万", 0),
        ("1.234", 2),
        ("1.005", 2),
        ("0.1234", 3),
    ],
)
def test_a_fraction_longer_than_the_currency_has_is_its_own_error(typed, decimals):
    with pytest.raises(money.TooManyDecimals):
        money.parse_amount(typed, decimals=decimals)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("0.12", "0.12"),
        ("1234.56", "1234.56"),
        ("1,234.5", "1234.50"),
        ("１，２３４．５６", "1234.56"),
        ("1.234.567", "1234567.00"),
        ("12", "12.00"),
    ],
)
def test_foreign_money_is_read_with_its_decimals(typed, amount):
    read = money.parse_amount(typed, decimals=2, in_yen=False)
    assert str(read) == amount


@pytest.mark.parametrize("typed", ["1,000円", "¥1,000", "￥1,000", "10万円"])
def test_yen_typed_into_a_field_of_another_currency_are_refused(typed):
    with pytest.raises(money.Unreadable):
        money.parse_amount(typed, decimals=2, in_yen=False)


@pytest.mark.parametrize(
    ("typed", "unit", "amount"),
    [
        ("1,500", 1000, 1_500_000),
        ("1,500千円", 1000, 1_500_000),
        ("1,500,000円", 1000, 1_500_000),
        ("¥1,500,000", 1000, 1_500_000),
        ("150万", 1000, 1_500_000),
        ("1,500千円", 1, 1_500_000),
        ("15", 1_000_000, 15_000_000),
        ("1500万", 1_000_000, 15_000_000),
    ],
)
def test_a_typed_unit_is_converted_and_a_bare_number_counts_the_units_of_the_field(typed, unit, amount):
    assert money.parse_yen(typed, unit=unit) == amount


@pytest.mark.parametrize(
    ("amount", "decimals", "shown"),
    [
        (58_646_000, 0, "58,646,000"),
        (0, 0, "0"),
        (-1_000, 0, "△1,000"),
        (Decimal("1234.5"), 2, "1,234.50"),
        (Decimal("1000.00"), 0, "1,000"),
        (Decimal("1000.005"), 2, "1,000.005"),
        (Decimal("1E+6"), 0, "1,000,000"),
        (Decimal("-0.00"), 2, "0.00"),
    ],
)
def test_amounts_are_grouped_and_never_rounded_for_show(amount, decimals, shown):
    assert money.group(amount, decimals) == shown


def test_yen_carry_their_unit():
    assert money.yen(58_646_000) == "58,646,000円"
    assert money.yen(Decimal("58646000.00")) == "58,646,000円"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "0円"),
        (9_999, "9,999円"),
        (10_000, "1万円"),
        (58_646_000, "5,864万6,000円"),
        (120_000_000, "1億2,000万円"),
        (100_002_000, "1億2,000円"),
        (1_000_000_000_000, "1兆円"),
        (999_999_999_999_999, "999兆9,999億9,999万9,999円"),
        (-15_000, "△1万5,000円"),
    ],
)
def test_the_second_reading_names_every_place(amount, words):
    assert money.spoken(amount) == words


@pytest.mark.parametrize(
    ("amount", "yen"),
    [("15000000", 15_000_000), ("15000000.01", 15_000_001), ("0.0000001", 1), ("0", 0), ("999999999999999.99", 10**15)],
)
def test_a_converted_amount_is_rounded_up_to_the_yen(amount, yen):
    assert money.round_up(Decimal(amount)) == yen


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("400000.00", "USD 400,000"), ("0.5", "USD 0.50"), ("1234.05", "USD 1,234.05"), ("0", "USD 0")],
)
def test_an_amount_in_a_currency_has_cents_only_where_there_are_some(amount, shown):
    assert money.money(Decimal(amount), "USD") == shown


@given(st.integers(0, 10**15 - 1))
def test_whatever_is_shown_reads_back_as_the_same_amount(amount):
    assert money.parse_yen(money.yen(amount)) == amount
    assert money.parse_yen(money.spoken(amount)) == amount
    assert money.parse_yen(str(amount)) == amount


@given(st.decimals(0, 10**13, places=2))
def test_foreign_amounts_read_back_as_shown(amount):
    assert money.parse_amount(money.group(amount, 2), decimals=2) == amount


@given(st.text(st.sampled_from("0123456789,.、 千百十万億兆円¥-△e_"), max_size=20))
def test_any_typed_text_is_an_amount_in_bounds_or_unreadable(typed):
    try:
        amount = money.parse_amount(typed, decimals=2)
    except money.Unreadable:
        return
    assert 0 <= amount < 10**15
    assert amount.as_tuple().exponent == -2
