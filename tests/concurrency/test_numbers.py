"""Two people, one number? First the mistake that others make, then our statement."""

from datetime import date

import pytest
from django.db import transaction

from portal.common.checkdigit import damm_ok
from portal.numbering.models import Counter
from portal.numbering.series import Series, allocate, allocate_many
from tests.concurrency.racing import Meeting, failures, race

pytestmark = pytest.mark.django_db(transaction=True)
SERIES = Series("race", lambda day: "26", width=5)


def take() -> str:
    with transaction.atomic():
        return allocate(SERIES)


def test_without_the_guard_two_people_get_the_same_number() -> None:
    Counter.objects.create(series="race", period="26", last=7)
    meeting = Meeting(2)

    def read_then_write() -> str:
        last = Counter.objects.get(series="race").last
        meeting.wait()
        Counter.objects.filter(series="race").update(last=last + 1)
        return SERIES.format("26", last + 1)

    first, second = race(read_then_write, read_then_write)
    assert first == second


def test_with_the_guard_eight_people_get_numbers_without_duplicates_or_gaps() -> None:
    numbers = race(*[lambda: [take() for _ in range(15)]] * 8)
    assert not failures(numbers)
    found = sorted(number for taken in numbers for number in taken)
    assert found == [SERIES.format("26", at) for at in range(1, 121)]
    assert all(damm_ok(number) for number in found)


def test_the_first_number_of_a_period_is_taken_once() -> None:
    numbers = race(take, take, take, take)
    assert sorted(str(number) for number in numbers) == [SERIES.format("26", at) for at in range(1, 5)]


def test_a_rollback_gives_the_number_back() -> None:
    first = take()
    with transaction.atomic():
        allocate(SERIES)
        transaction.set_rollback(True)
    assert (first, take()) == (SERIES.format("26", 1), SERIES.format("26", 2))


def test_a_block_of_numbers_is_taken_at_once_and_nobody_gets_one_of_it() -> None:
    def block() -> list[str]:
        with transaction.atomic():
            return allocate_many(SERIES, 25)

    taken = race(block, take, block, take)
    assert not failures(taken)
    blocks = [numbers for numbers in taken if isinstance(numbers, list)]
    assert all(numbers == sorted(numbers, key=lambda number: number[:-1]) for numbers in blocks)
    everything = [number for numbers in taken for number in ([numbers] if isinstance(numbers, str) else numbers)]
    assert sorted(everything) == [SERIES.format("26", at) for at in range(1, 53)]


def test_an_overfull_series_grows_a_digit() -> None:
    assert SERIES.format("26", 100_000)[:-1] == "26100000"
    assert Series("x", lambda day: f"{day:%y%m%d}", width=5).period(date(2026, 11, 20)) == "261120"
