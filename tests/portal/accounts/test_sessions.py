"""How long a login lasts, and on how many devices."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from portal.accounts import sessions
from portal.accounts.models import Organisation, Session, User
from portal.audit.models import Event
from portal.outbox.nightly import run_job

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
PASSWORD = "correct-and-secret"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def bank(db) -> User:
    organisation = Organisation.objects.create(portal="sample", code="0001", name="銀行Ａ", strict_sessions=True)
    return User.objects.create_user("bank-01", PASSWORD, name="銀行花子", organisation=organisation)


def log_in(login: str) -> Client:
    client = Client()
    response = client.post("/account/login/", {"login": login, "password": PASSWORD, "next": ""})
    assert response.status_code == 303
    return client


def is_in(client: Client) -> bool:
    return client.get("/sample/login/").status_code == 200


def test_half_an_hour_without_action_ends_the_session_and_says_so(clock, taro):
    client = log_in("taro-01")
    clock.shift(timedelta(minutes=29))
    assert is_in(client)
    clock.shift(timedelta(minutes=30))
    response = client.get("/sample/login/?page=2")
    assert response["Location"] == "/account/login/?next=%2Fsample%2Flogin%2F%3Fpage%3D2&reason=timeout"
    assert "一定時間操作がなかったため、ログアウトしました" in client.get(response["Location"]).content.decode()
    assert Event.objects.filter(verb="account.timed-out", target="taro-01").count() == 1
    assert not Session.objects.filter(user=taro).exists()


def test_twelve_hours_end_the_session_however_busy_it_is(clock, taro):
    client = log_in("taro-01")
    for _ in range(12 * 3 - 1):
        clock.shift(timedelta(minutes=20))
        assert is_in(client)
    clock.shift(timedelta(minutes=20))
    assert not is_in(client)


def test_staff_and_banks_have_fifteen_minutes_and_eight_hours(clock, bank):
    client = log_in("bank-01")
    clock.shift(timedelta(minutes=14))
    assert is_in(client)
    clock.shift(timedelta(minutes=15))
    assert not is_in(client)
    client = log_in("bank-01")
    for _ in range(8 * 6 - 1):
        clock.shift(timedelta(minutes=10))
        assert is_in(client)
    clock.shift(timedelta(minutes=10))
    assert not is_in(client)
    assert sessions.rule_for(User(is_staff=True)) == sessions.STRICT


def test_a_public_page_goes_on_without_the_login(clock, taro):
    client = log_in("taro-01")
    clock.shift(timedelta(hours=1))
    assert client.get("/sample/public/").status_code == 200
    assert client.get("/sample/login/").status_code == 302


def test_a_page_within_the_same_minute_writes_nothing(clock, taro, django_assert_num_queries):
    client = log_in("taro-01")
    with django_assert_num_queries(2):  # session, user with organisation
        assert is_in(client)
    clock.shift(61)
    assert is_in(client)
    assert Session.objects.get(user=taro).last_seen == NOON + timedelta(seconds=61)


def test_a_fourth_device_ends_the_oldest_login(clock, taro):
    clients = []
    for _ in range(4):
        clients.append(log_in("taro-01"))
        clock.shift(5)
    assert [is_in(client) for client in clients] == [False, True, True, True]


def test_a_bank_user_has_one_device(clock, bank):
    first, second = log_in("bank-01"), log_in("bank-01")
    assert (is_in(first), is_in(second)) == (False, True)


def test_the_script_can_extend_the_session_by_post_only(clock, taro):
    client = log_in("taro-01")
    clock.shift(20)
    assert client.get("/account/session/").status_code == 405
    assert client.post("/account/session/").json() == {"seconds": 30 * 60}
    clock.shift(timedelta(minutes=29, seconds=59))
    assert is_in(client)


def test_the_page_knows_how_long_the_session_lasts(clock, taro):
    client = log_in("taro-01")
    assert 'data-session-idle-seconds="1800"' in client.get("/account/").content.decode()
    for _ in range(35):
        clock.shift(timedelta(minutes=20))
        is_in(client)
    # 11 hours and 40 minutes after the login the end of the 12 hours comes before half an hour without action.
    assert 'data-session-idle-seconds="1200"' in client.get("/account/").content.decode()


def test_a_user_sees_his_devices_and_ends_the_others(clock, taro):
    phone, desk = log_in("taro-01"), log_in("taro-01")
    page = desk.get("/account/").content.decode()
    assert page.count("127.0.0.1") == 2
    assert page.count("この端末</strong>") == 1
    assert desk.post("/account/sessions/end/").status_code == 303
    assert (is_in(phone), is_in(desk)) == (False, True)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge・Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox・Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari・iPhone",
        ),
        ("", "不明な端末"),
        ("<script>alert(1)</script>", "不明な端末"),
    ],
)
def test_devices_have_names_that_people_know(agent, name):
    assert sessions.device_name(agent) == name


def test_somebody_elses_devices_are_untouched(clock, taro, alice):
    other = log_in("taro-01")
    alice.post("/account/sessions/end/")
    assert is_in(other)


def test_the_rows_of_dead_sessions_and_limits_are_cleared_every_night(clock, taro):
    log_in("taro-01")
    assert run_job("accounts.clean-up", NOON.date()) == {"sessions": 0, "limits": 0}
    clock.shift(timedelta(days=3))
    log_in("taro-01")
    assert run_job("accounts.clean-up", NOON.date()) == {"sessions": 0, "limits": 0}
    clock.shift(timedelta(days=3))
    assert run_job("accounts.clean-up", NOON.date()) == {"sessions": 1, "limits": 2}
    assert not Session.objects.exists()
