"""Rows that are read and written without compiling a query."""

from datetime import UTC, datetime
from typing import TypeVar

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from portal.accounts.backends import GrantBackend
from portal.accounts.models import Grant, Organisation, User
from portal.audit.models import Event
from portal.common.rows import Columns, insert

pytestmark = pytest.mark.django_db
Row = TypeVar("Row", bound=Model)
MOMENT = datetime(2026, 11, 20, 3, 4, 5, 678901, tzinfo=UTC)


@pytest.fixture
def person() -> User:
    organisation = Organisation.objects.create(portal="nexi", code="100000009", name="試験", four_eyes=True)
    return User.objects.create_user("tester", "x", name="試験者", organisation=organisation, date_joined=MOMENT)


def values(row: Organisation | User | Event) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def read(model: type[Row], table: str) -> Row | None:
    columns = Columns(model)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns.named('t')} FROM (SELECT 1 AS one) AS one LEFT JOIN {table} t ON true")
        return columns.read(cursor.fetchone())


def test_a_row_read_by_its_columns_is_the_row_that_the_model_reads(person: User) -> None:
    found = read(User, "accounts_user")
    assert found == person
    assert found is not None
    assert values(found) == values(User.objects.get())
    assert found.date_joined == MOMENT
    assert read(Organisation, "accounts_organisation") == person.organisation


def test_an_outer_join_that_found_nothing_is_no_row() -> None:
    assert read(Organisation, "accounts_organisation") is None


def test_an_inserted_row_is_the_row_that_save_writes_and_may_be_saved_again() -> None:
    row = Organisation(portal="nexi", code="100000008", name="挿入")
    insert(row)
    assert values(Organisation.objects.get()) == values(row)
    row.name = "変更"
    row.save()
    assert Organisation.objects.get().name == "変更"


def test_a_row_with_a_key_of_its_own_and_plain_data_comes_back_unchanged() -> None:
    row = Event(verb="test.done", outcome="ok", detail={"金額": 1, "none": None}, mac="0" * 64, at=MOMENT)
    insert(row)
    assert values(Event.objects.get()) == values(row)


def test_a_constraint_refuses_an_inserted_row_as_any_other(person: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Organisation(portal="nexi", code="100000009", name="二つ目"))
    assert Organisation.objects.count() == 1


def test_the_user_of_a_request_has_his_organisation_and_the_roles_of_today(
    person: User, django_assert_num_queries: object
) -> None:
    day = MOMENT.date()
    Grant.objects.create(user=person, role="sample.view", starts_on=day)
    Grant.objects.create(user=person, role="sample.old", starts_on=day, ends_on=day)
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = GrantBackend().get_user(person.pk)
        assert found is not None
        assert (found.organisation, found.roles) == (person.organisation, frozenset({"sample.view"}))


def test_staff_have_no_organisation_and_nobody_is_nobody() -> None:
    staff = User.objects.create_user("staff", "x", name="事務局", is_staff=True)
    found = GrantBackend().get_user(staff.pk)
    assert found is not None
    assert (found.organisation, found.roles) == (None, frozenset())
    assert GrantBackend().get_user(staff.pk + 1) is None
