"""The relay without Celery: a thread, a command, a child."""

import json
import signal
import sys

import pytest
from django.core.management import call_command

from portal.outbox import Message, embedded, publish
from portal.outbox.mail import send
from portal.outbox.models import State
from tests.support.children import ROOT, child_env, eventually
from tests.support.servers import running


@pytest.fixture(autouse=True)
def _without_broker(settings):
    settings.REDIS_URL = ""


@pytest.mark.django_db(transaction=True)
def test_the_thread_runs_what_a_commit_of_its_process_brings(calls):
    embedded.start_embedded()
    embedded.start_embedded()
    try:
        # The first sweep is over when the first message is done: the second one needs the wake-up.
        for key in ("K-1", "K-2"):
            publish(Message("test.topic", key, {}))
            eventually(lambda key=key: Message.objects.filter(key=key, state=State.DONE).exists())
    finally:
        embedded.stop_embedded()
    assert [key for key, _ in calls] == ["K-1", "K-2"]


@pytest.mark.django_db(transaction=True)
def test_an_error_of_one_sweep_does_not_end_the_thread(monkeypatch):
    rounds = []

    def sweep():
        rounds.append(1)
        raise ConnectionError("the database is away")

    monkeypatch.setattr(embedded, "sweep", sweep)
    monkeypatch.setattr(embedded, "INTERVAL", 0.1)
    embedded.start_embedded()
    try:
        eventually(lambda: rounds)
        eventually(lambda: len(rounds) > 1)
    finally:
        embedded.stop_embedded()


@pytest.mark.django_db
def test_work_once_runs_all_due_messages_and_ends(calls, capsys):
    publish(Message("test.topic", "K-1", {}), Message("test.topic", "K-2", {}))
    call_command("work", "--once")
    assert json.loads(capsys.readouterr().out) == {"done": 2}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=lambda stop: stop.name)
def test_work_drains_until_it_is_stopped(stop, settings):
    command = [sys.executable, "manage.py", "work"]
    send("K-1", "anna@example.com", "件名", "本文")
    with running(command, env=child_env(), cwd=ROOT) as process:
        eventually(lambda: Message.objects.filter(topic="mail.send", state=State.DONE).exists(), process)
        process.send_signal(stop)
        assert process.wait(30) == 0
    assert len(list((settings.DATA_DIR / "mail").glob("*.eml"))) == 1
