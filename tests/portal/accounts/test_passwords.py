"""Which passwords are taken, and changing one's own."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from portal.accounts import passwords
from portal.accounts.models import User
from portal.audit.models import Event

pytestmark = pytest.mark.django_db
OLD = "correct-and-secret"
NEW = "もみじ饅頭と夜行列車で北へ行く"


def problem(password: str, user: User | None = None) -> str:
    try:
        passwords.PasswordPolicy().validate(password, user)
    except ValidationError as error:
        return error.messages[0]
    return ""


@pytest.fixture
def client(taro) -> Client:
    client = Client()
    client.post("/account/login/", {"login": "taro-01", "password": OLD, "next": ""})
    return client


def change(client: Client, current: str = OLD, new: str = NEW, again: str | None = None):
    data = {"current_password": current, "new_password": new, "new_password_again": new if again is None else again}
    return client.post("/account/password/", data)


@pytest.mark.parametrize(
    "password",
    [
        NEW,
        "kettle orbit lemon",
        "x7$kQ9!mZ2&wL5p",
        "濡れ縁で西瓜を食べる夏の夕暮れどき",
        "🍣" * 3 + "そして明日は晴れるでしょう",
        "   blanks count too  ",
    ],
)
def test_long_passwords_of_any_characters_are_taken(password):
    assert problem(password) == ""


def test_fifteen_characters_are_needed_and_twelve_with_a_second_factor(settings):
    assert problem("qx7wp2mv9zk4rt") == "パスワードは15文字以上にしてください（いま14文字です）。"
    settings.REQUIRE_SECOND_FACTOR = True
    assert problem("qx7wp2mv9zk4") == ""
    assert "12文字以上" in problem("qx7wp2mv9zk")


def test_a_password_may_have_1024_characters_and_no_more():
    long = "kettle orbit lemon" * 100
    assert problem(long[:1024]) == ""
    assert "1024文字まで" in problem(long[:1025])


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "password-2026-password",
        "123456789012345",
        "aaaaaaaaaaaaaaaa",
        "qwertyuiopasdfghjkl",
        "abcdefghijklmnop",
        "Hosho-Hoken-2026!!",
        "ログインパスワード２０２６ああ",
        "dragon-monkey-1234567",
        "taro-01-taro-01-2026",
        "見本商事株式会社-2026!!",
    ],
)
def test_passwords_that_anybody_would_try_are_refused(password, taro):
    assert "推測されやすい" in problem(password, taro)


def test_checking_the_longest_password_takes_no_noticeable_time(taro):
    assert passwords.is_guessable("password" * 128, taro)


def test_changing_the_password_ends_the_other_devices_and_keeps_this_one(client, taro):
    other = Client()
    other.post("/account/login/", {"login": "taro-01", "password": OLD, "next": ""})
    response = change(client)
    assert (response.status_code, response["Location"]) == (303, "/account/")
    assert client.get("/sample/login/").status_code == 200
    assert other.get("/sample/login/").status_code == 302
    taro.refresh_from_db()
    assert taro.check_password(NEW)
    assert Event.objects.filter(verb="account.password", outcome="ok").exists()


def test_a_first_password_is_an_own_one_after_the_change(client, taro):
    from portal.accounts import services

    first = services.make_first_password(taro)
    client.post("/account/login/", {"login": "taro-01", "password": first, "next": ""})
    assert change(client, current=first).status_code == 303
    assert client.get("/sample/login/").status_code == 200


def test_the_current_password_is_asked(client, taro):
    response = change(client, current="wrong")
    assert response.status_code == 422
    assert "現在のパスワードが正しくありません" in response.content.decode()
    taro.refresh_from_db()
    assert taro.check_password(OLD)


def test_asking_for_the_current_password_is_limited(client):
    assert [change(client, current="wrong").status_code for _ in range(5)] == [422] * 5
    response = change(client)
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 800


def test_two_different_new_passwords_and_the_old_one_again_are_refused(client):
    assert "一致しません" in change(client, again="something else").content.decode()
    assert "いまとは別のパスワード" in change(client, new=OLD).content.decode()


def test_every_fault_is_listed_on_top_and_tied_to_its_field(client):
    page = change(client, new="short", again="other").content.decode()
    assert "data-error-summary" in page
    assert 'href="#id_new_password"' in page
    assert 'href="#id_new_password_again"' in page
    assert 'aria-describedby="id_new_password-error"' in page
