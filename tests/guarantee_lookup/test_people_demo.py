"""The demo's banks and people: a newcomer looks something up at once, at any hour."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from guarantee_lookup.models import Clerk, Institution, TermsAcceptance
from portal.accounts.models import Organisation, User
from tests.guarantee_lookup.applying import words

pytestmark = pytest.mark.django_db
LOGINS = {
    "bank-a-user": ("9997", "lookup.user"),
    "bank-a-master": ("9997", "lookup.master"),
    "bank-b-user": ("9998", "lookup.user"),
    "staff-lookup": (None, "lookup.staff"),
    "staff-lookup-2": (None, "lookup.staff"),
}


@pytest.fixture
def demo() -> None:
    call_command("demo", "lookup", "system", stdout=StringIO())


def logged_in(login: str) -> Client:
    client = Client()
    answer = client.post("/account/login/", {"login": login, "password": "demo-password-2026", "next": ""})
    assert answer.status_code == 303
    return client


def test_the_accounts_are_listed_for_programs() -> None:
    out = StringIO()
    call_command("demo", "--accounts", stdout=out)
    found: dict[str, Any] = {one["login"]: one for one in json.loads(out.getvalue()) if one["portal"] == "lookup"}
    assert {login: (one["organisation"], one["role"]) for login, one in found.items()} == LOGINS


def test_loading_twice_makes_nothing_twice(demo: None) -> None:
    def counts() -> list[int]:
        return [model.objects.count() for model in (User, Organisation, Institution, Clerk, TermsAcceptance)]

    before = counts()
    call_command("demo", "lookup", "system", stdout=StringIO())
    assert counts() == before


@pytest.mark.parametrize("hour", [3, 12, 23])
def test_a_newcomer_looks_up_at_any_hour_of_any_day(demo: None, hour: int) -> None:
    sunday = timezone.localtime() + timedelta(days=6 - timezone.localtime().weekday())
    at = sunday.replace(hour=hour)
    with time_machine.travel(at, tick=True):
        call_command("demo", "lookup", "system", stdout=StringIO())
        page = logged_in("bank-a-user").post("/lookup/", {"kind": "customer", "number": "123459816", "basis": "1"})
        assert page.status_code == 303
        assert page["Location"].startswith("/lookup/result/")


def test_the_manager_sees_his_bank_and_no_other(demo: None) -> None:
    page = words(logged_in("bank-a-master").get("/lookup/users/"))
    assert "bank-a-user" in page
    assert "bank-b-user" not in page


def test_the_night_leaves_the_people_alone(demo: None) -> None:
    call_command("nightly", stdout=StringIO())
    assert User.objects.filter(login__in=LOGINS, is_active=True).count() == len(LOGINS)


def test_people_of_the_demo_banks_have_short_sessions(demo: None) -> None:
    assert all(Organisation.objects.filter(portal="lookup").values_list("strict_sessions", flat=True))
