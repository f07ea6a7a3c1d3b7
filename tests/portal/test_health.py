"""What a load balancer is told."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal import health
from portal.outbox import Message, publish
from portal.outbox.models import State
from tests.support.children import python


def test_the_process_lives_without_any_database(settings):
    # No `db`: a query would fail this test.
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_a_well_installation_is_ready_without_session_or_login(django_assert_max_num_queries):
    Client().get("/readyz")
    with django_assert_max_num_queries(2) as queries:
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "migrations": "ok", "outbox": "ok"})
    assert not any(word in query["sql"] for query in queries for word in ("session", "accounts_"))


@pytest.mark.django_db
def test_an_overdue_message_makes_it_unready_and_a_parked_one_does_not():
    publish(Message("test.topic", "K-1", {}))
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        answer = Client().get("/readyz")
        assert (answer.status_code, answer.json()["outbox"]) == (503, "failed")
        Message.objects.update(state=State.PARKED)
        assert Client().get("/readyz").status_code == 200


@pytest.mark.django_db
def test_a_missing_table_makes_it_unready():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE outbox_message RENAME TO outbox_message_away")
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["outbox"]) == (503, "failed")


@pytest.mark.django_db
def test_without_a_database_the_process_lives_and_is_not_ready():
    script = (
        "from django.test import Client\nfor path in ('/healthz', '/readyz'): print(Client().get(path).status_code)"
    )
    child = python(script, DATABASE_URL="sqlite:///nowhere/at/all.sqlite3")
    assert child.stdout.split() == ["200", "503"], child.stderr


@pytest.mark.django_db
def test_a_missing_migration_makes_it_unready(monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "failed")
