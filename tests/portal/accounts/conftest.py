"""Addresses of these tests, and a person who types a login instead of being logged in."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from portal.accounts.models import Organisation, User

PASSWORD = "correct-and-secret"


@pytest.fixture(autouse=True)
def _addresses(settings: object) -> None:
    settings.ROOT_URLCONF = "tests.portal.accounts.urls"  # type: ignore[attr-defined]
    settings.REQUIRE_SECOND_FACTOR = False  # type: ignore[attr-defined]


@pytest.fixture
def company(db: None) -> Organisation:
    """An organisation of a portal that is not installed: these tests need none."""
    return Organisation.objects.create(portal="sample", code="1", name="見本商事株式会社")


@pytest.fixture
def taro(company: Organisation) -> User:
    return User.objects.create_user("taro-01", PASSWORD, name="輸出太郎", organisation=company, email="t@a.example")


@pytest.fixture
def sign_in(client: Client) -> Callable[..., HttpResponse]:
    """Return a function that sends the login form."""

    def sign_in(login: str = "taro-01", password: str = PASSWORD, next: str = "", **extra: str) -> HttpResponse:
        data = {"login": login, "password": password, "next": next}
        return client.post("/account/login/", data, headers=extra or None)

    return sign_in
