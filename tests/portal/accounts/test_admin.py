"""The staff pages for users and rights, and the way into the admin."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from portal import outbox
from portal.accounts import totp
from portal.accounts.models import Grant, Organisation, Session, User
from portal.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(log_in):
    return log_in("sysadmin", "system.admin", is_staff=True, name="運用担当")


def grant(operator, user, role="sample.view", **dates):
    today = timezone.localdate()
    data = {"user": user.pk, "role": role, "starts_on": today, "ends_on": today + timedelta(days=30)} | dates
    return operator.post("/admin/accounts/grant/add/", data)


def test_the_admin_has_no_entrance_of_its_own(client):
    response = client.get("/admin/accounts/user/", follow=True)
    assert response.redirect_chain[-1][0] == "/account/login/?next=%2Fadmin%2Faccounts%2Fuser%2F"
    assert client.post("/admin/login/", {"username": "sysadmin", "password": "test-password"}).status_code == 302
    assert client.get("/admin/").status_code == 302


def test_a_user_who_is_no_staff_is_refused(alice):
    response = alice.get("/admin/", follow=True)
    assert response.status_code == 403
    assert "事務局だけが使える画面です" in response.content.decode()


def test_staff_without_a_right_in_force_see_nothing(operator):
    assert operator.get("/admin/accounts/user/").status_code == 200
    Grant.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert operator.get("/admin/accounts/user/").status_code == 403
    assert operator.get("/admin/").status_code == 200


def test_staff_with_a_first_password_replace_it_before_anything_else(operator):
    User.objects.filter(login="sysadmin").update(password_expires_at=timezone.now() + timedelta(hours=1))
    response = operator.get("/admin/accounts/user/", follow=True)
    assert response.redirect_chain[-1][0] == "/account/password/"


def test_the_operator_sees_users_and_settings_and_no_business_data(operator):
    page = operator.get("/admin/").content.decode()
    assert "/admin/accounts/user/" in page
    assert "/admin/outbox/" not in page


def test_a_new_user_has_no_password_until_one_is_mailed(operator, company):
    data = {
        "login": "hanako-01",
        "name": "輸出花子",
        "organisation": company.pk,
        "is_active": "on",
        "email": "h@a.example",
    }
    inline = {"grants-TOTAL_FORMS": 0, "grants-INITIAL_FORMS": 0}
    response = operator.post("/admin/accounts/user/add/", data | inline)
    assert response.status_code == 302
    user = User.objects.get(login="hanako-01")
    assert not user.has_usable_password()
    assert Event.objects.filter(verb="admin.added", target=f"accounts.user:{user.pk}").exists()


@pytest.mark.django_db(transaction=True)
def test_a_first_password_is_mailed_works_once_and_stands_in_no_table(operator, taro, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    data = {"action": "send_first_password", "_selected_action": [taro.pk]}
    operator.post("/admin/accounts/user/", data)
    assert client.post("/account/login/", {"login": "taro-01", "password": "correct-and-secret"}).status_code == 422
    outbox.drain()
    (message,) = mail.outbox
    assert message.to == ["t@a.example"]
    assert "http" not in message.body
    password = message.body.partition("仮パスワード：")[2].split()[0]
    assert password not in str(list(outbox.Message.objects.values())) + str(list(Event.objects.values()))
    response = client.post("/account/login/", {"login": "taro-01", "password": password})
    assert response.status_code == 303
    assert client.get("/sample/login/")["Location"] == "/account/password/"


def test_nobody_sets_the_password_of_another(operator, taro):
    page = operator.get(f"/admin/accounts/user/{taro.pk}/change/").content.decode()
    assert 'type="password"' not in page
    assert taro.password not in page
    assert operator.get(f"/admin/accounts/user/{taro.pk}/password/").status_code in {302, 404}


def test_a_role_is_granted_from_the_registry_with_its_last_day_and_recorded(operator, taro):
    assert grant(operator, taro).status_code == 302
    given = Grant.objects.get(user=taro)
    assert (given.role, given.granted_by.login) == ("sample.view", "sysadmin")
    event = Event.objects.get(verb="account.granted")
    assert (event.actor_login, event.target, event.detail["role"]) == ("sysadmin", "taro-01", "sample.view")


@pytest.mark.parametrize("wrong", [{"role": "no.such"}, {"ends_on": ""}, {"ends_on": "2020-01-01"}])
def test_a_grant_with_an_unknown_role_or_without_a_possible_last_day_is_refused(operator, taro, wrong):
    assert grant(operator, taro, **wrong).status_code == 200
    assert not Grant.objects.filter(user=taro).exists()


def test_nobody_grants_or_prolongs_his_own_role(operator):
    assert grant(operator, operator.user).status_code == 200
    own = Grant.objects.get(user=operator.user)
    response = operator.post(f"/admin/accounts/grant/{own.pk}/change/", {"ends_on": "2099-01-01"})
    assert response.status_code == 403
    assert Grant.objects.get(user=operator.user).ends_on is None


def test_only_the_last_day_of_a_grant_can_be_changed(operator, taro):
    grant(operator, taro)
    given = Grant.objects.get(user=taro)
    today = timezone.localdate()
    data = {"user": operator.user.pk, "role": "system.admin", "starts_on": today, "ends_on": today}
    assert operator.post(f"/admin/accounts/grant/{given.pk}/change/", data).status_code == 302
    given.refresh_from_db()
    assert (given.user, given.role, given.ends_on) == (taro, "sample.view", today)
    assert Event.objects.filter(verb="account.grant-changed").exists()


def test_nobody_makes_himself_a_superuser(operator, taro):
    data = {"login": "x", "name": "運用担当", "is_staff": "on", "is_superuser": "on", "is_active": "on"}
    inline = {"grants-TOTAL_FORMS": 0, "grants-INITIAL_FORMS": 0}
    operator.post(f"/admin/accounts/user/{operator.user.pk}/change/", data | inline)
    operator.user.refresh_from_db()
    assert (operator.user.is_superuser, operator.user.login) == (False, "sysadmin")


@pytest.mark.parametrize("model", ["organisation", "user", "grant"])
def test_nothing_is_deleted(operator, taro, company, model):
    pk = {"organisation": company.pk, "user": taro.pk, "grant": Grant.objects.first().pk}[model]
    assert operator.post(f"/admin/accounts/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}
    operator.post(f"/admin/accounts/{model}/", data)
    assert Organisation.objects.filter(pk=company.pk).exists()
    assert User.objects.filter(pk=taro.pk).exists()
    assert Grant.objects.exists()


def test_a_lost_authenticator_is_removed_and_the_sessions_end(operator, taro, client):
    totp.enrol(taro, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    client.force_login(taro)
    operator.post("/admin/accounts/user/", {"action": "remove_second_factor", "_selected_action": [taro.pk]})
    assert totp.factor_of(taro) is None
    assert not Session.objects.filter(user=taro).exists()
    assert Event.objects.filter(verb="account.second-factor-removed", target="taro-01").exists()


def test_the_search_finds_users_by_name_and_organisation(operator, taro):
    for words in ("taro-01", "輸出太郎", "見本商事"):
        assert "taro-01" in operator.get("/admin/accounts/user/", {"q": words}).content.decode()
    assert "taro-01" not in operator.get("/admin/accounts/user/", {"q": "ない名前"}).content.decode()
