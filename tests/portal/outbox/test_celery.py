"""The relay with Celery: a real broker, a real worker, and a broker that is not there."""

import json
import socket
import sys

import pytest

from portal.audit.models import Event
from portal.outbox import Message
from portal.outbox.mail import send
from portal.outbox.models import State
from tests.support.children import ROOT, child_env, eventually, python
from tests.support.servers import free_port, redis_server, running

pytestmark = pytest.mark.django_db(transaction=True)

REQUESTS = """
import json, threading, time
from django.db import transaction
from portal.outbox import Message, publish, tasks

def request(*keys):
    begin = time.monotonic()
    with transaction.atomic():
        publish(*(Message("mail.send", key, {"to": "a@example.com", "subject": "s", "body": "b"}) for key in keys))
    times.append(time.monotonic() - begin)

times = []
request("K-0")  # pays for Celery's first use in this process
tasks._silent_until = 0
# A thread, as in the web server: it has to find the same application as the main thread.
thread = threading.Thread(target=request, args=("K-1", "K-2", "K-3"))
thread.start()
thread.join()
request("K-4")
print(json.dumps(times))
"""


def request_times(broker):
    """Return the seconds of a request that tries the broker in vain, and of the next one."""
    child = python(REQUESTS, REDIS_URL=broker)
    assert child.returncode == 0, child.stderr
    assert child.stderr.count("broker unreachable") == 2
    assert Message.objects.filter(state=State.WAITING).count() == 5
    return json.loads(child.stdout)[1:]


def test_a_dead_broker_fails_no_request_and_holds_none():
    first, second = request_times(f"redis://127.0.0.1:{free_port()}/0")
    assert first < 0.5
    assert second < 0.5


def test_a_broker_that_never_answers_holds_one_request_for_a_moment():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        first, second = request_times(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
    # The first waits for its time-outs once, whatever the number of messages; then the broker is left alone.
    assert first < 5
    assert second < 0.5


def done(key):
    return Message.objects.filter(key=key, state=State.DONE).exists()


def test_messages_are_run_by_the_nudged_worker_and_what_nobody_was_told_about_by_the_sweeper(settings):
    settings.REDIS_URL = ""
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "--concurrency", "1", "--loglevel", "WARNING"]
    with redis_server() as broker, running(command, env=child_env(REDIS_URL=broker), cwd=ROOT) as worker:

        def run(script):
            child = python(script, REDIS_URL=broker)
            assert child.returncode == 0, child.stderr

        # Nobody is told about this one: the nudge of this process goes to a thread that is not there.
        send("K-untold", "a@example.com", "件名", "本文")
        run("from portal.outbox.mail import send; send('K-told', 'a@example.com', '件名', '本文')")
        eventually(lambda: done("K-told"), worker)
        assert not done("K-untold")
        run("from django.core.management import call_command; call_command('work', '--once')")
        eventually(lambda: done("K-untold"), worker)
        # A sweep also publishes the jobs of the day when they are due, and chains the events that they leave.
        eventually(lambda: not Event.objects.filter(seq=None).exists(), worker)
    assert set(Message.objects.filter(topic="mail.send").values_list("tries", flat=True)) == {1}
    assert len(list((settings.DATA_DIR / "mail").glob("*.eml"))) == 2
