"""Each trap of tests/support/traps.py bites."""

import random
import socket
from contextlib import suppress
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client
from django.urls import path

from tests.support import traps

LEAKY_FORM = '<form method="post"><input name="amount"></form>'
SAFE_FORM = '<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="x"><input name="amount"></form>'

urlpatterns = [
    path("leaky/", lambda request: HttpResponse(LEAKY_FORM)),
    path("safe/", lambda request: HttpResponse(SAFE_FORM)),
]


def test_an_undefined_template_variable_fails() -> None:
    with pytest.raises(traps.Trap, match="amount"):
        Template("{{ amount }}").render(Context())


def test_a_defined_but_empty_template_variable_is_fine() -> None:
    assert Template("[{{ amount }}]").render(Context({"amount": ""})) == "[]"


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_a_post_form_without_csrf_token_fails(settings) -> None:
    settings.MIDDLEWARE = []
    client = Client()
    assert client.get("/safe/").status_code == 200
    with pytest.raises(traps.Trap, match="/leaky/"):
        client.get("/leaky/")


@pytest.mark.django_db
def test_rows_without_order_come_in_any_order() -> None:
    random.seed(1)
    ordered = [row.pk for row in Permission.objects.order_by("pk")]
    shuffled = [row.pk for row in Permission.objects.order_by()]
    assert ordered == sorted(ordered)
    assert shuffled != ordered
    assert sorted(shuffled) == ordered


@pytest.mark.django_db
def test_select_for_update_in_code_of_ours_fails() -> None:
    with pytest.raises(traps.Trap, match="test_select_for_update_in_code_of_ours_fails"), transaction.atomic():
        Permission.objects.select_for_update().first()


def test_a_connection_beyond_the_loopback_address_fails_even_if_the_error_is_hidden() -> None:
    def fetch() -> None:
        with socket.socket() as connection, suppress(Exception):
            connection.connect(("192.0.2.1", 80))

    with pytest.raises(traps.Trap, match=r"192\.0\.2\.1"), traps.outgoing_network():
        fetch()


def test_a_look_up_of_a_name_fails() -> None:
    with pytest.raises(traps.Trap, match="portal"), traps.outgoing_network():
        socket.getaddrinfo("portal.example", 80)


def test_connections_on_this_machine_are_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


def test_a_file_left_in_storage_fails_unless_the_test_is_about_files(tmp_path: Path) -> None:
    storage = tmp_path / "storage"
    with traps.leftover_files(storage, allowed=True):
        (storage / "left.pdf").write_bytes(b"%PDF")
    with pytest.raises(traps.Trap, match=r"left\.pdf"), traps.leftover_files(storage, allowed=False):
        pass
