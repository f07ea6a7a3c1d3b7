"""The page between password and session."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from portal.accounts import totp
from portal.accounts.models import RecoveryCode, SecondFactor, User
from portal.audit.models import Event

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.REQUIRE_SECOND_FACTOR = True
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def registered(taro: User) -> User:
    totp.enrol(taro, SECRET)
    return taro


def send(client: Client, code: str) -> HttpResponse:
    return client.post("/account/second-factor/", {"code": code})


def now_code(step: int = 0) -> str:
    return totp.code_at(SECRET, totp.present_step() + step)


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_test_vectors_of_rfc_6238(seconds, code):
    assert totp.code_at(SECRET, seconds // 30) == code


def test_the_password_alone_opens_nothing(registered, sign_in, client):
    response = sign_in(next="/sample/login/")
    assert (response.status_code, response["Location"]) == (303, "/account/second-factor/")
    assert client.get("/sample/login/").status_code == 302
    assert client.get("/admin/").status_code == 302
    assert client.get("/account/second-factor/").status_code == 200


def test_the_right_code_leads_to_the_page_asked_for(registered, sign_in, client):
    sign_in(next="/sample/login/")
    before = client.session.session_key
    response = send(client, f" {now_code()[:3]} {now_code()[3:]} ")
    assert (response.status_code, response["Location"]) == (303, "/sample/login/")
    assert client.get("/sample/login/").status_code == 200
    assert client.session.session_key != before


def test_a_code_works_once(registered, sign_in, client):
    sign_in()
    assert send(client, now_code()).status_code == 303
    client.logout()
    sign_in()
    assert send(client, now_code()).status_code == 422
    assert client.get("/sample/login/").status_code == 302


@pytest.mark.parametrize(("step", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_the_clock_of_the_telephone_may_be_one_step_off(registered, sign_in, client, step, status):
    sign_in()
    assert send(client, now_code(step)).status_code == status


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "１２３", "9" * 500])
def test_a_wrong_code_is_refused_and_said_so(registered, sign_in, client, code):
    sign_in()
    response = send(client, code)
    assert response.status_code == 422
    assert "確認コード" in response.content.decode()


def test_ten_wrong_codes_end_the_tries(registered, sign_in, client):
    sign_in()
    assert [send(client, "000000").status_code for _ in range(10)] == [422] * 10
    response = send(client, now_code())
    assert response.status_code == 429
    assert response["Retry-After"] == "900"


def test_the_password_is_good_for_ten_minutes_of_waiting(registered, sign_in, client, clock):
    sign_in()
    clock.shift(timedelta(minutes=11))
    assert send(client, now_code())["Location"] == "/account/login/"


def test_nobody_comes_here_without_the_password(client):
    assert client.get("/account/second-factor/")["Location"] == "/account/login/"


def test_a_user_disabled_in_between_is_refused(registered, sign_in, client):
    sign_in()
    User.objects.update(is_active=False)
    assert send(client, now_code())["Location"] == "/account/login/"


@pytest.fixture
def register(taro: User, sign_in: Callable[..., HttpResponse], client: Client) -> Callable[[], list[str]]:
    """Return a function that registers an authenticator and returns the recovery codes of the page."""

    def register() -> list[str]:
        sign_in(next="/sample/login/")
        page = client.get("/account/second-factor/").content.decode()
        secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
        assert 'src="data:image/svg+xml' in page
        response = send(client, totp.code_at(secret, totp.present_step()))
        assert response.status_code == 200
        return re.findall(r"<code>([a-z2-7-]{19})</code>", response.content.decode())

    return register


def test_the_first_login_registers_the_authenticator_and_hands_out_recovery_codes(register, client, taro):
    assert len(register()) == 10
    assert client.get("/sample/login/").status_code == 200
    assert Event.objects.filter(verb="account.second-factor-registered", target="taro-01").exists()
    assert totp.factor_of(taro) is not None


def test_the_key_is_the_same_until_it_is_confirmed_and_never_shown_afterwards(register, sign_in, client):
    sign_in()
    pages = [client.get("/account/second-factor/").content.decode() for _ in range(2)]
    assert len({re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1] for page in pages}) == 1
    register()
    client.logout()
    sign_in()
    assert "<code>" not in client.get("/account/second-factor/").content.decode()


def test_a_recovery_code_works_once(register, sign_in, client):
    code = register()[0]
    client.logout()
    sign_in()
    assert send(client, code.upper()).status_code == 303
    client.logout()
    sign_in()
    assert send(client, code).status_code == 422


def test_the_database_holds_neither_the_secret_nor_a_recovery_code(register, taro):
    codes = register()
    factor = SecondFactor.objects.get(user=taro)
    assert totp.decrypt(factor.secret) not in factor.secret
    stored = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


def test_a_new_secret_key_of_the_program_keeps_the_authenticators(registered, sign_in, client, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-" * 5
    sign_in()
    assert send(client, now_code()).status_code == 303
    settings.SECRET_KEY_FALLBACKS = []
    assert totp.decrypt(SecondFactor.objects.get().secret) == SECRET
