"""The database refuses what the application must never do."""

import pytest
from django.db import IntegrityError, connection, transaction

from portal import audit
from portal.audit import triggers
from portal.audit.models import Event, Head

pytestmark = pytest.mark.django_db


def refused(change):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        change()


def sql(statement):
    def run():
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


def test_the_log_takes_new_rows_and_places_in_the_chain(guard, log):
    assert audit.verify().checked == 6


@pytest.mark.parametrize("column", [*triggers.CONTENT, "seq", "previous", "hash"])
def test_no_column_of_a_chained_row_changes(guard, log, column):
    refused(sql(f"UPDATE audit_event SET {column} = NULL WHERE seq = 3"))


@pytest.mark.parametrize("column", ["verb", "target", "mac"])
def test_a_waiting_row_changes_nothing_but_its_place(guard, db, column):
    audit.record("test.done")
    refused(sql(f"UPDATE audit_event SET {column} = 'x'"))
    refused(sql(f"UPDATE audit_event SET {column} = 'x', seq = 1"))
    assert audit.advance() == 1


def test_no_row_is_deleted(guard, log):
    refused(sql("DELETE FROM audit_event WHERE seq = 6"))
    refused(lambda: Event.objects.all().delete())
    refused(sql("DELETE FROM audit_head"))


def test_no_row_is_born_with_a_place(guard, db):
    refused(lambda: Event.objects.create(verb="x", outcome="ok", mac="0", seq=1))


def test_the_head_never_goes_back(guard, log):
    refused(lambda: Head.objects.update(seq=5))


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a statement that only SQLite has")
def test_no_row_is_replaced(guard, log):
    columns = "id, at, verb, actor_login, organisation_code, target, outcome, detail, request_id, client, mac"
    copied = f"SELECT {columns}, previous, hash FROM audit_event WHERE seq = 3"
    refused(sql(f"INSERT OR REPLACE INTO audit_event ({columns}, previous, hash) {copied}"))
    refused(sql("INSERT OR REPLACE INTO audit_head (id, seq, hash) VALUES (1, 0, '')"))


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="a statement that only PostgreSQL has")
@pytest.mark.parametrize("table", ["audit_event", "audit_head"])
def test_the_tables_are_not_truncated(guard, table):
    refused(sql(f"TRUNCATE {table} CASCADE"))


def test_the_guard_knows_every_column():
    columns = {field.column for field in Event._meta.concrete_fields}
    assert columns == {*triggers.CONTENT, "seq", "previous", "hash"}


def test_the_guard_says_whether_it_is_there(db):
    assert not triggers.installed(connection)
    triggers.install(connection)
    triggers.install(connection)
    assert triggers.installed(connection)
    triggers.remove(connection)
    assert not triggers.installed(connection)
