"""Numbers without gaps, one chain, whoever chains."""

import threading

import pytest
from django.db import connection

from portal import audit
from portal.audit import chain
from portal.audit.models import Event, Head


@pytest.mark.django_db
def test_events_get_numbers_without_gaps_in_the_order_of_their_birth(monkeypatch):
    monkeypatch.setattr(chain, "BATCH", 4)
    for number in range(10):
        audit.record("test.done", target=f"T-{number}")
    assert audit.advance() == 10
    assert audit.advance() == 0
    rows = Event.objects.order_by("seq").values_list("seq", "target")
    assert list(rows) == [(number + 1, f"T-{number}") for number in range(10)]
    assert audit.verify().ok


@pytest.mark.django_db
def test_an_idle_log_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert audit.advance() == 0


def _overtaken(monkeypatch, move):
    """Let another relay chain this event and one more after this relay has read the head."""

    def move_late(seen, seq, last):
        monkeypatch.setattr(chain, "_move_head", original)
        audit.record("test.done", target="T-2")
        assert audit.advance() == 2
        return move(seen, seq, last)

    original = chain._move_head
    monkeypatch.setattr(chain, "_move_head", move_late)
    audit.record("test.done", target="T-1")
    return audit.advance()


@pytest.mark.django_db
def test_a_relay_that_was_overtaken_gives_way(monkeypatch):
    assert _overtaken(monkeypatch, chain._move_head) == 0
    assert Head.objects.get().seq == 2
    assert audit.verify().ok


@pytest.mark.django_db
def test_without_the_guard_an_overtaken_relay_breaks_the_chain(monkeypatch):
    def unguarded(seen, seq, last):
        return Head.objects.filter(pk=1).update(seq=seq, hash=last)

    _overtaken(monkeypatch, unguarded)
    assert not audit.verify().ok


@pytest.mark.django_db(transaction=True)
def test_relays_and_writers_at_once_leave_one_whole_chain():
    errors = []
    start = threading.Barrier(6)

    def work(step):
        try:
            start.wait(30)
            for _ in range(10):
                step()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    steps = [lambda: audit.record("test.done")] * 3 + [audit.advance] * 3
    threads = [threading.Thread(target=work, args=[step]) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    audit.advance()
    assert errors == []
    report = audit.verify()
    assert (report.problem, report.checked, Head.objects.get().seq) == (None, 30, 30)


@pytest.mark.django_db
def test_a_checkpoint_is_made_once_per_head_and_not_too_often(log):
    assert audit.checkpoint() is None
    audit.record("test.done")
    audit.advance()
    assert audit.checkpoint(chain.CHECKPOINT_INTERVAL) is None
    assert audit.checkpoint() == 7
    assert [mark.seq for mark in chain.checkpoints()] == [6, 7]
