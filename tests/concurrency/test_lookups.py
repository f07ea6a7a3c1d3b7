"""Look-ups at the same moment: the limits of person and bank are never passed, and a miss is never one too many."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from unittest.mock import patch

import pytest

from guarantee_lookup.enums import Basis, NumberKind, Outcome
from guarantee_lookup.models import Lookup, ServiceRules
from guarantee_lookup.services.gate import Refused
from guarantee_lookup.services.lookup import Question, look_up
from portal.accounts import limiter
from portal.accounts.limiter import Taken
from portal.accounts.models import Limit
from tests.concurrency.racing import Meeting, race
from tests.guarantee_lookup.conftest import (  # noqa: F401 - fixtures
    bank_a,
    clock,
    rules,
    snapshot,
    user,
)
from tests.guarantee_lookup.driver import ACCEPTANCE, Teller

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 20
ROUNDS = 5
LIMIT = 30


def ask(teller: Teller, number: str = ACCEPTANCE) -> str:
    """Return the outcome of one look-up, or the code that refused it."""
    question = Question(NumberKind.CUSTOMER, number, Basis.RELATION)
    try:
        return str(look_up(teller.user, question, "127.0.0.1").outcome)
    except Refused as refusal:
        return refusal.code


def outcomes(runners: list[Callable[[], str]]) -> Counter[object]:
    return Counter(map(str, race(*runners)))


@pytest.fixture
def unhurried(rules: ServiceRules) -> None:  # noqa: F811
    """Misses in a row are another limit: here everybody may be under way at once."""
    ServiceRules.objects.update(user_hour=LIMIT, none_in_a_row=1000)


def test_a_hundred_parallel_look_ups_never_pass_the_limit(user: Teller, unhurried: None) -> None:  # noqa: F811
    found: Counter[object] = Counter()
    for _ in range(ROUNDS):
        found += outcomes([partial(ask, user)] * AT_ONCE)
    assert found == {Outcome.FOUND: LIMIT, "E-LIM": AT_ONCE * ROUNDS - LIMIT}
    assert Lookup.objects.count() == LIMIT


def test_control_counting_in_two_steps_lets_more_through(user: Teller, unhurried: None) -> None:  # noqa: F811
    """Read first, count afterwards: everybody reads the same number of look-ups before anybody has made one."""
    meeting = Meeting(AT_ONCE)

    def careless() -> str:
        so_far = Lookup.objects.filter(user=user.user).count()
        meeting.wait()
        return ask(user) if so_far < 1 else "E-LIM"

    with patch.object(limiter, "take_all", lambda *asked: [Taken(True, 0)] * len(asked)):
        found = outcomes([careless] * AT_ONCE)
    assert found[Outcome.FOUND] > 1
    assert not Limit.objects.exists()


def test_parallel_misses_are_never_one_too_many(user: Teller) -> None:  # noqa: F811
    numbers = [f"9{place:02d}000500" for place in range(AT_ONCE)]
    found = outcomes([partial(ask, user, number) for number in numbers])
    assert found[Outcome.NONE] == 5
    assert found["E-LOCK"] + found["E-LIM"] == AT_ONCE - 5
    assert ask(user) == "E-LOCK"
