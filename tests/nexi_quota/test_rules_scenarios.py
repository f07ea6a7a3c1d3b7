"""The acceptance scenarios of nexi.md 12 that need no database, and the dated country policies of 5.3."""

from datetime import date
from decimal import Decimal

import pytest

from nexi_quota.enums import SETTLEMENT_METHODS, Product, Rating, Verdict
from nexi_quota.rules import Quota, expires_on, judge, released_yen
from tests.nexi_quota.cases import bank, found, payer, policies, request, yen_request

LIMIT = 100_000_000
USD = Decimal("150.00")


def test_scenario_1_the_first_exporter_gets_sixty_of_a_hundred_million() -> None:
    judgement = judge(request())
    assert judgement.verdict is Verdict.POSSIBLE
    assert judgement.trace["hold_jpy"] == 60_000_000
    assert Quota(limit_jpy=LIMIT, held_jpy=60_000_000).balance_jpy == 40_000_000
    assert expires_on(date(2026, 11, 21)) == date(2027, 2, 21)


def test_scenario_2_the_second_exporter_is_refused_without_a_figure() -> None:
    asked = request(requested_amount=Decimal(300_000), quota=Quota(limit_jpy=LIMIT, held_jpy=60_000_000))
    judgement = judge(asked)
    assert judgement.verdict is Verdict.REFUSED
    assert judgement.reasons == ["申込金額が個別保証枠の残高を超えています。金額を変更するか、お問い合わせください"]
    assert not any(character.isdigit() for character in judgement.sentence + judgement.reasons[0])
    assert judgement.trace["findings"] == [
        {"rule": "D18", "message": "M-Q02", "hold_jpy": 45_000_000, "balance_jpy": 40_000_000}
    ]


def test_scenario_3_after_a_partial_return_the_second_exporter_fits() -> None:
    freed = released_yen(Decimal(200_000), USD, open_amount=Decimal(400_000), open_jpy=60_000_000)
    quota = Quota(limit_jpy=LIMIT, held_jpy=60_000_000 - freed)
    assert quota.balance_jpy == 70_000_000
    assert judge(request(requested_amount=Decimal(300_000), quota=quota)).verdict is Verdict.POSSIBLE


def test_scenario_5_the_same_payer_needs_a_quota_for_a_bill_but_not_for_equipment() -> None:
    assert found(judge(request(payer=payer(Rating.EE)))) == [("D12", "M-R04")]
    bill = request(Product.BILL, payer=payer(Rating.EE, Product.BILL), quota=None)
    assert found(judge(bill)) == [("D17", "M-Q01")]


def test_scenario_6_four_hundred_days_are_too_long_for_equipment() -> None:
    judgement = judge(request(days=400, payer=payer(Rating.EM), policies={}))
    assert judgement.verdict is Verdict.REFUSED
    assert found(judgement) == [("D13", "M-T01")]


def test_scenario_7_a_bill_above_the_limit_of_nicaragua_is_refused() -> None:
    judgement = judge(yen_request(Product.BILL, 250_000_000))
    assert found(judgement) == [("D07", "M-C03")]
    assert judgement.reasons == ["ニカラグアの荷為替手形の上限（2億円・12か月）を超えています"]
    before = policies(Product.BILL, date(2017, 11, 5))
    assert before["310"].case_limit_jpy == 10_000_000
    assert judge(yen_request(Product.BILL, 10_000_001, policies=before)).reasons == [
        "ニカラグアの荷為替手形の上限（1,000万円・12か月）を超えています"
    ]


def test_scenario_8_a_payer_in_default_or_not_registered_is_refused() -> None:
    assert judge(request(payer=payer(Rating.ER))).reasons == [
        "支払人に債務不履行等の記録があるため、お引受けできません"
    ]
    assert judge(request(payer=None)).reasons == [
        "支払人が海外商社名簿に登録されていません。海外商社登録の手続きを行ってください"
    ]


def test_scenario_9_a_credit_needs_no_check_but_does_not_open_a_suspended_country() -> None:
    credit = {"settlement": SETTLEMENT_METHODS["10"], "bank": bank(Rating.SA)}
    assert found(judge(request(**credit))) == [("D10", "M-L01")]
    judgement = judge(request(**credit, destination_country="600"))
    assert judgement.verdict is Verdict.REFUSED
    assert judgement.reasons[0] == "アフガニスタンは引受停止国のため、お引受けできません"


INDIVIDUAL, SME, EQUIPMENT, BILL = Product
OKU = 100_000_000


@pytest.mark.parametrize(
    ("country", "product", "changes_on", "before", "after"),
    [
        ("310", INDIVIDUAL, date(2017, 11, 6), None, (20 * OKU, 12)),
        ("310", EQUIPMENT, date(2017, 11, 6), None, (20 * OKU, 12)),
        ("310", SME, date(2017, 11, 6), None, (None, None)),
        ("310", BILL, date(2017, 11, 6), (OKU // 10, 12), (2 * OKU, 12)),
        ("554", INDIVIDUAL, date(2018, 9, 7), (20 * OKU, 12), (5 * OKU, 12)),
        ("554", EQUIPMENT, date(2018, 9, 7), (20 * OKU, 12), (5 * OKU, 12)),
        ("554", BILL, date(2018, 9, 7), (2 * OKU, 12), (OKU // 2, 12)),
        ("554", EQUIPMENT, date(2019, 10, 15), (5 * OKU, 12), (OKU, 6)),
        *[(c, EQUIPMENT, date(2018, 7, 5), (10 * OKU, 12), (20 * OKU, 12)) for c in ("131", "151", "157")],
        *[(c, BILL, date(2018, 7, 5), (OKU, 12), (2 * OKU, 12)) for c in ("131", "151", "157")],
        *[("518", p, date(2020, 10, 8), None, (10 * OKU, 12)) for p in (INDIVIDUAL, SME, EQUIPMENT)],
        ("518", BILL, date(2020, 10, 8), None, (OKU, 12)),
        *[("549", p, date(2020, 10, 8), None, (OKU, 6)) for p in (INDIVIDUAL, SME, EQUIPMENT)],
        ("549", BILL, date(2020, 10, 8), None, (OKU // 10, 6)),
    ],
)
def test_a_country_policy_changes_on_its_day(
    country: str,
    product: Product,
    changes_on: date,
    before: tuple[int, int] | None,
    after: tuple[int | None, int | None],
) -> None:
    eve = policies(product, changes_on.replace(day=changes_on.day - 1)).get(country)
    assert (eve and (eve.case_limit_jpy, eve.usance_months)) == before
    row = policies(product, changes_on)[country]
    assert (row.case_limit_jpy, row.usance_months) == after
    if row.case_limit_jpy is None:
        return
    for amount, exceeded in ((row.case_limit_jpy, False), (row.case_limit_jpy + 1, True)):
        facts = yen_request(
            product,
            amount,
            payer=payer(product=product, country=country),
            policies={country: row},
            sme_limit_jpy=10**12,
        )
        rules = [rule for rule, _ in found(judge(facts))]
        assert (rules in (["D07"], ["D08"])) is exceeded


@pytest.mark.parametrize("country", ["600", "690", "691", "692", "693"])
@pytest.mark.parametrize("product", Product)
def test_a_suspended_country_is_refused_from_its_day_on(country: str, product: Product) -> None:
    for day, expected in ((date(2018, 7, 11), ["D20"]), (date(2018, 7, 12), ["D06"])):
        facts = yen_request(product, 1_000_000, destination_country=country, policies=policies(product, day))
        assert [rule for rule, _ in found(judge(facts))] == expected
