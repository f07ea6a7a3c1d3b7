"""The demo's delivery: the acceptance customer and the worked examples, as the contract names them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from guarantee_lookup.demo_snapshot import load_snapshot
from guarantee_lookup.models import ServiceRules, Snapshot
from guarantee_lookup.rules.result import result_of
from guarantee_lookup.selectors.masters import masters_on
from guarantee_lookup.selectors.snapshots import current
from tests.guarantee_lookup.deliveries import clear_tables, known

pytestmark = pytest.mark.django_db
MILLION = 1_000_000

# 無担保・一般, 普通・一般, 無担保・SN, 普通・SN and the total of the balances, in million yen (guarantee_lookup.md 3.5)
EXAMPLES = {
    2: (80, 200, 80, 200, 0),
    3: (50, 50, 80, 200, 180),
    4: (0, -110, 80, 200, 390),
    5: (80, -250, 80, 200, 450),
    6: (0, 200, 80, 200, 82.5),
    7: (15, 200, 80, 200, 65),
    8: (23, 200, 80, 200, 57),
    9: (20, 20, 80, 200, 480),
    10: (80, 200, 10, 200, 150),
    11: (60, 200, 80, 200, 20),
    12: (50, 200, 80, 200, 30),
}


@pytest.fixture(autouse=True)
def _day(rules: ServiceRules) -> None:
    """10:00 on 2026-03-19, with the masters that every installation begins with, and no generation."""
    clear_tables()


def result(number: str) -> dict[str, Any]:
    serving, customer = current(), known(number).customer
    assert serving is not None
    assert customer is not None
    return result_of(customer, masters_on(serving.as_of), as_of="", snapshot="", masked="")


def test_the_acceptance_customer_has_the_printed_figures() -> None:
    load_snapshot()
    shown = result("123459816")
    assert [(one["balance"], one["free"]) for one in shown["figures"]] == [
        (58_646_000, 21_354_000),
        (0, 200_000_000),
        (13_970_000, 66_030_000),
        (0, 200_000_000),
        (32_578_000, None),
    ]
    assert (shown["settlements"], shown["guaranteed_on"]) == (["2025/03・5", "2024/03・5"], "2024-12-25")
    assert known("1234567890", "guarantee") == known("123459816")


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_worked_examples_are_there(example: int) -> None:
    load_snapshot()
    shown = result(f"{900000000 + example}")
    free = [one["free"] for one in shown["figures"][:4]]
    assert [*free, shown["total"]] == [amount * MILLION for amount in EXAMPLES[example]]
    assert shown["has_addition"] == (example in {3, 4, 5})


def test_the_blocked_and_the_unknown_customer_are_nothing() -> None:
    load_snapshot()
    assert known("900000099") == known("900000098")
    assert known("900000098").customer is None


def test_loading_again_changes_nothing_and_the_next_day_is_new(clock: time_machine.Traveller, settings: Any) -> None:
    load_snapshot()
    load_snapshot()
    assert [one.name for one in Snapshot.objects.all()] == ["20260318-01"]
    folder = Path(settings.DATA_DIR) / "demo" / "snapshot"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"ZK_20260318_01_{kind}.csv" for kind in ("CTL", "CUS", "GUA", "SET")
    ]
    clock.move_to(datetime(2026, 3, 23, 1, 0, tzinfo=UTC))
    load_snapshot()
    assert [(one.name, one.state) for one in Snapshot.objects.all()] == [
        ("20260319-01", "current"),
        ("20260318-01", "old"),
    ]
