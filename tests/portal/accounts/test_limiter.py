"""The limiter itself: its windows, its locks, and that parallel tries do not slip through."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client

from portal.accounts import limiter, services
from portal.accounts.models import Limit, User

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
# No more threads than a pool of database connections has room for.
WORKERS = 6


@pytest.mark.django_db
def test_so_many_tries_are_allowed_and_then_the_rest_of_the_window_is_named():
    with time_machine.travel(NOON, tick=False) as clock:
        assert [limiter.take("t", "k", 3, 60).allowed for _ in range(5)] == [True, True, True, False, False]
        clock.shift(20)
        assert limiter.take("t", "k", 3, 60) == limiter.Taken(False, 40)
        clock.shift(40)
        assert limiter.take("t", "k", 3, 60).allowed


@pytest.mark.django_db
def test_one_statement_counts_by_several_rules_each_with_its_own_limit(django_assert_num_queries):
    rules = [limiter.Rule("hour", "k", 2, 60), limiter.Rule("day", "k", 3, 600), limiter.Rule("day", "other", 9, 600)]
    with time_machine.travel(NOON, tick=False), django_assert_num_queries(4):
        found = [[one.allowed for one in limiter.take_all(*rules)] for _ in range(4)]
        assert found == [[True, True, True], [True, True, True], [False, True, True], [False, False, True]]
    with time_machine.travel(NOON, tick=False):
        assert [(one.wait_seconds, one.tries) for one in limiter.take_all(*rules)] == [(60, 3), (600, 4), (0, 5)]


@pytest.mark.django_db
def test_the_lock_of_one_rule_leaves_the_others_their_window():
    rules = [limiter.Rule("plain", "k", 2, 60), limiter.Rule("locked", "k", 2, 60, longest=300)]
    with time_machine.travel(NOON, tick=False) as clock:
        for waits in ([60, 60], [60, 120]):
            for _ in range(2):
                limiter.take_all(*rules)
            assert [one.wait_seconds for one in limiter.take_all(*rules)] == waits
            clock.shift(waits[1])


@pytest.mark.django_db
def test_keys_and_names_do_not_share_their_tries():
    assert limiter.take("t", "k", 1, 60).allowed
    assert limiter.take("t", "other", 1, 60).allowed
    assert limiter.take("other", "k", 1, 60).allowed
    assert not limiter.take("t", "k", 1, 60).allowed


@pytest.mark.django_db
def test_locks_double_up_to_the_longest_and_are_forgotten_after_it():
    waits = []
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(5):
            while (taken := limiter.take("t", "k", 2, 60, longest=300)).allowed:
                pass
            waits.append(taken.wait_seconds)
            clock.shift(taken.wait_seconds)
        assert waits == [60, 120, 240, 300, 300]
        clock.shift(300)
        while (taken := limiter.take("t", "k", 2, 60, longest=300)).allowed:
            pass
        assert taken.wait_seconds == 60


@pytest.mark.django_db
def test_a_try_given_back_or_cleared_may_be_taken_again():
    for _ in range(2):
        limiter.take("t", "k", 2, 60)
    limiter.give_back("t", "k")
    assert limiter.take("t", "k", 2, 60).allowed
    assert not limiter.take("t", "k", 2, 60).allowed
    limiter.clear("t", "k")
    assert limiter.take("t", "k", 2, 60).allowed


@pytest.mark.django_db
def test_old_rows_are_forgotten_and_locks_are_not():
    with time_machine.travel(NOON, tick=False) as clock:
        limiter.take("t", "old", 2, 60)
        limiter.take("t", "locked", 2, 200_000)
        clock.shift(100_000)
        assert limiter.forget_old() == 1
        assert Limit.objects.get().ends_at > 0


@pytest.mark.parametrize(
    ("address", "key"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("", "")],
)
def test_an_ipv6_household_counts_as_one_address(address, key):
    assert limiter.network(address) == key


def parallel(tries: int, work) -> list:
    """Results of `tries` calls of `work` in WORKERS threads."""

    def run(number: int):
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(tries)))


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_parallel_tries_exactly_the_limit_is_allowed():
    taken = parallel(100, lambda _: limiter.take("t", "k", 5, 600))
    assert sum(one.allowed for one in taken) == 5


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_parallel_tries_by_several_rules_each_allows_exactly_its_limit():
    rules = [limiter.Rule("one", "k", 5, 600), limiter.Rule("two", "k", 30, 600), limiter.Rule("three", "k", 70, 600)]
    taken = parallel(100, lambda _: limiter.take_all(*rules))
    assert [sum(one.allowed for one in side) for side in zip(*taken, strict=True)] == [5, 30, 70]


@pytest.mark.django_db(transaction=True)
def test_control_reading_before_writing_would_let_all_parallel_tries_pass():
    Limit.objects.create(name="t", key="k", tries=0, ends_at=0)
    everybody_has_read = threading.Barrier(WORKERS)

    def read_then_write(_: int) -> bool:
        row = Limit.objects.get(name="t", key="k")
        everybody_has_read.wait(timeout=30)
        Limit.objects.filter(pk=row.pk).update(tries=row.tries + 1)
        return row.tries + 1 <= 1

    assert sum(parallel(WORKERS, read_then_write)) == WORKERS


@pytest.mark.django_db(transaction=True)
def test_of_forty_parallel_wrong_logins_at_most_five_passwords_are_looked_at(monkeypatch):
    User.objects.create_user("taro-01", "correct-and-secret", name="輸出太郎")
    looked_at = []
    real = services.authenticate

    def counted(*args, **kwargs):
        looked_at.append(1)
        return real(*args, **kwargs)

    monkeypatch.setattr(services, "authenticate", counted)
    wrong = {"login": "taro-01", "password": "wrong"}
    codes = parallel(40, lambda _: Client().post("/account/login/", wrong).status_code)
    assert len(looked_at) == 5
    assert sorted(codes) == [422] * 5 + [429] * 35
