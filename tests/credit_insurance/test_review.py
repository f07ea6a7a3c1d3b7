"""審査 and お引受条件: the insurer decides about every debtor, two people offer, the member answers."""

import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine

from credit_insurance.enums import CaseState, Decision, Membership, QuoteState
from credit_insurance.models import Case, CreditClass, LimitDecision, Member, Quote
from credit_insurance.services import quotes
from tests.conftest import LogIn, Person
from tests.credit_insurance import builder
from tests.credit_insurance.driver import Sheet, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "policy")]


@pytest.fixture
def underwriter(log_in: LogIn) -> Person:
    return log_in("uw", "credit.uw", is_staff=True, name="引受 望")


@pytest.fixture
def manager(log_in: LogIn) -> Person:
    return log_in("uwmgr", "credit.uw_manager", is_staff=True, name="引受 誠")


@pytest.fixture
def case(approver: Person) -> Case:
    """A case of twelve debtors that was handed in."""
    return builder.submitted(approver.user, date(2026, 12, 1))


def desk(case: Case) -> str:
    return f"/admin/credit_insurance/case/{case.pk}/change/"


def decides(person: Person, about: LimitDecision, **entered: object):
    about.refresh_from_db()
    given = {"revision": about.revision, "decision": "APPROVED", "limit": "8,000,000", **entered}
    return person.post(f"/admin/credit_insurance/limitdecision/{about.pk}/change/", given)


def class_of(number: int) -> int:
    return CreditClass.objects.get(policy__year=2026, number=number).pk


def approve_all(person: Person, case: Case) -> None:
    given = {"decision": "bulk", "takes_open": "on", "how": "asked", "credit_class": class_of(3)}
    assert person.post(desk(case), given).status_code == 302


@pytest.fixture
def offered(case: Case, underwriter: Person, manager: Person) -> Quote:
    """The offer of 96,000,000 in class 3, issued by the manager."""
    underwriter.post(desk(case), {"decision": "take"})
    approve_all(underwriter, case)
    answer = underwriter.post(desk(case), {"decision": "offer", "period_limit": "29,000,000"})
    assert answer.status_code == 302
    quote = Quote.objects.get()
    assert manager.post(f"/admin/credit_insurance/quote/{quote.pk}/change/").status_code == 302
    quote.refresh_from_db()
    return quote


def test_a_case_is_reviewed_offered_by_two_people_and_accepted(offered: Quote, approver: Person, case: Case):
    assert offered.state == QuoteState.ISSUED
    assert (offered.rate, offered.total_limit, offered.months) == (Decimal("0.01"), 96_000_000, 3)
    # 96,000,000 × 1 % × 3 ÷ 12
    assert (offered.premium, offered.cost_on_sales) == (240_000, Decimal("0.25"))
    assert sum(line["premium"] for line in offered.lines) == 240_000
    page = words(approver.get(f"/credit/quotes/{offered.number}/"))
    assert "保険料 240,000円" in page
    assert "期間中支払限度額 29,000,000円" in page
    assert "有効期限：2026年11月17日" in page
    assert approver.post(f"/credit/quotes/{offered.number}/", {"action": "accept"}).status_code == 303
    case.refresh_from_db()
    assert case.state == CaseState.ACCEPTED
    again = approver.post(f"/credit/quotes/{offered.number}/", {"action": "accept"})
    assert again.status_code == 409


def test_who_prepared_an_offer_does_not_issue_it(case: Case, manager: Person):
    manager.post(desk(case), {"decision": "take"})
    approve_all(manager, case)
    manager.post(desk(case), {"decision": "offer"})
    quote = Quote.objects.get()
    answer = manager.post(f"/admin/credit_insurance/quote/{quote.pk}/change/")
    assert answer.status_code == 409
    assert "自分が作成したお引受条件は発行できません" in answer.content.decode()
    assert Quote.objects.get().state == QuoteState.PREPARED


def test_an_unconfirmed_member_is_not_reviewed(case: Case, underwriter: Person, member: Member):
    Member.objects.filter(pk=member.pk).update(membership=Membership.UNCONFIRMED)
    answer = underwriter.post(desk(case), {"decision": "take"})
    assert answer.status_code == 409
    assert "所属組合の会員確認が済んでいません" in answer.content.decode()


def test_a_limit_above_the_ceiling_of_its_class_is_refused(case: Case, underwriter: Person):
    underwriter.post(desk(case), {"decision": "take"})
    decision = LimitDecision.objects.order_by("pk")[0]
    answer = decides(underwriter, decision, credit_class=class_of(5))
    assert answer.status_code == 422
    assert "限度額が区分の上限（3,000,000円）を超えています" in answer.content.decode()
    answer = decides(underwriter, decision, decision="PARTIAL", credit_class=class_of(5), limit="3,000,000")
    assert "理由を1つ以上選択してください" in answer.content.decode()
    given = {"decision": "PARTIAL", "credit_class": class_of(5), "limit": "3,000,000", "reasons": ["R14"]}
    assert decides(underwriter, decision, **given).status_code == 302


def test_two_underwriters_at_one_debtor_see_each_other(case: Case, underwriter: Person, manager: Person):
    underwriter.post(desk(case), {"decision": "take"})
    decision = LimitDecision.objects.order_by("pk")[0]
    assert decides(underwriter, decision, credit_class=class_of(3)).status_code == 302
    late = manager.post(
        f"/admin/credit_insurance/limitdecision/{decision.pk}/change/",
        {"revision": 1, "decision": "DECLINED", "limit": "0", "reasons": ["R99"]},
    )
    assert late.status_code == 409
    decision.refresh_from_db()
    assert decision.decision == Decision.APPROVED


def test_less_than_ten_debtors_with_a_limit_need_a_reason_of_the_manager(
    case: Case, underwriter: Person, manager: Person
):
    underwriter.post(desk(case), {"decision": "take"})
    approve_all(underwriter, case)
    for one in LimitDecision.objects.filter(case=case).order_by("pk")[:3]:
        assert decides(underwriter, one, decision="DECLINED", limit="0", reasons=["R14"]).status_code == 302
    refused = underwriter.post(desk(case), {"decision": "offer"})
    assert refused.status_code == 422
    assert "限度額のある取引先が9社で、10社に満ちません" in refused.content.decode()
    special = {"decision": "offer", "special_reason": "主要な取引先がそろっているため"}
    assert underwriter.post(desk(case), special).status_code == 302
    offer = f"/admin/credit_insurance/quote/{Quote.objects.get().pk}/change/"
    assert underwriter.post(offer, {"decision": "issue"}).status_code == 403
    assert "主要な取引先がそろっているため" in manager.get(offer).content.decode()
    assert manager.post(offer, {"decision": "issue"}).status_code == 302


def test_a_question_about_a_debtor_is_answered_by_the_member(case: Case, underwriter: Person, staff: Person):
    underwriter.post(desk(case), {"decision": "take"})
    decision = LimitDecision.objects.order_by("pk")[0]
    assert (
        decides(underwriter, decision, decision="INFO", limit="", question="直近の決算書はありますか").status_code
        == 302
    )
    underwriter.post(desk(case), {"decision": "ask"})
    page = staff.get(f"/credit/cases/{case.number}/answer/")
    assert "直近の決算書は" in words(page)
    answer = staff.post(f"/credit/cases/{case.number}/answer/", {f"answer-{decision.pk}": "2026年3月期があります"})
    assert answer.status_code == 303
    decision.refresh_from_db()
    assert (decision.answer, decision.decision) == ("2026年3月期があります", Decision.PENDING)
    case.refresh_from_db()
    assert case.state == CaseState.UNDER_REVIEW


def test_a_returned_sheet_is_corrected_in_a_copy_of_the_same_case(
    case: Case, underwriter: Person, staff: Person, approver: Person
):
    underwriter.post(desk(case), {"decision": "return", "comment": "残高の基準日を確かめてください"})
    assert "残高の基準日を確かめてください" in words(staff.get(f"/credit/cases/{case.number}/"))
    begun = staff.post(f"/credit/cases/{case.number}/correct/")
    number = re.search(r"/credit/cases/(\d+)/", begun.headers["Location"])
    assert number
    copy = Sheet.__new__(Sheet)
    copy.person, copy.number = staff, number[1]
    assert "対象 12社／10社以上" in words(staff.get(copy.url))
    assert (
        copy.add(13, balance_now="4,000,000", balance_max12="4,000,000", requested_limit="4,000,000").status_code == 303
    )
    assert copy.go_on().status_code == 303
    assert copy.submit(approver).status_code == 303
    case.refresh_from_db()
    assert (case.state, case.debtors, case.sheet.number) == (CaseState.SUBMITTED, 13, number[1])
    assert Case.objects.count() == 1


def test_the_insurer_sees_what_other_members_have_on_a_debtor_and_no_member_does(
    offered: Quote, stranger: Person, underwriter: Person
):
    other = builder.submitted(stranger.user, date(2026, 12, 1))
    underwriter.post(desk(other), {"decision": "take"})
    assert "1件 8,000,000円" in underwriter.get(desk(other)).content.decode()
    for path in (f"/credit/cases/{other.number}/", "/credit/", "/credit/cases/", f"/credit/sheets/{other.number}/"):
        assert "1件 8,000,000円" not in words(stranger.get(path))
    assert stranger.get(f"/credit/quotes/{offered.number}/").status_code == 404


def test_a_member_sees_no_offer_before_it_is_issued_and_may_ask_twice_for_another(
    offered: Quote, approver: Person, staff: Person, underwriter: Person, manager: Person, case: Case
):
    page = f"/credit/quotes/{offered.number}/"
    assert staff.post(page, {"action": "accept"}).status_code == 403
    assert approver.post(page, {"action": "review", "comment": "限度額を増やしてください"}).status_code == 303
    underwriter.post(desk(case), {"decision": "offer"})
    second = Quote.objects.get(state=QuoteState.PREPARED)
    assert second.number == f"{offered.number[:-1]}2"
    assert approver.get(f"/credit/quotes/{second.number}/").status_code == 404
    manager.post(f"/admin/credit_insurance/quote/{second.pk}/change/")
    assert approver.get(f"/credit/quotes/{second.number}/").status_code == 200


def test_an_offer_ends_with_its_last_day(offered: Quote, approver: Person, case: Case, clock: time_machine.Traveller):
    clock.move_to("2026-11-18 03:00:00+00:00")
    approver.force_login(approver.user)
    late = approver.post(f"/credit/quotes/{offered.number}/", {"action": "accept"})
    assert late.status_code == 409
    assert "有効期限が過ぎています" in words(late)
    assert quotes.expire(offered.valid_until) == 0
    assert quotes.expire(offered.valid_until.replace(day=18)) == 1
    case.refresh_from_db()
    assert case.state == CaseState.EXPIRED_QUOTE
