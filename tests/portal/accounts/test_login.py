"""Logging in and out, as a browser does it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal.accounts import limiter, services
from portal.accounts.models import Limit, User
from portal.audit.models import Event

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def body(response) -> str:
    """The page without what differs from one answer to the next."""
    text = response.content.decode()
    return re.sub(r'(csrf-token" content|csrfmiddlewaretoken" value)="[^"]*"', "", text)


def test_the_right_password_leads_on_with_303_to_the_page_asked_for(taro, sign_in, client):
    response = sign_in(next="/sample/login/?a=1")
    assert (response.status_code, response["Location"]) == (303, "/sample/login/?a=1")
    assert client.get("/sample/login/").content == b"hello"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "///evil.example/", ""],
)
def test_next_never_leads_to_another_site(taro, sign_in, target):
    assert sign_in(next=target)["Location"] == "/"


def test_wrong_password_unknown_login_and_disabled_user_get_the_same_answer(taro, sign_in, company):
    User.objects.create_user("gone-01", "correct-and-secret", name="退職者", is_active=False, organisation=company)
    answers = [sign_in(password="wrong"), sign_in(login="nobody-1"), sign_in(login="gone-01")]
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    same = {body(answer).replace("nobody-1", "taro-01").replace("gone-01", "taro-01") for answer in answers}
    assert len(same) == 1
    assert "ユーザーIDまたはパスワードが正しくありません" in same.pop()


def test_a_user_of_a_disabled_organisation_cannot_log_in(taro, sign_in, company):
    company.is_active = False
    company.save()
    assert sign_in().status_code == 422


def test_the_password_is_never_shown_again_and_the_login_is(taro, sign_in):
    page = sign_in(login="taro-01", password="Wr0ng-guess").content.decode()
    assert "Wr0ng-guess" not in page
    assert 'value="taro-01"' in page


def test_empty_fields_are_named_without_counting_as_a_try(taro, sign_in):
    response = sign_in(login=" ", password="")
    assert response.status_code == 422
    page = response.content.decode()
    assert "ユーザーIDを入力してください。" in page
    assert "パスワードを入力してください。" in page
    assert not Limit.objects.exists()


def test_the_login_may_be_typed_in_full_width(taro, sign_in):
    assert sign_in(login=" ｔａｒｏ－０１ ").status_code == 303


def test_a_password_over_the_limit_is_refused_without_being_hashed(taro, sign_in, monkeypatch):
    monkeypatch.setattr(services, "authenticate", lambda *_, **__: pytest.fail("was hashed"))
    assert sign_in(password="x" * 1025).status_code == 422


def test_the_sixth_try_is_answered_429_with_the_time_even_with_the_right_password(taro, sign_in):
    with time_machine.travel(NOON, tick=False):
        assert [sign_in(password="wrong").status_code for _ in range(5)] == [422] * 5
        response = sign_in()
        assert response.status_code == 429
        assert response["Retry-After"] == "900"
        assert "15分" in response.content.decode()


def test_the_lock_ends_and_the_next_one_is_twice_as_long(taro, sign_in):
    waits = []
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(3):
            for _ in range(5):
                sign_in(password="wrong")
            waits.append(int(sign_in()["Retry-After"]))
            clock.shift(waits[-1])
        # Locks of 15, 30 and 60 minutes; the day's limit of 20 tries is not reached by 15.
        assert waits == [900, 1800, 3600]
        assert sign_in().status_code == 303


def test_twenty_failures_a_day_end_the_tries_of_that_day(taro, sign_in):
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(4):
            for _ in range(5):
                assert sign_in(password="wrong").status_code == 422
            clock.shift(timedelta(hours=4))
        response = sign_in()
        assert response.status_code == 429
        assert int(response["Retry-After"]) == 8 * 3600


def test_a_success_clears_the_failures_of_the_account(taro, sign_in, client):
    for _ in range(4):
        sign_in(password="wrong")
    assert sign_in().status_code == 303
    client.logout()
    assert [sign_in(password="wrong").status_code for _ in range(5)] == [422] * 5


def test_one_address_has_sixty_tries_a_minute_over_all_accounts(db, sign_in):
    with time_machine.travel(NOON, tick=False) as clock:
        answers = [sign_in(login=f"user-{number}").status_code for number in range(61)]
        assert answers == [422] * 60 + [429]
        clock.shift(60)
        assert sign_in(login="user-62").status_code == 422


def test_successes_do_not_count_as_failures_of_a_shared_address(taro, sign_in, client):
    for _ in range(3):
        sign_in()
        client.logout()
    row = Limit.objects.get(name="login-address-failed", key=limiter._hash("127.0.0.1"))
    assert row.tries == 0


def test_the_table_of_limits_holds_no_login_and_no_address(taro, sign_in):
    sign_in(password="wrong")
    stored = " ".join(Limit.objects.values_list("key", flat=True))
    assert "taro" not in stored
    assert "127.0.0.1" not in stored


def test_logins_are_recorded_and_an_unknown_login_is_not_written_down(taro, sign_in):
    sign_in(password="wrong")
    sign_in(login="My-Secret-Pass")
    sign_in()
    events = Event.objects.filter(verb="account.login").order_by("pk")
    assert [(event.target, event.outcome) for event in events] == [
        ("taro-01", "failed"), ("", "failed"), ("taro-01", "ok"),
    ]  # fmt: skip
    assert "My-Secret-Pass" not in str(list(events.values()))


def test_login_gives_the_session_a_new_key(taro, sign_in, client):
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    sign_in()
    assert client.session.session_key != before
    assert "planted" not in client.session


def test_logging_out_needs_a_post_and_ends_the_session(taro, sign_in, client):
    sign_in()
    old = client.cookies["sessionid"].value
    assert client.get("/account/logout/").status_code == 405
    response = client.post("/account/logout/")
    assert (response.status_code, response["Location"]) == (303, "/account/signed-out/")
    assert "cache" in response["Clear-Site-Data"]
    assert client.get("/account/signed-out/").status_code == 200
    client.cookies["sessionid"] = old
    assert client.get("/sample/login/").status_code == 302
    assert Event.objects.filter(verb="account.logout", target="taro-01").exists()


def test_logging_out_without_the_token_of_the_form_is_refused(taro):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(taro)
    assert strict.post("/account/logout/").status_code == 403
    assert strict.get("/sample/login/").status_code == 200


def test_staff_land_in_the_admin(sign_in, db):
    User.objects.create_user("staff-01", "correct-and-secret", name="事務局", is_staff=True)
    assert sign_in(login="staff-01")["Location"] == "/admin/"


def test_who_is_logged_in_already_is_led_on(alice):
    response = alice.get("/account/login/?next=/sample/login/")
    assert (response.status_code, response["Location"]) == (302, "/sample/login/")


def test_a_disabled_user_is_refused_at_the_next_request(alice):
    assert alice.get("/sample/login/").status_code == 200
    User.objects.filter(login="alice").update(is_active=False)
    assert alice.get("/sample/login/").status_code == 302


def test_a_disabled_organisation_ends_the_access_of_its_users_at_the_next_request(alice, exporter_a):
    exporter_a.is_active = False
    exporter_a.save()
    assert alice.get("/sample/login/").status_code == 302


def test_a_first_password_works_for_72_hours_and_must_be_replaced(taro, sign_in, client):
    password = services.make_first_password(taro)
    assert sign_in(password=password).status_code == 303
    assert client.get("/sample/login/")["Location"] == "/account/password/"
    assert client.get("/account/password/").status_code == 200
    User.objects.filter(pk=taro.pk).update(password_expires_at=timezone.now())
    assert client.get("/account/password/").status_code == 302
    assert sign_in(password=password).status_code == 422
