"""Parameters of a list and the way through its pages."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from portal.accounts.models import Organisation, User
from tests.conftest import Person
from tests.portal.api.conftest import PEOPLE, Program

pytestmark = pytest.mark.django_db

Make = Callable[..., Program]


def add_people(organisation: Organisation, prefix: str, count: int, **more: Any) -> set[str]:
    """Register people; returns their logins."""
    logins = [f"{prefix}-{at:04d}" for at in range(count)]
    User.objects.bulk_create(User(login=one, name=one, organisation=organisation, **more) for one in logins)
    return set(logins)


def pages(program: Program, query: str, between: Callable[[], object] = lambda: None) -> list[str]:
    """Return all numbers of a list, page by page."""
    found: list[str] = []
    cursor = ""
    while True:
        answer = program.get(f"{PEOPLE}?{query}{cursor}")
        assert answer.status_code == 200, answer.content.decode()
        body = json.loads(answer.content)
        found += [item["number"] for item in body["items"]]
        if body["next_cursor"] is None:
            return found
        assert body["items"]
        cursor = f"&cursor={body['next_cursor']}"
        between()


def faults(answer: Any, status: int = 422) -> dict[str, str]:
    """Return what the answer says about each parameter."""
    assert answer.status_code == status, answer.content[:500]
    assert answer["Content-Type"] == "application/problem+json"
    return {one["parameter"]: one["detail"] for one in json.loads(answer.content)["errors"]}


# --- Pages --------------------------------------------------------------------------


def test_a_thousand_rows_are_read_without_gap_or_double_while_others_arrive(
    program: Program, boss: Person, exporter_a: Organisation, settings: Any
) -> None:
    before = add_people(exporter_a, "old", 1_000) | {"boss"}
    rounds = iter(range(1_000))
    found = pages(program, "limit=67", lambda: add_people(exporter_a, f"new-{next(rounds)}", 3))
    assert len(found) == len(set(found))
    assert before <= set(found)
    assert next(rounds) == 15


def test_the_last_page_is_known_even_when_it_is_full(program: Program, exporter_a: Organisation) -> None:
    add_people(exporter_a, "old", 5)
    assert len(pages(program, "limit=3")) == 6
    assert json.loads(program.get(f"{PEOPLE}?limit=6").content)["next_cursor"] is None


def test_a_page_has_200_rows_unless_told_otherwise(program: Program, exporter_a: Organisation) -> None:
    add_people(exporter_a, "old", 250)
    assert len(json.loads(program.get().content)["items"]) == 200
    assert len(pages(program, "")) == 251


@pytest.fixture
def cursor(program: Program, exporter_a: Organisation) -> str:
    """The cursor of the second page of the people of EX01."""
    add_people(exporter_a, "old", 5, department="EX01")
    found: str = json.loads(program.get(f"{PEOPLE}?department=EX01&limit=2").content)["next_cursor"]
    return found


def test_a_cursor_goes_on_with_another_limit(program: Program, cursor: str) -> None:
    answer = program.get(f"{PEOPLE}?department=EX01&limit=3&cursor={cursor}")
    assert [item["number"] for item in json.loads(answer.content)["items"]] == ["old-0002", "old-0003", "old-0004"]


def test_a_cursor_is_good_for_the_same_filter_of_the_same_organisation_and_for_a_day(
    program: Program, cursor: str, charlie: Person, make: Make
) -> None:
    path = f"{PEOPLE}?department=EX01&cursor={cursor}"
    assert program.get(path).status_code == 200
    for other in (f"{PEOPLE}?cursor={cursor}", f"{PEOPLE}?department=EX02&cursor={cursor}"):
        assert "はじめから" in faults(program.get(other), 404)["cursor"]
    assert faults(make(charlie.user).get(path), 404).keys() == {"cursor"}
    assert faults(program.get(path[:-1] + ("A" if path[-1] != "A" else "B")), 404).keys() == {"cursor"}
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert faults(program.get(path), 404).keys() == {"cursor"}


# --- Parameters ----------------------------------------------------------------------


RIGHT = ["department=EX01", "department=ＥＸ０１", "department=+EX01+", "limit=1", "limit=200", "active=yes"]
RIGHT += ["department=E%E2%80%8BX", "since=2026-04-01", "since=0001-01-01", "since=9999-12-31"]

WRONG = ["limit=0", "limit=201", "limit=-1", "limit=", "limit=１０", "limit=1e2", "limit=1_0", "limit=007", "limit=1.0"]
WRONG += ["limit=٣", "limit=" + "9" * 5_000, "limit=%0A1", "limit=1%0A"]
WRONG += ["since=2026-02-30", "since=2026-4-1", "since=20260401", "since=2026/04/01", "since=令和8年4月1日", "since="]
WRONG += ["since=2026-04-01T00:00", "since=٢٠٢٦-٠٤-٠١", "since=0000-01-01"]
WRONG += ["active=", "active=Yes", "active=maybe", "active=yes%20"]
WRONG += ["department=", "department=" + "x" * 21, "department=営業部", "department=%20"]
WRONG += ["cursor=", "cursor=x", "cursor=' OR 1=1", "cursor=" + "x" * 5_000, "cursor=a:b:c"]


@pytest.mark.parametrize("query", RIGHT)
def test_what_is_right_is_accepted(program: Program, query: str) -> None:
    assert program.get(f"{PEOPLE}?{query}").status_code == 200


@pytest.mark.parametrize("query", WRONG)
def test_what_is_no_value_is_refused(program: Program, query: str) -> None:
    name = query.partition("=")[0]
    said = faults(program.get(f"{PEOPLE}?{query}"))
    assert said.keys() == {name}
    assert re.search("[ぁ-ん]", said[name])


def test_all_faults_are_named_at_once(program: Program) -> None:
    answer = program.get(f"{PEOPLE}?limit=0&since=x&colour=red&limit=1&active=yes&active=no")
    assert faults(answer).keys() == {"limit", "since", "colour", "active"}
    assert "1回だけ" in faults(answer)["active"]


def test_a_single_record_takes_no_parameters(program: Program) -> None:
    assert faults(program.get(f"{PEOPLE}/boss?limit=1")).keys() == {"limit"}


@pytest.mark.parametrize("query", ["department=%00", "department=%ff", "%00=1", "department=%ED%A0%80", "a=1&" * 1_001])
def test_what_cannot_be_read_is_refused_before_anybody_looks_at_it(program: Program, query: str) -> None:
    answer = program.get(f"{PEOPLE}?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("number", ["%00", "%ff", "%0A", "%25"])
def test_a_number_that_cannot_be_read_is_refused(program: Program, number: str) -> None:
    answer = program.get(f"{PEOPLE}/{number}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("query", ["department={}", "{}=1", "limit={}", "cursor={}"])
def test_ten_million_characters_get_a_short_answer(program: Program, query: str) -> None:
    answer = program.get(f"{PEOPLE}?{query.format('x' * 10_000_000)}")
    assert answer.status_code == 422
    assert len(answer.content) < 1_000


def test_hundreds_of_faults_get_a_short_answer_too(program: Program) -> None:
    answer = program.get(f"{PEOPLE}?{'&'.join('x' * 100 + f'{at}=1' for at in range(900))}")
    assert answer.status_code == 422
    assert len(answer.content) < 64_000
