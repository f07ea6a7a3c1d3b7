"""kill -9 of the whole server at any moment: what a person was told is submitted is there, once and whole."""

import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from nexi_quota.models import Confirmation
from portal import audit
from portal.applications.models import Application, ApplicationVersion, State
from portal.outbox import drain
from portal.outbox.models import Message
from portal.outbox.topics import LEASE
from tests.nexi_quota.driver import NEW, Exporter, Page
from tests.support.checker import effect_faults, faults
from tests.support.children import DEADLINE, ROOT, child_env, eventually
from tests.support.servers import free_port, running
from tests.support.wire import Cut, Wire

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stores_files]

SEEDS = [int(seed) for seed in os.environ.get("KILL_SEEDS", "20261120").split(",")]
CYCLES = int(os.environ.get("KILL_CYCLES", "3"))
MOST_SECONDS = float(os.environ.get("KILL_SECONDS", "40"))
"""No new cycle begins after this time; a busy machine then has fewer of them, but never less than two."""
SUBMISSION_SECONDS = 0.08
"""Longer than a submission takes: the kill falls into one, or just after."""


class Walker(Exporter):
    """A person at a running server."""

    def __init__(self, wire: Wire) -> None:
        self.client = wire  # type: ignore[assignment]


class History:
    """What the clients know: for which applications 申込む was sent, and which of them were answered by a receipt."""

    def __init__(self, log: Path) -> None:
        self.pressed: dict[str, tuple[Walker, Page]] = {}
        self.acknowledged: set[str] = set()
        self.failures: list[BaseException] = []
        self._log = log
        self._changed = threading.Condition()

    def press(self, walker: Walker, confirm: Page) -> None:
        """Send 申込む and look at the receipt; raises Cut when the outcome is unknown."""
        number = confirm.number
        with self._changed:
            self.pressed[number] = (walker, confirm)
            self._changed.notify_all()
        receipt = walker.presses_apply(confirm)
        assert (receipt.status, receipt.number) == (200, number)
        with self._changed, self._log.open("a") as log:
            log.write(f"{number}\n")
            log.flush()
            os.fsync(log.fileno())
            self.acknowledged.add(number)

    def fail(self, error: BaseException) -> None:
        with self._changed:
            self.failures.append(error)
            self._changed.notify_all()

    def wait_for_presses(self, count: int) -> None:
        """Return as soon as 申込む has been sent `count` times in all, or something failed."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.failures or len(self.pressed) >= count, DEADLINE)

    def unknown(self) -> list[str]:
        return sorted(self.pressed.keys() - self.acknowledged)


@contextmanager
def serving(port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the test's database as in production, two workers; the block may kill it."""
    env = child_env(PORT=str(port), WEB_CONCURRENCY="2", DJANGO_SETTINGS_MODULE="tests.support.served_settings")
    command = [sys.executable, "-m", "gunicorn", "--config", "python:portal.gunicorn", "portal.wsgi:application"]
    # No connection of ours may be open: the first worker is to find the files as the killed one left them.
    connections.close_all()
    with log.open("ab") as output, running(command, log=output, env=env, cwd=ROOT) as process:
        eventually(lambda: answers(port), process)
        yield process


def answers(port: int) -> bool:
    try:
        return Wire(f"127.0.0.1:{port}", {}).get("/healthz").status_code == 200
    except Cut:
        return False


def kill(process: subprocess.Popen[bytes]) -> None:
    """End master and workers as a power cut would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def walk(walker: Walker, history: History, contracts: Iterator[int]) -> None:
    """Apply again and again until the server is gone; what else goes wrong is for the test to report."""
    try:
        while True:
            confirm = walker.fills_in(contract_number=f"EX-{next(contracts)}", contract_amount="100")
            history.press(walker, confirm)
    except Cut:
        return
    except BaseException as error:
        history.fail(error)


@pytest.fixture
def walkers(ana: Exporter, cho: Exporter) -> Callable[[int], list[Walker]]:
    """Return a function that gives Alice's and Charlie's browsers at the server on a port; Alice uses two."""

    def at(port: int) -> list[Walker]:
        keys = [exporter.client.cookies["sessionid"].value for exporter in (ana, ana, cho)]
        found = [Walker(Wire(f"127.0.0.1:{port}", {"sessionid": key})) for key in keys]
        for walker in found:
            assert walker.get(NEW).status == 200
        return found

    return at


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_acknowledged_is_there_once_and_whole_after_every_kill(
    seed: int, walkers: Callable[[int], list[Walker]], tmp_path: Path, settings: Any
) -> None:
    chance, port, log = random.Random(seed), free_port(), tmp_path / "log"
    history, contracts = History(tmp_path / "acknowledged"), itertools.count(1)
    enough = time.monotonic() + MOST_SECONDS
    for cycle in range(CYCLES):
        if cycle >= 2 and time.monotonic() > enough:
            break
        with serving(port, log) as process:
            browsers = walkers(port)
            retry(history)
            threads = [threading.Thread(target=walk, args=(walker, history, contracts)) for walker in browsers]
            for thread in threads:
                thread.start()
            # One press more than browsers: at least one of them has seen a receipt by then.
            history.wait_for_presses(len(history.pressed) + chance.randint(len(browsers) + 1, 9))
            time.sleep(chance.uniform(0, SUBMISSION_SECONDS))
            kill(process)
            for thread in threads:
                thread.join()
        assert history.failures == [], log.read_text()[-4000:]
        assert faults(history.pressed, history.acknowledged) == []
    assert len(history.acknowledged) >= 2
    with serving(port, log):
        retry(history)
        assert history.unknown() == []
    check_all_that_follows(history, settings)


def retry(history: History) -> None:
    """Send 申込む once more where nobody knows whether it arrived, with the same token: now everybody has a receipt."""
    for number in history.unknown():
        walker, confirm = history.pressed[number]
        history.press(walker, confirm)


def check_all_that_follows(history: History, settings: Any) -> None:
    """Fail unless everything was submitted once, and mail, paper, log and figures follow."""
    assert faults(history.pressed, history.acknowledged) == []
    assert Application.objects.filter(state=State.SUBMITTED).count() == len(history.pressed)
    settings.EMAIL_BACKEND = "portal.outbox.mail.EmlBackend"
    # What a killed process was at belongs to it until its lease ends.
    with time_machine.travel(timezone.now() + timedelta(seconds=LEASE + 1), tick=True):
        drain()
    assert effect_faults(settings.DATA_DIR / "mail") == []
    for command in ("verify_quota", "verify_outbox", "verify_files"):
        call_command(command)
    assert audit.verify().problem is None
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


# --- The checker itself: it must see what a kill could do ------------------------------------


def test_the_checker_sees_a_submission_that_is_lost_or_half_there(ana: Exporter) -> None:
    lost, half, whole = (ana.applies(contract_number=f"EX-{at}", contract_amount="100").number for at in range(3))
    draft = ana.fills_in(contract_number="EX-9", contract_amount="100").number
    assert faults([lost, half, whole], [lost, half, whole]) == []
    Application.objects.filter(number=lost).update(state=State.DRAFT, submitted_at=None, submitted_by=None)
    ApplicationVersion.objects.filter(application__number=half).delete()
    Message.objects.filter(key=half).delete()
    Confirmation.objects.filter(application__number=whole).update(unused_jpy=1)
    found = faults([lost, half, whole], [lost, half, whole, draft])
    assert {f"{lost} was acknowledged and is draft", f"{draft} was acknowledged and is draft"} <= {*found}
    assert {f"{half}: 0 × version, due 1", f"{half}: 0 × message, due 1", f"{lost}: 1 × confirmation, due 0"} <= {
        *found
    }
    assert any("confirmations" in fault for fault in found)
    assert f"{whole} was submitted by nobody" in faults([lost, half], [])


def test_the_checker_sees_a_mail_or_paper_that_is_missing_or_too_much(ana: Exporter, settings: Any) -> None:
    settings.EMAIL_BACKEND = "portal.outbox.mail.EmlBackend"
    number = ana.applies().number
    mail = settings.DATA_DIR / "mail"
    assert f"{number}: 0 papers" in effect_faults(mail)
    drain()
    drain()
    assert effect_faults(mail) == []
    next(mail.glob("*.eml")).rename(mail / "another.eml")
    assert len(effect_faults(mail)) == 2
