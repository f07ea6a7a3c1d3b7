"""Who may call an endpoint, how often, and what a refusal looks like."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts.models import Organisation
from portal.api import services
from portal.api.models import Token
from portal.audit.models import Event
from tests.conftest import Person
from tests.portal.api.conftest import PEOPLE, Program

pytestmark = pytest.mark.django_db

Make = Callable[..., Program]


def problem(answer: Any) -> dict[str, Any]:
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer
    assert int(answer["Content-Length"]) == len(answer.content)
    found: dict[str, Any] = json.loads(answer.content)
    assert found["status"] == answer.status_code
    assert found["type"] == "about:blank"
    assert found["title"].isascii()
    assert found["detail"]
    return found


# --- Tokens -------------------------------------------------------------------------


def test_a_token_opens_the_list_of_its_own_organisation(program: Program, boss: Person, charlie: Person) -> None:
    answer = program.get()
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == {"items": [{"number": "boss", "name": "管理花子"}], "next_cursor": None}


def test_the_word_bearer_may_be_written_in_any_case(program: Program) -> None:
    assert program.get(Authorization=f"bEARER  {program.text}").status_code == 200


def test_without_a_token_the_answer_says_how_to_send_one(client: Client, boss: Person) -> None:
    for person in (client, boss):
        answer = person.get(PEOPLE)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
        assert "Bearer" in problem(answer)["detail"]


def refused(answer: HttpResponse) -> tuple[int, str, bytes]:
    return answer.status_code, answer["WWW-Authenticate"], answer.content


def revoked(program: Program, boss: Person) -> None:
    assert services.revoke(program.token, boss.user)


def expired(program: Program, boss: Person) -> None:
    Token.objects.update(expires_on=timezone.localdate() - timedelta(days=1))


def disabled(program: Program, boss: Person) -> None:
    Organisation.objects.update(is_active=False)


def of_another_portal(program: Program, boss: Person) -> None:
    Token.objects.update(role="club.other")


@pytest.mark.parametrize("end", [revoked, expired, disabled, of_another_portal])
def test_a_token_that_ended_is_refused_at_once_like_one_that_never_was(
    program: Program, boss: Person, end: Callable[[Program, Person], None]
) -> None:
    assert program.get().status_code == 200
    end(program, boss)
    with CaptureQueriesContext(connection) as work:
        dead = program.get()
    with CaptureQueriesContext(connection) as other_work:
        unknown = program.get(Authorization=f"Bearer {program.text[:-1]}~")
    assert dead.status_code == 401
    assert dead["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'
    assert refused(dead) == refused(unknown)
    # The same work, so that time tells nothing either.
    assert len(work) == len(other_work) == 1
    problem(dead)


@pytest.mark.parametrize(
    "sent",
    [
        "x",
        "Bearer",
        "Bearer ",
        "Bearer \u00e9\u00ff",
        "Basic Ym9zczp0ZXN0",
        "Token {}",
        "{}",
        "Bearer {}x",
        "Bearer {} x",
    ],
)
def test_anything_else_is_no_token(program: Program, sent: str) -> None:
    answer = program.get(Authorization=sent.format(program.text))
    assert answer.status_code == 401
    problem(answer)


def test_a_token_of_ten_million_characters_is_none(program: Program) -> None:
    assert program.get(Authorization="Bearer " + "x" * 10_000_000).status_code == 401


def test_a_token_is_good_until_the_end_of_its_last_day(boss: Person, make: Make) -> None:
    with time_machine.travel("2026-12-01T10:00:00+09:00", tick=False) as clock:
        program = make(boss.user, days=1)
        clock.move_to("2026-12-02T23:59:59+09:00")
        assert program.get().status_code == 200
        clock.move_to("2026-12-03T00:00:00+09:00")
        assert program.get().status_code == 401


def test_the_day_of_the_last_use_is_kept_and_written_once_a_day(program: Program) -> None:
    with CaptureQueriesContext(connection) as first:
        program.get()
    with CaptureQueriesContext(connection) as second:
        program.get()
    assert Token.objects.get().last_used_on == timezone.localdate()
    assert len(first) - len(second) == 1


def test_a_login_in_the_browser_neither_opens_the_api_nor_is_touched_by_it(program: Program, boss: Person) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = boss.get(PEOPLE, headers={"Authorization": f"Bearer {program.text}"})
    assert answer.status_code == 200
    assert not answer.cookies
    assert [query["sql"] for query in queries if "accounts_session" in query["sql"]] == []


# --- The log ------------------------------------------------------------------------


def test_the_log_says_which_token_read_which_list(program: Program) -> None:
    program.get(f"{PEOPLE}?department=EX01&limit=5")
    program.get(f"{PEOPLE}/boss")
    events = list(Event.objects.filter(verb="api.read").order_by("at"))
    assert [event.target for event in events] == [PEOPLE, f"{PEOPLE}/boss"]
    assert {event.organisation_code for event in events} == {"100000001"}
    assert [event.detail for event in events] == [
        {"token": program.token.prefix, "rows": 0, "query": {"department": "EX01", "limit": "5"}},
        {"token": program.token.prefix, "rows": 1},
    ]


def test_nothing_of_a_secret_is_kept_anywhere(program: Program) -> None:
    program.get()
    secret = program.text.removeprefix(f"{program.token.prefix}_")
    assert len(secret) >= 43
    kept = [*Token.objects.values_list(), *Event.objects.values_list()]
    assert [row for row in kept if secret in str(row)] == []


# --- Limits -------------------------------------------------------------------------


def test_too_many_requests_of_one_token_have_to_wait(program: Program, boss: Person, make: Make, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    assert [program.get().status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = program.get()
    assert 1 <= int(answer["Retry-After"]) <= 60
    problem(answer)
    assert Event.objects.filter(verb="api.read").count() == 3
    assert make(boss.user, label="会計").get().status_code == 200
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert program.get().status_code == 200


def test_the_limit_is_120_requests_a_minute(settings: Any) -> None:
    assert settings.API_REQUESTS_PER_MINUTE == 120


# --- Methods and failures -------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"])
def test_whatever_is_no_reading_is_refused(program: Program, method: str) -> None:
    for path in (PEOPLE, f"{PEOPLE}/boss"):
        answer = program.get(path, method)
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
        problem(answer)


def test_head_answers_like_get_without_a_body(program: Program) -> None:
    answer = program.get(method="HEAD")
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "application/json", b"")


def test_another_organisations_record_is_answered_like_an_unknown_one(program: Program, charlie: Person) -> None:
    theirs, nobodys = program.get(f"{PEOPLE}/charlie"), program.get(f"{PEOPLE}/nobody")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content
    problem(theirs)


def test_an_address_that_is_none_is_a_problem_too(program: Program) -> None:
    for path in ("/club/api/v1/nothing", f"{PEOPLE}/", f"{PEOPLE}/a/b", "/club/api/v2/people"):
        answer = program.get(path)
        assert answer.status_code == 404, path
        problem(answer)


def test_a_crash_is_a_problem_without_its_cause(program: Program) -> None:
    answer = program.get("/club/api/v1/broken/for-good")
    assert answer.status_code == 500
    assert "programming error" not in answer.content.decode()
    problem(answer)


def test_pages_are_no_endpoints(client: Client, boss: Person) -> None:
    assert client.get("/club/api-tokens/").status_code == 302
    assert client.get("/nowhere/")["Content-Type"].startswith("text/html")
