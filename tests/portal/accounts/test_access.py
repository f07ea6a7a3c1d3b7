"""Who may open which page, and what the others are told."""

import json
from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.accounts import access, permissions, roles
from portal.accounts.models import Grant, User
from portal.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(log_in, exporter_a):
    return log_in("clerk-01", "sample.input", organisation=exporter_a, name="入力花子")


@pytest.mark.parametrize("address", ["/sample/login/", "/sample/view/", "/sample/staff/", "/sample/undeclared/"])
def test_a_stranger_is_sent_to_the_login_and_back(client, address):
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"] == f"/account/login/?next={address.replace('/', '%2F')}"


def test_a_public_page_needs_no_login(client):
    assert client.get("/sample/public/").status_code == 200


def test_htmx_is_told_by_a_header_and_comes_back_to_its_page(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/sample/list/?page=2#top"}
    response = client.get("/sample/login/", headers=headers)
    assert response["HX-Redirect"] == "/account/login/?next=%2Fsample%2Flist%2F%3Fpage%3D2"


def test_a_page_that_only_takes_a_post_is_not_the_way_back(client):
    assert client.post("/sample/send/")["Location"] == "/account/login/"


def test_a_method_that_is_not_declared_is_405_and_head_goes_with_get(alice):
    assert alice.post("/sample/public/").status_code == 405
    assert alice.head("/sample/login/").status_code == 200
    response = alice.get("/sample/send/")
    assert (response.status_code, response["Allow"]) == (405, "POST")


def test_a_role_gives_what_it_implies_and_no_more(clerk):
    assert clerk.get("/sample/input/").status_code == 200
    assert clerk.get("/sample/view/").status_code == 200
    assert clerk.get("/sample/either/").status_code == 403


def test_the_refusal_names_the_active_colleagues_who_may(clerk, log_in, exporter_a, exporter_b):
    log_in("boss-01", "sample.apply", organisation=exporter_a, name="申込次郎")
    log_in("gone-01", "sample.apply", organisation=exporter_a, name="退職三郎", is_active=False)
    log_in("else-01", "sample.apply", organisation=exporter_b, name="他社四郎")
    page = clerk.get("/sample/either/").content.decode()
    assert "申込次郎" in page
    assert "退職三郎" not in page
    assert "他社四郎" not in page


def test_the_refusal_names_the_office_when_nobody_may(clerk):
    page = clerk.get("/sample/either/").content.decode()
    assert "申込、その他" in page
    assert "事務局へお問い合わせください" in page


def test_a_page_may_say_in_its_own_words_what_is_missing(rf, clerk):
    request = rf.get("/sample/")
    request.user = clerk.user
    with pytest.raises(PermissionDenied) as refusal:
        access.deny(request, ("sample.apply",), "申込む権限がありません。")
    assert refusal.value.args[0]["reason"] == "申込む権限がありません。"


def test_a_refusal_is_recorded(clerk):
    clerk.get("/sample/either/")
    event = Event.objects.get(verb="account.denied")
    assert (event.actor_login, event.target, event.outcome) == ("clerk-01", "/sample/either/", "denied")


def test_a_grant_begins_and_ends_at_its_days(log_in, exporter_a):
    with time_machine.travel("2026-11-30T20:00:00+09:00", tick=False) as clock:
        person = log_in("clerk-01", organisation=exporter_a)
        Grant.objects.create(
            user=person.user, role="sample.view", starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 1)
        )
        assert person.get("/sample/view/").status_code == 403
        clock.move_to("2026-12-01T00:00:01+09:00")
        person.logout()
        person.force_login(person.user)
        assert person.get("/sample/view/").status_code == 200
        clock.move_to("2026-12-02T00:00:01+09:00")
        person.logout()
        person.force_login(person.user)
        assert person.get("/sample/view/").status_code == 403


def test_a_grant_that_ends_counts_from_the_next_request(clerk):
    assert clerk.get("/sample/input/").status_code == 200
    Grant.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert clerk.get("/sample/input/").status_code == 403


def test_a_page_with_a_role_costs_one_query_for_the_session_and_one_for_the_user(clerk, django_assert_num_queries):
    with django_assert_num_queries(2):  # session; user with organisation and roles
        clerk.get("/sample/input/")


def test_staff_pages_are_for_staff(clerk, log_in):
    assert clerk.get("/sample/staff/").status_code == 403
    assert log_in("staff-01", is_staff=True).get("/sample/staff/").status_code == 200


def test_one_code_has_one_declaration():
    roles.register(roles.get("sample.view"))
    with pytest.raises(ValueError, match=r"sample\.view"):
        roles.register(roles.Role("sample.view", "別の権限", "sample"))


def test_the_list_of_urls_names_every_route_and_fails_on_one_without_a_declaration():
    out = StringIO()
    with pytest.raises(CommandError, match="/sample/undeclared/") as failure:
        call_command("list_urls", "--json", stdout=out)
    assert failure.value.returncode == 1
    routes = {route["path"]: route for route in json.loads(out.getvalue())}
    assert routes["/sample/input/"] == {
        "path": "/sample/input/", "name": "sample-input", "methods": ["GET", "HEAD"], "portal": "sample",
        "roles": ["sample.input"],
    }  # fmt: skip
    assert routes["/account/logout/"]["methods"] == ["POST"]
    assert routes["/admin/accounts/user/"]["roles"] == ["staff"]


def test_the_list_of_urls_is_fine_when_all_are_declared(settings):
    from tests.portal.accounts import urls

    settings.ROOT_URLCONF = tuple(one for one in urls.urlpatterns if getattr(one, "name", "") != "sample-undeclared")
    out = StringIO()
    call_command("list_urls", stdout=out)
    assert "/sample/input/" in out.getvalue()


class Draft:
    def __init__(self, organisation_id: int, saved_by_id: int | None) -> None:
        self.organisation_id = organisation_id
        self.saved_by_id = saved_by_id


def test_an_application_is_sent_by_its_own_organisation_only(exporter_a, exporter_b):
    user = User(pk=1, organisation=exporter_a)
    assert permissions.may_submit(user, Draft(exporter_a.pk, 1))
    assert not permissions.may_submit(user, Draft(exporter_b.pk, 2))
    assert not permissions.may_submit(User(pk=1), Draft(exporter_a.pk, 1))


def test_under_four_eyes_the_last_who_saved_does_not_send(exporter_a):
    exporter_a.four_eyes = True
    user = User(pk=1, organisation=exporter_a)
    assert not permissions.may_submit(user, Draft(exporter_a.pk, 1))
    assert permissions.may_submit(user, Draft(exporter_a.pk, 2))
