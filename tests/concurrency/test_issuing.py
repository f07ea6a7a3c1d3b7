"""kill -9 of who issues certificates, at any moment: each is issued once, with one number and one key."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from esurety.models import AuthKey, Certificate, Guarantee, Item, Submission
from esurety.services import issuing, keys
from portal.documents.files import digest
from portal.outbox import drain
from portal.outbox.models import Message
from tests.concurrency.racing import Meeting, failures, race
from tests.esurety.conftest import bank_branch, body_a, contractor, office, shop
from tests.esurety.driver import Shop
from tests.support.children import ROOT, child_env, eventually

__all__ = ["bank_branch", "body_a", "contractor", "office", "shop"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stores_files]

ISSUES = int(os.environ.get("KILL_ISSUES", "6"))
SEED = int(os.environ.get("KILL_SEED", "20261121"))

ISSUER = """
import os, sys
import django; django.setup()
from esurety.models import Item
from esurety.services import issuing
from portal.accounts.models import User
from portal.outbox import drain
from portal.documents.render import engine
import esurety.pdfsign

def work():
    approver = User.objects.get(login="approver")
    drain()
    for item in Item.objects.filter(state="concluded").order_by("pk"):
        issuing.issue(item, approver)
        drain()

engine()
print("ready", flush=True)
for _ in sys.stdin:
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Runs, for each line it reads, a process that does what a web process (the release) and a worker (the job) do.

It has loaded everything before it forks, so a process begins its work at once and many of them can be killed.
"""


class Issuer:
    """The program above; `begin` starts a process of it, `end` waits for it and gives its exit code."""

    def __init__(self, program: "subprocess.Popen[str]") -> None:
        assert program.stdin
        assert program.stdout
        self._lines, self._orders = program.stdout, program.stdin
        assert self._read() == "ready"

    def _read(self) -> str:
        return self._lines.readline().strip()

    def begin(self) -> int:
        self._orders.write("go\n")
        self._orders.flush()
        return int(self._read())

    def end(self) -> int:
        return int(self._read())


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def issuer() -> Iterator[Issuer]:
    connections.close_all()
    with subprocess.Popen(
        [sys.executable, "-c", ISSUER],
        env=child_env(),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as program:
        try:
            yield Issuer(program)
        finally:
            program.kill()


def end_leases() -> None:
    """Let the time pass for which a message belongs to an executor that is dead."""
    Message.objects.filter(state="waiting").update(lease_until=None, run_after=timezone.now())


def test_every_issue_is_made_once_however_often_its_process_is_killed(shop: Shop) -> None:
    chance = random.Random(SEED)
    shop.person("approver")
    items = [shop.concluded(amount=1_000_000 + place) for place in range(ISSUES)]
    kills = 0
    with issuer() as processes:
        while Item.objects.filter(state="concluded").exists():
            end_leases()
            done = Certificate.objects.count()
            pid = processes.begin()
            # Somewhere in the first or second issue from here: before, in or between its commits, or in its job.
            eventually(lambda done=done, pid=pid: Certificate.objects.count() > done or not is_alive(pid))
            time.sleep(chance.uniform(0, 0.25))
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            kills += processes.end() == -signal.SIGKILL
    end_leases()
    drain()
    assert kills >= max(1, ISSUES // 6)
    assert Item.objects.filter(state="issued").count() == ISSUES
    assert sorted(Guarantee.objects.values_list("item_id", flat=True)) == [item.pk for item in items]
    made = list(Certificate.objects.select_related("guarantee"))
    assert len(made) == ISSUES == len({row.guarantee.number for row in made}) == len({row.serial for row in made})
    assert {row.state for row in made} == {"issued"}
    assert AuthKey.objects.count() == Submission.objects.count() == ISSUES
    assert list(keys.faults()) == []
    assert [digest(row.file.name) == row.sha256 for row in made] == [True] * ISSUES
    call_command("verify_outbox")


def test_two_workers_make_one_certificate_of_one_issue(shop: Shop, tmp_path: Path) -> None:
    made = issuing.issue(shop.concluded(), shop.person("approver"))
    results = race(*(lambda place=place: issuing.store(made, b"%PDF-" + str(place).encode()) for place in range(8)))
    assert failures(results) == []
    made.refresh_from_db()
    assert made.state == "issued"
    assert digest(made.file.name) == made.sha256
    assert Submission.objects.filter(certificate=made).count() == 1


def test_workers_that_look_before_they_write_would_both_think_they_made_it(shop: Shop) -> None:
    """The control: the same race, decided by a look at the state instead of by the UPDATE."""
    made = issuing.issue(shop.concluded(), shop.person("approver"))
    meeting = Meeting(2)

    def naive() -> bool:
        is_open = Certificate.objects.filter(pk=made.pk, state="pending").exists()
        meeting.wait()
        if is_open:
            Certificate.objects.filter(pk=made.pk).update(
                state="issued", arrived_at=timezone.now(), file="certificates/x"
            )
        return is_open

    assert race(naive, naive) == [True, True]
