"""利用者管理: a 利用管理者 adds, changes, stops and resumes the people of the own bank, and never himself."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from guarantee_lookup.models import Branch, Clerk, LookupLock
from portal.accounts import totp
from portal.accounts.models import Grant, Organisation, User
from portal.audit.models import Event
from portal.outbox import drain
from tests.guarantee_lookup.driver import ACCEPTANCE, Answer, Teller

pytestmark = pytest.mark.django_db
USERS = "/lookup/users/"
NEW = f"{USERS}new/"
PERSON = {"name": "新人 さくら", "email": "sakura@bank.example", "role": "lookup.user"}


def page_of(person: Teller | User, action: str = "") -> str:
    pk = person.user.pk if isinstance(person, Teller) else person.pk
    return f"{USERS}{pk}/{action}/" if action else f"{USERS}{pk}/"


def follows(master: Teller, path: str, **fields: Any) -> Answer:
    """Send a form and read the page after it."""
    return Answer(master.client.post(path, fields, follow=True), path)


def is_in(person: Teller) -> bool:
    return person.opens("/lookup/").status == 200


# --- The list ---------------------------------------------------------------------


def test_the_list_shows_the_people_of_the_own_bank_with_state_and_last_login(
    master: Teller, user: Teller, other: Teller
) -> None:
    page = master.opens(USERS)
    for said in ("a-user", "照会 太郎", "101 本店", "照会者", "利用管理者", "有効", "2026年3月19日"):
        assert said in page.text
    assert "b-user" not in page.text


def test_the_list_is_for_managers(user: Teller) -> None:
    page = user.opens(USERS)
    assert page.status == 403
    assert "利用管理者" in page.text


def test_the_list_is_narrowed_by_words_and_state(master: Teller, user: Teller) -> None:
    follows(master, page_of(user, "stop"))
    assert "a-user" in master.opens(f"{USERS}?q=照会").text
    assert "a-user" not in master.opens(f"{USERS}?state=active").text
    assert "停止（利用管理者による）" in master.opens(f"{USERS}?state=stopped").text
    assert master.opens(f"{USERS}?state=x").status == 422


def test_the_list_as_csv_is_recorded(master: Teller, user: Teller) -> None:
    answer = master.client.get(f"{USERS}?format=csv")
    lines = b"".join(answer).decode("utf-8-sig").splitlines()  # type: ignore[arg-type,call-overload]
    assert lines[0].startswith('"利用者ID","氏名","メール","店舗","権限","状態"')
    assert [line.split(",")[0] for line in lines[1:]] == ['"a-master"', '"a-user"']
    assert Event.objects.filter(verb="lookup.users_csv", actor_login="a-master").count() == 1


# --- Adding -------------------------------------------------------------------------


def test_a_person_is_added_with_an_id_of_ours_and_gets_a_first_password(master: Teller) -> None:
    branch = Branch.objects.get()
    page = follows(master, NEW, **PERSON, branch=branch.pk, batch="on")
    user = User.objects.get(email="sakura@bank.example")
    assert user.login in page.text
    assert (user.login[:4], user.login.isdecimal(), user.organisation) == ("9997", True, master.user.organisation)
    assert (user.roles, user.clerk.branch) == ({"lookup.user", "lookup.batch"}, branch)
    drain()
    assert [one.to for one in mail.outbox] == [["sakura@bank.example"]]
    assert "仮パスワード：" in mail.outbox[0].body
    assert user.login not in mail.outbox[0].body
    assert "仮" in master.opens(USERS).text
    assert set(Event.objects.filter(target=user.login).values_list("verb", flat=True)) == {
        "lookup.user_added",
        "account.granted",
        "account.first-password",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "氏名を入力してください"),
        ({"email": "sakura"}, "メールを読み取れませんでした"),
        ({"role": "lookup.master"}, "権限を選び直してください"),
        ({"role": "lookup.staff"}, "権限を選び直してください"),
        ({"branch": "999"}, "店舗を選び直してください"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_added(master: Teller, changes: dict[str, str], message: str) -> None:
    before = User.objects.count()
    page = master.sends(NEW, **{**PERSON, **changes})
    assert (page.status, message in page.text) == (422, True)
    assert User.objects.count() == before


def test_a_branch_of_another_bank_cannot_be_chosen(master: Teller, bank_b: Organisation) -> None:
    foreign = Branch.objects.create(institution=bank_b.institution, code="012", name="他行")
    assert master.sends(NEW, **PERSON, branch=foreign.pk).status == 422


# --- Changing -------------------------------------------------------------------------


def test_data_branch_and_roles_are_changed_at_once(master: Teller, user: Teller) -> None:
    page = follows(
        master, page_of(user, "change"), name="照会 改", email="kai@bank.example", role="lookup.branch", branch=""
    )
    assert "登録内容を変更しました" in page.text
    changed = User.objects.get(pk=user.user.pk)
    assert (changed.name, changed.email, changed.roles) == ("照会 改", "kai@bank.example", {"lookup.branch"})
    assert changed.clerk.branch is None


def test_a_role_that_was_given_today_is_taken_at_once(master: Teller, user: Teller) -> None:
    change = page_of(user, "change")
    person = {"name": "照会 太郎", "email": "taro@bank.example", "role": "lookup.user"}
    follows(master, change, **person, batch="on")
    assert User.objects.get(pk=user.user.pk).has_role("lookup.batch")
    follows(master, change, **person)
    assert not User.objects.get(pk=user.user.pk).has_role("lookup.batch")
    assert Grant.objects.filter(user=user.user).count() == 1


def test_another_address_ends_the_sessions(master: Teller, user: Teller) -> None:
    assert is_in(user)
    follows(master, page_of(user, "change"), name="照会 太郎", email="new@bank.example", role="lookup.user")
    assert not is_in(user)


def test_the_role_of_a_manager_is_the_associations(master: Teller, log_in: Any, bank_a: Organisation) -> None:
    second = log_in("a-master-2", "lookup.master", organisation=bank_a).user
    Clerk.objects.create(user=second)
    assert "利用管理者の権限は、協会が付与します" in master.opens(page_of(second, "change")).text
    follows(master, page_of(second, "change"), name="管理 二", email="ni@bank.example", role="lookup.user")
    assert User.objects.get(pk=second.pk).roles == {"lookup.master"}


# --- Stopping and resuming ----------------------------------------------------------------


def test_stopping_asks_first_and_works_at_once(master: Teller, user: Teller) -> None:
    assert is_in(user)
    assert "この利用者を停止しますか" in master.opens(page_of(user, "stop")).text
    assert is_in(user)
    assert "停止しました" in follows(master, page_of(user, "stop")).text
    assert not is_in(user)
    assert "すでに停止しています" in follows(master, page_of(user, "stop")).text
    assert Event.objects.filter(verb="lookup.user_stopped", target="a-user").count() == 1


def test_a_stopped_person_is_resumed(master: Teller, user: Teller) -> None:
    follows(master, page_of(user, "stop"))
    assert "停止解除" in master.opens(page_of(user)).text
    assert "停止を解除しました" in follows(master, page_of(user, "resume")).text
    user.logs_in_again()
    assert is_in(user)


def test_who_left_is_never_resumed(master: Teller, user: Teller) -> None:
    follows(master, page_of(user, "leave"))
    page = master.opens(page_of(user))
    assert "廃止" in page.text
    assert "停止解除" not in page.text
    assert "廃止した利用者IDは再開できません" in follows(master, page_of(user, "resume")).text
    assert not User.objects.get(pk=user.user.pk).is_active


def test_whom_the_association_stopped_only_the_association_resumes(master: Teller, user: Teller) -> None:
    User.objects.filter(pk=user.user.pk).update(is_active=False)
    assert "停止（協会による）" in master.opens(page_of(user)).text
    assert "協会が停止した利用者です" in follows(master, page_of(user, "resume")).text
    assert not User.objects.get(pk=user.user.pk).is_active


def test_a_first_password_is_sent_again_and_the_old_one_is_dead(master: Teller, user: Teller) -> None:
    User.objects.filter(pk=user.user.pk).update(email="taro@bank.example")
    assert is_in(user)
    assert "72時間" in follows(master, page_of(user, "first-password")).text
    drain()
    assert [one.to for one in mail.outbox] == [["taro@bank.example"]]
    assert not is_in(user)
    assert not User.objects.get(pk=user.user.pk).check_password("test-password")


def test_a_stopped_person_gets_no_password(master: Teller, user: Teller) -> None:
    follows(master, page_of(user, "stop"))
    assert "先に停止を解除してください" in follows(master, page_of(user, "first-password")).text


def test_a_fourth_password_within_the_hour_is_not_sent(master: Teller, user: Teller) -> None:
    User.objects.filter(pk=user.user.pk).update(email="taro@bank.example")
    for _ in range(3):
        follows(master, page_of(user, "first-password"))
    assert "1時間に3回まで" in follows(master, page_of(user, "first-password")).text
    drain()
    assert len(mail.outbox) == 3


def test_a_lost_authenticator_is_removed(master: Teller, user: Teller) -> None:
    totp.enrol(user.user, "JBSWY3DPEHPK3PXP")
    assert "追加認証を解除しました" in follows(master, page_of(user, "second-factor")).text
    assert totp.factor_of(user.user) is None


# --- Locks -----------------------------------------------------------------------------


def lock(user: Teller, reason: str) -> LookupLock:
    return LookupLock.objects.create(user=user.user, reason=reason, since=timezone.now())


def test_a_manager_lifts_a_lock_for_misses(master: Teller, user: Teller) -> None:
    made = lock(user, LookupLock.Reason.MISSES_HOUR)
    assert "照会を一時停止しています" in user.asks(ACCEPTANCE).text
    assert "照会の停止中" in master.opens(USERS).text
    assert "照会の停止を解除しました" in follows(master, page_of(user, "unlock")).text
    made.refresh_from_db()
    assert made.lifted_by == master.user
    assert "58,646,000" in user.asks(ACCEPTANCE).text


def test_a_manager_ends_the_wait_after_misses_in_a_row(master: Teller, user: Teller) -> None:
    for number in ("900000051", "900000157", "900000260", "900000362", "900000467"):
        user.asks(number)
    assert user.asks(ACCEPTANCE).status == 429
    follows(master, page_of(user, "unlock"))
    assert "58,646,000" in user.asks(ACCEPTANCE).text


@pytest.mark.parametrize("reason", [LookupLock.Reason.WALK, LookupLock.Reason.CANARY])
def test_who_counted_numbers_up_is_released_by_the_association_only(
    master: Teller, user: Teller, staff: Teller, reason: str
) -> None:
    made = lock(user, reason)
    assert "協会へご連絡ください" in follows(master, page_of(user, "unlock")).text
    assert "照会を一時停止しています" in user.asks(ACCEPTANCE).text
    staff.client.post("/admin/guarantee_lookup/lookuplock/", {"action": "lift", "_selected_action": [made.pk]})
    made.refresh_from_db()
    assert made.lifted_by == staff.user
    assert "58,646,000" in user.asks(ACCEPTANCE).text


# --- Nobody himself, nobody of another bank ------------------------------------------------


@pytest.mark.parametrize("action", ["change", "stop", "leave", "resume", "unlock", "first-password", "second-factor"])
def test_nobody_changes_himself(master: Teller, action: str) -> None:
    grants = list(Grant.objects.filter(user=master.user).values())
    for answer in (
        master.opens(page_of(master, action)),
        master.sends(page_of(master, action), name="別名", email="x@bank.example"),
    ):
        assert answer.status == 403
        assert "ご自身の利用者IDは変更できません" in answer.text
    master.user.refresh_from_db()
    assert (master.user.is_active, master.user.name) == (True, "a-master")
    assert list(Grant.objects.filter(user=master.user).values()) == grants
    assert "変更 " not in master.opens(page_of(master)).text


@pytest.mark.parametrize("action", ["", "change", "stop", "resume", "unlock", "first-password", "leave"])
def test_a_person_of_another_bank_is_as_unknown_as_nobody(master: Teller, other: Teller, action: str) -> None:
    foreign, unknown = page_of(other, action), page_of(User(pk=999_999), action)
    assert master.opens(foreign).status == 404
    assert master.opens(foreign).html == master.opens(unknown).html
    if action:
        assert master.sends(foreign, **PERSON).status == 404
    other.user.refresh_from_db()
    assert other.user.is_active


def test_an_unknown_action_is_unknown(master: Teller, user: Teller) -> None:
    assert master.opens(page_of(user, "dance")).status == 404


def test_who_stopped_being_manager_manages_nobody(master: Teller, user: Teller, clock: time_machine.Traveller) -> None:
    Grant.objects.filter(user=master.user).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert master.sends(page_of(user, "stop")).status == 403
    assert is_in(user)
