"""金融機関 in the admin: networks, branches, stopping a bank; and the short sessions of its people."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from guarantee_lookup.models import Announcement, Branch, Clerk, Institution
from portal.accounts.models import Organisation, Session, User
from portal.audit.models import Event
from tests.guarantee_lookup.driver import ACCEPTANCE, Teller

pytestmark = pytest.mark.django_db
ADMIN = "/admin/guarantee_lookup"


def page_of(bank: Organisation) -> str:
    return f"{ADMIN}/institution/{bank.institution.pk}/change/"


def saves(staff: Teller, bank: Organisation, **changes: Any) -> Any:
    """Send the page of a bank with its one branch."""
    branch = Branch.objects.get(institution__organisation=bank)
    rows = {
        "branches-TOTAL_FORMS": "1",
        "branches-INITIAL_FORMS": "1",
        "branches-0-id": branch.pk,
        "branches-0-institution": bank.institution.pk,
        "branches-0-code": branch.code,
        "branches-0-name": branch.name,
    }
    return staff.client.post(page_of(bank), {"sharing": "P", "networks": "", **rows, **changes})


def acts(staff: Teller, model: str, action: str, pk: int) -> Any:
    return staff.client.post(f"{ADMIN}/{model}/", {"action": action, "_selected_action": [pk]})


def test_a_bank_is_registered_by_its_application_only(staff: Teller, bank_a: Organisation) -> None:
    assert "9997" in staff.opens(f"{ADMIN}/institution/").html
    assert staff.opens(f"{ADMIN}/institution/add/").status == 403


def test_networks_are_typed_line_by_line_and_in_force_at_once(
    staff: Teller, user: Teller, bank_a: Organisation
) -> None:
    assert saves(staff, bank_a, networks="203.0.113.0/24\n１９８.51.100.7").status_code == 302
    assert Institution.objects.get(organisation=bank_a).networks == ["203.0.113.0/24", "198.51.100.7/32"]
    assert "この操作の権限がありません" in user.asks(ACCEPTANCE).text
    assert saves(staff, bank_a, networks="127.0.0.1").status_code == 302
    assert "58,646,000" in user.asks(ACCEPTANCE).text
    assert Event.objects.filter(verb="admin.changed", target=f"guarantee_lookup.institution:{bank_a.institution.pk}")


def test_a_network_that_is_none_is_refused(staff: Teller, bank_a: Organisation) -> None:
    answer = saves(staff, bank_a, networks="203.0.113.0/24\n203.0.113.300")
    assert "2行目をIPアドレスとして読み取れませんでした" in answer.content.decode()
    assert Institution.objects.get(organisation=bank_a).networks == []


def test_a_branch_is_added_and_given_a_last_day(staff: Teller, bank_a: Organisation) -> None:
    more = {
        "branches-TOTAL_FORMS": "2",
        "branches-0-closes_on": "2026-06-30",
        "branches-1-institution": bank_a.institution.pk,
        "branches-1-code": "102",
        "branches-1-name": "駅前",
    }
    assert saves(staff, bank_a, **more).status_code == 302
    shops = Branch.objects.filter(institution__organisation=bank_a).order_by("code")
    assert [(shop.code, f"{shop.closes_on}") for shop in shops] == [("101", "2026-06-30"), ("102", "None")]


def test_a_branch_code_has_three_digits(staff: Teller, bank_a: Organisation) -> None:
    assert "支店コードは3桁の数字" in saves(staff, bank_a, **{"branches-0-code": "1A"}).content.decode()


def test_a_stopped_bank_looks_nothing_up_until_it_is_resumed(
    staff: Teller, user: Teller, other: Teller, bank_a: Organisation
) -> None:
    acts(staff, "institution", "stop", bank_a.institution.pk)
    assert "この操作の権限がありません" in user.asks(ACCEPTANCE).text
    assert "58,646,000" in other.asks(ACCEPTANCE).text
    acts(staff, "institution", "resume", bank_a.institution.pk)
    assert "58,646,000" in user.asks(ACCEPTANCE).text
    states = Event.objects.filter(verb="lookup.institution_state").values_list("detail__state", flat=True)
    assert sorted(states) == ["active", "stopped"]


def test_the_association_stops_and_resumes_a_person(staff: Teller, user: Teller) -> None:
    acts(staff, "clerk", "stop", user.user.pk)
    assert user.opens("/lookup/").status == 302
    assert Clerk.objects.get(pk=user.user.pk).stop_reason == "office"
    acts(staff, "clerk", "resume", user.user.pk)
    user.logs_in_again()
    assert user.opens("/lookup/").status == 200


def test_records_are_read_only_for_the_staff(staff: Teller, user: Teller) -> None:
    for model in ("clerk", "lookuplock", "termsacceptance", "usageapplication"):
        assert staff.opens(f"{ADMIN}/{model}/").status == 200
        assert staff.opens(f"{ADMIN}/{model}/add/").status == 403
    staff.client.post(f"{ADMIN}/clerk/{user.user.pk}/change/", {"confirmed_on": "2020-01-01", "stop_reason": "left"})
    assert Clerk.objects.get(pk=user.user.pk).stop_reason == ""


def test_a_person_of_a_bank_does_not_reach_the_admin(master: Teller) -> None:
    assert master.opens(f"{ADMIN}/institution/").status in {302, 403}


# --- Short sessions -----------------------------------------------------------------


def log_in(user: User) -> Client:
    client = Client()
    answer = client.post("/account/login/", {"login": user.login, "password": "test-password", "next": ""})
    assert answer.status_code == 303
    return client


def is_in(client: Client) -> bool:
    return client.get("/lookup/").status_code == 200


def test_fifteen_minutes_without_action_log_a_person_of_a_bank_out(clock: time_machine.Traveller, user: Teller) -> None:
    client = log_in(user.user)
    clock.shift(timedelta(minutes=14, seconds=59))
    assert is_in(client)
    clock.shift(timedelta(minutes=15))
    assert not is_in(client)


def test_eight_hours_log_out_however_busy_the_person_is(clock: time_machine.Traveller, user: Teller) -> None:
    client = log_in(user.user)
    for _ in range(8 * 6 - 1):
        clock.shift(timedelta(minutes=10))
        assert is_in(client)
    clock.shift(timedelta(minutes=10))
    assert not is_in(client)


def test_a_new_login_ends_the_old_one(user: Teller) -> None:
    first, second = log_in(user.user), log_in(user.user)
    assert (is_in(first), is_in(second)) == (False, True)
    assert Session.objects.filter(user=user.user).count() == 1


def test_a_right_that_has_ended_ends_at_once(user: Teller, bank_a: Organisation) -> None:
    client = log_in(user.user)
    assert is_in(client)
    Organisation.objects.filter(pk=bank_a.pk).update(is_active=False)
    assert not is_in(client)


def test_an_announcement_is_shown_in_its_days_to_its_bank(
    staff: Teller, user: Teller, other: Teller, bank_a: Organisation
) -> None:
    add = "/admin/guarantee_lookup/announcement/add/"
    news = {"title": "休業日のお知らせ", "body": "3月20日は休業します。", "starts_on": "2026-03-19", "is_public": "on"}
    assert staff.sends(add, **news, ends_on="2026-03-18").status == 200
    assert staff.sends(add, **news, ends_on="2026-03-20", organisation=str(bank_a.pk)).status == 302
    assert "3月20日は休業します。" in user.opens("/lookup/").text
    assert "休業" not in other.opens("/lookup/").text
    Announcement.objects.update(ends_on="2026-03-19", starts_on="2026-03-18")
    assert "休業日のお知らせ" in user.opens("/lookup/").text
    Announcement.objects.update(is_public=False)
    assert "休業日のお知らせ" not in user.opens("/lookup/").text
