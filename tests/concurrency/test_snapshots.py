"""Deliveries, readers and checkers at once, and kill -9 in the middle: one generation serves, whole, all the time."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection, connections
from django.utils import timezone

from bench.site import deliveries
from guarantee_lookup import tables
from guarantee_lookup.enums import NumberKind
from guarantee_lookup.imports import run
from guarantee_lookup.imports.run import import_snapshot
from guarantee_lookup.models import Snapshot
from guarantee_lookup.selectors.snapshots import current
from guarantee_lookup.services import snapshots
from guarantee_lookup.services.reference import load_masters
from guarantee_lookup.vault import digest
from portal.accounts.models import User
from portal.audit.models import Event
from tests.concurrency.racing import Meeting, failures, race
from tests.guarantee_lookup.deliveries import CUSTOMER, Delivery, clear_tables, known
from tests.support.children import ROOT, child_env, eventually

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 25_000
"""Customers of a delivery that several processes judge, and that takes long enough to be killed in the middle."""


@pytest.fixture(autouse=True)
def _masters() -> Iterator[None]:
    clear_tables()
    load_masters()
    yield
    clear_tables()


def day(before: int) -> str:
    return f"{timezone.localdate() - timedelta(days=before)}"


def held(tmp_path: Path) -> Snapshot:
    """Return a delivery that waits, above one that serves."""
    Delivery(tmp_path, day(2)).imported()
    delivery = Delivery(tmp_path, day(1))
    for line in (2, 3):
        delivery.change("CUS", line, "entity_type", "7")
    delivery.imported()
    return Snapshot.objects.get(state="held")


# --- Two imports at once --------------------------------------------------------------


@contextmanager
def unlocked() -> Iterator[bool]:
    yield True


def test_without_the_lock_a_delivery_is_loaded_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting, check_turn = Meeting(2), run._check_turn
    monkeypatch.setattr(tables, "exclusive", unlocked)
    monkeypatch.setattr(run, "_check_turn", lambda control: (check_turn(control), meeting.wait()))
    delivery = Delivery(tmp_path, day(1), filler=5)
    delivery.write()
    race(*[lambda: import_snapshot(delivery.folder)] * 2)
    assert Snapshot.objects.count() == 2


def test_of_four_imports_at_once_one_takes_the_delivery(tmp_path: Path) -> None:
    delivery = Delivery(tmp_path, day(1), filler=5)
    delivery.write()
    results = race(*[lambda: import_snapshot(delivery.folder)] * 4)
    assert not failures(results), results
    assert sorted(report.state for report in results) == ["current", "rejected", "rejected", "rejected"]  # type: ignore[attr-defined]
    serving = Snapshot.objects.get()
    assert (serving.state, tables.numbers()) == ("current", {serving.pk})
    assert known().customer is not None


# --- Readers during the switch -------------------------------------------------------------


def test_readers_are_answered_all_the_time_and_from_one_generation(tmp_path: Path) -> None:
    """The balance in each generation is its own, so that an answer from two would show."""
    amounts = {}
    for before in (4, 3, 2, 1):
        delivery = Delivery(tmp_path, day(before), filler=200)
        amount = 1_000_000 + before
        delivery.guarantee("2020009001", CUSTOMER, "FUTSU_G", amount)
        delivery.change("CUS", 2, "ctl_r2", f"{amount}")
        delivery.change("CUS", 2, "core_free_r2", "")
        delivery.write()
        amounts[date.fromisoformat(day(before))] = (amount, delivery)
    first, *later = amounts.values()
    import_snapshot(first[1].folder)
    done, seen, key = threading.Event(), set(), digest(NumberKind.CUSTOMER, CUSTOMER)

    def read() -> int:
        count = 0
        while not done.is_set() or not count:
            serving = current()
            assert serving is not None
            customer = tables.find(serving.pk, NumberKind.CUSTOMER, key, "9997").customer
            assert customer is not None
            assert customer.balances["FUTSU_G"] == amounts[serving.as_of][0]
            seen.add(serving.as_of)
            count += 1
        return count

    def switch() -> list[str]:
        try:
            return [import_snapshot(delivery.folder).state for _, delivery in later]
        finally:
            done.set()

    results = race(switch, read, read)
    assert not failures(results), results
    assert results[0] == ["current"] * 3
    assert len(seen) >= 2


# --- Two decisions at once ---------------------------------------------------------------------


@pytest.fixture
def people() -> list[User]:
    return [User.objects.create_user(f"staff-{at}", "test-password", name=f"担当{at}") for at in range(4)]


def test_without_the_guard_a_delivery_is_switched_twice(tmp_path: Path, people: list[User]) -> None:
    snapshot, meeting = held(tmp_path), Meeting(2)

    def look_then_write(checker: User) -> int:
        found = Snapshot.objects.get(pk=snapshot.pk)
        assert found.state == "held"
        meeting.wait()
        Snapshot.objects.filter(state="current").exclude(pk=found.pk).update(state="old")
        return Snapshot.objects.filter(pk=found.pk).update(state="current", decided_by=checker)

    results = race(*[lambda checker=checker: look_then_write(checker) for checker in people[:2]])
    assert results == [1, 1]


def test_of_four_approvals_at_once_one_switches(tmp_path: Path, people: list[User]) -> None:
    snapshot = held(tmp_path)
    results = race(
        *[lambda by=by: snapshots.approve(Snapshot.objects.get(pk=snapshot.pk), by) for by in people]  # type: ignore[misc]
    )
    assert [type(result).__name__ for result in results if result is not None] == ["AlreadyDecided"] * 3
    snapshot.refresh_from_db()
    assert (snapshot.state, snapshot.decided_by) == ("current", people[results.index(None)])
    assert Event.objects.filter(verb="lookup.switched", target=snapshot.name).count() == 1


def test_of_an_approval_and_a_refusal_at_once_one_counts(tmp_path: Path, people: list[User]) -> None:
    snapshot = held(tmp_path)
    results = race(
        lambda: snapshots.approve(Snapshot.objects.get(pk=snapshot.pk), people[0]),
        lambda: snapshots.refuse(Snapshot.objects.get(pk=snapshot.pk), people[1], "誤り"),
    )
    assert [type(result).__name__ for result in results if result is not None] == ["AlreadyDecided"]
    snapshot.refresh_from_db()
    approved = results[0] is None
    assert snapshot.state == ("current" if approved else "rejected")
    assert (snapshot.pk in tables.numbers()) == approved
    assert Snapshot.objects.filter(state="current").count() == 1


# --- kill -9 ----------------------------------------------------------------------------------------


@contextmanager
def importing(folder: Path, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the import in a process of its own, at the head of its own group."""
    command = [sys.executable, "manage.py", "import_snapshot", str(folder)]
    connections.close_all()
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, env=child_env(), cwd=ROOT, stdout=output, stderr=output, start_new_session=True
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def has_begun(table: str) -> bool:
    loading = Snapshot.objects.filter(state="loading").first()
    return loading is not None and (
        not table or tables.table(table, loading.pk) in connection.introspection.table_names()
    )


def group_is_gone(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("table", ["", "customer", "settlement"])
def test_an_import_killed_in_the_middle_leaves_the_old_generation_and_nothing_else(table: str, tmp_path: Path) -> None:
    """The kill comes at the beginning, after the customers, and when the last file is in (PostgreSQL) or begun."""
    Delivery(tmp_path, day(2), filler=0).imported()
    serving = current()
    assert serving is not None
    folder = tmp_path / "many"
    deliveries.write(folder, date.fromisoformat(day(1)), MANY)
    log = tmp_path / "log"
    with importing(folder, log) as process:
        eventually(lambda: has_begun(table), process)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        eventually(lambda: group_is_gone(process.pid))
    assert current() == serving
    assert known().customer is not None
    dead = Snapshot.objects.get(state="loading")

    def free() -> bool:
        # PostgreSQL notices a moment later that its client is gone.
        with tables.exclusive() as won:
            return won

    eventually(free)
    Delivery(tmp_path, day(1), filler=0).imported()
    dead.refresh_from_db()
    latest = current()
    assert latest is not None
    assert (dead.state, latest.name) == ("rejected", f"{day(1).replace('-', '')}-01")
    assert tables.numbers() == {serving.pk, latest.pk}
