"""個別保証枠 by maker and checker: nothing changes before a second person approves it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from nexi_quota import services, tasks
from nexi_quota.enums import BranchKind, Rating
from nexi_quota.models import Confirmation, LimitProposal, QuotaLimit
from portal.accounts import roles
from portal.audit.models import Event
from tests.conftest import LogIn, Person
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.fixtures import add_buyer
from tests.nexi_quota.staff import ADMIN, WAITING, asks, buyer, decides, limit_of, proposed, today, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def maker(log_in: LogIn, masters: None) -> Person:
    return log_in("staff-nexi", "nexi.staff", is_staff=True, name="事務 正")


@pytest.fixture
def checker(log_in: LogIn, masters: None) -> Person:
    return log_in("staff-nexi-2", "nexi.staff", is_staff=True, name="確認 誠")


def test_a_proposal_changes_nothing_and_an_approval_everything(maker: Person, checker: Person, ana: Exporter) -> None:
    ana.applies()
    page = words(maker.get(f"{ADMIN}/quota/of/{buyer().pk}/limit/"))
    assert "現在の個別保証枠 100,000,000円 使用中 60,000,000円 残高 40,000,000円" in page
    proposal = proposed(maker, "８千万円")
    assert limit_of() == 100_000_000
    shown = words(checker.get(f"{ADMIN}/limitproposal/{proposal.pk}/change/"))
    assert "申請の個別保証枠 80,000,000円（8,000万円）" in shown
    assert "変更後の残高は20,000,000円です（いまの使用中60,000,000円で計算）。" in shown
    assert "財務内容の悪化" in shown
    assert decides(checker, proposal, "approve", "妥当と判断").status_code == 302
    assert limit_of() == 80_000_000
    latest = QuotaLimit.objects.latest("pk")
    assert (latest.limit_jpy, latest.set_by, latest.effective_from) == (80_000_000, checker.user, today())


def test_the_log_names_both_people_and_the_reason(maker: Person, checker: Person) -> None:
    decides(checker, proposed(maker), "approve", "妥当と判断")
    asked = Event.objects.get(verb="nexi.proposed")
    assert (asked.actor_login, asked.target, asked.detail["reason"]) == ("staff-nexi", "310-000001", "財務内容の悪化")
    approved = Event.objects.get(verb="nexi.approved")
    assert (approved.actor_login, approved.detail["proposed_by"], approved.detail["note"]) == (
        "staff-nexi-2",
        "staff-nexi",
        "妥当と判断",
    )
    done = Event.objects.get(verb="nexi.limit_set", actor_login="staff-nexi-2")
    assert done.detail == {"limit_jpy": 80_000_000, "proposed_by": "staff-nexi", "approved_by": "staff-nexi-2"}


def test_the_maker_cannot_decide_on_the_own_proposal(maker: Person) -> None:
    proposal = proposed(maker)
    page = maker.get(f"{ADMIN}/limitproposal/{proposal.pk}/change/")
    assert 'value="approve"' not in page.content.decode()
    for decision in ("approve", "refuse"):
        answer = decides(maker, proposal, decision, "自分で")
        assert answer.status_code == 403
        assert "ご自身の申請は、承認も却下もできません。別の担当者に依頼してください。" in words(answer)
    proposal.refresh_from_db()
    assert (proposal.state, limit_of()) == ("open", 100_000_000)
    assert Event.objects.filter(verb="nexi.decision_denied", outcome="denied").count() == 2


def test_the_table_itself_refuses_one_person_for_both(maker: Person) -> None:
    proposal = proposed(maker)
    row = LimitProposal.objects.filter(pk=proposal.pk)
    for values in (
        {"decided_by": maker.user},
        {"state": "approved"},
        {"state": "approved", "decided_by": maker.user, "decided_at": timezone.now()},
        {"reason": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**values)


def test_a_refusal_needs_a_reason_and_leaves_the_limit(maker: Person, checker: Person) -> None:
    proposal = proposed(maker)
    answer = decides(checker, proposal, "refuse")
    assert (answer.status_code, "却下する理由を入力してください" in words(answer)) == (422, True)
    assert decides(checker, proposal, "refuse", "根拠の書類がない").status_code == 302
    assert limit_of() == 100_000_000
    assert "根拠の書類がない" in words(maker.get(f"{ADMIN}/limitproposal/{proposal.pk}/change/"))
    assert proposed(maker, "70,000,000").is_open


def test_only_the_maker_withdraws(maker: Person, checker: Person) -> None:
    proposal = proposed(maker)
    assert decides(checker, proposal, "withdraw").status_code == 403
    assert decides(maker, proposal, "withdraw").status_code == 302
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by, limit_of()) == ("withdrawn", None, 100_000_000)
    assert decides(checker, proposal, "approve").status_code == 409
    assert limit_of() == 100_000_000


def test_the_second_decision_learns_who_made_the_first(maker: Person, checker: Person, log_in: LogIn) -> None:
    third = log_in("staff-nexi-3", "nexi.staff", is_staff=True, name="三番 手")
    proposal = proposed(maker)
    decides(checker, proposal, "approve")
    answer = decides(third, proposal, "refuse", "反対")
    assert answer.status_code == 409
    assert "先に確認 誠さんが決めています（適用済み）" in words(answer)
    assert limit_of() == 80_000_000


def test_a_buyer_has_one_open_proposal(maker: Person, checker: Person) -> None:
    proposed(maker)
    answer = asks(checker, "1")
    assert answer.status_code == 409
    assert "この海外商社には、承認待ちの申請（事務 正）があります" in words(answer)
    assert "承認を申請する" not in words(maker.get(f"{ADMIN}/quota/of/{buyer().pk}/limit/"))
    assert LimitProposal.objects.count() == 1


def test_a_first_limit_needs_two_people_too(maker: Person, checker: Person) -> None:
    code = "123-000002"
    proposal = proposed(maker, "5千万", code=code)
    assert "申請時の個別保証枠 未設定" in words(checker.get(f"{ADMIN}/limitproposal/{proposal.pk}/change/"))
    decides(checker, proposal, "approve")
    assert limit_of(code) == 50_000_000


def test_a_limit_below_what_is_held_says_so_and_leaves_the_confirmations(
    maker: Person, checker: Person, ana: Exporter
) -> None:
    ana.applies()
    proposal = proposed(maker, "1")
    page = words(checker.get(f"{ADMIN}/limitproposal/{proposal.pk}/change/"))
    assert "変更後の残高は△59,999,999円です" in page
    assert "いまある確認と保険契約はそのまま残り" in page
    decides(checker, proposal, "approve")
    assert Confirmation.objects.get().state == "valid"
    assert "△59,999,999円" in words(checker.get(f"{ADMIN}/quota/?use=over"))


def test_a_limit_that_changed_after_the_proposal_is_said(maker: Person, checker: Person) -> None:
    proposal = proposed(maker)
    services.set_limit(buyer(), 95_000_000, None, today())
    page = words(checker.get(f"{ADMIN}/limitproposal/{proposal.pk}/change/"))
    assert "申請の後に個別保証枠が変わっています（申請時100,000,000円、現在95,000,000円）" in page


@pytest.mark.parametrize(
    "changes",
    [
        *({"limit": typed} for typed in ("", "-1", "abc", "1e3", "1.5", "10" * 20)),
        *({"reason": typed} for typed in ("", "   ", "あ" * 201)),
        *({"effective_from": typed} for typed in ("", "2020-01-01", "9999-12-31", "あした")),
    ],
)
def test_what_cannot_be_understood_is_not_proposed(maker: Person, changes: dict[str, Any]) -> None:
    answer = asks(maker, **{"limit": "80,000,000", **changes})
    assert answer.status_code == 422
    assert not LimitProposal.objects.exists()


def test_an_unknown_decision_is_refused(maker: Person, checker: Person) -> None:
    proposal = proposed(maker)
    for decision in ("", "apply", "replace"):
        assert decides(checker, proposal, decision).status_code == 422
    assert limit_of() == 100_000_000


def test_a_branch_has_no_page_for_a_limit(maker: Person) -> None:
    branch = add_buyer("310-000009", Rating.EF, branch_kind=BranchKind.BRANCH, head_office=buyer())
    assert maker.get(f"{ADMIN}/quota/of/{branch.pk}/limit/").status_code == 404
    with pytest.raises(ValueError, match="head office"):
        services.propose_limit(branch, 1, today(), "x", maker.user)


def test_whoever_looks_at_the_facts_of_a_quota_is_recorded(maker: Person) -> None:
    maker.get(f"{ADMIN}/quota/of/{buyer().pk}/limit/")
    maker.post(f"{ADMIN}/buyerrating/add/", {"buyer": buyer().pk, "rating": "ER", "effective_from": today()})
    targets = Event.objects.filter(verb="nexi.records_viewed").order_by("pk").values_list("target", flat=True)
    assert list(targets) == ["310-000001 個別保証枠の変更の申請", "310-000001 格付の設定の確認"]


def test_who_may_only_read_proposes_and_decides_nothing(maker: Person, log_in: LogIn) -> None:
    reads = ("nexi_quota.view_limitproposal", "nexi_quota.view_quota")
    roles.register(roles.Role("test.reader", "閲覧だけ", "nexi", permissions=reads))
    reader = log_in("reader", "test.reader", is_staff=True)
    proposal = proposed(maker)
    assert asks(reader, code="310-000002").status_code == 403
    assert decides(reader, proposal, "approve").status_code == 403
    assert 'name="decision"' not in reader.get(f"{ADMIN}/limitproposal/{proposal.pk}/change/").content.decode()
    assert limit_of() == 100_000_000


# --- From a day on ---------------------------------------------------------------


def test_an_approved_limit_waits_for_its_day_and_the_night_applies_it_once(maker: Person, checker: Person) -> None:
    day = today() + timedelta(days=3)
    proposal = proposed(maker, effective_from=day)
    assert "の日次処理で適用します" in words(checker.get(f"{ADMIN}/limitproposal/{proposal.pk}/change/"))
    decides(checker, proposal, "approve")
    assert limit_of() == 100_000_000
    assert tasks.limits(day - timedelta(days=1)) == {"applied": 0}
    assert tasks.limits(day) == {"applied": 1}
    assert limit_of() == 80_000_000
    services.set_limit(buyer(), 70_000_000, None, day)
    assert tasks.limits(day) == {"applied": 0}
    assert limit_of() == 70_000_000
    proposal.refresh_from_db()
    assert proposal.state == "applied"


def test_a_night_that_was_missed_is_caught_up(maker: Person, checker: Person) -> None:
    decides(checker, proposed(maker, effective_from=today() + timedelta(days=3)), "approve")
    day = today() + timedelta(days=10)
    call_command("nightly", "--date", f"{day}")
    assert limit_of() == 80_000_000
    assert QuotaLimit.objects.latest("pk").effective_from == day


def test_what_was_refused_or_is_undecided_is_never_applied(maker: Person, checker: Person) -> None:
    day = today() + timedelta(days=1)
    decides(checker, proposed(maker, effective_from=day), "refuse", "不要")
    proposed(maker, effective_from=day, code="310-000002")
    assert tasks.limits(day + timedelta(days=30)) == {"applied": 0}
    assert (limit_of(), limit_of("310-000002")) == (100_000_000, 500_000_000)


def test_an_approval_takes_the_place_of_what_was_approved_for_later(maker: Person, checker: Person) -> None:
    later = today() + timedelta(days=30)
    raised = proposed(maker, "300,000,000", effective_from=later)
    decides(checker, raised, "approve")
    lowered = proposed(maker, "0")
    page = words(checker.get(f"{ADMIN}/limitproposal/{lowered.pk}/change/"))
    assert "から300,000,000円）は、この変更を承認すると取り消されます" in page
    decides(checker, lowered, "approve")
    raised.refresh_from_db()
    assert raised.state == "replaced"
    assert tasks.limits(later) == {"applied": 0}
    assert limit_of() == 0


def test_an_approval_for_later_leaves_what_was_approved_for_before(maker: Person, checker: Person) -> None:
    first, second = today() + timedelta(days=10), today() + timedelta(days=20)
    decides(checker, proposed(maker, "90,000,000", effective_from=first), "approve")
    decides(checker, proposed(maker, "70,000,000", effective_from=second), "approve")
    assert tasks.limits(first) == {"applied": 1}
    assert limit_of() == 90_000_000
    assert tasks.limits(second) == {"applied": 1}
    assert limit_of() == 70_000_000


def test_an_approval_after_its_day_applies_at_once(maker: Person, checker: Person) -> None:
    proposal = proposed(maker)
    LimitProposal.objects.update(effective_from=today() - timedelta(days=5))
    decides(checker, proposal, "approve")
    assert limit_of() == 80_000_000
    assert QuotaLimit.objects.latest("pk").effective_from == today()


# --- 承認待ち ----------------------------------------------------------------------


def test_what_waits_is_listed_with_age_held_and_effect(maker: Person, checker: Person, ana: Exporter) -> None:
    assert WAITING in checker.get("/admin/").content.decode()
    assert "承認待ちの申請はありません" in words(checker.get(WAITING))
    ana.applies()
    proposal = proposed(maker, "1億2千万")
    LimitProposal.objects.update(proposed_at=timezone.now() - timedelta(days=3))
    row = words(checker.get(WAITING))
    assert "3日 100,000,000円 60,000,000円 40,000,000円 120,000,000円 60,000,000円" in row
    assert "事務 正（ご自身）" in words(maker.get(WAITING))
    decides(checker, proposal, "approve")
    assert "承認待ちの申請はありません" in words(checker.get(WAITING))


def test_the_waiting_page_costs_the_same_for_many(
    checker: Person, maker: Person, django_assert_max_num_queries: Any
) -> None:
    for code in ("310-000001", "310-000002", "304-000001", "123-000001"):
        proposed(maker, code=code)
    with django_assert_max_num_queries(8):
        checker.get(WAITING)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=310-000001", True),
        ("q=80,000,000", True),
        ("q=staff-nexi", True),
        ("q=304-000001", False),
        ("state__exact=open", True),
        ("state__exact=refused", False),
        ("proposed_at_from=2020-01-01&proposed_at_to=2020-12-31", False),
    ],
)
def test_proposals_are_found_by_party_amount_person_state_and_day(maker: Person, query: str, found: bool) -> None:
    proposed(maker)
    response = maker.get(f"{ADMIN}/limitproposal/?{query}")
    assert ("/change/" in response.content.decode().partition("result_list")[2]) is found


def test_the_operator_sees_no_link_to_what_waits(log_in: LogIn, masters: None) -> None:
    operator = log_in("sysadmin", "system.admin", is_staff=True)
    assert WAITING not in operator.get("/admin/").content.decode()
    assert operator.get(WAITING).status_code == 403
