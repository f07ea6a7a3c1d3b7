"""Limits of the 発注者: F1 to F6, F9 and F22 of esurety.md 18, several years, JV."""

from datetime import date

import pytest

from esurety.enums import Light
from esurety.rules.limits import (
    Advance,
    MoneyRules,
    advance_limit,
    check_advance,
    check_amount,
    check_base,
    check_contract,
    check_members,
    check_mid,
    check_years,
    least_contract_guarantee,
    mid_limit,
    problems,
    ratio_text,
    total_limit,
    worst,
    year_base,
)
from tests.esurety.rules.examples import works

CONFIRMED = MoneyRules(is_confirmed=True)
TODAY = date(2024, 8, 1)


def codes(findings):
    return [finding.code for finding in problems(findings)]


def test_f1_the_amounts_of_the_seed_pass_with_40_and_10_per_cent():
    advance = check_advance(CONFIRMED, works(), 20_000_000)
    contract = check_contract(CONFIRMED, works(), 5_000_000)
    assert (worst(advance), worst(contract)) == (Light.GREEN, Light.GREEN)
    assert ratio_text(20_000_000, 50_000_000) == "40.0%"
    assert ratio_text(5_000_000, 50_000_000) == "10.0%"


@pytest.mark.parametrize(
    ("amount", "base", "shown"), [(19_400_000, 48_730_000, "39.8%"), (1, 2000, "0.1%"), (1, 2001, "0.0%"), (1, 0, "―")]
)
def test_a_ratio_is_rounded_half_up_to_one_decimal(amount, base, shown):
    assert ratio_text(amount, base) == shown


@pytest.mark.parametrize(
    ("example", "unit", "advance", "mid"),
    [("F2", 10_000, 19_490_000, 9_740_000), ("F3", 100_000, 19_400_000, 9_700_000)],
)
def test_limits_are_rounded_down_to_the_unit_of_the_body(example, unit, advance, mid):
    rules = MoneyRules(unit=unit)
    assert advance_limit(rules, 48_730_000, "works") == advance
    assert mid_limit(rules, 48_730_000) == mid
    assert advance + mid <= total_limit(rules, 48_730_000) == 29_238_000


def test_f4_a_yen_less_than_a_tenth_is_refused():
    contract = works(price=48_730_000)
    (short,) = problems(check_contract(MoneyRules(), contract, 4_872_999))
    assert short.light == Light.RED
    assert "4,873,000円" in short.message
    assert "1円足りません" in short.message
    assert not problems(check_contract(MoneyRules(), contract, 4_873_000))
    assert least_contract_guarantee(MoneyRules(), 48_730_001) == 4_873_001


def test_f5_a_low_bid_halves_the_advance_and_triples_the_contract_guarantee():
    low = works(price=80_000_000, is_low_bid=True)
    assert not problems(check_advance(CONFIRMED, low, 16_000_000))
    assert codes(check_advance(CONFIRMED, low, 16_000_001)) == ["advance.limit"]
    assert not problems(check_contract(CONFIRMED, low, 24_000_000))
    assert codes(check_contract(CONFIRMED, low, 23_999_999)) == ["contract.least"]


def test_f6_the_base_of_works_of_several_years_is_the_plan_of_the_year():
    years = [
        {"year": year, "plan": plan, "limit": plan * 9 // 10, "starts_on": "", "ends_on": ""}
        for year, plan in ((2024, 45_000_000), (2025, 75_000_000))
    ]
    many = works(price=120_000_000, years=years)
    base = year_base(CONFIRMED, many, 2024)
    assert base == 45_000_000
    assert not problems([*check_years(many), *check_base(CONFIRMED, many, base, 2024, TODAY)])
    assert not problems(check_advance(CONFIRMED, many, 18_000_000, base))
    assert codes(check_advance(CONFIRMED, many, 18_000_001, base)) == ["advance.limit"]
    assert year_base(MoneyRules(plan_base="limit"), many, 2024) == 40_500_000
    assert codes(check_base(CONFIRMED, many, 40_500_000, 2024, TODAY)) == ["base.plan"]
    assert codes(check_base(CONFIRMED, many, 75_000_000, 2025, TODAY)) == ["base.budget"]
    assert codes(check_base(CONFIRMED, many, None, None, TODAY)) == ["base.missing"]


def test_the_yearly_table_must_fit_the_price_and_itself():
    row = {"year": 2024, "plan": 10, "limit": 11, "starts_on": "", "ends_on": ""}
    assert codes(check_years(works(years=[row, row]))) == ["years.limit", "years.limit", "years.twice", "years.total"]


def test_over_the_limit_is_an_error_only_where_the_rules_of_the_body_are_confirmed():
    over = check_advance(CONFIRMED, works(), 20_010_000)
    assert worst(over) == Light.RED
    assert "20,000,000円" in over[0].message
    assert "10,000円超えています" in over[0].message
    unconfirmed = check_advance(MoneyRules(), works(), 20_010_000)
    assert worst(unconfirmed) == Light.YELLOW
    assert "発注者に確かめてください" in unconfirmed[0].message


def test_design_has_30_per_cent_and_a_body_may_have_a_cap_and_a_least_price():
    rules = MoneyRules(cap=100_000_000, least_price=1_000_000, is_confirmed=True)
    assert advance_limit(rules, 50_000_000, "design") == 15_000_000
    assert advance_limit(rules, 900_000_000, "works") == 100_000_000
    assert codes(check_advance(rules, works(price=999_999), 100_000)) == ["advance.least_price"]


def test_f9_a_contract_guarantee_is_a_rider_of_a_planned_advance():
    found = check_contract(CONFIRMED, works(has_advance=False), 5_000_000)
    assert codes(found) == ["contract.rider"]
    assert "特約" in found[0].message
    assert codes(check_contract(CONFIRMED, works(), 50_000_001)) == ["contract.least"]


def test_an_intermediate_advance_says_every_reason_at_once():
    rules = MoneyRules(mid_least_price=100_000_000, mid_least_days=365, mid_cap=9_000_000, is_confirmed=True)
    found = check_mid(rules, works(), 11_000_000, advance=Advance(20_000_000, is_paid=False), certified_on=None)
    expected = ["mid.advance", "mid.certificate", "mid.limit", "mid.total", "mid.least_price", "mid.least_days"]
    assert codes(found) == expected
    assert worst(found) == Light.RED


def test_an_intermediate_advance_needs_half_of_the_period_and_an_advance_in_force():
    # 2 August to 28 February: 211 days, half is 106 days, earliest 16 November.
    advance = Advance(20_000_000)
    early = check_mid(CONFIRMED, works(), 10_000_000, advance=advance, certified_on=date(2024, 11, 15))
    assert codes(early) == ["mid.half_period"]
    assert "2024年11月16日" in problems(early)[0].message
    fits = check_mid(CONFIRMED, works(), 10_000_000, advance=advance, certified_on=date(2024, 11, 16))
    assert not problems(fits)
    for wrong in (None, Advance(20_000_000, is_active=False)):
        assert codes(check_mid(CONFIRMED, works(), 10_000_000, advance=wrong, certified_on=date(2024, 12, 1))) == [
            "mid.advance"
        ]


@pytest.mark.parametrize(
    ("product", "first"), [("ADV", "advance.limit"), ("MID", "mid.advance"), ("CTR", "contract.least")]
)
def test_each_product_has_its_own_checks(product, first):
    assert check_amount(product, CONFIRMED, works(), 5_000_000)[0].code == first


def members(*shares, heads=1):
    return [
        {"name": f"架空建設{at}", "is_representative": at < heads, "share": share} for at, share in enumerate(shares)
    ]


def test_f22_the_shares_of_a_jv_make_100_per_cent():
    (wrong,) = check_members(works(order_form="jv_a", jv_name="架空JV", members=members(6000, 3999)))
    assert (wrong.code, wrong.light) == ("jv.shares", Light.RED)
    assert "99.99%" in wrong.message
    right = works(order_form="jv_a", jv_name="架空JV", members=members(6000, 4000))
    assert not problems(check_members(right, "架空建設０"))
    assert codes(check_members(right, "架空建設1")) == ["jv.applicant"]
    assert not check_members(works())


def test_a_jv_has_a_name_two_members_and_one_representative():
    jv = works(order_form="jv_b", members=members(0, heads=0))
    assert codes(check_members(jv)) == ["jv.name", "jv.members", "jv.head"]
    assert not problems(check_members(works(order_form="jv_b", jv_name="架空JV", members=members(0, 0))))
