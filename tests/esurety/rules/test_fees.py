"""保証料: the worked examples 1 to 13 of esurety.md 7.3 (F21)."""

import pytest

from esurety.rules.fees import Band, Table, difference, fault, quote, rate_text

MILLION = 1_000_000
TABLES = {
    "ADV": Table(
        (
            Band(3 * MILLION, 3600),
            Band(10 * MILLION, 3300),
            Band(50 * MILLION, 3000),
            Band(200 * MILLION, 2600),
            Band(None, 2200),
        ),
        minimum=1000,
        discount=200,
        discount_from=3 * MILLION,
    ),
    "MID": Table((Band(None, 650),)),
    "CTR": Table((Band(10 * MILLION, 3000), Band(None, 2600)), minimum=1000),
}


@pytest.mark.parametrize(
    ("row", "product", "amount", "online", "gross", "net"),
    [
        (1, "ADV", 20_000_000, True, 63_900, 63_700),
        (2, "CTR", 5_000_000, True, 15_000, 15_000),
        (3, "MID", 10_000_000, True, 6_500, 6_500),
        (4, "ADV", 3_000_000, True, 10_800, 10_600),
        (5, "ADV", 2_999_999, True, 10_799, 10_799),
        (6, "ADV", 3_000_000, False, 10_800, 10_800),
        (7, "ADV", 250_000, True, 1_000, 1_000),
        (8, "ADV", 120_000_000, True, 335_900, 335_700),
        (11, "CTR", 24_000_000, True, 66_400, 66_400),
        (12, "MID", 9_700_000, True, 6_305, 6_305),
        (13, "MID", 123_457, True, 80, 80),
    ],
)
def test_the_worked_examples(row, product, amount, online, gross, net):
    found = quote(TABLES[product], amount, online=online)
    assert (found.gross, found.net) == (gross, net)
    assert sum(line.amount for line in found.lines) == amount
    assert found.is_minimum == (row == 7)


@pytest.mark.parametrize(("row", "after", "expected"), [(9, 24_000_000, 12_000), (10, 16_000_000, -12_000)])
def test_a_change_costs_the_difference_and_the_discount_is_not_repeated(row, after, expected):
    assert difference(TABLES["ADV"], after, quote(TABLES["ADV"], 20_000_000, online=True).gross) == expected
    assert quote(TABLES["ADV"], after, online=True, first=False).discount == 0


def test_the_lines_say_amount_rate_and_fee_of_each_band():
    found = quote(TABLES["ADV"], 20_000_000)
    lines = [(line.lower, line.upper, line.amount, line.rate, line.millionths // MILLION) for line in found.lines]
    assert lines == [
        (0, 3_000_000, 3_000_000, "0.36%", 10_800),
        (3_000_000, 10_000_000, 7_000_000, "0.33%", 23_100),
        (10_000_000, 50_000_000, 10_000_000, "0.30%", 30_000),
    ]
    assert found.lines_json()[0]["ppm"] == 3600
    assert (rate_text(650), rate_text(12_345)) == ("0.065", "1.2345")


@pytest.mark.parametrize(
    ("bands", "words"),
    [
        ((Band(10, 1),), "上限のない区分"),
        ((Band(None, 1), Band(None, 2)), "上限のない区分"),
        ((Band(10, 1), Band(10, 2), Band(None, 3)), "重なっています"),
        ((Band(0, 1), Band(None, 3)), "1円以上"),
    ],
)
def test_a_table_with_gaps_or_overlaps_is_refused(bands, words):
    assert words in fault(bands)
    with pytest.raises(ValueError, match=words):
        quote(Table(bands), 1)


def test_bands_count_by_their_upper_bound_and_an_amount_is_positive():
    assert fault(TABLES["ADV"].bands) == ""
    assert quote(Table(TABLES["CTR"].bands[::-1]), 24_000_000).gross == 66_400
    with pytest.raises(ValueError, match="amount 0"):
        quote(TABLES["MID"], 0)
