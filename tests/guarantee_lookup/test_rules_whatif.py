"""試算: W1 to W6 of guarantee_lookup.md 3.6 on the acceptance customer, and its edges."""

from dataclasses import replace

import pytest

from guarantee_lookup.enums import Row
from guarantee_lookup.rules.capacity import Masters, position
from guarantee_lookup.rules.whatif import Product, Trial, Wish, try_out
from tests.guarantee_lookup.test_rules_capacity import ACCEPTANCE, MASTERS, of

R1, R2, R3, R4, R5 = Row


def trial(amount: int, **more: object) -> Trial:
    return try_out(Wish(amount, **more), of(**ACCEPTANCE))  # type: ignore[arg-type]


def test_w1_an_unsecured_loan_is_short_and_fits_with_a_certificate() -> None:
    short, fits = trial(30_000_000, certificate=4).verdicts
    assert (short.row, short.fits, short.short) == (R1, False, 8_646_000)
    assert (fits.row, fits.fits, fits.available) == (R3, True, 66_030_000)
    assert [verdict.row for verdict in trial(30_000_000).verdicts] == [R1]


def test_w2_with_eighty_percent_the_largest_loan_is_a_quarter_more_than_what_is_left() -> None:
    (verdict,) = trial(30_000_000, is_partial=True).verdicts
    assert (verdict.counted, verdict.short, verdict.largest) == (24_000_000, 2_646_000, 26_692_500)
    assert trial(26_692_500, is_partial=True).verdicts[0].counted == 21_354_000


def test_w3_a_secured_loan_fits_or_is_cut_into_two_guarantees() -> None:
    found = trial(30_000_000, is_secured=True)
    assert (found.verdicts[0].row, found.verdicts[0].fits) == (R2, True)
    assert found.split == (21_354_000, 8_646_000)


def test_w4_what_the_loan_repays_is_free_again() -> None:
    (verdict,) = trial(60_000_000, repaid={R1: 50_000_000}).verdicts
    assert (verdict.available, verdict.fits) == (71_354_000, True)


def test_w5_what_is_used_at_another_association_is_taken_off() -> None:
    (verdict,) = trial(20_000_000, elsewhere={R1: 5_000_000}).verdicts
    assert (verdict.available, verdict.short) == (16_354_000, 3_646_000)


def test_w6_the_micro_product_counts_every_balance_whatever_the_row_says() -> None:
    (verdict,) = trial(5_000_000, product=Product.MICRO).verdicts
    assert (verdict.fits, verdict.largest) == (False, 0)


@pytest.mark.parametrize(("amount", "counted"), [(1, 1), (5, 4), (6, 5), (10, 8), (999_999_999_999, 800_000_000_000)])
def test_eighty_percent_is_rounded_up_to_the_yen(amount: int, counted: int) -> None:
    assert Wish(amount, is_partial=True).counted == counted


def test_a_product_outside_of_the_sharing_scheme_counts_in_full_at_every_bank() -> None:
    assert Wish(10, is_partial=True, is_shared=False).counted == 10


def test_a_certificate_of_the_sixth_kind_gives_a_hundred_million_more() -> None:
    ordinary = try_out(Wish(250_000_000, is_secured=True, certificate=6), of())
    assert [verdict.available for verdict in ordinary.verdicts] == [200_000_000, 300_000_000]
    joint = try_out(Wish(1, is_secured=True, certificate=6), of(KIKI_F=150_000_000))
    assert joint.verdicts[1].available == 250_000_000


def test_a_cooperative_is_tried_with_its_own_figure() -> None:
    found = try_out(Wish(90_000_000, is_secured=True), of(coop=True, FUTSU_G=310_000_000, MUTAN_G=80_000_000))
    assert (found.verdicts[0].available, found.verdicts[0].fits, found.split) == (90_000_000, True, None)


def test_a_bond_counts_eighty_percent_and_is_bound_by_the_joint_limit() -> None:
    (verdict,) = try_out(Wish(100_000_000, product=Product.BOND), of(FUTSU_G=200_000_000, MUTAN_G=60_000_000)).verdicts
    assert (verdict.available, verdict.counted, verdict.fits) == (240_000_000, 80_000_000, True)


def test_a_limit_that_is_switched_off_bounds_nothing_and_is_not_judged() -> None:
    off = {code: replace(MASTERS.pools[code], rule="off") for code in ("MG", "J5", "RYUDO")}
    found = position({"MUTAN_G": 90_000_000}, Masters(MASTERS.insurances, {**MASTERS.pools, **off}))
    assert try_out(Wish(1), found).verdicts == []
    assert try_out(Wish(1, product=Product.RECEIVABLES), found).verdicts == []
    assert try_out(Wish(1, product=Product.BOND), found).verdicts[0].available == 450_000_000
