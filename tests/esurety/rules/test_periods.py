"""Half of the 工期 (F7, F8) and 保証期限 (F6)."""

from datetime import date

import pytest

from esurety.rules.periods import earliest_mid, guarantee_period, half_period
from tests.esurety.rules.examples import PARTY, contents, works


@pytest.mark.parametrize(
    ("example", "starts", "ends", "days", "earliest"),
    [
        ("F7", date(2023, 6, 16), date(2024, 2, 28), 258, date(2023, 10, 23)),
        ("F8", date(2025, 4, 1), date(2025, 12, 13), 257, date(2025, 8, 8)),
    ],
)
def test_half_of_the_period(example, starts, ends, days, earliest):
    assert half_period(starts, ends) == (days, earliest)


YEARS = [
    {"year": 2024, "plan": 45_000_000, "limit": 45_000_000, "starts_on": "2024-08-01", "ends_on": "2025-03-31"},
    {"year": 2025, "plan": 75_000_000, "limit": 75_000_000, "starts_on": "", "ends_on": ""},
]


@pytest.mark.parametrize(
    ("product", "fiscal_year", "expected"),
    [
        ("ADV", 2024, ("", "2025-03-31")),
        ("ADV", 2025, ("", "2025-12-20")),
        ("MID", 2024, ("", "2025-03-31")),
        ("CTR", 2024, ("2024-08-01", "2025-12-20")),
    ],
)
def test_f6_a_year_that_is_not_the_last_ends_on_31_march(product, fiscal_year, expected):
    assert guarantee_period(product, works(ends_on="2025-12-20", years=YEARS), fiscal_year) == expected


def test_a_guarantee_of_one_year_ends_with_the_works():
    assert guarantee_period("ADV", works()) == ("", "2025-02-28")


def test_half_of_the_period_counts_within_the_year_that_has_a_period_of_its_own():
    many = works(ends_on="2025-12-20", years=YEARS)
    assert earliest_mid(many, 2024) == half_period(date(2024, 8, 1), date(2025, 3, 31))[1]
    assert earliest_mid(many, 2025) == half_period(date(2024, 8, 2), date(2025, 12, 20))[1]


def test_a_certificate_says_only_what_belongs_to_its_product():
    given = {"base_amount": 45_000_000, "fiscal_year": 2024, "advance_number": "00261000001", "advance_amount": 1}
    advance = contents("ADV", **given)
    mid = contents("MID", **given)
    contract = contents("CTR", **given)
    assert (advance["base_amount"], advance["fiscal_year"], advance["bank"]) == (45_000_000, 2024, "架空銀行　本店")
    assert (advance["advance_number"], mid["advance_number"]) == ("", "00261000001")
    assert (contract["base_amount"], contract["fiscal_year"], contract["bank"]) == (None, None, "")
    assert (contract["covers_from"], contract["due_on"]) == ("2024-08-01", "2025-02-28")
    assert advance["contractor"] == PARTY
