"""The log as auditors see it: searched, read, recorded, never changed."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from portal import audit
from portal.audit.models import Event

pytestmark = pytest.mark.django_db
LIST = "admin:audit_event_changelist"


@pytest.fixture
def auditor(db):
    user = get_user_model().objects.create_superuser("auditor", "test-password", name="監査者")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def two_days(auditor):
    """One event at 23:59 Japanese time on 20 November, one a minute later."""
    for minute, target in ((59, "T-before"), (60, "T-after")):
        with time_machine.travel(datetime(2026, 11, 20, 14 + minute // 60, minute % 60, tzinfo=UTC)):
            audit.record("test.done", target=target)


def shown(client, **search):
    page = client.get(reverse(LIST), search)
    assert page.status_code == 200
    return {target for target in ("T-before", "T-after") if target in page.content.decode()}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({}, {"T-before", "T-after"}),
        ({"from": "2026-11-21", "verb": "test.done"}, {"T-after"}),
        ({"to": "2026-11-20"}, {"T-before"}),
        ({"from": "2026-11-20", "to": "2026-11-21"}, {"T-before", "T-after"}),
        ({"q": "T-bef"}, {"T-before"}),
        ({"verb": "nightly.run"}, set()),
    ],
)
def test_events_are_found_by_day_verb_and_target(auditor, two_days, search, found):
    assert shown(auditor, **search) == found


def test_the_period_keeps_the_other_filters_and_what_was_asked(auditor, two_days):
    page = auditor.get(reverse(LIST), {"from": "2026-11-20", "verb": "test.done"}).content.decode()
    assert '<input type="hidden" name="verb" value="test.done">' in page
    assert 'name="from" value="2026-11-20"' in page


def test_a_day_that_does_not_exist_is_answered_with_the_whole_list(auditor, two_days):
    assert auditor.get(reverse(LIST), {"from": "2026-02-30"}).status_code == 302


def test_whoever_reads_the_log_is_in_it(auditor, two_days):
    event = Event.objects.get(target="T-before")
    auditor.get(reverse(LIST), {"q": "T-bef"})
    auditor.get(reverse("admin:audit_event_change", args=[event.pk]))
    views = Event.objects.filter(verb="audit.viewed").order_by("id")
    assert [(view.actor_login, view.target, view.detail) for view in views] == [
        ("auditor", "一覧", {"q": "T-bef"}),
        ("auditor", str(event.pk), {}),
    ]


def test_nothing_can_be_added_changed_or_deleted(auditor, two_days):
    event = Event.objects.get(target="T-before")
    assert auditor.get(reverse("admin:audit_event_add")).status_code == 403
    assert auditor.post(reverse("admin:audit_event_change", args=[event.pk]), {"target": "x"}).status_code == 403
    assert auditor.post(reverse("admin:audit_event_delete", args=[event.pk]), {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [str(event.pk)], "post": "yes"}
    auditor.post(reverse(LIST), data)
    event.refresh_from_db()
    assert event.target == "T-before"
