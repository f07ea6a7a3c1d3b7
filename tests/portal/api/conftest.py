"""Addresses of these tests, and a program with a token of exporter A."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from portal.accounts.models import Organisation, User
from portal.api import services
from portal.api.models import Token
from tests.conftest import LogIn, Person

PEOPLE = "/club/api/v1/people"


@pytest.fixture(autouse=True)
def _addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.portal.api.urls"


@dataclass
class Program:
    """A program that sends its token with every request."""

    token: Token
    text: str

    def get(self, path: str = PEOPLE, method: str = "GET", **headers: str) -> HttpResponse:
        """Send a request without a body; a crash is an answer, as for any client."""
        client = Client(raise_request_exception=False)
        sent = {"Authorization": f"Bearer {self.text}", **headers}
        answer: Any = client.generic(method, path, headers=sent)
        return answer  # type: ignore[no-any-return]


@pytest.fixture
def boss(log_in: LogIn, exporter_a: Organisation) -> Person:
    """管理者 of exporter A."""
    return log_in("boss", "club.admin", organisation=exporter_a, name="管理花子")


@pytest.fixture
def make() -> Callable[..., Program]:
    """Return a function that makes a program of somebody's organisation."""

    def make(user: User, label: str = "販売管理", days: int = 30, role: str = "club.view") -> Program:
        return Program(*services.create(user, "club", role, label, days))

    return make


@pytest.fixture
def program(boss: Person, make: Callable[..., Program]) -> Program:
    """A program of exporter A."""
    return make(boss.user)
