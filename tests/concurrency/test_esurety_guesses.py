"""認証キー guessed at the same moment: five tries of a pair are evaluated, and a version is registered once."""

import threading
from collections.abc import Callable
from functools import partial
from unittest.mock import patch

import pytest
from django.db import connection

from esurety import vault
from esurety.enums import RegistrationSource
from esurety.models import Guarantee, Registration
from esurety.rules.numbers import ALPHABET
from esurety.services import registering
from portal.accounts import limiter
from portal.accounts.limiter import Rule, Taken
from portal.accounts.models import User
from tests.concurrency.racing import Meeting, failures, race
from tests.conftest import Person
from tests.esurety.conftest import (  # noqa: F401 - fixtures
    bank_branch,
    body_a,
    city,
    contractor,
    office,
    shop,
)
from tests.esurety.driver import Shop, key_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stores_files]
AT_ONCE = 20
GUESSES = 1_000 if connection.vendor == "postgresql" else 200
"""SQLite lets one writer in after the other anyway."""


@pytest.fixture
def guarantee(shop: Shop) -> Guarantee:  # noqa: F811
    return shop.guarantee()


@pytest.fixture
def evaluated() -> "Counter":
    """Count how often a typed key is compared with a stored one; the comparison itself stays what it is."""
    counter = Counter()
    with patch.object(vault, "fits", counter):
        yield counter


class Counter:
    """Stands before `vault.fits` and counts."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()
        self._fits = vault.fits

    def __call__(self, *args: object) -> bool:
        with self._lock:
            self.count += 1
        return self._fits(*args)  # type: ignore[arg-type]


def enter(user: User, guarantee: Guarantee, key: str) -> bool:
    answer = registering.register(user, guarantee.number, key, RegistrationSource.TYPED, "127.0.0.1")
    return answer.registration is not None


def wrong(place: int) -> str:
    return f"Zz23456789{ALPHABET[place // 56 % 56]}{ALPHABET[place % 56]}"


def test_of_many_parallel_guesses_five_are_evaluated_and_the_right_one_comes_too_late(
    city: Person,  # noqa: F811
    guarantee: Guarantee,
    evaluated: Counter,
) -> None:
    for start in range(0, GUESSES, AT_ONCE):
        guesses = [partial(enter, city.user, guarantee, wrong(start + place)) for place in range(AT_ONCE)]
        results = race(*guesses)
        assert results == [False] * AT_ONCE
    assert evaluated.count == registering.TRIES
    assert not enter(city.user, guarantee, key_of(guarantee.current))
    assert evaluated.count == registering.TRIES
    assert not Registration.objects.exists()


def test_control_looking_first_and_counting_afterwards_evaluates_more(
    city: Person,  # noqa: F811
    guarantee: Guarantee,
    evaluated: Counter,
) -> None:
    """Everybody reads the same number of tries before anybody has counted one."""
    meeting = Meeting(AT_ONCE)
    tries: list[str] = []

    def careless(*rules: Rule) -> list[Taken]:
        so_far = len(tries)
        meeting.wait()
        tries.append("")
        return [Taken(so_far < rule.most, 0, so_far + 1) for rule in rules]

    with patch.object(limiter, "take_all", careless):
        race(*[partial(enter, city.user, guarantee, wrong(place)) for place in range(AT_ONCE)])
    assert evaluated.count > registering.TRIES


def at_once(runner: Callable[[], object]) -> list[object]:
    return race(*[runner] * 5)


def test_a_version_is_registered_once_however_many_enter_its_key_together(
    city: Person,  # noqa: F811
    guarantee: Guarantee,
) -> None:
    key = key_of(guarantee.current)
    assert at_once(partial(enter, city.user, guarantee, key)) == [True] * 5
    assert Registration.objects.count() == 1


def test_control_looking_first_and_writing_afterwards_does_not_get_through(
    city: Person,  # noqa: F811
    guarantee: Guarantee,
) -> None:
    """Everybody finds nothing and writes: the constraint lets one in, the others fail."""
    meeting = Meeting(5)

    def careless() -> None:
        found = Registration.objects.filter(certificate=guarantee.current).exists()
        meeting.wait()
        if not found:
            Registration.objects.create(
                body=guarantee.body,
                certificate=guarantee.current,
                registered_by=city.user,
                registered_at=guarantee.current.arrived_at,
            )

    assert len(failures(at_once(careless))) == 4
    assert Registration.objects.count() == 1
