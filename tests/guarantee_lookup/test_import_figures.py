"""The free figures and limits that the import checks in the database are those that the screen computes."""

import random
from pathlib import Path

import pytest

from guarantee_lookup.enums import Row
from guarantee_lookup.models import CapacityPool, ServiceRules
from guarantee_lookup.rules.capacity import WITH_ADDITION, Masters, Position, position
from guarantee_lookup.selectors.masters import masters_on
from guarantee_lookup.services.reference import INSURANCES, SN_INSURANCES
from tests.guarantee_lookup.deliveries import Delivery

pytestmark = pytest.mark.django_db
FREE = [row for row in Row if row != Row.OTHER]
STEP = 12_500_000


class Customer:
    """Somebody with some guarantees of any insurance, often over a limit."""

    def __init__(self, number: str, chance: random.Random, masters: Masters) -> None:
        self.number = number
        self.is_coop = chance.random() < 0.3
        self.has_addition = self.is_coop and chance.random() < 0.7
        self.balances: dict[str, int] = {}
        for code in chance.sample(sorted(INSURANCES), chance.randint(0, 5)):
            self.balances[code] = STEP * chance.randint(1, 20)
        self.position: Position = position(self.balances, masters, is_coop=self.is_coop, has_addition=self.has_addition)

    def free(self, row: Row) -> int | None:
        return self.position.figure(row).free

    def is_over(self, masters: Masters) -> bool:
        for code, pool in masters.pools.items():
            binds = pool.rule == "always" or (pool.rule == "bond" and self.balances.get("SHASAI", 0) > 0)
            if binds and self.position.left[code] + (pool.addition if self.has_addition else 0) < 0:
                return True
        return False

    def enter(self, delivery: Delivery, *, more: int = 0) -> None:
        """Put the customer into the delivery, with free figures that are off by `more`."""
        sums = {f"ctl_r{row}": f"{self.position.figure(row).balance}" for row in Row}
        free = {f"core_free_r{row}": f"{value + more}" for row in FREE if (value := self.free(row)) is not None}
        flags = {"entity_type": "4" if self.is_coop else "2", "coop_addition_eligible": f"{self.has_addition:d}"}
        delivery.customer(self.number, **flags, latest_guarantee_date="2022-06-20", **sums, **free)
        for place, (code, counted) in enumerate(self.balances.items()):
            sn = "4" if code in SN_INSURANCES else ""
            delivery.guarantee(f"{self.number}{place}", self.number, code, counted, sn_item=sn)


def everybody(masters: Masters, count: int = 250) -> list[Customer]:
    chance = random.Random(20260318)
    return [Customer(f"{300000000 + at}", chance, masters) for at in range(count)]


@pytest.fixture(params=["as they are", "J5 always", "some off"])
def masters(request: pytest.FixtureRequest, rules: ServiceRules, tmp_path: Path) -> Masters:
    if request.param == "J5 always":
        CapacityPool.objects.filter(code="J5").update(rule="always", limit=60_000_000)
    elif request.param == "some off":
        CapacityPool.objects.filter(code__in=["J5", "XM", "FG", "MS"]).update(rule="off")
    return masters_on(Delivery(tmp_path).as_of)


def test_the_same_figures_as_the_screen_are_no_difference(masters: Masters, tmp_path: Path) -> None:
    customers, delivery = everybody(masters), Delivery(tmp_path, filler=0)
    for customer in customers:
        customer.enter(delivery)
    delivery.change("CUS", 2, "core_free_r1", "")
    delivery.change("CUS", 2, "core_free_r2", "")
    delivery.change("CUS", 2, "core_free_r3", "")
    delivery.change("CUS", 2, "core_free_r4", "")
    report = delivery.imported()
    assert (report.errors.count, report.quality["I08"].count) == (0, 0), report.quality["I08"].problems[:3]
    over = [f"*****{customer.number[-4:]}" for customer in customers if customer.is_over(masters)]
    found = [one.number for one in report.quality["I10"].problems if one.number != "*****9816"]
    assert found == over
    assert len(over) > 20
    negative = [one for one in customers for row in WITH_ADDITION if (one.free(row) or 0) < 0]
    assert all(one.is_coop for one in negative)


def test_figures_that_are_one_yen_off_differ_every_time(masters: Masters, tmp_path: Path) -> None:
    customers, delivery = everybody(masters, 60), Delivery(tmp_path, filler=0)
    for customer in customers:
        customer.enter(delivery, more=1)
    report = delivery.imported()
    assert {one.number for one in report.quality["I08"].problems} >= {f"*****{one.number[-4:]}" for one in customers}
    assert report.state == "held"
