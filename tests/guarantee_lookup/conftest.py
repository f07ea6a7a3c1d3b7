"""Two banks, their people, the association, and a generation with the customers that a test wants."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils import timezone

from guarantee_lookup.enums import SnapshotState
from guarantee_lookup.models import Branch, Clerk, Institution, ServiceRules, Snapshot
from guarantee_lookup.services.people import accept_terms
from guarantee_lookup.services.reference import load_masters
from portal.accounts.models import Organisation
from tests.conftest import LogIn, Person
from tests.guarantee_lookup.driver import Teller, fill

NOW = datetime(2026, 3, 19, 1, 0, tzinfo=UTC)
"""10:00 of a Thursday in Tokyo."""

AS_OF = date(2026, 3, 18)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """10:00 on 2026-03-19, the day after the as-of date of the seed's screen."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def rules(db: None, clock: time_machine.Traveller, settings: object) -> ServiceRules:
    """The masters, and the usual hours and limits; nobody waits for the answer 該当なし."""
    settings.LOOKUP_NONE_SECONDS = 0  # type: ignore[attr-defined]
    load_masters()
    return ServiceRules.objects.create(valid_from=date(2020, 1, 1))


def _bank(code: str, name: str) -> Organisation:
    bank = Organisation.objects.create(portal="lookup", code=code, name=name, strict_sessions=True)
    Institution.objects.create(organisation=bank)
    return bank


@pytest.fixture
def bank_a(db: None) -> Organisation:
    """架空銀行A with the branch 101."""
    bank = _bank("9997", "架空銀行Ａ")
    Branch.objects.create(institution=bank.institution, code="101", name="本店")
    return bank


@pytest.fixture
def bank_b(db: None) -> Organisation:
    return _bank("9998", "架空銀行Ｂ")


@pytest.fixture
def snapshot(rules: ServiceRules) -> Snapshot:
    """The serving generation, with the acceptance customer and nobody else."""
    made = Snapshot.objects.create(as_of=AS_OF, state=SnapshotState.CURRENT, received_at=timezone.now())
    fill(made)
    return made


@pytest.fixture
def user(log_in: LogIn, bank_a: Organisation, snapshot: Snapshot) -> Teller:
    """A 照会者 of bank A, at its branch 101."""
    return _teller(log_in("a-user", "lookup.user", organisation=bank_a, name="照会 太郎"))


@pytest.fixture
def colleague(log_in: LogIn, bank_a: Organisation, snapshot: Snapshot) -> Teller:
    """Another 照会者 of the same branch."""
    return _teller(log_in("a-user-2", "lookup.user", organisation=bank_a))


@pytest.fixture
def master(log_in: LogIn, bank_a: Organisation, snapshot: Snapshot) -> Teller:
    """The 利用管理者 of bank A."""
    return _teller(log_in("a-master", "lookup.master", organisation=bank_a, email="master@a.example"))


@pytest.fixture
def other(log_in: LogIn, bank_b: Organisation, snapshot: Snapshot) -> Teller:
    """A 照会者 of bank B."""
    return _teller(log_in("b-user", "lookup.user", organisation=bank_b))


@pytest.fixture
def staff(log_in: LogIn, snapshot: Snapshot) -> Teller:
    """An administrator of the association."""
    return _teller(log_in("staff", "lookup.staff", is_staff=True, email="staff@association.example"))


@pytest.fixture
def staff_2(log_in: LogIn, snapshot: Snapshot) -> Teller:
    return _teller(log_in("staff-2", "lookup.staff", is_staff=True))


def _teller(person: Person) -> Teller:
    bank = person.user.organisation
    if bank:
        Clerk.objects.create(
            user=person.user,
            branch=Branch.objects.filter(institution__organisation=bank).first(),
        )
        accept_terms(person.user)
    return Teller(person)
