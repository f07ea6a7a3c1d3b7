"""取込管理 (S14): who looked at a held delivery and lets it serve, refuses it, or goes back to the one before."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from guarantee_lookup import tables
from guarantee_lookup.models import ServiceRules, Snapshot
from guarantee_lookup.selectors.snapshots import current
from portal.audit.models import Event
from tests.conftest import LogIn, Person
from tests.guarantee_lookup.deliveries import Delivery, clear_tables, known

pytestmark = pytest.mark.django_db
LIST = "/admin/guarantee_lookup/snapshot/"


@pytest.fixture(autouse=True)
def _day(rules: ServiceRules) -> None:
    """10:00 on 2026-03-19, with the masters that every installation begins with, and no generation."""
    clear_tables()


@pytest.fixture
def clerk(log_in: LogIn) -> Person:
    return log_in("staff-lookup", "lookup.staff", is_staff=True, name="協会 一郎")


@pytest.fixture
def second(log_in: LogIn) -> Person:
    return log_in("staff-lookup-2", "lookup.staff", is_staff=True, name="協会 二郎")


def held(tmp_path: Path, actor: Any = None) -> Snapshot:
    """Return a delivery that waits, above one that serves."""
    Delivery(tmp_path, "2026-03-17").imported()
    delivery = Delivery(tmp_path)
    for line in (2, 3):
        delivery.change("CUS", line, "entity_type", "7")
    assert delivery.imported(actor).state == "held"
    return Snapshot.objects.get(state="held")


def words(response: Any) -> str:
    text = response.content.decode().partition('<div id="content')[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def page(person: Person, snapshot: Snapshot) -> Any:
    return person.get(f"{LIST}{snapshot.pk}/change/")


def decides(person: Person, snapshot: Snapshot, decision: str, note: str = "") -> Any:
    return person.post(f"{LIST}{snapshot.pk}/change/", {"decision": decision, "note": note})


def test_the_page_says_why_it_waits_and_what_was_found(tmp_path: Path, clerk: Person) -> None:
    shown = words(page(clerk, held(tmp_path)))
    assert "I06 隔離した顧客が多すぎます（2件、全1,101件）。" in shown
    assert "*****9816" in shown
    assert "100009816" not in shown
    assert "entity_type" in shown
    assert "1,101 1,101 +0" in shown
    assert "20260318-01" in words(clerk.get(LIST))


def test_an_approval_lets_it_serve(tmp_path: Path, clerk: Person) -> None:
    snapshot = held(tmp_path)
    assert not known().is_quarantined
    assert decides(clerk, snapshot, "approve").status_code == 302
    assert (current(), known().is_quarantined) == (snapshot, True)
    snapshot.refresh_from_db()
    assert snapshot.decided_by == clerk.user
    assert Event.objects.get(verb="lookup.switched", target="20260318-01").actor_login == "staff-lookup"


def test_who_ran_the_import_neither_approves_nor_refuses_it(tmp_path: Path, clerk: Person, second: Person) -> None:
    snapshot = held(tmp_path, clerk.user)
    assert 'value="approve"' not in page(clerk, snapshot).content.decode()
    for decision in ("approve", "refuse"):
        answer = decides(clerk, snapshot, decision, "自分で")
        assert (answer.status_code, "別の担当者に決定を依頼してください" in words(answer)) == (403, True)
    assert current().name == "20260317-01"  # type: ignore[union-attr]
    assert Event.objects.filter(verb="lookup.decision_denied", outcome="denied").count() == 2
    assert decides(second, snapshot, "approve").status_code == 302
    assert current() == snapshot


def test_the_table_itself_refuses_one_person_for_both(tmp_path: Path, clerk: Person) -> None:
    snapshot = held(tmp_path, clerk.user)
    with pytest.raises(IntegrityError), transaction.atomic():
        Snapshot.objects.filter(pk=snapshot.pk).update(decided_by=clerk.user)


def test_a_refusal_needs_a_reason_and_leaves_nothing_but_the_report(tmp_path: Path, clerk: Person) -> None:
    snapshot = held(tmp_path)
    assert decides(clerk, snapshot, "refuse").status_code == 422
    assert decides(clerk, snapshot, "refuse", "再送を依頼した").status_code == 302
    snapshot.refresh_from_db()
    assert (snapshot.state, snapshot.decided_by, snapshot.pk in tables.numbers()) == ("rejected", clerk.user, False)
    shown = words(page(clerk, snapshot))
    assert "再送を依頼した" in shown
    assert "I06" in shown
    assert current().name == "20260317-01"  # type: ignore[union-attr]


def test_what_was_decided_is_not_decided_again(tmp_path: Path, clerk: Person, second: Person) -> None:
    snapshot = held(tmp_path)
    decides(clerk, snapshot, "approve")
    for decision in ("approve", "refuse"):
        answer = decides(second, snapshot, decision, "遅れて")
        assert (answer.status_code, "先に処理したか" in words(answer)) == (409, True)
    assert current() == snapshot


def test_a_held_delivery_is_not_approved_over_a_newer_one(tmp_path: Path, clerk: Person) -> None:
    snapshot = held(tmp_path)
    Delivery(tmp_path, "2026-03-18", 2).imported()
    assert decides(clerk, snapshot, "approve").status_code == 409
    assert current().name == "20260318-02"  # type: ignore[union-attr]
    snapshot.refresh_from_db()
    assert (snapshot.state, snapshot.decided_by) == ("held", None)


def test_going_back_makes_the_one_before_serve_again(tmp_path: Path, clerk: Person) -> None:
    for day in ("2026-03-16", "2026-03-17", "2026-03-18"):
        Delivery(tmp_path, day).imported()
    serving = current()
    assert serving is not None
    assert "20260317-01のデータでの回答に戻します" in words(page(clerk, serving))
    assert decides(clerk, serving, "back").status_code == 422
    assert decides(clerk, serving, "back", "残高の誤り").status_code == 302
    assert current().name == "20260317-01"  # type: ignore[union-attr]
    assert known().customer is not None
    event = Event.objects.get(verb="lookup.rolled_back")
    assert (event.target, event.detail) == ("20260317-01", {"from": "20260318-01", "note": "残高の誤り"})
    assert decides(clerk, serving, "back", "もう一度").status_code == 409
    assert current().name == "20260317-01"  # type: ignore[union-attr]
    assert Delivery(tmp_path, "2026-03-18", 2).imported().state == "current"


def test_there_is_no_way_back_to_data_that_are_no_longer_kept(tmp_path: Path, clerk: Person) -> None:
    Delivery(tmp_path, "2026-03-17", filler=0).imported()
    older = current()
    assert older is not None
    Delivery(tmp_path, filler=0).imported()
    tables.drop(older.pk)
    serving = current()
    assert serving is not None
    assert "前版へ戻す" not in words(page(clerk, serving))
    assert decides(clerk, serving, "back", "残高の誤り").status_code == 409


def test_others_do_not_decide(tmp_path: Path, log_in: LogIn) -> None:
    snapshot = held(tmp_path)
    auditor = log_in("auditor", "lookup.auditor", is_staff=True)
    stranger = log_in("stranger", "nexi.staff", is_staff=True)
    assert 'value="approve"' not in page(auditor, snapshot).content.decode()
    assert decides(auditor, snapshot, "approve").status_code == 403
    assert page(stranger, snapshot).status_code == 403
    assert current().name == "20260317-01"  # type: ignore[union-attr]


def test_nothing_is_added_changed_or_deleted_by_hand(clerk: Person) -> None:
    snapshot = Snapshot.objects.create(as_of="2026-03-18", received_at=timezone.now())
    assert clerk.get(f"{LIST}add/").status_code == 403
    assert clerk.get(f"{LIST}{snapshot.pk}/delete/").status_code == 403
