"""利用者の確認 twice a year, 90 days without a login, branches that close: who is stopped at night, and who is told."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from guarantee_lookup.models import Branch, Clerk
from guarantee_lookup.rules import people as days
from guarantee_lookup.services import people
from portal.accounts.models import Organisation, User
from portal.audit.models import Event
from portal.outbox import drain
from portal.outbox.nightly import run_job
from tests.guarantee_lookup.driver import Teller
from tests.guarantee_lookup.test_people import follows, page_of

pytestmark = pytest.mark.django_db
ROUND = "/lookup/recertify/"


def goes_to(clock: time_machine.Traveller, day: date) -> None:
    """Let it be noon of `day` in Tokyo."""
    clock.move_to(datetime(day.year, day.month, day.day, 3, tzinfo=UTC))


def night(clock: time_machine.Traveller, day: date) -> dict[str, Any]:
    """Run the night before `day`."""
    goes_to(clock, day)
    return dict(run_job("lookup.people", day))


def mails() -> list[tuple[str, str]]:
    """Return address and subject of every mail so far, without the head that all have."""
    drain()
    return sorted((one.to[0], one.subject.removeprefix("【残高・区分照会システム】")) for one in mail.outbox)


def was_here(person: Teller, day: date) -> None:
    """Let the person have logged in on `day`."""
    at = timezone.make_aware(datetime(day.year, day.month, day.day, 9))
    User.objects.filter(pk=person.user.pk).update(last_login=at)


def clerk(person: Teller) -> Clerk:
    return Clerk.objects.select_related("user__organisation", "branch").get(pk=person.user.pk)


@pytest.fixture
def spring(clock: time_machine.Traveller, master: Teller, user: Teller) -> time_machine.Traveller:
    """10 April 2026: a round began on the first, everybody was here on the ninth."""
    for person in (master, user):
        was_here(person, date(2026, 4, 9))
    goes_to(clock, date(2026, 4, 10))
    for person in (master, user):
        person.logs_in_again()
    return clock


# --- Days ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "first", "following"),
    [
        (date(2026, 3, 31), date(2025, 10, 1), date(2026, 4, 1)),
        (date(2026, 4, 1), date(2026, 4, 1), date(2026, 10, 1)),
        (date(2026, 9, 30), date(2026, 4, 1), date(2026, 10, 1)),
        (date(2026, 10, 1), date(2026, 10, 1), date(2027, 4, 1)),
        (date(2027, 1, 1), date(2026, 10, 1), date(2027, 4, 1)),
    ],
)
def test_a_round_begins_in_april_and_in_october(day: date, first: date, following: date) -> None:
    assert (days.round_of(day), days.next_round(day)) == (first, following)


# --- The page --------------------------------------------------------------------------


def test_outside_a_round_nobody_is_to_be_confirmed(master: Teller, user: Teller) -> None:
    page = master.opens(ROUND)
    assert "確認が必要な利用者はいません" in page.text
    assert "2026年4月1日から" in page.text


def test_a_manager_keeps_one_and_ends_another(
    spring: time_machine.Traveller, master: Teller, user: Teller, colleague: Teller
) -> None:
    Clerk.objects.filter(pk=colleague.user.pk).update(confirmed_on=date(2025, 10, 5))
    page = master.opens(ROUND)
    assert "確認の期限： 2026年5月1日" in page.text
    assert "確認が済んでいない利用者が3人います" in master.opens("/lookup/users/").text
    follows(master, ROUND, decision=f"keep:{user.user.pk}")
    assert page_of(colleague, "leave") in page.html
    follows(master, page_of(colleague, "leave"))
    assert (clerk(user).confirmed_on, clerk(user).user.is_active) == (date(2026, 4, 10), True)
    assert (clerk(colleague).stop_reason, clerk(colleague).user.is_active) == ("left", False)
    assert {"lookup.user_confirmed", "lookup.user_stopped"} <= set(Event.objects.values_list("verb", flat=True))


def test_all_that_are_ticked_are_kept_at_once(
    spring: time_machine.Traveller, master: Teller, user: Teller, colleague: Teller
) -> None:
    Clerk.objects.update(confirmed_on=date(2025, 10, 5))
    page = follows(master, ROUND, decision="keep-all", clerk=[user.user.pk, colleague.user.pk])
    assert "継続としました" in page.text
    assert Clerk.objects.filter(confirmed_on=date(2026, 4, 10)).count() == 2


def test_nobody_confirms_himself_and_nobody_of_another_bank(
    spring: time_machine.Traveller, master: Teller, other: Teller
) -> None:
    Clerk.objects.update(confirmed_on=date(2025, 10, 5))
    page = follows(master, ROUND, decision="keep-all", clerk=[master.user.pk, other.user.pk])
    assert "ご自身の利用者IDは変更できません" in page.text
    assert not Clerk.objects.filter(confirmed_on__gte=date(2026, 4, 1)).exists()


def test_the_association_confirms_the_only_manager(
    spring: time_machine.Traveller, master: Teller, staff: Teller
) -> None:
    staff.logs_in_again()
    staff.client.post("/admin/guarantee_lookup/clerk/", {"action": "confirm", "_selected_action": [master.user.pk]})
    assert clerk(master).confirmed_on == date(2026, 4, 10)


# --- Who is not confirmed -----------------------------------------------------------------


def test_who_is_not_confirmed_within_thirty_days_is_stopped(
    spring: time_machine.Traveller, master: Teller, user: Teller
) -> None:
    follows(master, ROUND, decision=f"keep:{user.user.pk}")
    assert night(spring, date(2026, 5, 1))["unconfirmed"] == 0
    assert night(spring, date(2026, 5, 2))["unconfirmed"] == 1
    assert night(spring, date(2026, 5, 2))["unconfirmed"] == 0
    assert (clerk(master).stop_reason, clerk(master).user.is_active) == ("unconfirmed", False)
    assert clerk(user).user.is_active


def test_one_night_does_the_work_of_missed_ones(spring: time_machine.Traveller, user: Teller) -> None:
    assert night(spring, date(2026, 5, 20))["unconfirmed"] == 2


def test_who_is_resumed_is_confirmed_and_not_stopped_again(
    spring: time_machine.Traveller, master: Teller, user: Teller
) -> None:
    people.confirm(user.user, clerk(master))
    night(spring, date(2026, 5, 2))
    master.logs_in_again()
    assert "停止を解除しました" in follows(master, page_of(user, "resume")).text
    assert night(spring, date(2026, 5, 3))["unconfirmed"] == 0
    assert clerk(user).user.is_active


def test_managers_are_written_to_at_the_beginning_and_twice_before_the_end(
    spring: time_machine.Traveller, master: Teller, user: Teller, staff: Teller
) -> None:
    asked = ("master@a.example", "利用者の確認のお願い")
    alone = ("staff@association.example", "利用者の確認（協会で確認が必要な利用者）")
    for day in (date(2026, 4, 10), date(2026, 4, 11)):
        night(spring, day)
        assert mails() == [asked, alone]
    night(spring, date(2026, 4, 18))
    assert mails() == [asked, asked, alone, alone]
    night(spring, date(2026, 4, 30))
    assert mails() == [asked] * 3 + [alone] * 3
    assert "a-user" not in "".join(one.subject for one in mail.outbox)


# --- Who does not come -------------------------------------------------------------------


def test_who_does_not_log_in_for_ninety_days_is_stopped_after_two_warnings(
    clock: time_machine.Traveller, master: Teller, user: Teller
) -> None:
    Clerk.objects.update(confirmed_on=date(2027, 1, 1))
    User.objects.filter(pk=user.user.pk).update(email="taro@bank.example")
    last = date(2026, 3, 19) + timedelta(days=90)
    was_here(master, last)
    for before in (15, 14, 13, 3, 1):
        assert night(clock, last - timedelta(days=before))["idle"] == 0
    assert mails() == [("taro@bank.example", "利用者IDの停止の予告")] * 2
    assert night(clock, last)["idle"] == 0
    assert night(clock, last + timedelta(days=1))["idle"] == 1
    assert clerk(user).stop_reason == "idle"
    assert clerk(master).user.is_active


def test_who_is_resumed_has_another_ninety_days(clock: time_machine.Traveller, master: Teller, user: Teller) -> None:
    Clerk.objects.update(confirmed_on=date(2027, 1, 1))
    day = date(2026, 3, 19) + timedelta(days=91)
    was_here(master, day)
    night(clock, day)
    master.logs_in_again()
    follows(master, page_of(user, "resume"))
    assert night(clock, day + timedelta(days=1))["idle"] == 0
    assert clerk(user).user.is_active


def test_a_login_counts_from_its_day(clock: time_machine.Traveller, user: Teller) -> None:
    Clerk.objects.update(confirmed_on=date(2027, 1, 1))
    was_here(user, date(2026, 5, 1))
    assert night(clock, date(2026, 7, 30))["idle"] == 0
    assert night(clock, date(2026, 7, 31))["idle"] == 1


# --- Branches that close ------------------------------------------------------------------


def test_people_of_a_closed_branch_move_to_its_successor(
    clock: time_machine.Traveller, user: Teller, bank_a: Organisation
) -> None:
    branch = Branch.objects.get(code="101")
    last = Branch.objects.create(institution=bank_a.institution, code="103", name="承継店")
    between = Branch.objects.create(
        institution=bank_a.institution, code="102", name="中継店", closes_on=date(2026, 3, 1), successor=last
    )
    Branch.objects.filter(pk=branch.pk).update(closes_on=date(2026, 3, 20), successor=between)
    assert night(clock, date(2026, 3, 20))["moved"] == 0
    assert night(clock, date(2026, 3, 21))["moved"] == 1
    assert clerk(user).branch == last
    assert clerk(user).user.is_active


def test_people_of_a_branch_without_a_successor_are_stopped_after_a_warning(
    clock: time_machine.Traveller, master: Teller, user: Teller
) -> None:
    Clerk.objects.filter(pk=master.user.pk).update(branch=None)
    Branch.objects.filter(code="101").update(closes_on=date(2026, 3, 25))
    night(clock, date(2026, 3, 20))
    assert mails() == [("master@a.example", "店舗の閉店による利用者IDの停止の予告")]
    assert night(clock, date(2026, 3, 26))["closed"] == 1
    assert (clerk(user).stop_reason, clerk(master).user.is_active) == ("closed", True)


def test_successors_in_a_circle_lead_nowhere(clock: time_machine.Traveller, user: Teller) -> None:
    branch = Branch.objects.get(code="101")
    Branch.objects.filter(pk=branch.pk).update(closes_on=date(2026, 3, 20), successor=branch)
    assert night(clock, date(2026, 3, 21))["closed"] == 1


def test_who_works_at_a_closed_branch_is_not_resumed_there(
    clock: time_machine.Traveller, master: Teller, user: Teller
) -> None:
    Clerk.objects.filter(pk=master.user.pk).update(branch=None)
    Branch.objects.filter(code="101").update(closes_on=date(2026, 3, 20))
    night(clock, date(2026, 3, 21))
    master.logs_in_again()
    assert "先に店舗を変更してください" in follows(master, page_of(user, "resume")).text
    assert not clerk(user).user.is_active


# --- Who came another way --------------------------------------------------------------------


def test_people_registered_elsewhere_are_taken_in_and_listed(
    clock: time_machine.Traveller, master: Teller, log_in: Any, bank_a: Organisation
) -> None:
    stranger = log_in("a-stranger", "lookup.user", organisation=bank_a).user
    assert "a-stranger" not in master.opens("/lookup/users/").text
    assert night(clock, date(2026, 3, 20))["adopted"] == 1
    assert night(clock, date(2026, 3, 20))["adopted"] == 0
    assert Clerk.objects.get(pk=stranger.pk).confirmed_on == date(2026, 3, 20)
    master.logs_in_again()
    assert "a-stranger" in master.opens("/lookup/users/").text
