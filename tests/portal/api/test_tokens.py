"""Making and revoking tokens, and what the staff sees of them."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from portal.accounts.models import Organisation, User
from portal.api import services
from portal.api.models import Token
from portal.audit.models import Event
from tests.conftest import LogIn, Person
from tests.portal.api.conftest import Program

pytestmark = pytest.mark.django_db

Make = Callable[..., Program]


def test_two_tokens_have_nothing_in_common(boss: Person, make: Make) -> None:
    one, other = make(boss.user), make(boss.user, label="会計")
    assert one.text.startswith("club_")
    assert one.text.split("_")[1:] != other.text.split("_")[1:]
    assert one.token.digest != other.token.digest


@pytest.mark.parametrize("days", [-1, 0, 366])
def test_a_token_lasts_one_to_365_days(boss: Person, days: int) -> None:
    with pytest.raises(ValueError, match="365"):
        services.create(boss.user, "club", "club.view", "販売管理", days)


def test_who_belongs_to_no_organisation_makes_no_token(log_in: LogIn) -> None:
    with pytest.raises(ValueError, match="organisation"):
        services.create(log_in("loner").user, "club", "club.view", "販売管理", 1)


def test_a_name_is_free_again_when_its_token_is_revoked(program: Program, boss: Person, make: Make) -> None:
    with pytest.raises(services.LabelTaken):
        make(boss.user)
    assert Token.objects.count() == 1
    services.revoke(program.token, boss.user)
    assert make(boss.user).get().status_code == 200
    assert program.get().status_code == 401


def test_another_organisation_may_use_the_same_name(program: Program, charlie: Person, make: Make) -> None:
    assert make(charlie.user).get().status_code == 200


def test_making_and_revoking_is_in_the_log_once(program: Program, boss: Person) -> None:
    assert [services.revoke(program.token, boss.user) for _ in range(2)] == [True, False]
    events = Event.objects.filter(verb__startswith="api.token").order_by("at")
    assert [(event.verb, event.target, event.actor_login) for event in events] == [
        ("api.token-created", program.token.prefix, "boss"),
        ("api.token-revoked", program.token.prefix, "boss"),
    ]


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_a_time_makes_one_token(boss: Person, exporter_a: Organisation) -> None:
    start = Barrier(4)
    made: list[str] = []

    def make() -> None:
        user = User.objects.select_related("organisation").get(pk=boss.user.pk)
        start.wait(10)
        try:
            made.append(services.create(user, "club", "club.view", "販売管理", 30)[1])
        except services.LabelTaken:
            made.append("")
        finally:
            connection.close()

    threads = [Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(made) == 4
    assert len(list(filter(None, made))) == Token.objects.count() == 1


# --- Staff --------------------------------------------------------------------------

LIST = "/admin/api/token/"


@pytest.fixture
def operator(log_in: LogIn) -> Person:
    """The operator of the system."""
    return log_in("sysadmin", "system.admin", is_staff=True, name="運用担当")


def test_the_operator_sees_tokens_without_their_secrets_and_changes_nothing(program: Program, operator: Person) -> None:
    page = operator.get(LIST).content.decode()
    assert program.token.prefix in page
    assert "販売管理" in page
    detail = operator.get(f"{LIST}{program.token.pk}/change/").content.decode()
    for shown in (page, detail):
        assert program.text not in shown
        assert program.token.digest not in shown
    assert operator.get(f"{LIST}add/").status_code == 403
    assert operator.post(f"{LIST}{program.token.pk}/change/", {"label": "x"}).status_code == 403
    assert operator.post(f"{LIST}{program.token.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_operator_revokes_a_token_that_leaked(program: Program, operator: Person) -> None:
    sent = {"action": "revoke", "_selected_action": [program.token.pk]}
    assert "取り消しました" in operator.post(LIST, sent, follow=True).content.decode()
    assert program.get().status_code == 401
    assert Token.objects.get().revoked_at <= timezone.now()
    assert Event.objects.get(verb="api.token-revoked").actor_login == "sysadmin"
    assert "既に取り消されています" in operator.post(LIST, sent, follow=True).content.decode()


def test_other_staff_see_no_tokens(program: Program, log_in: LogIn) -> None:
    assert log_in("staff", "club.admin", is_staff=True).get(LIST).status_code == 403
