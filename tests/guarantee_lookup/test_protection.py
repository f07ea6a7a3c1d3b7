"""Protection of the numbers: one answer for what is not there, limits, locks, and who counts numbers up."""

import re
from datetime import timedelta

import pytest
import time_machine

from guarantee_lookup import vault
from guarantee_lookup.enums import Outcome
from guarantee_lookup.models import Canary, Institution, Lookup, LookupLock, ServiceRules, Snapshot
from portal.accounts.models import Organisation, User
from portal.audit.models import Event
from portal.outbox.models import Message
from tests.guarantee_lookup.driver import ACCEPTANCE, Teller, add_customer, fill

NOTHING = "該当する情報がありません。番号をご確認ください。"
LOCKED = "照会を一時停止しています。管理者または協会へご連絡ください。"
FULL = "照会回数の上限に達しました。"


def refusals() -> list[str]:
    return list(Event.objects.filter(verb="lookup.refused").order_by("seq").values_list("outcome", flat=True))


def test_t16_unknown_blocked_and_departed_numbers_have_one_answer(user: Teller, snapshot: Snapshot) -> None:
    add_customer(snapshot, "900000099", {"MUTAN_G": 1}, blocked=True)
    gone = Snapshot.objects.create(as_of="2026-03-17", state="old", received_at=snapshot.received_at)
    fill(gone, rows=False)
    add_customer(gone, "900000050", {"MUTAN_G": 1})
    pages = {number: user.asks(number) for number in ("900000098", "900000099", "900000050")}
    bodies = {
        re.sub(r'name="csrf-?(?:middleware)?token" (?:value|content)="[^"]+"', "", page.html).replace(number, "…")
        for number, page in pages.items()
    }
    assert len(bodies) == 1
    assert {page.status for page in pages.values()} == {422}
    assert NOTHING in pages["900000099"].text
    kept = Lookup.objects.values("outcome", "result", "customer", "is_related", "sha256").order_by("sha256").distinct()
    assert [*kept] == [{"outcome": "none", "result": None, "customer": None, "is_related": None, "sha256": ""}]


def test_the_answer_takes_its_time(user: Teller, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LOOKUP_NONE_SECONDS = 0.4  # type: ignore[attr-defined]
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    user.asks("900000098")
    user.asks()
    assert len(waited) == 1
    assert 0 < waited[0] <= 0.4


def test_t17_five_misses_in_a_row_stop_the_look_ups_for_half_an_hour(
    user: Teller, colleague: Teller, clock: time_machine.Traveller
) -> None:
    for place in range(5):
        assert NOTHING in user.asks(f"90000{place}500").text
    page = user.asks()
    assert (page.status, LOCKED in page.text) == (429, True)
    assert int(page.response["Retry-After"]) == 1800
    assert "30分" in page.text
    assert colleague.asks().status == 200
    clock.shift(timedelta(minutes=14))
    user.opens("/lookup/")
    clock.shift(timedelta(minutes=14))
    user.opens("/lookup/")
    clock.shift(timedelta(minutes=3))
    assert user.asks().status == 200
    assert refusals() == ["E-LOCK"]


def test_a_hit_forgets_the_misses_before_it(user: Teller) -> None:
    for place in range(8):
        user.asks(f"90000{place}500")
        assert user.asks().status == 200


def test_ten_misses_in_an_hour_stop_the_person_until_somebody_lifts_it(user: Teller, master: Teller) -> None:
    for place in range(10):
        user.asks(f"90{place}000500")
        user.asks()
    page = user.asks()
    assert (page.status, LOCKED in page.text) == (429, True)
    assert "Retry-After" not in page.response
    lock = LookupLock.objects.get()
    assert (lock.reason, lock.until) == (LookupLock.Reason.MISSES_HOUR, None)


def test_fifteen_misses_in_a_day_stop_the_account(
    user: Teller, rules: ServiceRules, clock: time_machine.Traveller
) -> None:
    ServiceRules.objects.update(none_hour=100)
    for place in range(15):
        user.asks(f"9{place:02d}000500")
        user.asks()
    assert not User.objects.get(login="a-user").is_active
    assert user.opens("/lookup/").status == 302


@pytest.mark.parametrize(
    ("limit", "changed"), [("user_hour", "user"), ("user_day", "user"), ("institution_day", "bank")]
)
def test_the_limits_of_person_and_bank_are_kept(
    user: Teller, colleague: Teller, other: Teller, limit: str, changed: str
) -> None:
    ServiceRules.objects.update(**{limit: 3})
    for _ in range(3):
        assert user.asks().status == 200
    page = user.asks()
    assert (page.status, FULL in page.text) == (429, True)
    assert int(page.response["Retry-After"]) > 0
    assert colleague.asks().status == (200 if changed == "user" else 429)
    assert other.asks().status == 200
    assert refusals()[0] == "E-LIM"


def test_at_four_fifths_of_the_banks_limit_its_manager_is_told(user: Teller, master: Teller) -> None:
    ServiceRules.objects.update(institution_day=5)
    for _ in range(5):
        user.asks()
    alert = Message.objects.get(topic="lookup.alert")
    assert alert.payload["kind"] == "many"


def test_who_counts_numbers_up_is_locked_at_the_third(user: Teller, snapshot: Snapshot) -> None:
    for number in ("300000001", "300000002", "300000003"):
        add_customer(snapshot, number, {})
    assert user.asks("300000001").status == 200
    assert user.asks("300000002").status == 200
    page = user.asks("300000003")
    assert (page.status, LOCKED in page.text) == (429, True)
    assert LookupLock.objects.get().reason == LookupLock.Reason.WALK
    assert user.asks().status == 429
    assert Message.objects.filter(topic="lookup.alert").count() == 1


def test_a_canary_answers_like_nothing_and_locks(user: Teller) -> None:
    Canary.objects.create(kind="customer", digest=vault.digest("customer", "777777777"), last="7777")
    page = user.asks("777777777")
    assert (page.status, NOTHING in page.text, LOCKED in page.text) == (422, True, False)
    assert LookupLock.objects.get().reason == LookupLock.Reason.CANARY
    assert user.asks().status == 429


def test_outside_of_the_hours_nothing_is_looked_up(user: Teller, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(hours=10, minutes=59))
    user.logs_in_again()
    assert user.asks().status == 200
    clock.shift(timedelta(minutes=1))
    page = user.asks()
    assert page.status == 403
    assert "ご利用時間外です。ご利用時間は、平日08:00から21:00までです。" in page.text
    assert "ご利用時間外です。" in user.opens("/lookup/").text
    assert Lookup.objects.count() == 1


def test_late_data_are_shown_with_a_warning_and_stale_data_not_at_all(
    user: Teller, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=6))
    user.logs_in_again()
    assert "データの更新が遅れています。" in user.opens("/lookup/").text
    assert user.asks().status == 200
    clock.shift(timedelta(days=2))
    user.logs_in_again()
    page = user.asks()
    assert (page.status, "データの更新が遅れているため照会を停止しています。" in page.text) == (403, True)


def test_before_the_first_import_nothing_is_looked_up(user: Teller, snapshot: Snapshot) -> None:
    Snapshot.objects.update(state="old")
    assert "データ更新中です。" in user.asks().text


@pytest.mark.parametrize(("networks", "status"), [(["127.0.0.0/8"], 200), (["203.0.113.0/24"], 403), ([], 200)])
def test_a_bank_looks_up_from_its_own_network(
    user: Teller, bank_a: Organisation, networks: list[str], status: int
) -> None:
    Institution.objects.filter(organisation=bank_a).update(networks=networks)
    assert user.asks().status == status


def test_a_bank_without_a_contract_in_force_looks_up_nothing(user: Teller, bank_a: Organisation) -> None:
    Institution.objects.filter(organisation=bank_a).update(state=Institution.State.STOPPED)
    page = user.asks()
    assert (page.status, "この操作の権限がありません。" in page.text) == (403, True)


def test_who_has_no_role_of_the_portal_sees_nothing_of_it(log_in: object, bank_a: Organisation) -> None:
    stranger = log_in("nobody", organisation=bank_a)  # type: ignore[operator]
    for path in ("/lookup/", "/lookup/history/"):
        assert stranger.get(path).status_code == 403


def test_every_refusal_is_recorded_without_the_number(user: Teller) -> None:
    ServiceRules.objects.update(user_hour=1)
    user.asks()
    user.asks()
    event = Event.objects.get(verb="lookup.refused")
    assert (event.outcome, event.actor_login, event.target) == ("E-LIM", "a-user", "")
    assert ACCEPTANCE not in f"{event.detail}"


def test_the_log_tells_a_miss_from_a_hit(user: Teller) -> None:
    user.asks()
    user.asks("900000098")
    outcomes = Event.objects.filter(verb="lookup.made").order_by("seq").values_list("outcome", flat=True)
    assert [*outcomes] == [Outcome.FOUND, Outcome.NONE]
