"""The JSON API of a bank: look-ups by the rules of the screen, the bank's history, and who may use a token."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guarantee_lookup.enums import Channel, Outcome
from guarantee_lookup.models import Institution, Lookup, LookupLock, ServiceRules, Snapshot, TermsAcceptance
from portal.accounts.models import Grant, User
from portal.api.models import Token
from portal.audit.models import Event
from tests.guarantee_lookup.driver import ACCEPTANCE, GUARANTEE, Teller, add_customer, quarantine
from tests.guarantee_lookup.program import ASKED, LOOKUPS, Program, program_of


@pytest.fixture
def program(master: Teller) -> Program:
    """A program of bank A, whose token the 利用管理者 issued."""
    return program_of(master)


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert (found["status"], found["code"]) == (status, code)
    return found


# --- A look-up ---------------------------------------------------------------------------


def test_a_look_up_answers_with_the_figures_of_the_screen(program: Program, user: Teller, master: Teller) -> None:
    answer = program.asks(basis="2", consent=True, consent_on="2026-03-18", purpose="proposal", memo="控")
    assert answer.status_code == 201, answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    found = answer.json()
    lookup = Lookup.objects.get()
    assert (lookup.channel, lookup.user, f"{lookup.consent_on}") == (Channel.API, master.user, "2026-03-18")
    assert {name: found[name] for name in ("receipt", "masked", "as_of", "snapshot", "consent", "memo", "sha256")} == {
        "receipt": lookup.receipt,
        "masked": "*****9816",
        "as_of": "2026-03-18",
        "snapshot": "20260318-01",
        "consent": True,
        "memo": "控",
        "sha256": lookup.sha256,
    }
    assert found["basis"] == {"code": "2", "label": "本人から番号の提供を受けた"}
    assert found["settlements"] == [{"period": "2025/03", "category": "5"}, {"period": "2024/03", "category": "5"}]
    assert found["guaranteed_on"] == "2024-12-25"
    rows = [(row["label"], row["balance"], row["free"]) for row in found["figures"]]
    assert rows == [
        ("無担保・一般", 58_646_000, 21_354_000),
        ("普通・一般", 0, 200_000_000),
        ("無担保・SN", 13_970_000, 66_030_000),
        ("普通・SN", 0, 200_000_000),
        ("その他", 32_578_000, None),
    ]
    assert found["total"] == 105_194_000
    page = user.asks()
    assert {note["text"] for note in found["notes"] if f"※{note['text']}" not in page.text} == set()
    assert len(found["notes"]) == 7
    assert ACCEPTANCE not in answer.content.decode()
    assert "excess" not in answer.content.decode()


def test_a_guarantee_number_is_read_as_people_type_it(program: Program) -> None:
    found = program.asks("１２３４ ５６７-890", kind="guarantee").json()
    assert (found["masked"], found["total"]) == (f"*****{GUARANTEE[-4:]}", 105_194_000)


def test_a_cooperative_has_its_own_figure_and_no_settlement_is_an_empty_list(
    program: Program, snapshot: Snapshot
) -> None:
    settled = [("2025-03", "", "2025-06-30")]
    add_customer(snapshot, "900000004", {"FUTSU_G": 310_000_000}, entity="4", has_addition=True, settlements=settled)
    add_customer(snapshot, "900000014", {}, settlements=[])
    found = program.asks("900000004").json()
    assert (found["figures"][1]["free"], found["figures"][1]["free_as_cooperative"]) == (-110_000_000, 90_000_000)
    assert found["settlements"] == [{"period": "2025/03", "category": None}]
    empty = program.asks("900000014").json()
    assert (empty["settlements"], empty["guaranteed_on"], empty["total"]) == ([], None, 0)


def test_what_is_read_is_recorded_with_the_token_and_without_the_number(program: Program) -> None:
    program.asks()
    made, read = Event.objects.get(verb="lookup.made"), Event.objects.get(verb="api.read")
    assert (made.detail["channel"], made.actor_login) == ("api", "a-master")
    assert (read.target, read.detail) == (LOOKUPS, {"token": program.token.prefix, "rows": 1})
    assert [event for event in Event.objects.all() if ACCEPTANCE in f"{event.detail}{event.target}"] == []


# --- Refusals ----------------------------------------------------------------------------------


def test_unknown_blocked_and_departed_numbers_have_one_answer_after_the_same_work(
    program: Program, snapshot: Snapshot
) -> None:
    add_customer(snapshot, "900000099", {"MUTAN_G": 1}, blocked=True)
    program.asks()
    answers, works = [], []
    for number in ("900000098", "900000099"):
        with CaptureQueriesContext(connection) as work:
            answers.append(program.asks(number))
        works.append([re.sub("SAVEPOINT.*", "", query["sql"][:25]) for query in work])
    for answer in answers:
        assert problem(answer, 404, "E-NONE")["detail"] == "該当する情報がありません。番号をご確認ください。"
    assert answers[0].content == answers[1].content
    assert works[0] == works[1]


def test_the_answer_that_there_is_nothing_takes_its_time(
    program: Program, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LOOKUP_NONE_SECONDS = 60
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    program.asks("900000098")
    program.asks()
    assert len(waited) == 1
    assert 0 < waited[0] <= 60


def test_misses_of_a_program_lock_its_person_everywhere(program: Program, master: Teller) -> None:
    for place in range(5):
        problem(program.asks(f"90000{place}500"), 404, "E-NONE")
    locked = program.asks()
    problem(locked, 403, "E-LOCK")
    assert int(locked["Retry-After"]) == 1800
    assert master.asks().status == 429


def test_numbers_counted_up_lock_the_person(program: Program) -> None:
    for place in range(2):
        program.asks(f"70000000{place}")
    problem(program.asks("700000002"), 403, "E-LOCK")
    assert LookupLock.objects.get().reason == LookupLock.Reason.WALK


def test_the_limits_are_those_of_the_screen(program: Program, master: Teller) -> None:
    ServiceRules.objects.update(user_hour=2)
    assert master.asks().status == 200
    assert program.asks().status_code == 201
    full = program.asks()
    problem(full, 429, "E-LIM")
    assert int(full["Retry-After"]) > 0
    assert Lookup.objects.count() == 2


def test_a_customer_in_doubt_closed_hours_and_late_data_have_their_codes(
    program: Program, snapshot: Snapshot, clock: time_machine.Traveller
) -> None:
    quarantine(snapshot, "900000020")
    problem(program.asks("900000020"), 409, "E-DATA")
    clock.shift(timedelta(hours=12))
    problem(program.asks(), 403, "E-HOUR")
    clock.shift(timedelta(days=11, hours=12))
    problem(program.asks(), 409, "E-STALE")
    clock.shift(timedelta(days=-11, hours=-24))
    Snapshot.objects.update(state="old")
    problem(program.asks(), 409, "E-UPD")
    outcomes = Event.objects.filter(verb="lookup.refused").values_list("outcome", flat=True)
    assert {*outcomes} == {"E-HOUR", "E-STALE", "E-UPD"}


@pytest.mark.parametrize(
    ("members", "wrong"),
    [
        ({"number": "12345"}, {"number"}),
        ({"number": "x" * 101}, {"number"}),
        ({"number": 123459816}, {"number"}),
        ({"number": None}, {"number"}),
        ({"kind": "guarantee"}, {"number"}),
        ({"kind": "x", "basis": "3"}, {"kind", "basis"}),
        ({"kind": ["customer"]}, {"kind"}),
        ({"basis": "2"}, {"consent"}),
        ({"basis": "2", "consent": False}, {"consent"}),
        ({"consent": "true"}, {"consent"}),
        ({"consent_on": "2026-02-30"}, {"consent_on"}),
        ({"memo": "x" * 51}, {"memo"}),
        ({"memo": "\u202e"}, {"memo"}),
        ({"more": 1, "\ud800": 1}, {"more", "?"}),
    ],
)
def test_everything_that_is_wrong_with_a_body_is_named(
    program: Program, members: dict[str, Any], wrong: set[str]
) -> None:
    answer = program.asks(**{"number": ACCEPTANCE, **members})
    assert answer.status_code == 422, answer.content.decode()
    assert {fault["parameter"] for fault in answer.json()["errors"]} == wrong
    assert ACCEPTANCE not in answer.content.decode()
    assert not Lookup.objects.exists()


@pytest.mark.parametrize("missing", ["kind", "number", "basis"])
def test_what_is_required_is_asked_for(program: Program, missing: str) -> None:
    answer = program.sends({name: value for name, value in ASKED.items() if name != missing})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, missing)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b" ", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"kind=customer", "application/x-www-form-urlencoded", 415),
        (b'{"memo": "' + b"x" * 11_000_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_is_none_is_refused(program: Program, body: bytes, content_type: str, status: int) -> None:
    answer = program.sends(body, content_type)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")


def test_only_the_declared_methods_are_answered(program: Program) -> None:
    assert program.sends(b"", method="PUT")["Allow"] == "GET, HEAD, POST"
    assert program.sends(b"", method="DELETE").status_code == 405
    client = Client(enforce_csrf_checks=True)
    headers = {"Authorization": f"Bearer {program.text}"}
    answer = client.post(f"{LOOKUPS}/1", {}, headers=headers)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


# --- Who ----------------------------------------------------------------------------------------


def loses_the_role(person: User) -> None:
    Grant.objects.filter(user=person).delete()


def is_stopped(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def leaves_the_bank(person: User) -> None:
    User.objects.filter(pk=person.pk).update(organisation=None)


def accepts_no_terms(person: User) -> None:
    TermsAcceptance.objects.filter(user=person).delete()


def loses_the_contract(person: User) -> None:
    Institution.objects.update(state=Institution.State.STOPPED)


def is_elsewhere(person: User) -> None:
    Institution.objects.update(networks=["203.0.113.0/24"])


@pytest.mark.parametrize(
    "end", [loses_the_role, is_stopped, leaves_the_bank, accepts_no_terms, loses_the_contract, is_elsewhere]
)
def test_a_token_works_only_while_its_issuer_may_look_up(
    program: Program, master: Teller, end: Callable[[User], None]
) -> None:
    assert program.asks().status_code == 201
    end(master.user)
    problem(program.asks(), 403, "E-PERM")
    problem(program.get(), 403, "E-PERM")
    assert Event.objects.filter(verb="lookup.refused", outcome="E-PERM").count() == 2
    assert Lookup.objects.count() == 1


def test_without_a_token_nothing_is_said_and_nothing_is_counted(program: Program, master: Teller) -> None:
    program.text = "x"
    assert program.asks().status_code == 401
    assert master.client.post(LOOKUPS, ASKED, content_type="application/json").status_code == 401
    assert not Lookup.objects.exists()


def test_a_token_is_issued_by_the_master_of_the_bank_alone(user: Teller, master: Teller) -> None:
    assert user.opens("/lookup/api-tokens/").status == 403
    made = master.sends("/lookup/api-tokens/", label="勘定系", days="30", password="test-password")
    assert made.status == 200
    token = Token.objects.get()
    assert (token.organisation, token.role, token.created_by) == (master.user.organisation, "lookup.user", master.user)
    text = made.html.split('data-testid="api-token"')[1].partition(">")[2].partition("<")[0]
    assert Program(token, text).asks().status_code == 201


# --- History --------------------------------------------------------------------------------------


def test_the_history_is_that_of_the_bank_masked_and_in_pages(program: Program, user: Teller, other: Teller) -> None:
    user.asks()
    program.asks("900000098")
    program.asks()
    other.asks()
    first = program.get("lookups?limit=2").json()
    rest = program.get(f"lookups?limit=2&cursor={first['next_cursor']}").json()
    found = first["items"] + rest["items"]
    own = Lookup.objects.filter(organisation=program.token.organisation).order_by("pk")
    assert [item["receipt"] for item in found] == [lookup.receipt for lookup in own]
    assert [item["outcome"]["code"] for item in found] == ["ok", "none", "ok"]
    assert [item["channel"]["code"] for item in found] == ["screen", "api", "api"]
    assert {item["user"] for item in found} == {"a-user", "a-master"}
    assert [item["branch"] for item in found] == ["101"] * 3
    assert "figures" not in found[0]
    assert [item["receipt"] for item in program.get("lookups?outcome=none").json()["items"]] == [found[1]["receipt"]]
    assert program.get("lookups?since=2026-03-20").json()["items"] == []
    assert len(program.get("lookups?since=2026-03-19&until=2026-03-19").json()["items"]) == 3


def test_one_look_up_is_found_by_its_receipt_with_its_frozen_result(
    program: Program, user: Teller, other: Teller, snapshot: Snapshot
) -> None:
    user.asks()
    program.asks("900000098")
    shown, none = Lookup.objects.order_by("pk")
    assert program.get(f"lookups/{shown.receipt}").json()["figures"][0]["free"] == 21_354_000
    empty = program.get(f"lookups/{none.receipt}").json()
    assert (empty["outcome"]["code"], empty["figures"], empty["total"], empty["notes"]) == (Outcome.NONE, [], None, [])
    other.asks()
    theirs = Lookup.objects.order_by("pk").last()
    assert theirs
    foreign, unknown = program.get(f"lookups/{theirs.receipt}"), program.get("lookups/92603190000000")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
