"""The outbox as the staff see it."""

import html

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from portal.audit.models import Event
from portal.outbox import Message, publish
from portal.outbox.models import State

pytestmark = pytest.mark.django_db
LIST = "admin:outbox_message_changelist"


@pytest.fixture
def operator(db):
    user = get_user_model().objects.create_superuser("operator", "test-password", name="運用者")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def parked(calls):
    publish(
        Message("test.topic", "K-parked", {"body": "a text of nobody's business"}),
        Message("test.topic", "K-waiting", {}),
    )
    Message.objects.filter(key="K-parked").update(state=State.PARKED, tries=8, last_error="ValueError: no")
    return Message.objects.get(key="K-parked")


def send_again(client, *messages):
    data = {"action": "send_again", "_selected_action": [str(message.pk) for message in messages]}
    return client.post(reverse(LIST), data, follow=True).content.decode()


def test_a_parked_message_is_shown_with_its_error_and_without_its_text(operator, parked):
    for page in (reverse(LIST), reverse("admin:outbox_message_change", args=[parked.pk])):
        text = operator.get(page).content.decode()
        assert "ValueError: no" in text
        assert "停止中" in text
        assert "nobody's business" not in html.unescape(text)


def test_a_parked_message_is_sent_again_and_the_staff_member_recorded(operator, parked):
    assert "もう一度送る" in operator.get(reverse(LIST)).content.decode()
    assert "1件をもう一度送ります" in send_again(operator, *Message.objects.order_by("key"))
    parked.refresh_from_db()
    assert (parked.state, parked.tries) == (State.WAITING, 0)
    event = Event.objects.get(verb="outbox.resent")
    assert (event.actor_login, event.target) == ("operator", "test.topic K-parked")


def test_only_parked_messages_can_be_sent_again(operator, parked):
    assert "停止中のものが選ばれていません" in send_again(operator, Message.objects.get(key="K-waiting"))
    assert not Event.objects.filter(verb="outbox.resent").exists()


def test_nothing_can_be_added_changed_or_deleted(operator, parked):
    assert operator.get(reverse("admin:outbox_message_add")).status_code == 403
    assert operator.post(reverse("admin:outbox_message_change", args=[parked.pk]), {"key": "x"}).status_code == 403
    assert operator.post(reverse("admin:outbox_message_delete", args=[parked.pk]), {"post": "yes"}).status_code == 403
