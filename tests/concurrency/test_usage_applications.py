"""Two members of the association at one 利用開始申請 at once: one decision counts, and it is carried out once."""

from typing import Any

import pytest
from django.utils import timezone

from guarantee_lookup.models import Institution, UsageApplication
from guarantee_lookup.services import applications as services
from guarantee_lookup.services.institutions import Obstacle
from portal.accounts.models import Organisation, User
from portal.applications.models import Application, State
from tests.concurrency.racing import Meeting, race

pytestmark = pytest.mark.django_db(transaction=True)
CODE = "9996"
WANTED = {
    "name": "架空銀行Ｃ",
    "sharing": "P",
    "branches": [["101", "本店"]],
    "networks": [],
    "people": 1,
    "start_on": "2026-04-20",
    "masters": [{"name": "申請 花子", "department": "事務部", "phone": "048-000-0001", "email": "hanako@bank.example"}],
}


@pytest.fixture
def people(db: None) -> list[User]:
    """Who reviews, and four who may decide."""
    return [User.objects.create_user(f"staff-{at}", "test-password", name=f"担当{at}") for at in range(5)]


def reviewed(people: list[User], number: str = "826031900017") -> UsageApplication:
    """An application that the first of the people has taken up."""
    guest, _ = Organisation.objects.get_or_create(portal="lookup", code="G1", name="利用開始申請")
    now = timezone.now()
    moments: dict[str, Any] = {"created_at": now, "saved_at": now, "submitted_at": now}
    by: dict[str, Any] = {"created_by": people[0], "saved_by": people[0], "submitted_by": people[0]}
    application = Application.objects.create(
        number=number, kind="lookup-usage", organisation=guest, state=State.SUBMITTED, **moments, **by
    )
    usage = UsageApplication.objects.create(application=application, kind="new", code=CODE, wanted=WANTED)
    services.take(usage, people[0], "")
    return usage


def decide(usage: UsageApplication, event: str, checker: User) -> str:
    found = UsageApplication.objects.select_related("application").get(pk=usage.pk)
    try:
        if event == "approve":
            services.approve(found, checker)
        else:
            services.decide(found, event, checker, "理由")
    except services.AlreadyDecided:
        return "late"
    except Obstacle:
        return "obstacle"
    return "won"


def test_without_the_guard_two_checkers_decide(people: list[User]) -> None:
    usage = reviewed(people)
    meeting = Meeting(2)

    def look_then_write(checker: User) -> str:
        found = UsageApplication.objects.select_related("application").get(pk=usage.pk)
        assert found.state == "review"
        meeting.wait()
        UsageApplication.objects.filter(pk=usage.pk).update(state="approved", decided_by=checker)
        return "won"

    assert race(*[lambda checker=checker: look_then_write(checker) for checker in people[1:3]]) == ["won", "won"]


def test_of_four_checkers_at_once_one_approves(people: list[User]) -> None:
    usage = reviewed(people)
    results = race(*[lambda checker=checker: decide(usage, "approve", checker) for checker in people[1:]])
    assert sorted(map(str, results)) == ["late", "late", "late", "won"]
    usage.refresh_from_db()
    assert (usage.state, usage.decided_by) == ("approved", people[1:][results.index("won")])
    assert User.objects.filter(organisation__code=CODE).count() == 1


def test_of_an_approval_and_a_refusal_at_once_one_counts(people: list[User]) -> None:
    usage = reviewed(people)
    results = race(lambda: decide(usage, "approve", people[1]), lambda: decide(usage, "refuse", people[2]))
    assert sorted(map(str, results)) == ["late", "won"]
    assert Organisation.objects.filter(code=CODE).exists() == (results[0] == "won")


def test_the_reviewer_loses_whatever_the_page_showed(people: list[User]) -> None:
    usage = reviewed(people)
    with pytest.raises(services.WrongPerson):
        services.approve(usage, people[0])


def test_of_two_applications_for_one_bank_approved_at_once_one_makes_it(people: list[User]) -> None:
    first, second = reviewed(people), reviewed(people, "826031900026")
    results = race(lambda: decide(first, "approve", people[1]), lambda: decide(second, "approve", people[2]))
    assert sorted(map(str, results)) == ["obstacle", "won"]
    assert (Institution.objects.count(), User.objects.filter(organisation__code=CODE).count()) == (1, 1)
