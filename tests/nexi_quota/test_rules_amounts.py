"""Terms, amounts, rates and the quota itself (D13, D14, D16 to D19)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from nexi_quota.enums import Product, Rating, Verdict
from nexi_quota.rules import Quota, judge
from tests.nexi_quota.cases import (
    ADVANCE,
    CONDITIONAL,
    LC,
    POSSIBLE,
    SHIPMENT,
    bank,
    found,
    nicaragua,
    payer,
    request,
    yen_request,
)

# --- D13 ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("product", "shipped", "allowed", "limit"),
    [
        (Product.SME, SHIPMENT, SHIPMENT + timedelta(days=180), "180日"),
        (Product.EQUIPMENT, date(2027, 2, 28), date(2028, 2, 28), "1年"),
        (Product.EQUIPMENT, date(2028, 2, 29), date(2029, 2, 28), "1年"),
        (Product.INDIVIDUAL, date(2026, 12, 1), date(2028, 11, 30), "2年未満"),
        (Product.BILL, date(2028, 2, 29), date(2030, 2, 27), "2年未満"),
    ],
)
def test_the_longest_credit_of_each_product(product: Product, shipped: date, allowed: date, limit: str) -> None:
    terms = {"last_shipment": shipped, "policies": {}}
    assert found(judge(yen_request(product, 1_000_000, due=allowed, **terms))) == POSSIBLE
    judgement = judge(yen_request(product, 1_000_000, due=allowed + timedelta(days=1), **terms))
    assert found(judgement) == [("D13", "M-T01")]
    assert judgement.reasons == [f"決済期間が上限（{limit}）を超えています"]


# --- D14 ----------------------------------------------------------------------


def test_an_sme_contract_may_be_fifty_million_yen_and_no_more() -> None:
    assert found(judge(yen_request(Product.SME, 50_000_000))) == POSSIBLE
    judgement = judge(yen_request(Product.SME, 50_000_001))
    assert found(judgement) == [("D14", "M-A01")]
    assert judgement.verdict is Verdict.REFUSED
    assert judgement.reasons == ["契約金額が上限（5,000万円）を超えています"]


def test_the_sme_ceiling_counts_the_advance_and_can_be_configured() -> None:
    facts = yen_request(Product.SME, 50_000_001, requested_amount=Decimal(1))
    assert found(judge(facts)) == [("D14", "M-A01")]
    lower = yen_request(Product.SME, 10_000_001, sme_limit_jpy=10_000_000)
    assert judge(lower).reasons == ["契約金額が上限（1,000万円）を超えています"]


@pytest.mark.parametrize("product", [Product.INDIVIDUAL, Product.EQUIPMENT, Product.BILL])
def test_above_fifty_billion_yen_prior_consent_is_needed(product: Product) -> None:
    assert found(judge(yen_request(product, 50_000_000_000, policies={}))) == POSSIBLE
    judgement = judge(yen_request(product, 50_000_000_001, policies={}))
    assert found(judgement) == [("D14", "M-C02")]
    assert judgement.verdict is Verdict.CONSULT
    assert found(judge(yen_request(product, 50_000_000_001, policies={}, prior_consent="1"))) == POSSIBLE


def test_the_same_reason_of_two_rules_is_shown_once() -> None:
    judgement = judge(yen_request(Product.EQUIPMENT, 50_000_000_001, policies=nicaragua(**CONDITIONAL)))
    assert found(judgement) == [("D07", "M-C02"), ("D14", "M-C02")]
    assert len(judgement.reasons) == 1


# --- D16 ----------------------------------------------------------------------


def test_without_a_rate_the_request_must_be_consulted_and_amounts_are_not_judged() -> None:
    facts = request(currency="THB", rate=None, policies=nicaragua(**CONDITIONAL), contract_amount=Decimal(10**14))
    judgement = judge(facts)
    assert found(judgement) == [("D16", "M-X01")]
    assert judgement.verdict is Verdict.CONSULT
    assert judgement.reasons == ["THBの換算率が登録されていません。お問い合わせください"]


def test_yen_needs_no_rate() -> None:
    assert judge(yen_request(Product.EQUIPMENT, 1)).trace["hold_jpy"] == 1


# --- D17, D18 -----------------------------------------------------------------


def test_a_payer_without_a_quota_is_refused() -> None:
    judgement = judge(request(quota=None))
    assert found(judgement) == [("D17", "M-Q01")]
    assert judgement.verdict is Verdict.REFUSED


def test_the_balance_may_be_used_to_the_last_yen() -> None:
    assert found(judge(request(quota=Quota(limit_jpy=100_000_000, held_jpy=40_000_000)))) == POSSIBLE
    judgement = judge(request(quota=Quota(limit_jpy=100_000_000, held_jpy=40_000_001)))
    assert found(judgement) == [("D18", "M-Q02")]
    assert judgement.verdict is Verdict.REFUSED


def test_a_fraction_of_a_yen_takes_a_whole_one() -> None:
    exact = Quota(limit_jpy=60_000_000, held_jpy=0)
    over = request(quota=exact, requested_amount=Decimal("400000.00"), rate=Decimal("150.000001"))
    assert found(judge(over)) == [("D18", "M-Q02")]


def test_a_limit_lowered_below_what_is_held_leaves_nothing() -> None:
    assert found(judge(request(quota=Quota(limit_jpy=1, held_jpy=100)))) == [("D18", "M-Q02")]


def test_the_quota_is_compared_with_what_is_asked_for_not_with_the_contract() -> None:
    facts = request(contract_amount=Decimal(900_000), requested_amount=Decimal(600_000))
    assert found(judge(facts)) == POSSIBLE


@pytest.mark.parametrize(
    "changes",
    [
        {"special_reason": "", "product": Product.INDIVIDUAL},
        LC | {"bank": bank()},
        {"settlement": ADVANCE},
        {"payer": payer(Rating.GS)},
        {"payer": payer(Rating.EC)},
        {"payer": None},
    ],
    ids=["taken automatically", "L/C", "advance", "needs none", "rating refused", "not registered"],
)
@pytest.mark.parametrize("quota", [None, Quota(limit_jpy=1, held_jpy=0)], ids=["no quota", "too small"])
def test_a_request_that_takes_no_quota_is_not_measured_by_it(changes: dict[str, Any], quota: Quota | None) -> None:
    rules = {rule for rule, _ in found(judge(request(**changes, quota=quota)))}
    assert rules.isdisjoint({"D17", "D18"})


# --- D19 ----------------------------------------------------------------------


def test_a_live_confirmation_of_the_same_contract_is_a_warning() -> None:
    judgement = judge(request(duplicate="032600000017"))
    assert found(judgement) == [("D19", "M-Q03"), *POSSIBLE]
    assert judgement.may_submit
    assert judgement.warnings == [
        "同じ契約について有効な個別保証枠確認（032600000017）があります。重複していないかご確認ください"
    ]
