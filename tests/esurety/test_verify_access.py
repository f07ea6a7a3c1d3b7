"""Who gets what at every address of 発注者確認: strangers, ranks below, other bodies, people of other portals."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from esurety.models import AcceptanceRule, Body, Registration, SubmissionRule, Suspension
from portal.accounts.management.commands.list_urls import routes
from portal.accounts.models import User
from tests.conftest import LogIn, Person
from tests.esurety.driver import Shop, key_of
from tests.esurety.issued import issued

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files, pytest.mark.usefixtures("clock")]
ROUTES = {route["name"]: route for route in routes() if route["portal"] == "verify"}
RANKS = ["", "verify.view", "verify.user", "verify.admin"]
"""Rights from nothing to all; each includes those before it."""

STRICTER = {("verify:home", "POST"): "verify.user"}
"""What a view asks beyond its declaration."""

DOES_SOMETHING = ("verify:accept",)
"""Empty forms that are carried out: nobody who may is asked here to do it."""

Arguments = dict[str, list[Any]]


@pytest.fixture
def registration(city: Person, shop: Shop) -> Registration:
    """A certificate that body A has registered."""
    guarantee = issued(shop)
    city.post("/verify/", {"number": f"{guarantee}", "key": key_of(guarantee.current)})
    return Registration.objects.get()


@pytest.fixture
def arguments(registration: Registration, city: Person) -> Arguments:
    """An address of body A for every route that names an object; a new route without an entry fails these tests."""
    rule, person = AcceptanceRule.objects.get(body=registration.body), city.user.pk
    certificate = ("certificate", "compare", "accept", "return", "log", "print", "pdf", "json", "verification")
    return {
        **{f"verify:{name}": [registration.pk] for name in certificate},
        "verify:rule-new": ["submission"],
        "verify:rule": ["acceptance", rule.pk],
        "verify:rule-remove": ["acceptance", rule.pk],
        "verify:user": [person],
        "verify:user-change": [person],
        "verify:user-action": [person, "resume"],
    }


def addresses(arguments: Arguments) -> Iterator[tuple[str, str, str]]:
    """Yield name, method and address of every route."""
    for name, route in ROUTES.items():
        assert ("<" in route["path"]) == (name in arguments), f"{name}: which object?"
        for method in ("GET", "POST"):
            if method in route["methods"]:
                yield name, method, reverse(name, args=arguments.get(name))


def send(client: Client, method: str, path: str) -> HttpResponse:
    answer: Any = client.generic(method, path, "", content_type="application/x-www-form-urlencoded")
    return answer  # type: ignore[no-any-return]


def untouched() -> list[Any]:
    tables = (Registration, AcceptanceRule, SubmissionRule, Suspension)
    accounts = User.objects.order_by("pk").values_list("login", "is_active", "password")
    return [*(list(table.objects.order_by("pk").values()) for table in tables), list(accounts)]


def test_whoever_is_not_logged_in_is_sent_to_the_login(client: Client, arguments: Arguments) -> None:
    assert len(ROUTES) > 20
    for _, method, path in addresses(arguments):
        answer = send(client, method, path)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/login/"), (method, path)


@pytest.mark.parametrize("rank", RANKS)
def test_every_right_opens_its_own_pages_and_no_others(
    arguments: Arguments, log_in: LogIn, body_a: Body, rank: str
) -> None:
    person = log_in("somebody", *filter(None, [rank]), organisation=body_a.organisation)
    before = untouched()
    for name, method, path in addresses(arguments):
        needed = STRICTER.get((name, method), ROUTES[name]["roles"][0])
        may = RANKS.index(rank) >= RANKS.index(needed)
        if may and name in DOES_SOMETHING:
            continue
        answer = send(person, method, path)
        assert (answer.status_code != 403) == may, (method, path, answer.status_code)
        assert answer.status_code < 500, (method, path)
    assert untouched() == before


def test_a_contractor_finds_every_page_closed(arguments: Arguments, log_in: LogIn, shop: Shop) -> None:
    person = log_in("somebody", "surety.admin", organisation=shop.contractor.organisation)
    before = untouched()
    for _, method, path in addresses(arguments):
        assert send(person, method, path).status_code == 403, (method, path)
    assert untouched() == before


def test_what_belongs_to_another_body_is_answered_like_what_is_not_there(
    arguments: Arguments, log_in: LogIn, body_b: Body
) -> None:
    person = log_in("body-b-admin", "verify.admin", organisation=body_b.organisation)
    before = untouched()
    named = {name: args for name, args in arguments.items() if name != "verify:rule-new"}
    for name, method, path in addresses(arguments):
        if name in named:
            nowhere = [999_999_999 if isinstance(part, int) else part for part in named[name]]
            answer, unknown = send(person, method, path), send(person, method, reverse(name, args=nowhere))
            assert answer.status_code == unknown.status_code == 404, (method, path)
            assert _plain(answer) == _plain(unknown)
    assert untouched() == before


def _plain(response: HttpResponse) -> str:
    """Return the page without what differs from answer to answer: the token, the number of the request, the address."""
    text = re.sub(r"[0-9A-Za-z]{64}", "token", response.content.decode())
    return re.sub(r"/verify/[^\s\"<]*|[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", "", text)


def test_who_belongs_to_no_body_gets_an_answer_and_not_an_error(arguments: Arguments, log_in: LogIn) -> None:
    person = log_in("nobody", "verify.admin")
    for _, method, path in addresses(arguments):
        assert send(person, method, path).status_code < 500, (method, path)
