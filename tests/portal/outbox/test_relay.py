"""From the row to the effect, and what happens when something fails on the way."""

import json
import signal
import threading
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from portal import audit
from portal.audit.models import Event
from portal.outbox import Message, drain, execute, handler, publish, relay, topics
from portal.outbox.models import State
from portal.outbox.sweep import sweep
from tests.support.children import python


@pytest.fixture
def message(calls, db):
    publish(Message("test.topic", "K-1", {"n": 1}))
    return Message.objects.get()


def later(**units):
    return time_machine.travel(timezone.now() + timedelta(**units))


def test_publishing_is_one_insert_and_a_repeat_is_left_alone(db, django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(1):
        publish(Message("test.topic", "K-1", {"n": 1}), Message("test.topic", "K-2", {"n": 2}))
    publish(Message("test.topic", "K-1", {"n": 99}), Message("test.topic", "K-3", {"n": 3}))
    rows = Message.objects.order_by("key").values_list("key", "payload__n")
    assert list(rows) == [("K-1", 1), ("K-2", 2), ("K-3", 3)]


def test_publishing_nothing_asks_nobody(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        publish()


def test_a_message_shares_the_fate_of_the_callers_transaction(db):
    with transaction.atomic():
        publish(Message("test.topic", "K-1", {}))
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_nobody_is_told_before_the_commit(db, settings, django_capture_on_commit_callbacks):
    settings.REDIS_URL = ""
    relay.wake.clear()
    with django_capture_on_commit_callbacks() as callbacks:
        publish(Message("test.topic", "K-1", {}))
        assert not relay.wake.is_set()
    for callback in callbacks:
        callback()
    assert relay.wake.is_set()


def test_a_due_message_runs_once_and_is_done(message, calls):
    assert drain() == 1
    assert drain() == 0
    message.refresh_from_db()
    assert calls == [("K-1", {"n": 1})]
    assert (message.state, message.tries, message.lease_until) == (State.DONE, 1, None)
    assert message.done_at is not None


def test_what_a_handler_publishes_runs_in_the_same_drain(message, calls):
    calls.act = lambda: publish(Message("test.topic", "K-2", {}))
    assert drain() == 2
    assert [key for key, _ in calls] == ["K-1", "K-2"]


@pytest.mark.parametrize("round_of_work", [sweep, partial(call_command, "work", "--once")], ids=["sweep", "work"])
def test_the_chain_of_the_audit_log_moves_with_the_outbox(db, round_of_work):
    audit.record(relay.RESENT)
    round_of_work()
    assert not Event.objects.filter(seq=None).exists()


def test_a_failed_message_comes_again_later_and_then_succeeds(message, calls):
    def fail():
        raise ConnectionError("the mail\0 server\ud800 is away")

    calls.act = fail
    assert drain() == 0
    message.refresh_from_db()
    assert (message.state, message.tries, message.lease_until) == (State.WAITING, 1, None)
    assert message.last_error == "ConnectionError: the mail server? is away"
    assert drain() == 0
    assert len(calls) == 1
    calls.act = lambda: None
    with later(seconds=16):
        assert drain() == 1
    assert len(calls) == 2


def test_the_pauses_grow_and_outlive_a_night():
    pauses = [relay.delay(tries) for tries in range(1, relay.MAX_TRIES)]
    assert pauses[:3] == [timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=4)]
    assert pauses == sorted(pauses)
    assert sum(pauses, timedelta()) > timedelta(hours=10)


def fail_until_parked(message, calls):
    def fail():
        raise ValueError("no")

    calls.act = fail
    for number in range(relay.MAX_TRIES):
        with later(hours=7 * number):
            assert drain() == 0
    message.refresh_from_db()
    assert (message.state, message.tries) == (State.PARKED, relay.MAX_TRIES)


def test_a_message_that_keeps_failing_is_parked_and_sent_again_by_the_staff(message, calls, capsys):
    fail_until_parked(message, calls)
    with later(days=30):
        assert drain() == 0
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_outbox")
    assert json.loads(capsys.readouterr().out) == {"ok": False, "waiting": 0, "overdue": 0, "parked": 1}
    calls.act = lambda: None
    assert relay.resend(message, None)
    assert not relay.resend(message, None)
    assert drain() == 1
    assert Event.objects.get(verb="outbox.resent").target == "test.topic K-1"
    call_command("verify_outbox")
    assert json.loads(capsys.readouterr().out)["ok"]


def test_an_overdue_message_fails_the_check(message, capsys):
    call_command("verify_outbox")
    with later(minutes=11), pytest.raises(SystemExit, match="1"):
        call_command("verify_outbox")
    assert [json.loads(line)["overdue"] for line in capsys.readouterr().out.splitlines()] == [0, 1]


def test_a_topic_without_a_handler_waits_for_a_release_that_knows_it(db):
    publish(Message("test.unknown", "K-1", {}))
    assert drain() == 0
    message = Message.objects.get()
    assert (message.state, message.last_error) == (State.WAITING, "LookupError: no handler for topic test.unknown")


def test_a_topic_has_one_handler(calls):
    with pytest.raises(ValueError, match="has a handler"):
        handler("test.topic")(lambda key, payload: None)


def test_a_message_of_a_dead_executor_runs_again_when_its_lease_is_over(message, calls):
    assert relay._claim(message, timedelta(seconds=topics.LEASE))
    assert not execute(message.pk)
    with later(seconds=topics.LEASE - 1):
        assert drain() == 0
    with later(seconds=topics.LEASE + 1):
        assert drain() == 1
    assert len(calls) == 1


def test_a_message_that_kills_every_executor_is_parked(message, calls):
    for number in range(relay.MAX_TRIES):
        with later(hours=number):
            message.refresh_from_db()
            assert relay._claim(message, timedelta(seconds=topics.LEASE))
    with later(hours=relay.MAX_TRIES):
        assert drain() == 0
    message.refresh_from_db()
    assert (message.state, message.last_error, calls) == (State.PARKED, "every run was cut short", [])


def test_executing_what_is_gone_does_nothing(db):
    assert not execute("00000000-0000-7000-8000-000000000000")


# --- Two executors ---------------------------------------------------------------


def execute_twice_at_once(monkeypatch, claim):
    """Let two threads read the same waiting message before either of them claims it."""
    publish(Message("test.topic", "K-1", {}))
    pk = Message.objects.get().pk
    both_have_read = threading.Barrier(2)
    results = []

    def claim_together(message, lease):
        both_have_read.wait(30)
        return claim(message, lease)

    def run():
        try:
            results.append(execute(pk))
        finally:
            connection.close()

    monkeypatch.setattr(relay, "_claim", claim_together)
    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_two_executors_run_one_message_once(monkeypatch, calls):
    assert sorted(execute_twice_at_once(monkeypatch, relay._claim)) == [False, True]
    assert len(calls) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_two_executors_run_one_message_twice(monkeypatch, calls):
    assert execute_twice_at_once(monkeypatch, lambda message, lease: True) == [True, True]
    assert len(calls) == 2


# --- Crashes -----------------------------------------------------------------------

DIE_BEFORE_NUDGE = """
import os, signal
from django.db import transaction
from portal.outbox import Message, publish, relay
relay.nudge = lambda pks: os.kill(os.getpid(), signal.SIGKILL)
with transaction.atomic():
    publish(Message("test.topic", "K-1", {"n": 1}))
"""

DIE_BEFORE_COMMIT = """
import os, signal
from django.db import transaction
from portal.outbox import Message, publish
with transaction.atomic():
    publish(Message("test.topic", "K-1", {"n": 1}))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_between_commit_and_nudge_loses_nothing(calls):
    assert python(DIE_BEFORE_NUDGE).returncode == -signal.SIGKILL
    assert sweep() >= 1
    assert ("K-1", {"n": 1}) in calls


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_before_its_commit_leaves_no_message():
    assert python(DIE_BEFORE_COMMIT).returncode == -signal.SIGKILL
    assert not Message.objects.exists()
