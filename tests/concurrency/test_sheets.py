"""Two people who put a file in the place of all debtors at once: one file counts, whole, and the other is told."""

import pytest
from django.db import transaction
from django.utils import timezone

from credit_insurance.models import Line
from credit_insurance.services import sheets
from credit_insurance.services.sheets import Entry, StaleLine
from portal.accounts.models import Organisation, User
from portal.applications.models import Application
from tests.concurrency.racing import Meeting, race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(db: None) -> list[User]:
    """Two people of one company."""
    company = Organisation.objects.create(portal="credit", code="K0000009", name="架空商事")
    return [User.objects.create_user(f"k-{at}", "test-password", organisation=company) for at in range(2)]


@pytest.fixture
def sheet(people: list[User]) -> Application:
    """A sheet of three debtors."""
    now = timezone.now()
    made = Application.objects.create(
        number="626111000014",
        kind="case",
        organisation=people[0].organisation,
        created_by=people[0],
        saved_by=people[0],
        created_at=now,
        saved_at=now,
    )
    sheets.add_lines(made, entries("前", 3), people[0])
    made.refresh_from_db()
    return made


def entries(name: str, count: int) -> list[Entry]:
    values = [{"debtor_name": f"{name}{place}"} for place in range(count)]
    return [Entry({}, value, {}, value["debtor_name"]) for value in values]


def names() -> set[str]:
    """Return the first letters of the debtors: whose they are."""
    return {line.values["debtor_name"][0] for line in Line.objects.all()}


def test_without_the_revision_both_files_end_up_on_the_sheet(people: list[User], sheet: Application) -> None:
    meeting = Meeting(2)

    def replace(name: str, actor: User) -> None:
        own = list(Line.objects.filter(sheet=sheet).values_list("pk", flat=True))
        meeting.wait()
        with transaction.atomic():
            Line.objects.filter(pk__in=own).delete()
            sheets.add_lines(sheet, entries(name, 20), actor)

    race(lambda: replace("甲", people[0]), lambda: replace("乙", people[1]))
    assert names() == {"甲", "乙"}


def test_of_two_files_at_once_one_is_taken_over_whole(people: list[User], sheet: Application) -> None:
    def replace(name: str, actor: User) -> str:
        try:
            sheets.import_lines(sheet, entries(name, 20), [], actor, sheet.revision, replaces=True)
        except StaleLine:
            return "late"
        return name

    results = race(lambda: replace("甲", people[0]), lambda: replace("乙", people[1]))
    (winner,) = set(map(str, results)) - {"late"}
    assert "late" in results
    assert names() == {winner}
    assert Line.objects.count() == 20


def test_a_file_and_a_debtor_entered_at_once_lose_nothing(people: list[User], sheet: Application) -> None:
    def replace() -> str:
        try:
            sheets.import_lines(sheet, entries("甲", 20), [], people[0], sheet.revision, replaces=True)
        except StaleLine:
            return "late"
        return "taken"

    result, _ = race(replace, lambda: sheets.add_lines(sheet, entries("乙", 1), people[1]))
    assert names() == ({"甲", "乙"} if result == "taken" else {"前", "乙"})
