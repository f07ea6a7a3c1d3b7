"""空き枠: the worked examples of guarantee_lookup.md 3.5, K1 to K6, and what the masters can change."""

from dataclasses import replace

import pytest

from guarantee_lookup.enums import Row
from guarantee_lookup.rules.capacity import Insurance, Masters, Pool, Position, position
from guarantee_lookup.rules.result import yen_or_dash
from guarantee_lookup.services.reference import INSURANCES, MILLION, POOLS

R1, R2, R3, R4, R5 = Row

MASTERS = Masters(
    {code: Insurance(code, row, tuple(pools.split())) for code, (_, row, pools) in INSURANCES.items()},
    {
        code: Pool(code, limit * MILLION, addition * MILLION, rule)  # type: ignore[arg-type]
        for code, (_, limit, addition, rule) in POOLS.items()
    },
)


def of(coop: bool = False, **balances: int) -> Position:
    return position(balances, MASTERS, is_coop=coop, has_addition=coop)


def free(found: Position) -> list[int | None]:
    return [found.figure(row).free for row in (R1, R2, R3, R4)]


ACCEPTANCE = {"MUTAN_G": 58_646_000, "MUTAN_SN": 13_970_000, "KIKI_M": 32_578_000}


@pytest.mark.parametrize(
    ("example", "balances", "expected", "total"),
    [
        ("E1", ACCEPTANCE, (21_354_000, 200_000_000, 66_030_000, 200_000_000), 105_194_000),
        ("E2", {}, (80_000_000, 200_000_000, 80_000_000, 200_000_000), 0),
        ("E6", {"MUTAN_G": 82_500_000}, (0, 200_000_000, 80_000_000, 200_000_000), 82_500_000),
        (
            "E7",
            {"MUTAN_G": 50_000_000, "SOGYO": 15_000_000},
            (15_000_000, 200_000_000, 80_000_000, 200_000_000),
            65_000_000,
        ),
        (
            "E8",
            {"MUTAN_G": 45_000_000, "TOKU_G": 12_000_000},
            (23_000_000, 200_000_000, 80_000_000, 200_000_000),
            57_000_000,
        ),
        (
            "E9",
            {"MUTAN_G": 20_000_000, "FUTSU_G": 60_000_000, "SHASAI": 400_000_000},
            (20_000_000, 20_000_000, 80_000_000, 200_000_000),
            480_000_000,
        ),
        (
            "E10",
            {"MUTAN_SN": 40_000_000, "KIKI_M": 80_000_000, "SHINSAI_M": 30_000_000},
            (80_000_000, 200_000_000, 10_000_000, 200_000_000),
            150_000_000,
        ),
        ("E11", {"MUTAN_G": 20_000_000}, (60_000_000, 200_000_000, 80_000_000, 200_000_000), 20_000_000),
        ("E12", {"MUTAN_G": 30_000_000}, (50_000_000, 200_000_000, 80_000_000, 200_000_000), 30_000_000),
    ],
)
def test_the_worked_examples_of_companies(
    example: str, balances: dict[str, int], expected: tuple[int, ...], total: int
) -> None:
    found = of(**balances)
    assert (tuple(free(found)), found.total) == (expected, total)


@pytest.mark.parametrize(
    ("example", "balances", "expected", "as_coop"),
    [
        (
            "E3",
            {"FUTSU_G": 150_000_000, "MUTAN_G": 30_000_000},
            (50_000_000, 50_000_000, 80_000_000, 200_000_000),
            (250_000_000, 400_000_000),
        ),
        (
            "E4",
            {"FUTSU_G": 310_000_000, "MUTAN_G": 80_000_000},
            (0, -110_000_000, 80_000_000, 200_000_000),
            (90_000_000, 400_000_000),
        ),
        (
            "E5",
            {"FUTSU_G": 450_000_000},
            (80_000_000, -250_000_000, 80_000_000, 200_000_000),
            (0, 400_000_000),
        ),
    ],
)
def test_the_worked_examples_of_a_cooperative(
    example: str, balances: dict[str, int], expected: tuple[int, ...], as_coop: tuple[int, int]
) -> None:
    found = of(coop=True, **balances)
    assert tuple(free(found)) == expected
    assert (found.figure(R2).coop_free, found.figure(R4).coop_free) == as_coop
    assert found.figure(R1).coop_free is None


def test_k4_a_negative_figure_of_a_cooperative_is_written_with_a_triangle() -> None:
    assert yen_or_dash(of(coop=True, FUTSU_G=310_000_000).figure(R2).free) == "△110,000,000"


def test_k3_a_company_over_its_limit_shows_nothing_free_and_the_mark_and_keeps_the_excess() -> None:
    figure = of(MUTAN_G=82_500_000).figure(R1)
    assert (figure.free, figure.is_over, figure.excess) == (0, True, 2_500_000)


def test_t31_a_limit_used_up_exactly_is_not_over() -> None:
    figure = of(MUTAN_G=80_000_000).figure(R1)
    assert (figure.free, figure.is_over, figure.is_reduced) == (0, False, False)


def test_a_cooperative_without_the_addition_has_no_figure_of_its_own() -> None:
    found = position({"FUTSU_G": 1}, MASTERS, is_coop=True, has_addition=False)
    assert found.figure(R2).coop_free is None


@pytest.mark.parametrize(
    ("balances", "marked"),
    [
        (ACCEPTANCE, []),
        ({"MUTAN_G": 50_000_000, "SOGYO": 15_000_000}, [R1]),
        ({"MUTAN_G": 45_000_000, "TOKU_G": 12_000_000}, []),
        ({"MUTAN_G": 20_000_000, "FUTSU_G": 60_000_000, "SHASAI": 400_000_000}, [R1, R2]),
        ({"MUTAN_SN": 40_000_000, "KIKI_M": 80_000_000, "SHINSAI_M": 30_000_000}, [R3]),
    ],
)
def test_the_mark_says_where_another_insurance_makes_the_figure_smaller(
    balances: dict[str, int], marked: list[Row]
) -> None:
    assert [figure.row for figure in of(**balances).figures if figure.is_reduced] == marked


def test_k5_other_insurances_have_a_balance_and_no_free_figure() -> None:
    other = of(**ACCEPTANCE).figure(R5)
    assert (other.balance, other.free, yen_or_dash(other.free)) == (32_578_000, None, "—")


def test_the_joint_limit_of_bonds_binds_only_while_there_is_a_bond() -> None:
    assert free(of(FUTSU_G=200_000_000, MUTAN_G=80_000_000))[:2] == [0, 0]
    assert free(of(FUTSU_G=150_000_000))[:2] == [80_000_000, 50_000_000]
    assert free(of(FUTSU_G=150_000_000, SHASAI=300_000_000))[:2] == [50_000_000, 50_000_000]


def test_a_pool_that_is_switched_off_binds_nothing() -> None:
    off = replace(MASTERS.pools["XM"], rule="off")
    masters = Masters(MASTERS.insurances, {**MASTERS.pools, "XM": off})
    found = position({"MUTAN_SN": 40_000_000, "KIKI_M": 80_000_000, "SHINSAI_M": 30_000_000}, masters)
    assert found.figure(R3).free == 40_000_000


def test_an_insurance_that_nobody_knows_is_an_error_and_never_booked_elsewhere() -> None:
    with pytest.raises(KeyError):
        of(FUTSU_X=1)
