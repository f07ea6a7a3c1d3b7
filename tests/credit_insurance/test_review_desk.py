"""The desk of the 引受担当: what is pointed out, several debtors at once, what nobody may go around."""

import re
from datetime import date

import pytest
import time_machine

from credit_insurance.enums import CaseState, QuoteState
from credit_insurance.models import (
    Case,
    CoveredDebtor,
    CreditClass,
    Enrolment,
    LimitDecision,
    Line,
    Member,
    Quote,
)
from portal.audit.models import Event
from tests.conftest import LogIn, Person
from tests.credit_insurance import builder
from tests.credit_insurance.driver import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "policy")]

QUEUE = "/admin/credit_insurance/case/"
START = date(2026, 12, 1)


@pytest.fixture
def underwriter(log_in: LogIn) -> Person:
    return log_in("uw", "credit.uw", is_staff=True, name="引受 望")


@pytest.fixture
def manager(log_in: LogIn) -> Person:
    return log_in("uwmgr", "credit.uw_manager", is_staff=True, name="引受 誠")


@pytest.fixture
def case(approver: Person) -> Case:
    return builder.submitted(approver.user, START)


@pytest.fixture
def begun(case: Case, underwriter: Person) -> Case:
    """A case whose review the underwriter has begun."""
    assert underwriter.post(desk(case), {"decision": "take"}).status_code == 302
    return case


def desk(case: Case) -> str:
    return f"{QUEUE}{case.pk}/change/"


def shown(person: Person, path: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", person.get(path).content.decode()))


def change(case: Case, place: int, **values: object) -> None:
    """Make a debtor of a submitted sheet another one."""
    line = Line.objects.filter(sheet=case.sheet).order_by("position")[place - 1]
    Line.objects.filter(pk=line.pk).update(values={**line.values, **values})


def line_at(case: Case, place: int) -> LimitDecision:
    return LimitDecision.objects.filter(case=case).select_related("line").order_by("line__position")[place - 1]


def class_of(number: int) -> int:
    return CreditClass.objects.get(policy__year=2026, number=number).pk


def ticks(case: Case, *places: int) -> list[str]:
    chosen = [line_at(case, place) for place in places]
    return [f"{one.pk}-{one.revision}" for one in chosen]


def sets(person: Person, case: Case, places: tuple[int, ...], **entered: object):
    given = {"decision": "bulk", "line": ticks(case, *places), "credit_class": class_of(3), "how": "asked", **entered}
    return person.post(desk(case), given)


def decides(person: Person, about: LimitDecision, **entered: object):
    about.refresh_from_db()
    given = {"revision": about.revision, "decision": "APPROVED", "credit_class": class_of(3), **entered}
    return person.post(f"/admin/credit_insurance/limitdecision/{about.pk}/change/", given)


def offers(person: Person, case: Case) -> Quote:
    """Decide about all that is open, and prepare the offer."""
    sets(person, case, (), takes_open="on")
    assert person.post(desk(case), {"decision": "offer"}).status_code == 302
    return Quote.objects.get(case=case, state=QuoteState.PREPARED)


def cover_first(case: Case, limit: int) -> None:
    """Bring a case into force with its first debtor, whose limit has become `limit` since."""
    quote, line = Quote.objects.get(case=case), line_at(case, 1).line
    begins, ends = quote.starts_on, quote.ends_on
    enrolment = Enrolment.objects.create(
        case=case, quote=quote, starts_on=begins, ends_on=ends, months=3, premium=quote.premium, period_limit=1
    )
    CoveredDebtor.objects.create(
        enrolment=enrolment, line=line, name="架空取引先1株式会社", address="", debtor_key=line.debtor_key,
        starts_on=begins, ends_on=ends, limit=limit, balance=0, balance_date=begins,
    )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(state=CaseState.IN_FORCE)


# --- What is pointed out -----------------------------------------------------------------


def test_the_queue_shows_age_sum_and_flags_and_a_case_is_taken_over_from_a_colleague(
    case: Case, underwriter: Person, manager: Person, member: Member, clock: time_machine.Traveller
):
    Member.objects.filter(pk=member.pk).update(industry_code="69")
    underwriter.post(desk(case), {"decision": "take"})
    clock.move_to("2026-11-13 03:00:00+00:00")
    manager.force_login(manager.user)
    page = shown(manager, QUEUE)
    assert "3日 要個別照会 96,000,000円" in page
    assert "要個別照会：加入者の業種" in shown(manager, desk(case))
    manager.post(QUEUE, {"action": "assign", "_selected_action": [case.pk]})
    case.refresh_from_db()
    assert case.taken_by == manager.user
    assert Event.objects.get(verb="credit.assigned").detail["before"] == "uw"


def test_limits_asked_low_for_good_debtors_and_high_for_bad_ones_are_pointed_out_to_the_insurer_alone(
    case: Case, underwriter: Person, staff: Person
):
    for place in range(1, 7):
        change(case, place, requested_limit=5_600_000)
    for place in range(7, 13):
        change(case, place, requested_limit=9_600_000)
    underwriter.post(desk(case), {"decision": "take"})
    sets(underwriter, case, (1, 2, 3, 4, 5, 6), credit_class=class_of(1))
    assert "逆選択の疑い" not in shown(underwriter, desk(case))
    sets(underwriter, case, (7, 8, 9, 10, 11, 12), credit_class=class_of(4))
    assert "逆選択の疑い" in shown(underwriter, desk(case))
    assert "逆選択の疑い" in shown(underwriter, QUEUE)
    assert "逆選択" not in words(staff.get(f"/credit/cases/{case.number}/"))


def test_all_that_members_have_on_a_debtor_is_shown_after_it_was_recorded_and_never_to_the_federation(
    begun: Case, underwriter: Person, log_in: LogIn, stranger: Person
):
    offers(underwriter, begun)
    other = builder.submitted(stranger.user, START)
    underwriter.post(desk(other), {"decision": "take"})
    about = line_at(other, 1)
    page = shown(underwriter, f"/admin/credit_insurance/limitdecision/{about.pk}/change/")
    assert "合計 1件 8,000,000円" in page
    assert "K0000001 架空商事A株式会社" in page
    seen = Event.objects.get(verb="credit.exposure_viewed")
    assert (seen.target, seen.detail["case"]) == (about.line.debtor_key, other.number)
    cover_first(begun, 3_000_000)
    assert "合計 1件 3,000,000円" in shown(underwriter, f"/admin/credit_insurance/limitdecision/{about.pk}/change/")
    clerk = log_in("fed", "credit.fed", is_staff=True)
    totals = shown(clerk, desk(begun))
    assert "支払限度額の合計 96,000,000円" in totals
    assert "架空取引先1株式会社" not in totals
    assert clerk.get(f"/admin/credit_insurance/limitdecision/{about.pk}/change/").status_code == 403
    offer = shown(clerk, f"/admin/credit_insurance/quote/{Quote.objects.get().pk}/change/")
    assert "96,000,000円" in offer
    assert "架空取引先1株式会社" not in offer


# --- Several at once ---------------------------------------------------------------------


def test_several_debtors_are_decided_at_once_and_the_refused_ones_are_named_and_keep_their_state(
    begun: Case, underwriter: Person
):
    LimitDecision.objects.filter(pk=line_at(begun, 2).pk).update(revision=5)
    stale = f"{line_at(begun, 2).pk}-1"
    for place in (2, 3):
        change(begun, place, requested_limit=3_000_000)
    given = {"line": [*ticks(begun, 1, 3), stale], "credit_class": class_of(5)}
    answer = sets(underwriter, begun, (), **given)
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "次の取引先は登録していません（2社）" in said
    assert "架空取引先1株式会社：限度額が区分の上限（3,000,000円）を超えています。" in said
    assert "架空取引先2株式会社：ほかの方が先に変更しました" in said
    assert [line_at(begun, place).decision for place in (1, 2, 3)] == ["PENDING", "PENDING", "APPROVED"]
    given = {"how": "ratio", "ratio": "52", "reasons": ["R14"]}
    assert sets(underwriter, begun, (1, 2), **given).status_code == 302
    # 52 % of 8,000,000 and of 3,000,000, what is below 100,000 cut off
    found = [(line_at(begun, place).decision, line_at(begun, place).limit) for place in (1, 2)]
    assert found == [("PARTIAL", 4_100_000), ("PARTIAL", 1_500_000)]
    assert Event.objects.filter(verb="credit.limit_decided", target=begun.number).count() == 3
    history = shown(underwriter, f"/admin/credit_insurance/limitdecision/{line_at(begun, 1).pk}/change/")
    assert "引受 望 減額して設定 区分3 4,100,000円（取引実績不足）" in history


def test_a_case_of_500_debtors_is_one_page_of_few_queries(
    case: Case, underwriter: Person, django_assert_max_num_queries
):
    first = Line.objects.filter(sheet=case.sheet).order_by("position")[0]
    more = []
    for place in range(13, 501):
        values = {**first.values, "corporate_number": f"{place}"}
        kept = {"typed": {}, "saved_by": first.saved_by, "saved_at": first.saved_at}
        more.append(Line(sheet=case.sheet, position=place, values=values, debtor_key=f"{place}", **kept))
    Line.objects.bulk_create(more)
    underwriter.post(desk(case), {"decision": "take"})
    assert sets(underwriter, case, (), takes_open="on").status_code == 302
    with django_assert_max_num_queries(25):
        page = underwriter.get(desk(case))
    assert "希望どおり 500社" in page.content.decode()


# --- What nobody may go around -----------------------------------------------------------


def test_an_excluded_debtor_gets_a_limit_only_by_a_special_acceptance_of_the_manager(
    case: Case, underwriter: Person, manager: Person
):
    change(case, 1, capital_tie="subsidiary")
    change(case, 2, overdue_flag=True)
    underwriter.post(desk(case), {"decision": "take"})
    tied, overdue = line_at(case, 1), line_at(case, 2)
    assert (tied.decision, tied.excluded, overdue.excluded) == ("DECLINED", ["X03"], ["X13"])
    # Not naming the reason again does not take it away.
    refused = decides(underwriter, tied)
    assert refused.status_code == 422
    assert "特認の理由を入力してください" in refused.content.decode()
    special = {"special_reason": "取引の実態が独立しているため"}
    assert decides(underwriter, tied, **special).status_code == 409
    assert decides(manager, tied, **special).status_code == 302
    assert decides(manager, overdue, **special).status_code == 422
    assert (line_at(case, 1).limit, line_at(case, 2).limit) == (8_000_000, 0)


def test_what_the_review_found_against_a_debtor_is_explained_to_the_member(begun: Case, underwriter: Person):
    about = line_at(begun, 1)
    found = {"decision": "DECLINED", "excluded": ["X06"]}
    refused = decides(underwriter, about, **found)
    assert "加入者に示す説明を入力してください" in refused.content.decode()
    said = {**found, "explanation": "ほかのご契約で上限に達しています。"}
    assert decides(underwriter, about, **said).status_code == 302
    offered = offers(underwriter, begun)
    assert offered.lines[0]["reasons"] == ["既に他のご契約者との契約で高額な限度額を設定済み"]
    assert offered.lines[0]["explanation"] == "ほかのご契約で上限に達しています。"


def test_a_debtor_about_whom_nobody_answers_for_14_days_is_left_out_for_want_of_information(
    begun: Case, underwriter: Person, staff: Person, clock: time_machine.Traveller
):
    about = line_at(begun, 1)
    decides(underwriter, about, decision="INFO", credit_class="", question="決算書はありますか")
    assert underwriter.post(desk(begun), {"decision": "ask"}).status_code == 302
    assert "2026年11月24日までに" in words(staff.get(f"/credit/cases/{begun.number}/answer/"))
    clock.move_to("2026-11-24 14:59:00+00:00")  # 23:59 of the 14th day
    underwriter.force_login(underwriter.user)
    assert underwriter.post(desk(begun), {"decision": "resume"}).status_code == 409
    clock.move_to("2026-11-24 15:01:00+00:00")
    assert "回答なしとして審査を再開する" in shown(underwriter, desk(begun))
    assert underwriter.post(desk(begun), {"decision": "resume"}).status_code == 302
    about.refresh_from_db()
    assert (about.decision, about.excluded) == ("DECLINED", ["X18"])
    begun.refresh_from_db()
    assert begun.state == CaseState.UNDER_REVIEW
    assert decides(underwriter, about).status_code == 302


# --- Towards the offer -------------------------------------------------------------------


def test_the_premium_is_computed_before_anything_is_prepared(begun: Case, underwriter: Person):
    sets(underwriter, begun, (), takes_open="on")
    page = underwriter.post(desk(begun), {"decision": "calculate", "adjustment": "-7.4"})
    said = page.content.decode()
    # 96,000,000 × 0.926 % × 3 ÷ 12 = 222,240; 0.926 % × 3 ÷ 12 months = 0.2315 %
    assert "222,240円" in said
    assert "0.23 %" in said
    assert not Quote.objects.exists()


def test_a_ruling_takes_back_an_offer_that_waits_to_be_issued_and_so_does_the_manager(
    begun: Case, underwriter: Person, manager: Person
):
    first = offers(underwriter, begun)
    given = {"decision": "PARTIAL", "limit": "5,000,000", "reasons": ["R14"]}
    assert decides(underwriter, line_at(begun, 1), **given).status_code == 302
    first.refresh_from_db()
    assert first.state == QuoteState.WITHDRAWN
    assert manager.post(f"/admin/credit_insurance/quote/{first.pk}/change/", {"decision": "issue"}).status_code == 409
    second = offers(underwriter, begun)
    taken_back = {"decision": "withdraw", "reason": "料率を見直してください"}
    manager.post(f"/admin/credit_insurance/quote/{second.pk}/change/", taken_back)
    assert "料率を見直してください" in shown(underwriter, desk(begun))
    begun.refresh_from_db()
    assert begun.state == CaseState.UNDER_REVIEW


def test_an_offer_after_the_deadline_begins_with_the_next_month_of_the_period_and_says_so(
    begun: Case, underwriter: Person, manager: Person, staff: Person, clock: time_machine.Traveller
):
    clock.move_to("2026-11-18 03:00:00+00:00")
    underwriter.force_login(underwriter.user)
    offered = offers(underwriter, begun)
    assert (offered.starts_on, offered.months, offered.premium) == (date(2027, 1, 1), 2, 160_000)
    manager.force_login(manager.user)
    manager.post(f"/admin/credit_insurance/quote/{offered.pk}/change/", {"decision": "issue"})
    staff.force_login(staff.user)
    page = words(staff.get(f"/credit/quotes/{offered.number}/"))
    assert "補償の開始を2027年1月1日としてご案内しています" in page
