"""A case that misses its last possible month: it ends, says so, and a sheet for the next period is there (7.1, T15)."""

from datetime import date

import pytest
import time_machine

from credit_insurance.enums import CaseState
from credit_insurance.models import Case, EnrolmentForm, Line, MasterPolicy, Member, Quote
from credit_insurance.selectors import masters
from credit_insurance.services import enrolment
from portal.accounts.models import User
from portal.applications.models import Application
from tests.conftest import LogIn, Person
from tests.credit_insurance import builder
from tests.credit_insurance.driver import words
from tests.credit_insurance.money import accepted, at
from tests.credit_insurance.papers import Form, all_five

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy"), pytest.mark.stores_files]
MISSED = date(2027, 1, 19)


@pytest.fixture
def quote(clock: time_machine.Traveller, approver: Person, log_in: LogIn) -> Quote:
    """An accepted offer for 1 December 2026 with its twelve debtors."""
    underwriter = log_in("uw", "credit.uw", is_staff=True).user
    manager = log_in("uwmgr", "credit.uw_manager", is_staff=True).user
    return builder.accepted(approver.user, underwriter, manager, date(2026, 12, 1))


def night() -> dict[str, int]:
    return enrolment.settle_all(MISSED, masters.calendar())


def drafts() -> list[Application]:
    return list(Application.objects.filter(kind="case", state="draft"))


def test_the_new_sheet_has_the_debtors_and_1_march_and_is_made_once(
    quote: Quote, approver: Person, clock: time_machine.Traveller
) -> None:
    at(clock, MISSED)
    assert night() == {"complete": 0, "later": 0, "miss": 1}
    assert night()["miss"] == 0
    (draft,) = drafts()
    assert draft.data["steps"]["summary"]["main-intended_start"] == ["2027-03-01"]
    assert (draft.created_by, draft.organisation) == (approver.user, approver.user.organisation)
    assert Line.objects.filter(sheet=draft).count() == 12
    case = Case.objects.get()
    assert case.state == CaseState.EXPIRED_QUOTE
    assert f"見積りの下書き（{draft.number}）を用意しました" in case.comment
    approver.force_login(approver.user)
    assert "入力中" in words(approver.get("/credit/cases/"))
    # Whoever asks for it goes on with the same one.
    again = approver.post(f"/credit/quotes/{quote.number}/next-period/")
    assert draft.number in again.headers["Location"]
    assert len(drafts()) == 1


def test_who_submitted_it_may_have_left_and_a_colleague_gets_it(
    member: Member, approver: Person, staff: Person, viewer: Person, clock: time_machine.Traveller
) -> None:
    accepted(member, approver.user, date(2026, 12, 1))
    User.objects.filter(pk=approver.user.pk).update(is_active=False)
    at(clock, MISSED)
    night()
    (draft,) = drafts()
    assert draft.created_by == staff.user


@pytest.mark.parametrize("is_entered", [True, False], ids=["not open", "not entered"])
def test_before_the_campaign_the_case_says_how_to_begin_later(
    member: Member, approver: Person, clock: time_machine.Traveller, is_entered: bool
) -> None:
    accepted(member, approver.user, date(2026, 12, 1))
    following = MasterPolicy.objects.filter(year=2027)
    if is_entered:
        following.update(campaign_open=date(2027, 1, 25))
    else:
        following.get().classes.all().delete()
        following.delete()
    at(clock, MISSED)
    assert night()["miss"] == 1
    words = "次の保険期間の募集は2027年1月25日に始まります" if is_entered else "募集開始日は決まりしだい"
    assert words in Case.objects.get().comment
    assert drafts() == []


def test_the_federation_sees_what_a_form_says_otherwise(quote: Quote, approver: Person, log_in: LogIn) -> None:
    all_five()
    clerk = log_in("fed", "credit.fed", is_staff=True)
    form = Form(approver, quote.number, employees="changed", employees_new="25人（新しい人数）")
    form.tick()
    form.submit(approver)
    row = EnrolmentForm.objects.get()
    page = clerk.get(f"/admin/credit_insurance/enrolmentform/{row.pk}/change/")
    shown = words(page).partition("お引受条件・登録内容との違い")[2].partition("決定")[0]
    assert "★ 常時使用する従業員数" in shown
    assert "25人（新しい人数）" in shown
    assert "☆ 資本関係" not in shown
    everything = words(page)
    assert "☆ 資本関係" in everything
    assert "反社会的勢力でない旨の表明 第1版" in everything
