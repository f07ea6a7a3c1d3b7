"""一括照会: a file is no way around limits and locks, is run once whatever happens, and belongs to its person."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from guarantee_lookup import vault
from guarantee_lookup.enums import FileState
from guarantee_lookup.models import Canary, Institution, Lookup, LookupFile, LookupLine, LookupLock, ServiceRules
from guarantee_lookup.services import files
from guarantee_lookup.tasks import discard_files
from portal import outbox
from portal.accounts.models import Grant, User
from portal.audit.models import Event
from portal.outbox.models import Message
from tests.guarantee_lookup.batch_files import (
    BATCH,
    KNOWN,
    as_csv,
    asks_all,
    chooses,
    may_send_files,
    misses,
    presses,
    saved,
)
from tests.guarantee_lookup.driver import GUARANTEE, Teller


@pytest.fixture
def batch(user: Teller, colleague: Teller, other: Teller) -> None:
    """All 照会者 of these tests may send files."""
    may_send_files(user, colleague, other)


# --- Limits and locks ------------------------------------------------------------------------


def test_the_lock_hits_in_the_middle_and_the_rest_is_refused_with_its_reason(user: Teller, batch: None) -> None:
    result = asks_all(user, *misses(7), KNOWN)
    assert [line["結果"] for line in saved(user, result)] == ["該当なし"] * 5 + ["照会していません"] * 3
    assert "照会を一時停止しています。管理者または協会へご連絡ください。" in result.text
    assert [*LookupLine.objects.values_list("code", flat=True)] == [""] * 5 + ["E-LOCK"] * 3
    assert Lookup.objects.count() == 5
    assert user.asks().status == 429
    assert not LookupLine.objects.exclude(sealed="").exists()


def test_a_canary_in_a_file_locks_as_on_the_screen(user: Teller, batch: None) -> None:
    Canary.objects.create(kind="customer", digest=vault.digest("customer", "800050000"), last="0000")
    asks_all(user, *misses(1), KNOWN)
    assert LookupLock.objects.get().reason == LookupLock.Reason.CANARY
    assert [*LookupLine.objects.values_list("code", flat=True)] == ["", "E-LOCK"]


def test_numbers_counted_up_in_a_file_lock_as_on_the_screen(user: Teller, batch: None) -> None:
    asks_all(user, *(("顧客番号", f"70000000{place}", "1", "") for place in range(4)))
    assert LookupLock.objects.get().reason == LookupLock.Reason.WALK
    assert [*LookupLine.objects.values_list("code", flat=True)] == ["", "", "E-LOCK", "E-LOCK"]


def test_who_is_stopped_by_a_line_asks_no_other_line(user: Teller, batch: None) -> None:
    ServiceRules.objects.update(none_day=2, none_hour=50)
    asks_all(user, *misses(4))
    assert not User.objects.get(login="a-user").is_active
    assert [*LookupLine.objects.values_list("code", flat=True)] == ["", "", "E-PERM", "E-PERM"]


def test_the_limits_of_the_screen_count_the_lines_too(user: Teller, batch: None) -> None:
    ServiceRules.objects.update(user_hour=2)
    user.asks()
    result = asks_all(user, KNOWN, *misses(1))
    assert "照会回数の上限に達しました。" in result.text
    assert [*LookupLine.objects.values_list("code", flat=True)] == ["", "E-LIM"]


def test_a_bank_asks_two_hundred_lines_a_day_and_no_line_more(
    user: Teller, colleague: Teller, other: Teller, batch: None, clock: time_machine.Traveller
) -> None:
    ServiceRules.objects.update(file_lines_day=5)
    assert "照会しています" in presses(user, chooses(user, as_csv(*misses(3)))).text
    page = chooses(colleague, as_csv(*misses(3)))
    refused = presses(colleague, page)
    assert (refused.status, "1日に5行までです。" in refused.text) == (429, True)
    assert int(refused.response["Retry-After"]) > 0
    assert LookupFile.objects.get(user=colleague.user).state == FileState.READY
    # What was refused as a whole has used up nothing.
    assert presses(colleague, chooses(colleague, as_csv(*misses(2)))).status == 200
    assert presses(other, chooses(other, as_csv(*misses(5)))).status == 200
    clock.shift(timedelta(days=1, minutes=1))
    assert Message.objects.filter(topic=files.TOPIC).count() == 3


def test_nothing_is_run_outside_the_hours_of_service_or_by_a_stopped_bank(
    user: Teller, batch: None, clock: time_machine.Traveller
) -> None:
    page = chooses(user, as_csv(KNOWN))
    Institution.objects.update(state=Institution.State.STOPPED)
    assert presses(user, page).status == 403
    Institution.objects.update(state=Institution.State.ACTIVE)
    presses(user, page)
    Institution.objects.update(state=Institution.State.STOPPED)
    outbox.drain()
    Institution.objects.update(state=Institution.State.ACTIVE)
    assert "この操作の権限がありません。" in user.opens(page.path).text
    assert not Lookup.objects.exists()


# --- Once ---------------------------------------------------------------------------------------


def test_a_second_press_asks_nothing_twice(user: Teller, batch: None) -> None:
    page = chooses(user, as_csv(KNOWN))
    presses(user, page)
    presses(user, page)
    outbox.drain()
    files.run(LookupFile.objects.get().pk)
    presses(user, page)
    outbox.drain()
    assert Lookup.objects.count() == 1
    assert Message.objects.filter(topic=files.TOPIC).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["look_up", "_answer", "found"])
def test_a_killed_job_goes_on_with_the_line_it_had_not_asked(
    user: Teller, batch: None, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    page = chooses(user, as_csv(KNOWN, *misses(1), ("保証番号", GUARANTEE, "1", "")))
    presses(user, page)
    pk = LookupFile.objects.get().pk
    module, name = {
        "look_up": ("guarantee_lookup.services.files", "look_up"),
        "_answer": ("guarantee_lookup.services.lookup", "_answer"),
        "found": ("guarantee_lookup.services.gate", "found"),
    }[name]

    class Killed(BaseException):
        pass

    whole = getattr(import_module(module), name)
    calls = []

    def dies(*arguments: Any) -> Any:
        calls.append(1)
        answer = whole(*arguments)
        if len(calls) == 2:
            raise Killed  # after its work, before anything of it is committed
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(f"{module}.{name}", dies)
        with pytest.raises(Killed):
            files.run(pk)
    done = LookupLine.objects.exclude(done_at=None).count()
    assert Lookup.objects.count() == done < 3
    assert LookupFile.objects.get().state == FileState.QUEUED
    assert f"3件中 {done}件を照会しました。" in user.opens(page.path).text
    files.run(pk)
    files.run(pk)
    assert [*Lookup.objects.order_by("pk").values_list("outcome", flat=True)] == ["ok", "none", "ok"]
    assert Event.objects.filter(verb="lookup.made").count() == 3
    assert LookupFile.objects.get().state == FileState.DONE


def test_a_file_that_nobody_ran_is_gone_the_next_day_with_its_numbers(user: Teller, batch: None) -> None:
    page = chooses(user, as_csv(KNOWN))
    assert discard_files(timezone.localdate()) == {"discarded": 0}
    assert user.opens(page.path).status == 200
    assert discard_files(timezone.localdate() + timedelta(days=1)) == {"discarded": 1}
    assert user.opens(page.path).status == 404
    assert not LookupLine.objects.exists()


# --- Who ------------------------------------------------------------------------------------------


def test_only_who_may_send_files_and_look_up_sees_the_page(user: Teller) -> None:
    assert user.opens(BATCH).status == 403
    Grant.objects.create(user=user.user, role="lookup.batch", starts_on="2020-01-01")
    assert user.opens(BATCH).status == 200
    Grant.objects.filter(role="lookup.user", user=user.user).delete()
    assert user.opens(BATCH).status == 403


def test_a_file_belongs_to_its_person_and_is_seen_by_the_master_of_the_bank(
    user: Teller, colleague: Teller, master: Teller, other: Teller, batch: None
) -> None:
    page = chooses(user, as_csv(KNOWN))
    assert master.opens(page.path).status == 200
    assert presses(master, page).status == 403
    for stranger in (colleague, other):
        assert stranger.opens(page.path).status == 404
        assert presses(stranger, page).status == 404
    assert page.path in master.opens(BATCH).html
    assert page.path not in colleague.opens(BATCH).html
    assert presses(user, page).status == 200
