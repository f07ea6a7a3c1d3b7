"""Which country's policy applies, and what it allows (D05 to D09, D15)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from nexi_quota.enums import Attitude, Product, Rating, SustainableLending, Verdict
from nexi_quota.rules import Facts, Policy, judge
from tests.nexi_quota.cases import CONDITIONAL, LC, LG, POSSIBLE, SIGHT_LC, bank, found, nicaragua, payer, request

# --- D05: whose policy applies ------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "country"),
    [
        ({}, "310"),
        ({"settlement": SIGHT_LC, "bank": bank(country="304")}, "304"),
        (LC | {"bank": bank(country="304")}, "304"),
        (LC | {"bank": bank(country="304"), "confirming_bank": bank(country="205")}, "205"),
        (LC | {"bank": None}, "310"),
        (LG | {"bank": bank(country="304")}, "310"),
        ({"bank": bank(country="304"), "confirming_bank": bank(country="205")}, "310"),
        ({"payer": payer(country="133")} | LC | {"bank": bank(country="304")}, "133"),
        ({"payer": payer(country="134")} | LC | {"confirming_bank": bank(country="205")}, "134"),
        ({"payer": None, "payment_country": "105"}, "105"),
    ],
    ids=[
        "the payer's",
        "of the opening bank by the method",
        "of the opening bank by the guarantee",
        "of the confirming bank",
        "the payer's while no bank is known",
        "the payer's with an L/G",
        "the payer's without an L/C",
        "Iran keeps its own",
        "Iraq keeps its own",
        "the country of payment for an unknown payer",
    ],
)
def test_the_policy_country_follows_the_letter_of_credit(changes: dict[str, Any], country: str) -> None:
    facts = request(**changes)
    assert facts.policy_country == country
    assert judge(facts).trace["policy_country"] == country


# --- D06 ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"payment_country": "600"},
        {"destination_country": "600"},
        {"counterparty_country": "600"},
        {"payer": payer(country="600")},
        LG | {"bank": bank(country="600")},
        LC | {"bank": bank(Rating.SC, country="600")},
    ],
    ids=["payment", "destination", "counterparty", "payer", "guarantor", "opening bank"],
)
def test_a_suspended_country_anywhere_in_the_business_is_refused(changes: dict[str, Any]) -> None:
    judgement = judge(request(**changes))
    assert found(judgement) == [("D06", "M-C01")]
    assert judgement.reasons == ["アフガニスタンは引受停止国のため、お引受けできません"]


def test_each_suspended_country_is_named_once() -> None:
    judgement = judge(request(payment_country="600", destination_country="693", counterparty_country="600"))
    assert [reason[:7] for reason in judgement.reasons] == ["アフガニスタン", "南スーダンは引"]


def test_a_confirmed_credit_is_judged_by_the_confirming_bank() -> None:
    facts = request(**LC, bank=bank(Rating.SC, country="600"), confirming_bank=bank(Rating.SC, country="304"))
    assert found(judge(facts)) == POSSIBLE


def test_a_bank_that_guarantees_nothing_is_ignored() -> None:
    assert found(judge(request(bank=bank(country="600")))) == POSSIBLE


# --- D07, D08 -----------------------------------------------------------------

OVER_AMOUNT: dict[str, Any] = {"contract_amount": Decimal("400000.01")}


def over_months(product: Product) -> Facts:
    return request(product, days=366, policies=nicaragua(**CONDITIONAL))


@pytest.mark.parametrize("product", [Product.INDIVIDUAL, Product.EQUIPMENT])
def test_above_the_country_limits_prior_consent_is_needed(product: Product) -> None:
    judgement = judge(request(product, **OVER_AMOUNT, policies=nicaragua(**CONDITIONAL)))
    assert found(judgement) == [("D07", "M-C02")]
    assert judgement.verdict is Verdict.CONSULT
    assert judgement.sentence == "そのままではお申込みいただけません。事前手続が必要です"
    assert judgement.reasons == ["引受基準（案件枠・ユーザンス等）を超えています。事前に内諾申請が必要です"]


def test_at_the_country_limits_the_request_is_possible() -> None:
    assert found(judge(request(days=365, policies=nicaragua(**CONDITIONAL)))) == POSSIBLE


def test_with_prior_consent_the_country_limits_do_not_bind() -> None:
    facts = request(**OVER_AMOUNT, policies=nicaragua(**CONDITIONAL), prior_consent="内諾-1")
    assert found(judge(facts)) == POSSIBLE


def test_the_usance_is_counted_in_calendar_months() -> None:
    assert found(judge(over_months(Product.INDIVIDUAL))) == [("D07", "M-C02")]


def test_a_bill_above_the_country_limits_is_refused_even_with_prior_consent() -> None:
    facts = request(Product.BILL, **OVER_AMOUNT, policies=nicaragua(**CONDITIONAL), prior_consent="内諾-1")
    judgement = judge(facts)
    assert found(judgement) == [("D07", "M-C03")]
    assert judgement.verdict is Verdict.REFUSED
    assert judgement.reasons == ["ニカラグアの荷為替手形の上限（6,000万円・12か月）を超えています"]
    assert found(judge(over_months(Product.BILL))) == [("D07", "M-C03")]


@pytest.mark.parametrize(
    ("limits", "shown"),
    [({"case_limit_jpy": 1_000_000}, "100万円"), ({"usance_months": 2}, "2か月")],
)
def test_a_bill_limit_of_one_kind_names_only_that(limits: dict[str, int], shown: str) -> None:
    judgement = judge(request(Product.BILL, policies=nicaragua(attitude=Attitude.CONDITIONAL, **limits)))
    assert judgement.reasons == [f"ニカラグアの荷為替手形の上限（{shown}）を超えています"]


def test_individual_business_in_an_open_country_needs_consent_above_its_row() -> None:
    limits = nicaragua(case_limit_jpy=60_000_000, usance_months=12)
    assert found(judge(request(Product.INDIVIDUAL, policies=limits))) == POSSIBLE
    assert found(judge(request(Product.INDIVIDUAL, policies=limits, days=366))) == [("D08", "M-C02")]
    assert found(judge(request(Product.INDIVIDUAL, policies=limits, **OVER_AMOUNT))) == [("D08", "M-C02")]
    consented = request(Product.INDIVIDUAL, policies=limits, **OVER_AMOUNT, prior_consent="内諾-1")
    assert found(judge(consented)) == POSSIBLE


def test_limits_entered_for_an_open_country_bind_the_other_products_too() -> None:
    assert found(judge(request(policies=nicaragua(case_limit_jpy=59_999_999)))) == [("D07", "M-C02")]


def test_a_suspended_country_is_refused_without_talk_of_limits() -> None:
    suspended = nicaragua(attitude=Attitude.SUSPENDED, case_limit_jpy=1, usance_months=1)
    assert found(judge(request(policies=suspended))) == [("D06", "M-C01")]


# --- D09 ----------------------------------------------------------------------


def test_a_country_for_letters_of_credit_refuses_everything_else() -> None:
    judgement = judge(request(policies=nicaragua(lc_required=True)))
    assert found(judgement) == [("D09", "M-C04")]
    assert judgement.verdict is Verdict.REFUSED
    assert judgement.reasons == ["ニカラグアは信用状(L/C)決済が条件です"]


def test_a_country_for_letters_of_credit_accepts_one() -> None:
    facts = request(**LC, bank=bank(Rating.SC, country="310"), policies=nicaragua(lc_required=True))
    assert found(judge(facts)) == POSSIBLE


# --- D15 ----------------------------------------------------------------------

YEAR: dict[str, Any] = {"due": date(2027, 12, 1)}
CONSULT, REFUSE = SustainableLending.CONSULT, SustainableLending.REFUSE


def lending(flag: SustainableLending, country: str = "310") -> dict[str, Policy]:
    return {country: Policy(country=country, name="この国", sustainable_lending=flag)}


@pytest.mark.parametrize(("flag", "verdict"), [(CONSULT, Verdict.CONSULT), (REFUSE, Verdict.REFUSED)])
def test_a_year_of_credit_to_a_public_buyer_follows_the_flag_of_the_country(
    flag: SustainableLending, verdict: Verdict
) -> None:
    judgement = judge(request(**YEAR, payer=payer(Rating.GA), policies=lending(flag)))
    assert found(judgement) == [("D12", "M-R04"), ("D15", "M-C05")]
    assert judgement.verdict is verdict
    assert judgement.reasons[0] == (
        "公的バイヤー向け期間1年以上の案件は、この国ではお引受けできない（事前承認が必要な）案件です"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"due": date(2027, 11, 30), "payer": payer(Rating.GA), "policies": lending(REFUSE)},
        YEAR | {"payer": payer(Rating.GA), "policies": {}},
        YEAR | {"payer": payer(Rating.SA), "policies": lending(REFUSE)},
        YEAR | {"policies": lending(REFUSE)},
        YEAR | LG | {"bank": bank(Rating.SA), "policies": lending(REFUSE, "304")},
        YEAR | LG | {"bank": bank(None), "policies": lending(REFUSE, "304")},
        YEAR | {"payer": None, "policies": lending(REFUSE)},
    ],
    ids=["a day less", "no flag", "a bank", "a private payer", "a private guarantor", "an unrated one", "no payer"],
)
def test_other_long_business_is_free_of_that_rule(changes: dict[str, Any]) -> None:
    assert "D15" not in [rule for rule, _ in found(judge(request(**changes)))]


def test_a_public_guarantor_counts_like_a_public_payer() -> None:
    judgement = judge(request(**YEAR, **LG, bank=bank(Rating.GS), policies=lending(REFUSE, "304")))
    assert found(judgement) == [("D15", "M-C05")]
