"""会員確認: asked for by the member, answered by its 所属組合 or the 団体事務局, who see no limits (2.1, 8.1)."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from credit_insurance.enums import Membership
from credit_insurance.models import Member, Union
from portal.audit.models import Event
from portal.outbox import drain
from tests.conftest import LogIn, Person
from tests.credit_insurance.driver import Sheet, hidden, words

ASK = "/credit/profile/ask/"
MEMBERS = "/credit/members/"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def unconfirmed(member: Member) -> Member:
    """Company A, of which its 組合 has not said anything yet."""
    Member.objects.filter(pk=member.pk).update(membership=Membership.UNCONFIRMED)
    return member


@pytest.fixture
def foreign(log_in: LogIn) -> Person:
    """事務局 of another 組合."""
    from portal.accounts.models import Organisation

    organisation = Organisation.objects.create(portal="credit", code="U0002", name="架空工業協同組合")
    Union.objects.create(organisation=organisation, code="U0002", name="架空工業協同組合", prefecture="00")
    return log_in("union-2", "credit.union", organisation=organisation)


def answers(person: Person, member: Member, action: str) -> str:
    """Press the button, then the one of the confirmation; return the words of the page after it."""
    place = f"{MEMBERS}{member.number}/{action}/"
    return words(person.post(place, {"revision": hidden(person.get(place), "revision")}, follow=True))


def membership(member: Member) -> str:
    member.refresh_from_db()
    return member.membership


def test_the_union_is_written_to_once_without_anything_about_the_member(
    staff: Person, unconfirmed: Member, union_clerk: Person, clock: time_machine.Traveller
) -> None:
    union_clerk.user.email = "jimu@union.example"
    union_clerk.user.save()
    assert "依頼しました" in words(staff.post(ASK, follow=True))
    assert "前の依頼の翌日から" in words(staff.post(ASK, follow=True))
    drain()
    (letter,) = mail.outbox
    assert letter.to == ["jimu@union.example"]
    assert not any(said in letter.body + letter.subject for said in ("架空商事", "K0000001", "円"))
    assert "会員確認の依頼が1件あります" in words(union_clerk.get("/credit/"))
    clock.shift(timedelta(days=1))
    staff.logout()
    staff.force_login(staff.user)
    assert "依頼しました" in words(staff.post(ASK, follow=True))
    assert Event.objects.filter(verb="credit.membership_asked").count() == 2


def test_without_people_of_the_union_the_federation_is_written_to(
    staff: Person, unconfirmed: Member, log_in: LogIn
) -> None:
    assert "電話でもお知らせください" in words(staff.post(ASK, follow=True))
    Member.objects.update(membership_asked_at=None)
    log_in("fed", "credit.fed", is_staff=True, email="fed@example.jp")
    staff.post(ASK)
    drain()
    assert [letter.to for letter in mail.outbox] == [["fed@example.jp"]]


def test_nothing_is_asked_without_a_union(staff: Person, unconfirmed: Member) -> None:
    Member.objects.update(union=None)
    assert "所属組合が登録されていません" in words(staff.post(ASK, follow=True))


def test_the_union_confirms_denies_and_reports_the_loss(union_clerk: Person, unconfirmed: Member) -> None:
    steps = [("confirm", "会員", Membership.CONFIRMED), ("deny", "会員資格喪失", Membership.LOST)]
    for action, said, state in steps:
        assert f"「{said}」にしました" in answers(union_clerk, unconfirmed, action)
        assert membership(unconfirmed) == state
    Member.objects.update(membership=Membership.UNCONFIRMED)
    assert "「会員ではない」にしました" in answers(union_clerk, unconfirmed, "deny")
    kept = Event.objects.filter(verb="credit.membership", actor_login="union", target="K0000001")
    assert {one.detail["to"] for one in kept} == {"confirmed", "lost", "denied"}


def test_an_answer_about_data_that_changed_since_is_not_kept(union_clerk: Person, unconfirmed: Member) -> None:
    place = f"{MEMBERS}{unconfirmed.number}/confirm/"
    seen = hidden(union_clerk.get(place), "revision")
    Member.objects.filter(pk=unconfirmed.pk).update(revision=2, corporate_number="1")
    assert "変わっています" in words(union_clerk.post(place, {"revision": seen}, follow=True))
    assert membership(unconfirmed) == Membership.UNCONFIRMED


@pytest.mark.usefixtures("policy")
def test_the_union_sees_name_and_state_but_no_money(
    union_clerk: Person, staff: Person, approver: Person, rival: Member, member: Member
) -> None:
    sheet = Sheet(staff).fill()
    sheet.go_on()
    sheet.submit(approver)
    listing = union_clerk.get(MEMBERS)
    exported = b"".join(union_clerk.get(f"{MEMBERS}?format=csv")).decode()  # type: ignore[arg-type,call-overload]
    pages = [listing.content.decode(), exported, union_clerk.get(f"{MEMBERS}{member.number}/").content.decode()]
    for page in pages:
        assert "申請済" in page
        assert not any(said in page for said in ("8,000,000", "96,000,000", "8000000", "架空取引先", sheet.number))
    for said in ("K0000001", "K0000002", "架空商事B株式会社"):
        assert said in words(listing)
    assert Event.objects.filter(verb="credit.members_csv", actor_login="union").count() == 1
    assert union_clerk.get("/credit/cases/").status_code == union_clerk.get(sheet.url).status_code == 403


@pytest.mark.usefixtures("member", "rival")
def test_the_list_is_narrowed_by_words_and_state(union_clerk: Person) -> None:
    assert "K0000002" not in words(union_clerk.get(f"{MEMBERS}?q=商事A"))
    assert "K0000001" not in words(union_clerk.get(f"{MEMBERS}?q=k0000002"))
    assert "条件に合うものはありません" in words(union_clerk.get(f"{MEMBERS}?state=lost"))
    assert union_clerk.get(f"{MEMBERS}?state=x").status_code == 422


def test_another_union_finds_nothing(foreign: Person, unconfirmed: Member, staff: Person) -> None:
    assert "K0000001" not in words(foreign.get(MEMBERS))
    for action in ("", "confirm/", "deny/"):
        known = foreign.get(f"{MEMBERS}K0000001/{action}")
        unknown = foreign.get(f"{MEMBERS}K9999999/{action}")
        assert known.status_code == unknown.status_code == 404
        assert words(known) == words(unknown)
    assert foreign.post(f"{MEMBERS}K0000001/confirm/", {"revision": "1"}).status_code == 404
    assert membership(unconfirmed) == Membership.UNCONFIRMED
    assert staff.get(MEMBERS).status_code == 403


@pytest.mark.parametrize(("role", "may"), [("credit.fed", True), ("credit.uw", False)])
def test_the_federation_may_answer_too(log_in: LogIn, unconfirmed: Member, role: str, may: bool) -> None:
    clerk = log_in("clerk", role, is_staff=True)
    clerk.post("/admin/credit_insurance/member/", {"action": "confirm", "_selected_action": [unconfirmed.pk]})
    assert (membership(unconfirmed) == Membership.CONFIRMED) is may
