"""Daily jobs: once a day, each for itself, recorded."""

import json
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.management import call_command

from portal import audit
from portal.audit.chain import checkpoints
from portal.audit.models import Event
from portal.outbox import Message, drain, nightly
from portal.outbox.models import State

pytestmark = pytest.mark.django_db
AFTER = datetime(2026, 11, 20, 15, 5, tzinfo=UTC)
"""00:05 on 21 November in Japan."""


@pytest.fixture
def jobs(monkeypatch):
    """Three jobs, of which the second fails."""
    days = []
    monkeypatch.setattr(nightly, "_jobs", {})

    @nightly.nightly_job("test.first")
    def first(day):
        days.append(day)
        return {"expired": 3}

    @nightly.nightly_job("test.broken")
    def broken(day):
        raise OSError("no space")

    @nightly.nightly_job("test.last")
    def last(day):
        return {"next": day}

    return days


def test_the_command_runs_all_jobs_and_says_which_failed(jobs, capsys):
    with pytest.raises(SystemExit, match="1"):
        call_command("nightly", date=date(2026, 11, 20))
    assert json.loads(capsys.readouterr().out) == {
        "date": "2026-11-20",
        "jobs": {
            "test.first": {"ok": True, "result": {"expired": 3}},
            "test.broken": {"ok": False, "error": "OSError: no space"},
            "test.last": {"ok": True, "result": {"next": "2026-11-20"}},
        },
    }
    assert jobs == [date(2026, 11, 20)]


def test_every_run_is_recorded_with_its_outcome(jobs):
    nightly.run_all(date(2026, 11, 20))
    events = Event.objects.filter(verb="nightly.run").order_by("id").values_list("target", "outcome", "detail")
    assert list(events) == [
        ("test.first", "ok", {"day": "2026-11-20", "expired": 3}),
        ("test.broken", "failed", {"day": "2026-11-20", "error": "OSError"}),
        ("test.last", "ok", {"day": "2026-11-20", "next": "2026-11-20"}),
    ]


def test_the_command_of_a_good_night_exits_with_zero(capsys):
    call_command("nightly", "--date", "2026-11-20")
    report = json.loads(capsys.readouterr().out)
    assert report["date"] == "2026-11-20"
    assert all(job["ok"] for job in report["jobs"].values())


def test_nothing_is_published_before_five_past_midnight_in_japan(jobs):
    assert not nightly.publish_due(AFTER.replace(minute=4))
    assert nightly.publish_due(AFTER)
    assert not nightly.publish_due(AFTER.replace(hour=20))
    assert Message.objects.filter(topic=nightly.TOPIC).count() == 3
    assert nightly.publish_due(AFTER.replace(day=21))


def test_two_processes_that_both_find_the_night_open_publish_it_once(jobs, monkeypatch):
    nightly.publish_due(AFTER)
    with monkeypatch.context() as patch:
        patch.setattr(nightly.Message.objects, "filter", lambda **_: Message.objects.none())
        assert nightly.publish_due(AFTER)
    assert Message.objects.filter(topic=nightly.TOPIC).count() == 3


def test_published_jobs_run_for_their_day_and_a_failed_one_comes_again(jobs):
    with time_machine.travel(AFTER):
        nightly.publish_due()
        assert drain() == 2
    assert jobs == [date(2026, 11, 21)]
    waiting = Message.objects.get(topic=nightly.TOPIC, state=State.WAITING)
    assert (waiting.payload["name"], waiting.tries) == ("test.broken", 1)


def test_a_job_has_one_name(jobs):
    with pytest.raises(ValueError, match="exists already"):
        nightly.nightly_job("test.first")(lambda day: {})


def test_the_night_signs_the_end_of_a_whole_audit_log():
    audit.record(nightly.RUN)
    assert nightly.run_job("audit", date(2026, 11, 20)) == {"checked": 1}
    assert [mark.seq for mark in checkpoints()] == [1]


def test_the_night_does_not_sign_a_log_that_was_changed():
    audit.record(nightly.RUN)
    Event.objects.update(target="changed")
    with pytest.raises(RuntimeError, match="not what was written"):
        nightly.run_job("audit", date(2026, 11, 20))
    assert checkpoints() == []
    assert Event.objects.order_by("id").last().outcome == "failed"
