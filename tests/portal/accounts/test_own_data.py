"""お客様情報: what a user keeps himself."""

import pytest
from django.core import mail
from django.test import Client

from portal import outbox
from portal.accounts.models import User
from portal.audit.models import Event

pytestmark = pytest.mark.django_db
DATA = {
    "name": "輸出太郎",
    "kana": "ゆしゅつ　たろう",
    "department": "輸出部",
    "post": "",
    "phone": "０３－１２３４－５６７８",
    "fax": "",
    "email": "t@a.example",
    "current_password": "",
}


@pytest.fixture
def client(taro: User) -> Client:
    client = Client()
    client.force_login(taro)
    return client


def test_own_data_are_stored_normalised_without_a_password(client, taro):
    response = client.post("/account/", DATA)
    assert (response.status_code, response["Location"]) == (303, "/account/")
    taro.refresh_from_db()
    assert (taro.kana, taro.phone, taro.department) == ("ユシュツ タロウ", "03-1234-5678", "輸出部")
    assert "お客様情報を保存しました" in client.get("/account/").content.decode()
    assert Event.objects.get(verb="account.own-data").detail == {"fields": ["kana", "department", "phone"]}


def test_what_is_not_asked_cannot_be_changed(client, taro):
    client.post("/account/", DATA | {"login": "boss", "is_staff": "on", "is_superuser": "on", "organisation": "9"})
    before = (taro.login, taro.is_staff, taro.is_superuser, taro.organisation_id)
    taro.refresh_from_db()
    assert (taro.login, taro.is_staff, taro.is_superuser, taro.organisation_id) == before


def test_another_mail_address_needs_the_password(client, taro):
    response = client.post("/account/", DATA | {"email": "new@a.example", "name": "輸出次郎"})
    assert response.status_code == 422
    page = response.content.decode()
    assert 'href="#id_current_password"' in page
    assert "輸出次郎" in page
    assert "new@a.example" in page
    taro.refresh_from_db()
    assert (taro.email, taro.name) == ("t@a.example", "輸出太郎")


@pytest.mark.django_db(transaction=True)
def test_another_mail_address_is_told_to_the_old_and_the_new_one(client, taro, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    data = DATA | {"email": "new@a.example", "current_password": "correct-and-secret"}
    assert client.post("/account/", data).status_code == 303
    outbox.drain()
    assert sorted(message.to[0] for message in mail.outbox) == ["new@a.example", "t@a.example"]
    assert "http" not in mail.outbox[0].body


def test_trying_passwords_for_the_mail_address_is_limited(client):
    data = DATA | {"email": "new@a.example", "current_password": "wrong"}
    assert [client.post("/account/", data).status_code for _ in range(6)] == [422] * 5 + [429]


def test_wrong_data_are_listed_and_kept(client):
    response = client.post("/account/", DATA | {"name": "", "phone": "abc", "email": "t@"})
    assert response.status_code == 422
    page = response.content.decode()
    for target in ("id_name", "id_phone", "id_email"):
        assert f'href="#{target}"' in page
    assert 'value="abc"' in page


def test_the_page_offers_the_tokens_for_password_managers(client):
    page = client.get("/account/password/").content.decode()
    assert page.count('autocomplete="new-password"') == 2
    assert page.count('autocomplete="current-password"') == 1
    assert "placeholder" not in page
