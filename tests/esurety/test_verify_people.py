"""利用者管理 of a 発注者: its administrator adds, changes, stops and resumes people of the body, and never himself."""

import re
from html import unescape

import pytest
from django.core import mail
from django.http import HttpResponse

from esurety.models import Body
from portal.accounts.models import Grant, User
from portal.audit.models import Event
from portal.outbox import drain
from tests.conftest import LogIn, Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
USERS = "/verify/users/"
PERSON = {"name": "新人 さくら", "email": "sakura@body.example", "role": "verify.user"}


def words(response: HttpResponse) -> str:
    body = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


@pytest.fixture
def mayor(log_in: LogIn, body_a: Body) -> Person:
    """The 発注者管理者 of body A."""
    return log_in("body-a-admin", "verify.admin", organisation=body_a.organisation, name="管理 冬子")


def page_of(person: Person, action: str = "") -> str:
    return f"{USERS}{person.user.pk}/{action}/" if action else f"{USERS}{person.user.pk}/"


def does(mayor: Person, person: Person, action: str) -> str:
    """Ask for an action, say yes, and return the words of the page after it."""
    assert "ますか" in words(mayor.get(page_of(person, action)))
    return words(mayor.post(page_of(person, action), follow=True))


def test_a_person_is_added_with_an_id_of_ours_and_gets_a_first_password(mayor: Person) -> None:
    page = words(mayor.post(f"{USERS}new/", PERSON, follow=True))
    user = User.objects.get(email="sakura@body.example")
    assert user.login in page
    assert (user.login[:6], user.login.isdecimal(), user.organisation) == ("082368", True, mayor.user.organisation)
    assert user.roles == {"verify.user"}
    drain()
    assert [one.to for one in mail.outbox] == [["sakura@body.example"]]
    assert set(Event.objects.filter(target=user.login).values_list("verb", flat=True)) == {
        "verify.user_added",
        "account.granted",
        "account.first-password",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "氏名を入力してください"),
        ({"email": "sakura"}, "メールを読み取れませんでした"),
        ({"role": "verify.admin"}, "権限を選び直してください"),
        ({"role": "surety.approver"}, "権限を選び直してください"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_added(mayor: Person, changes: dict[str, str], message: str) -> None:
    before = User.objects.count()
    answer = mayor.post(f"{USERS}new/", {**PERSON, **changes})
    assert (answer.status_code, message in words(answer)) == (422, True)
    assert User.objects.count() == before


def test_the_list_shows_the_people_of_the_body_and_no_others(mayor: Person, city: Person, prefecture: Person) -> None:
    page = words(mayor.get(USERS))
    for said in ("body-a 契約 秋子", "契約担当 有効", "管理 冬子", "発注者管理者"):
        assert said in page
    assert "body-b" not in page
    does(mayor, city, "stop")
    assert "body-a 契約 秋子" not in words(mayor.get(f"{USERS}?state=active"))
    assert "body-a 契約 秋子" in words(mayor.get(f"{USERS}?q=契約&state=stopped"))
    assert mayor.get(f"{USERS}?state=x").status_code == 422
    lines = b"".join(mayor.get(f"{USERS}?format=csv").streaming_content).decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ['"利用者ID"', '"body-a"', '"body-a-admin"']
    assert Event.objects.filter(verb="verify.users_csv").count() == 1


def test_another_role_counts_at_once_and_ends_the_sessions(mayor: Person, city: Person) -> None:
    changed = {"name": "契約 改", "email": "kai@body.example", "role": "verify.view"}
    assert mayor.post(page_of(city, "change"), changed).status_code == 303
    assert city.get("/verify/").status_code == 302
    city.force_login(city.user)
    assert city.post("/verify/", {"number": "1", "key": "2"}).status_code == 403
    assert User.objects.get(pk=city.user.pk).roles == {"verify.view"}
    # Given today and taken today: nothing of it is left until midnight.
    mayor.post(page_of(city, "change"), {**changed, "role": "verify.user"})
    assert User.objects.get(pk=city.user.pk).roles == {"verify.user"}
    assert Grant.objects.filter(user=city.user).count() == 2


def test_who_is_stopped_is_out_at_once_and_comes_back(mayor: Person, city: Person) -> None:
    assert "停止しました" in does(mayor, city, "stop")
    assert city.get("/verify/").status_code == 302
    assert "先に停止を解除してください" in words(mayor.post(page_of(city, "first-password"), follow=True))
    assert "停止を解除しました" in does(mayor, city, "resume")
    city.force_login(User.objects.get(pk=city.user.pk))
    assert city.get("/verify/").status_code == 200


def test_whom_the_surety_company_stopped_the_body_does_not_bring_back(mayor: Person, city: Person) -> None:
    User.objects.filter(pk=city.user.pk).update(is_active=False)
    assert "停止（保証会社による）" in words(mayor.get(page_of(city)))
    assert "保証会社へご連絡ください" in does(mayor, city, "resume")
    assert not User.objects.get(pk=city.user.pk).is_active


def test_nobody_changes_himself_and_the_role_of_an_administrator_is_the_suretys(
    mayor: Person, log_in: LogIn, body_a: Body
) -> None:
    for action in ("change", "stop", "resume", "first-password", "second-factor"):
        assert mayor.post(page_of(mayor, action), PERSON).status_code == 403
    assert "ご自身の利用者IDは変更できません" in words(mayor.get(page_of(mayor)))
    second = log_in("body-a-admin-2", "verify.admin", organisation=body_a.organisation)
    assert "保証会社が付与します" in words(mayor.get(page_of(second, "change")))
    mayor.post(page_of(second, "change"), {"name": "管理 二", "email": "ni@body.example", "role": "verify.view"})
    assert User.objects.get(pk=second.user.pk).roles == {"verify.admin"}


def test_a_first_password_is_sent_three_times_an_hour(mayor: Person, city: Person) -> None:
    city.user.email = "akiko@body.example"
    city.user.save()
    said = [does(mayor, city, "first-password") for _ in range(4)]
    assert ["有効期間は72時間です" in one for one in said] == [True, True, True, False]
    assert "1時間に3回まで" in said[-1]
    drain()
    assert {one.to[0] for one in mail.outbox} == {"akiko@body.example"}
