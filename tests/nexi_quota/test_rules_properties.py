"""What holds for whatever a valid form can produce: an answer, always the same, and nothing confidential in it."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from nexi_quota.enums import (
    COUNTRIES,
    CURRENCIES,
    SETTLEMENT_METHODS,
    Attitude,
    BuyerState,
    Guarantee,
    Need,
    Product,
    Rating,
    SpecialReason,
    SustainableLending,
    Verdict,
)
from nexi_quota.rules import Exporter, Facts, Judgement, Party, Payer, Policy, Quota, judge
from tests.nexi_quota.cases import unhurried

countries = st.sampled_from(sorted(COUNTRIES))
ratings = st.none() | st.sampled_from(Rating)
codes = st.from_regex(r"\A[0-9]{3}-[0-9]{6}\Z")
amounts = st.decimals("0.01", "999999999999999.99", places=2)
yen = st.integers(0, 10**15)
states = st.sampled_from(BuyerState)
parties = st.none() | st.builds(Party, code=codes, country=countries, rating=ratings, state=states)
payers = st.builds(
    Payer,
    code=codes,
    country=countries,
    rating=ratings,
    state=states,
    need=st.none() | st.sampled_from(Need),
)
policies = st.builds(
    Policy,
    country=countries,
    name=st.sampled_from([country.name_ja for country in COUNTRIES.values()]),
    attitude=st.sampled_from(Attitude),
    case_limit_jpy=st.none() | yen,
    usance_months=st.none() | st.integers(0, 32767),
    lc_required=st.booleans(),
    sustainable_lending=st.sampled_from(SustainableLending),
)
quotas = st.builds(Quota, limit_jpy=yen, held_jpy=yen)
requests = st.builds(
    Facts,
    today=st.dates(),
    exporter=st.builds(Exporter, permitted=st.frozensets(st.sampled_from(Product)), suspended=st.booleans()),
    product=st.sampled_from(Product),
    settlement=st.sampled_from(list(SETTLEMENT_METHODS.values())),
    currency=st.sampled_from(list(CURRENCIES)),
    contract_amount=amounts,
    requested_amount=amounts,
    last_shipment=st.dates() | st.just(date.max),
    due=st.dates() | st.just(date.max),
    payment_country=countries,
    destination_country=countries,
    counterparty_country=st.just("") | countries,
    special_reason=st.just("") | st.sampled_from(SpecialReason),
    guarantee=st.sampled_from(Guarantee),
    prior_consent=st.text(max_size=20),
    payer=st.none() | payers,
    bank=parties,
    confirming_bank=parties,
    policies=st.lists(policies, max_size=4).map(lambda rows: {row.country: row for row in rows}),
    rate=st.none() | st.decimals("0.000001", "999999.999999", places=6),
    quota=st.none() | quotas,
    duplicate=st.just("") | st.from_regex(r"\A[0-9]{12}\Z"),
)


def shown(judgement: Judgement) -> str:
    """Everything of a judgement that reaches a page."""
    return "\n".join([judgement.sentence, *judgement.reasons, *judgement.warnings])


@unhurried
@given(requests)
def test_every_request_gets_the_same_complete_answer_twice(facts: Facts) -> None:
    judgement = judge(facts)
    assert judge(facts) == judgement
    severities = [f.verdict.severity for f in judgement.findings if f.verdict]
    assert judgement.verdict.severity == max(severities)
    assert judgement.may_submit is (judgement.reasons == [])
    assert not any(mark in shown(judgement) for mark in "{}")
    assert json.loads(json.dumps(judgement.trace)) == judgement.trace


@unhurried
@given(requests, quotas)
def test_a_possible_request_never_takes_more_than_the_balance(facts: Facts, quota: Quota) -> None:
    facts = replace(facts, quota=quota)
    if judge(facts).verdict is Verdict.POSSIBLE:
        assert facts.hold_jpy is not None
        assert facts.hold_jpy <= quota.balance_jpy


LIMIT, HELD = 123_456_789_012, 98_765_432_101


@unhurried
@given(requests)
def test_the_quota_changes_at_most_whether_a_reason_is_there_never_its_words(facts: Facts) -> None:
    exhausted = judge(replace(facts, quota=Quota(limit_jpy=LIMIT, held_jpy=LIMIT)))
    overdrawn = judge(replace(facts, quota=Quota(limit_jpy=HELD, held_jpy=LIMIT)))
    assert shown(exhausted) == shown(overdrawn)


@unhurried
@given(requests)
def test_no_text_carries_a_figure_of_the_quota_or_a_rule_id(facts: Facts) -> None:
    quota = Quota(limit_jpy=LIMIT, held_jpy=HELD)
    text = shown(judge(replace(facts, quota=quota, policies={}))).replace(",", "")
    for figure in (LIMIT, HELD, quota.balance_jpy, facts.hold_jpy):
        assert figure is None or figure < 10**7 or str(figure) not in text
    assert not any(f"D{number:02}" in text for number in range(1, 21))


@unhurried
@given(requests, st.decimals("0.01", "1000", places=2))
def test_asking_for_less_never_makes_the_answer_worse(facts: Facts, less: Decimal) -> None:
    smaller = replace(facts, requested_amount=min(less, facts.requested_amount))
    assert judge(smaller).verdict.severity <= judge(facts).verdict.severity
