"""Writing one event."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory

from portal import audit
from portal.accounts.models import Organisation, User
from portal.audit.client import ClientMiddleware
from portal.audit.ids import uuid7
from portal.audit.models import Event
from portal.audit.seal import event_mac
from portal.common.http import request_id

pytestmark = pytest.mark.django_db
NOT_SEALED = {"mac", "seq", "previous", "hash"}


@pytest.fixture
def person() -> User:
    organisation = Organisation.objects.create(portal="nexi", code="100000009", name="試験")
    return User.objects.create_user("tester", "x", name="試験者", organisation=organisation)


def test_one_event_is_one_insert(django_assert_num_queries, person):
    with django_assert_num_queries(1):
        audit.record("test.done", actor=person, organisation=person.organisation, target="T-1", detail={"a": 1})
    event = Event.objects.get()
    assert (event.actor, event.actor_login, event.organisation_code) == (person, "tester", "100000009")
    assert (event.outcome, event.detail, event.seq) == ("ok", {"a": 1}, None)


def test_many_events_are_one_insert_and_each_is_sealed_by_itself(django_assert_num_queries, person):
    with django_assert_num_queries(1):
        audit.record_each("test.done", [(None, f"T-{at}", {"at": at}) for at in range(30)], actor=person)
    events = Event.objects.order_by("target")
    assert {(event.target, event.detail["at"], event.actor_login) for event in events} == {
        (f"T-{at}", at, person.login) for at in range(30)
    }
    audit.advance()
    assert audit.verify().ok
    assert audit.verify().checked == 30


def test_a_verb_that_nobody_registered_is_refused():
    with pytest.raises(LookupError, match=r"test\.unknown"):
        audit.record("test.unknown")
    assert not Event.objects.exists()


def test_a_verb_has_one_label():
    audit.register("test.done", "試験")
    with pytest.raises(ValueError, match="already registered"):
        audit.register("test.done", "別の名前")
    assert audit.label("test.done") == "試験"


def test_an_event_shares_the_fate_of_the_callers_transaction():
    with transaction.atomic():
        audit.record("test.done")
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_an_event_carries_the_request_and_where_it_came_from(settings):
    settings.PROXY_HOPS = 1

    def view(request):
        audit.record("test.done")
        return HttpResponse()

    token = request_id.set("abc123")
    ClientMiddleware(view)(RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.9"}))
    request_id.reset(token)
    audit.record("test.done", target="outside a request")
    inside, outside = Event.objects.order_by("id")
    assert (inside.request_id, inside.client) == ("abc123", "203.0.113.9")
    assert (outside.request_id, outside.client) == ("", "")


def test_what_is_too_long_is_cut_and_not_lost():
    audit.record("test.done", target="長" * 300)
    assert Event.objects.get().target == "長" * 199 + "…"


def test_both_databases_give_back_the_detail_that_was_sealed():
    detail = {
        "float": 1e22,
        "ratio": 1.10,
        "amount": Decimal("1.10"),
        "big": 2**70,
        "day": date(2026, 11, 20),
        "at": datetime(2026, 11, 20, tzinfo=UTC),
        "text": '𠮷 "\\ é',
        "nested": {"z": [True, None, ("a",), {"b", "a"}], "a": UUID(int=7)},
    }
    audit.record("test.done", detail=detail)
    event = Event.objects.get()
    assert event.detail["ratio"] == "1.1"
    assert event.detail["nested"] == {"z": [True, None, ["a"], ["a", "b"]], "a": str(UUID(int=7))}
    assert event.mac == event_mac(event)


@pytest.mark.parametrize("column", sorted({field.attname for field in Event._meta.concrete_fields} - NOT_SEALED))
def test_the_seal_covers_every_column(column):
    audit.record("test.done", target="T-1")
    event = Event.objects.get()
    assert event_mac(event) == event.mac
    other = {"id": uuid7(), "at": datetime(2020, 1, 1, tzinfo=UTC), "detail": {"x": 1}}
    setattr(event, column, other.get(column, 77 if column.endswith("_id") else "other"))
    assert event_mac(event) != event.mac


def test_ids_sort_by_time_and_do_not_repeat():
    made = [uuid7() for _ in range(2000)]
    assert len(set(made)) == len(made)
    assert made[0].version == 7
    assert [pk.int >> 64 for pk in made] == sorted(pk.int >> 64 for pk in made)
