"""The payer, its rating and the banks behind it (D03, D04, D10 to D12)."""

from typing import Any

import pytest

from nexi_quota.enums import RATING_RULES, BuyerState, Need, Product, Rating, Verdict
from nexi_quota.rules import judge, takes_quota
from tests.nexi_quota.cases import ADVANCE, LC, LG, POSSIBLE, SIGHT_LC, bank, found, payer, request, yen_request

# --- D03, D04 -----------------------------------------------------------------


def test_an_unregistered_payer_is_refused_for_that_alone() -> None:
    judgement = judge(request(payer=None, quota=None))
    assert found(judgement) == [("D03", "M-B01")]
    assert judgement.verdict is Verdict.REFUSED


def test_a_deleted_payer_counts_as_not_registered() -> None:
    deleted = payer(Rating.ER, state=BuyerState.DELETED)
    assert found(judge(request(payer=deleted, quota=None))) == [("D03", "M-B01")]


def test_a_payer_about_to_be_dropped_is_a_warning_and_stays_possible() -> None:
    judgement = judge(request(payer=payer(state=BuyerState.SLEEPING)))
    assert found(judgement) == [("D04", "M-B02"), *POSSIBLE]
    assert judgement.may_submit
    assert judgement.warnings == ["支払人は登録抹消の候補です。登録の継続手続きが必要な場合があります"]


# --- D10 ----------------------------------------------------------------------


@pytest.mark.parametrize("rating", [Rating.SA, Rating.GS, Rating.GE])
@pytest.mark.parametrize("changes", [{"settlement": SIGHT_LC}, LC], ids=["by the method", "by the guarantee"])
def test_a_credit_of_an_eligible_bank_needs_no_quota(rating: Rating, changes: dict[str, Any]) -> None:
    judgement = judge(request(**changes, bank=bank(rating), quota=None))
    assert found(judgement) == [("D10", "M-L01")]
    assert judgement.verdict is Verdict.NOT_NEEDED


@pytest.mark.parametrize("rating", [None, *(r for r in Rating if not r.is_eligible_bank)])
def test_a_credit_of_any_other_bank_leaves_the_quota_needed(rating: Rating | None) -> None:
    assert found(judge(request(**LC, bank=bank(rating)))) == POSSIBLE
    assert found(judge(request(**LC, bank=bank(rating), quota=None))) == [("D17", "M-Q01")]


def test_a_deleted_bank_is_not_eligible() -> None:
    assert found(judge(request(**LC, bank=bank(state=BuyerState.DELETED)))) == POSSIBLE


def test_one_eligible_bank_of_two_is_enough() -> None:
    assert found(judge(request(**LC, bank=bank(Rating.SC), confirming_bank=bank()))) == [("D10", "M-L01")]
    assert found(judge(request(**LC, bank=bank(), confirming_bank=bank(Rating.SC)))) == [("D10", "M-L01")]


def test_a_guarantee_letter_is_no_letter_of_credit() -> None:
    assert found(judge(request(**LG, bank=bank()))) == POSSIBLE


def test_full_advance_payment_needs_no_quota() -> None:
    judgement = judge(request(settlement=ADVANCE, quota=None))
    assert found(judgement) == [("D10", "M-L02")]
    assert judgement.verdict is Verdict.NOT_NEEDED


# --- D11, D12: every cell of table 4.2 ----------------------------------------

R, B = ("GR", "ER", "SR"), ("GB", "EB", "SB")


@pytest.mark.parametrize(("rating", "product"), list(RATING_RULES))
def test_each_cell_of_the_rating_table_decides_as_it_says(rating: Rating, product: Product) -> None:
    judgement = judge(yen_request(product, 1_000_000, payer=payer(rating, product)))
    match RATING_RULES[rating, product]:
        case Need.NEEDED:
            assert found(judgement) == POSSIBLE
        case Need.NOT_NEEDED:
            assert found(judgement) == [("D12", "M-R04")]
            assert judgement.verdict is Verdict.NOT_NEEDED
            assert judgement.reasons == [f"支払人の格付（{rating}）は個別保証枠の対象外のため、確認は不要です"]
        case Need.REFUSED:
            message = "M-R02" if rating in R else "M-R03" if rating in B else "M-R01"
            assert found(judgement) == [("D11", message)]
            assert judgement.verdict is Verdict.REFUSED


@pytest.mark.parametrize("rating", Rating)
def test_only_a_payer_that_needs_a_quota_is_refused_for_having_none(rating: Rating) -> None:
    needed = RATING_RULES[rating, Product.EQUIPMENT] is Need.NEEDED
    facts = request(payer=payer(rating), quota=None)
    assert takes_quota(facts) is needed
    assert (("D17", "M-Q01") in found(judge(facts))) is needed


def test_a_rating_missing_from_the_table_or_the_registry_is_refused() -> None:
    assert judge(request(payer=payer(Rating.EF, need=None))).reasons == [
        "支払人の格付（EF）では信用危険のお引受けができません"
    ]
    unrated = judge(request(payer=payer(None, need=Need.NEEDED)))
    assert found(unrated) == [("D11", "M-R01")]
    assert unrated.reasons == ["支払人の格付（未設定）では信用危険のお引受けができません"]


def test_a_corrected_table_decides_not_the_letters_of_the_rating() -> None:
    assert found(judge(request(payer=payer(Rating.EC, need=Need.NEEDED)))) == POSSIBLE
    assert found(judge(request(payer=payer(Rating.ER, need=Need.NOT_NEEDED)))) == [("D12", "M-R04")]
