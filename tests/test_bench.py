"""Every benchmark works, at a size that says nothing about speed."""

import os
from pathlib import Path

import pytest

from bench.__main__ import NAMES, measure
from bench.harness import Size, paired, result, table

# A benchmark brings its own databases; each leg of the suite tries the kind that it is about.
DATABASE = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
ONLY_POSTGRESQL = {"reservations", "lists", "lookup", "snapshot"}
TINY = Size(pairs=1, seconds=0.1, documents=1, reservations=200, rows=2_000)


def test_every_benchmark_measures_both_sides_and_finds_nothing_wrong(tmp_path: Path) -> None:
    # Each is tried once: those for which PostgreSQL is a must in its leg, all others on SQLite, where they are quicker.
    names = [name for name in NAMES if (name in ONLY_POSTGRESQL) == (DATABASE == "PostgreSQL")]
    results = measure(names, tmp_path / "run", TINY, [DATABASE])
    assert list(dict.fromkeys(one.name.split()[0] for one in results)) == names
    assert not [one for one in results if one.failed]
    assert all(one.ours > 0 for one in results)
    assert all(one.floor > 0 and one.ratio > 0 for one in results if one.pairs)
    kept = {"lists-plans.txt"} if "lists" in names else set()
    assert {path.name for path in (tmp_path / "run").iterdir()} == kept


def test_the_sides_take_turns_in_going_first_and_the_first_pair_only_warms_up() -> None:
    order: list[str] = []

    def side(name: str) -> float:
        order.append(name)
        return float(len(order))

    pairs = paired(lambda: side("ours"), lambda: side("floor"), 2)
    assert order == ["ours", "floor", "floor", "ours", "ours", "floor"]
    assert pairs == [(4.0, 3.0), (5.0, 6.0)]


def test_the_ratio_is_the_median_of_the_pairs_not_of_the_sides() -> None:
    found = result("x", "", "runs/s", [(2.0, 1.0), (30.0, 10.0), (400.0, 100.0)])
    assert (found.ratio, found.lowest, found.highest) == (3.0, 2.0, 4.0)


@pytest.mark.parametrize(
    ("goal", "ratio", "verdict"),
    [(0.8, 0.8, "reached"), (0.8, 0.79, "missed"), (-1.05, 1.05, "reached"), (-1.05, 1.06, "missed"), (0, 0.1, "")],
)
def test_a_goal_is_a_bound_from_below_or_from_above(goal: float, ratio: float, verdict: str) -> None:
    one = result("x", "", "ms", [(ratio, 1.0)], goal=goal)
    assert one.verdict == verdict


def test_a_wrong_result_is_said_however_fast_it_is() -> None:
    wrong = result("x", "", "holds/s", [(2.0, 1.0)], goal=0.8, failed=True)
    assert wrong.verdict == "WRONG"
    assert "WRONG" in table([wrong])
