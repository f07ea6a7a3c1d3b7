"""Generations: how long each is kept, what a killed import leaves, and who is told of a delivery to look at."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from guarantee_lookup import tables
from guarantee_lookup.models import ServiceRules, Snapshot
from guarantee_lookup.selectors.snapshots import KEPT, current
from guarantee_lookup.services.snapshots import clear_old
from portal.audit.models import Event
from portal.outbox import drain
from portal.outbox.models import Message
from portal.outbox.nightly import run_job
from tests.conftest import LogIn
from tests.guarantee_lookup.deliveries import CUSTOMER, Delivery, clear_tables, known

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day(rules: ServiceRules) -> None:
    """10:00 on 2026-03-19, with the masters that every installation begins with, and no generation."""
    clear_tables()


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery(tmp_path)


def test_what_was_imported_before_stays_until_the_switch_and_after_it(tmp_path: Path) -> None:
    Delivery(tmp_path, "2026-03-17").imported()
    first = current()
    Delivery(tmp_path).imported()
    assert first is not None
    first.refresh_from_db()
    assert first.state == "old"
    assert known(snapshot=first) == known()
    assert Event.objects.filter(verb="lookup.switched").count() == 2


def test_the_last_eight_generations_are_kept_in_full_and_the_serving_one_always(tmp_path: Path) -> None:
    start = date(2026, 2, 2)
    for day in range(KEPT + 2):
        Delivery(tmp_path, f"{start + timedelta(days=day)}", filler=0).imported()
    every = list(Snapshot.objects.order_by("as_of").values_list("pk", flat=True))
    report = run_job("lookup.generations", date(2026, 3, 19))
    assert report == {"interrupted": 0, "dropped": 2, "reports": 0}
    assert tables.numbers() == {*every[2:]}
    Snapshot.objects.filter(state="current").update(as_of=date(2025, 1, 1))
    Snapshot.objects.create(as_of=start, sequence=9, state="old", received_at=timezone.now())
    clear_old()
    assert every[-1] in tables.numbers()
    assert clear_old() == {"interrupted": 0, "dropped": 0, "reports": 0}


def test_reports_are_forgotten_after_three_years(delivery: Delivery, clock: time_machine.Traveller) -> None:
    delivery.imported()
    Snapshot.objects.update(state="old")
    clock.move_to(timezone.now() + timedelta(days=3 * 366 + 1))
    clear_old()
    assert Snapshot.objects.get().report == {}


def test_what_a_killed_import_left_is_cleared_at_night(delivery: Delivery) -> None:
    delivery.imported()
    dead = Snapshot.objects.create(as_of=date(2026, 3, 19), received_at=timezone.now())
    tables.create(dead.pk)
    assert clear_old()["interrupted"] == 1
    dead.refresh_from_db()
    assert (dead.state, dead.pk in tables.numbers()) == ("rejected", False)


def test_the_association_is_told_of_what_waits_and_what_was_refused(
    tmp_path: Path, log_in: LogIn, mailoutbox: list
) -> None:  # type: ignore[type-arg]
    log_in("staff-lookup", "lookup.staff", is_staff=True, email="staff@example.jp")
    bad = Delivery(tmp_path, "2026-03-17")
    bad.change("CUS", 2, "customer_no", "1")
    bad.imported()
    held = Delivery(tmp_path)
    for line in (3, 4):
        held.change("CUS", line, "entity_type", "7")
    held.imported()
    drain()
    assert sorted(mail.subject for mail in mailoutbox) == [
        "残高・区分照会システムのデータ：保留",
        "残高・区分照会システムのデータ：却下",
    ]
    assert all(CUSTOMER not in mail.body for mail in mailoutbox)
    assert not Message.objects.exclude(state="done").exists()
