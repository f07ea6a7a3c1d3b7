"""How the rules meet: the exporter, the product, every reason at once (D01, D02, D20)."""

import pytest

from nexi_quota.enums import Product, Rating, Verdict
from nexi_quota.rules import Exporter, judge
from tests.nexi_quota.cases import LC, POSSIBLE, bank, found, payer, request, yen_request

# --- D20: nothing speaks against the request ----------------------------------


@pytest.mark.parametrize("product", Product)
def test_a_request_within_the_quota_is_possible_for_every_product(product: Product) -> None:
    judgement = judge(yen_request(product, 40_000_000))
    assert found(judgement) == POSSIBLE
    assert judgement.verdict is Verdict.POSSIBLE
    assert judgement.may_submit
    assert judgement.sentence == "個別保証枠確認申込みが可能です"
    assert judgement.reasons == judgement.warnings == []


# --- D01 ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "exporter",
    [Exporter(permitted=frozenset(Product), suspended=True), Exporter(permitted=frozenset({Product.BILL}))],
    ids=["suspended", "other product only"],
)
def test_an_exporter_without_the_product_is_refused(exporter: Exporter) -> None:
    judgement = judge(request(exporter=exporter))
    assert found(judgement) == [("D01", "M-U01")]
    assert judgement.verdict is Verdict.REFUSED
    assert not judgement.may_submit
    assert judgement.sentence == "個別保証枠確認申込みはできません"


# --- D02 ----------------------------------------------------------------------


@pytest.mark.parametrize("product", [Product.INDIVIDUAL, Product.SME])
def test_without_a_special_reason_the_insurance_application_takes_the_quota(product: Product) -> None:
    judgement = judge(yen_request(product, 40_000_000, special_reason=""))
    assert found(judgement) == [("D02", "M-D02")]
    assert judgement.verdict is Verdict.NOT_NEEDED
    assert judgement.sentence == "個別保証枠の確認は不要です"


@pytest.mark.parametrize("product", [Product.EQUIPMENT, Product.BILL])
def test_the_other_products_need_no_special_reason(product: Product) -> None:
    assert found(judge(yen_request(product, 40_000_000, special_reason=""))) == POSSIBLE


# --- All together -------------------------------------------------------------


def test_all_reasons_are_listed_the_worst_first() -> None:
    facts = request(
        Product.INDIVIDUAL,
        special_reason="",
        exporter=Exporter(permitted=frozenset()),
        currency="THB",
        rate=None,
        destination_country="600",
        payer=payer(Rating.EB),
        days=800,
    )
    judgement = judge(facts)
    assert judgement.verdict is Verdict.REFUSED
    severities = [f.verdict for f in judgement.findings if f.verdict]
    assert set(severities) == {Verdict.REFUSED, Verdict.CONSULT, Verdict.NOT_NEEDED}
    assert judgement.reasons == [
        "この保険種はご利用いただけません。管理者にお問い合わせください",
        "アフガニスタンは引受停止国のため、お引受けできません",
        "支払人が破産等の状態にあるため、お引受けできません",
        "決済期間が上限（2年未満）を超えています",
        "引受基準（案件枠・ユーザンス等）を超えています。事前に内諾申請が必要です",
        "THBの換算率が登録されていません。お問い合わせください",
        "貿易一般保険(個別)、中小企業・農林水産業輸出代金保険は、"
        "保険申込時に個別保証枠が自動的に取得されるため、本手続きは不要です",
    ]


def test_to_be_consulted_outweighs_not_needed() -> None:
    judgement = judge(request(payer=payer(Rating.GS), currency="THB", rate=None))
    assert found(judgement) == [("D12", "M-R04"), ("D16", "M-X01")]
    assert judgement.verdict is Verdict.CONSULT


def test_a_credit_of_a_good_bank_does_not_heal_a_refused_payer() -> None:
    judgement = judge(request(**LC, bank=bank(), payer=payer(Rating.EC)))
    assert judgement.verdict is Verdict.REFUSED
    assert found(judgement) == [("D10", "M-L01"), ("D11", "M-R01")]
