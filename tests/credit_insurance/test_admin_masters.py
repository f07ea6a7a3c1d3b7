"""Masters of the staff: 保険契約 with its 区分, bank days, 所属組合 and 加入者."""

from typing import Any

import pytest
from django.http import HttpResponse

from credit_insurance.enums import CalendarKind, Membership
from credit_insurance.models import CalendarDay, MasterPolicy, Member, Union
from portal.accounts.models import Organisation
from portal.audit.models import Event
from tests.conftest import LogIn, Person
from tests.credit_insurance.driver import corporate_number

ADMIN = "/admin/credit_insurance"
POLICY = {
    "year": "2028",
    "policy_no": "TC-2028",
    "insurer": "架空海上火災保険株式会社",
    "branch": "見本支社",
    "agent": "架空代理店",
    "campaign_open": "2027-11-23",
    "campaign_close": "2028-02-17",
    "indemnity_ratio": "0.95",
    "deductible": "0",
    "min_debtors": "10",
    "min_premium": "0",
    "rounding": "10",
    "bank_name": "架空中央金庫",
    "bank_branch": "本店",
    "account_kind": "普通",
    "account_no": "０００００01",
    "account_holder": "架空中央会",
    "classes-TOTAL_FORMS": "2",
    "classes-INITIAL_FORMS": "0",
    "classes-0-number": "1",
    "classes-0-ceiling": "100000000",
    "classes-0-base_rate": "0.006",
    "classes-0-meaning": "優良",
    "classes-1-number": "6",
    "classes-1-ceiling": "0",
    "classes-1-base_rate": "",
    "classes-1-meaning": "引受対象外",
}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def manager(log_in: LogIn) -> Person:
    """引受責任者."""
    return log_in("uwmgr", "credit.uw_manager", is_staff=True)


@pytest.fixture
def fed(log_in: LogIn) -> Person:
    """団体事務局."""
    return log_in("fed", "credit.fed", is_staff=True)


def said(page: HttpResponse) -> str:
    return page.content.decode()


def test_a_policy_is_entered_with_its_classes_and_a_change_is_recorded_with_values(manager: Person) -> None:
    assert manager.post(f"{ADMIN}/masterpolicy/add/", POLICY).status_code == 302
    policy = MasterPolicy.objects.get()
    assert (policy.account_no, [one.ceiling for one in policy.classes.order_by("number")]) == ("0000001", [10**8, 0])
    first, last = policy.classes.order_by("number")
    rows = {"classes-INITIAL_FORMS": "2", "classes-0-id": first.pk, "classes-1-id": last.pk, "rounding": "100"}
    rows |= {"classes-0-policy": policy.pk, "classes-1-policy": policy.pk, "classes-0-ceiling": "90000000"}
    assert manager.post(f"{ADMIN}/masterpolicy/{policy.pk}/change/", {**POLICY, **rows}).status_code == 302
    changes = Event.objects.get(verb="admin.changed").detail["changes"]
    assert changes[0]["changed"]["values"] == {"rounding": ["10", "100"]}
    assert changes[1]["changed"]["values"] == {"ceiling": ["100000000", "90000000"]}
    assert "90,000,000円" in said(manager.get(f"{ADMIN}/masterpolicy/"))
    assert manager.get(f"{ADMIN}/masterpolicy/{policy.pk}/delete/").status_code == 403


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"indemnity_ratio": "1.5"}, "95%は0.95です"),
        ({"campaign_close": "2027-01-01"}, "募集開始日以後の日"),
        ({"account_no": "12"}, "7桁の数字"),
        ({"rounding": "0"}, "1以上の数字"),
        ({"classes-0-base_rate": ""}, "0より大きい基準料率"),
        ({"classes-1-base_rate": "0.01"}, "基準料率を空欄に"),
    ],
)
def test_a_policy_that_cannot_be_right_is_refused(manager: Person, changes: dict[str, str], message: str) -> None:
    assert message in said(manager.post(f"{ADMIN}/masterpolicy/add/", {**POLICY, **changes}))
    assert not MasterPolicy.objects.exists()


def test_only_the_manager_of_the_insurer_enters_policies(fed: Person, log_in: LogIn) -> None:
    clerk = log_in("uw", "credit.uw", is_staff=True)
    for person in (fed, clerk):
        assert person.post(f"{ADMIN}/masterpolicy/add/", POLICY).status_code == 403
        assert person.get(f"{ADMIN}/masterpolicy/").status_code == 200


def test_bank_days_are_the_administrators_and_a_moved_deadline_the_managers(log_in: LogIn) -> None:
    calendar = log_in("calendar", "credit.calendar", is_staff=True)
    manager = log_in("fedmgr", "credit.fed_manager", is_staff=True)
    closed = {"day": "2026-11-16", "kind": "closed", "reason": "臨時の休業"}
    extended = {"day": "2026-11-17", "kind": "extended", "reason": "障害のため"}
    place = f"{ADMIN}/calendarday/add/"
    assert calendar.post(place, closed).status_code == manager.post(place, extended).status_code == 302
    assert calendar.post(place, {**extended, "day": "2026-12-17"}).status_code == 200
    assert manager.post(place, {**closed, "day": "2026-12-16"}).status_code == 200
    kept = {one.kind: one.entered_by.login for one in CalendarDay.objects.select_related("entered_by")}
    assert kept == {CalendarKind.CLOSED: "calendar", CalendarKind.EXTENDED: "fedmgr"}


@pytest.mark.parametrize(
    ("day", "kind", "message"),
    [
        ("2026-11-22", "closed", "もともと金融機関の休業日"),
        ("2026-11-24", "opened", "もともと金融機関の営業日"),
        ("2026-11-09", "closed", "今日以後の日"),
        ("2026-11-18", "extended", "17日を入力"),
    ],
)
def test_a_day_that_changes_nothing_is_refused(log_in: LogIn, day: str, kind: str, message: str) -> None:
    person = log_in("both", "credit.calendar", "credit.fed_manager", is_staff=True)
    assert message in said(person.post(f"{ADMIN}/calendarday/add/", {"day": day, "kind": kind, "reason": "理由"}))


def test_a_union_and_a_member_are_opened_and_the_member_gets_its_number(fed: Person) -> None:
    people = Organisation.objects.create(portal="credit", code="U9", name="架空協同組合")
    company = Organisation.objects.create(portal="credit", code="M9", name="架空物産株式会社")
    union = {"code": "u 9", "name": "架空協同組合", "prefecture": "13", "organisation": people.pk, "is_active": "on"}
    assert fed.post(f"{ADMIN}/union/add/", union).status_code == 302
    made = Union.objects.get()
    member: dict[str, Any] = {
        "organisation": company.pk,
        "legal_kind": "corp",
        "name": "架空物産株式会社",
        "union": made.pk,
    }
    assert "組み合わせが正しくありません" in said(
        fed.post(f"{ADMIN}/member/add/", {**member, "corporate_number": "1234567890123"})
    )
    number = corporate_number(9)
    assert fed.post(f"{ADMIN}/member/add/", {**member, "corporate_number": number}).status_code == 302
    kept = Member.objects.get()
    assert (kept.number, kept.corporate_number, kept.membership) == ("K0000001", number, Membership.UNCONFIRMED)


def test_a_stale_page_of_a_member_is_refused_and_another_number_begins_the_confirmation_anew(
    fed: Person, member: Member
) -> None:
    place = f"{ADMIN}/member/{member.pk}/change/"
    sent = {"legal_kind": "corp", "name": "架空商事A株式会社", "union": member.union_id, "seen": "1"}
    assert fed.post(place, {**sent, "corporate_number": corporate_number(3)}).status_code == 302
    member.refresh_from_db()
    assert (member.revision, member.membership) == (2, Membership.UNCONFIRMED)
    assert "ほかの方が変更しました" in said(fed.post(place, {**sent, "name": "別の名前"}))
    assert (
        fed.post(place, {**sent, "seen": "2", "union_since": "2026-05-01", "union_until": "2026-04-01"}).status_code
        == 200
    )
    member.refresh_from_db()
    assert (member.name, member.union_since) == ("架空商事A株式会社", None)


def test_the_insurer_reads_members_and_unions(log_in: LogIn, member: Member) -> None:
    clerk = log_in("uw", "credit.uw", is_staff=True)
    for place in ("member", f"member/{member.pk}/change", "union", f"union/{member.union_id}/change", "calendarday"):
        assert clerk.get(f"{ADMIN}/{place}/").status_code == 200
    assert clerk.post(f"{ADMIN}/member/{member.pk}/change/", {"name": "x"}).status_code == 403
