"""Whoever changes the log is found, with the first bad row."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from portal import audit
from portal.audit import chain
from portal.audit.models import GENESIS, Event, Head
from portal.audit.seal import event_mac, link_hash

pytestmark = pytest.mark.django_db


def found():
    problem = audit.verify().problem
    return (problem.kind, problem.seq) if problem else None


def rewrite_from(seq):
    """Seal and chain everything from `seq` anew, as somebody with the present AUDIT_KEY could."""
    last = Event.objects.get(seq=seq - 1).hash if seq > 1 else GENESIS
    for number, event in enumerate(Event.objects.filter(seq__gte=seq).order_by("seq"), seq):
        mac = event_mac(event)
        columns = {"mac": mac, "seq": number, "previous": last, "hash": link_hash(number, last, mac)}
        Event.objects.filter(pk=event.pk).update(**columns)
        last = columns["hash"]
    Head.objects.update(seq=number, hash=last)


def test_a_log_that_nobody_touched_is_whole(log):
    report = audit.verify()
    assert (report.ok, report.checked, report.waiting, report.checkpoint) == (True, 6, 0, 6)


def test_an_empty_log_is_whole():
    assert found() is None


@pytest.mark.parametrize(
    "change",
    [
        {"verb": "test.other"},
        {"actor_login": "somebody"},
        {"organisation_id": 5},
        {"target": "T-x"},
        {"outcome": "refused"},
        {"detail": {"number": 99}},
        {"at": timezone.now() - timedelta(days=1)},
        {"client": "192.0.2.1"},
        {"mac": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_row_is_named(log, change):
    Event.objects.filter(seq=3).update(**change)
    assert found() == ("mac", 3)


@pytest.mark.parametrize("column", ["previous", "hash"])
def test_an_edited_link_is_named(log, column):
    Event.objects.filter(seq=3).update(**{column: "f" * 64})
    assert found() == ("chain", 3)


def test_a_deleted_row_leaves_a_gap(log):
    Event.objects.filter(seq=3).delete()
    assert found() == ("gap", 3)


def test_a_deletion_covered_up_without_the_key_is_found(log, settings):
    Event.objects.filter(seq=3).delete()
    settings.AUDIT_KEY, key = "guessed", settings.AUDIT_KEY
    last = Event.objects.get(seq=2).hash
    for number, event in enumerate(Event.objects.filter(seq__gt=3).order_by("seq"), 3):
        link = link_hash(number, last, event.mac)
        Event.objects.filter(pk=event.pk).update(seq=number, previous=last, hash=link)
        last = link
    Head.objects.update(seq=5, hash=last)
    settings.AUDIT_KEY = key
    assert found() == ("chain", 3)


def test_an_inserted_row_is_found_before_and_after_it_is_chained(log):
    Event.objects.create(verb="test.done", outcome="ok", mac="0" * 64)
    assert found() == ("mac", None)
    audit.advance()
    assert found() == ("mac", 7)


def test_a_genuine_row_inserted_twice_at_the_end_is_found(log):
    last = log[-1]
    Event.objects.filter(pk=last.pk).delete()
    Event.objects.bulk_create([last, Event(verb="x", outcome="ok", mac="0", seq=7, previous=last.hash, hash="0")])
    assert found() == ("mac", 7)


def test_swapped_rows_are_found(log):
    Event.objects.filter(seq=3).update(seq=99)
    Event.objects.filter(seq=4).update(seq=3)
    Event.objects.filter(seq=99).update(seq=4)
    assert found() == ("chain", 3)


def test_a_tail_that_was_cut_off_is_found_by_the_checkpoint(log):
    Event.objects.filter(seq__gt=3).delete()
    Head.objects.update(seq=3, hash=log[2].hash)
    assert found() == ("tail", 4)


def test_without_the_checkpoint_a_cut_tail_would_not_show(log):
    chain.checkpoint_file().unlink()
    Event.objects.filter(seq__gt=3).delete()
    Head.objects.update(seq=3, hash=log[2].hash)
    assert found() is None


def test_a_log_rewritten_without_the_key_is_found(log, settings):
    settings.AUDIT_KEY, key = "guessed", settings.AUDIT_KEY
    Event.objects.filter(seq=2).update(target="T-x")
    rewrite_from(1)
    settings.AUDIT_KEY = key
    assert found() == ("mac", 1)


def test_a_log_rewritten_with_the_key_differs_from_the_checkpoint(log):
    Event.objects.filter(seq=2).update(target="T-x")
    rewrite_from(2)
    assert found() == ("checkpoint", 6)


def test_a_head_set_back_is_found(log):
    Head.objects.update(seq=5, hash=log[4].hash)
    assert found() == ("head", 6)


def test_a_forged_checkpoint_is_found_and_a_torn_line_is_not_one(log):
    with chain.checkpoint_file().open("a") as file:
        file.write('{"seq": 7, "ha')
    assert found() is None
    audit.record("test.done")
    audit.advance()
    assert audit.checkpoint() == 7
    assert [mark.seq for mark in chain.checkpoints()] == [6, 7]
    path = chain.checkpoint_file()
    path.write_text(path.read_text().replace('"seq": 6', '"seq": 5'))
    assert found() == ("checkpoint", 5)


def test_a_row_that_waits_too_long_for_its_place_is_found(log):
    with time_machine.travel(timezone.now() - timedelta(minutes=11)):
        audit.record("test.done")
    assert found() == ("unchained", None)
    audit.advance()
    assert found() is None


def test_a_row_that_was_just_written_may_wait(log):
    audit.record("test.done")
    assert (found(), audit.verify().waiting) == (None, 1)


def test_the_command_prints_json_and_exits_with_one_when_a_row_is_bad(log, guard, capsys):
    call_command("verify_audit")
    good = json.loads(capsys.readouterr().out)
    assert (good["ok"], good["guarded"], good["checked"]) == (True, True, 6)
    Head.objects.update(seq=7, hash="f" * 64)
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_audit")
    assert json.loads(capsys.readouterr().out)["problem"]["kind"] == "head"


def test_the_command_fails_without_the_guard_of_the_database(log, capsys):
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_audit")
    report = json.loads(capsys.readouterr().out)
    assert (report["problem"], report["guarded"]) == (None, False)
