"""A CSV file that changes 個別保証枠: one member of the staff proposes it, another takes it over."""

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from nexi_quota import services
from nexi_quota.models import Buyer, FileProposal, QuotaLimit
from portal.accounts import roles
from portal.audit.models import Event
from tests.conftest import LogIn, Person
from tests.nexi_quota.staff import WAITING, buyer, decides, limit_of, today, words

pytestmark = pytest.mark.django_db
PAGE = "/admin/nexi_quota/buyer/import/"
LIMITS = "海外商社コード,個別保証枠（円）\n310-000001,5000000\n310-000002,500000000\n"
BUYERS = "海外商社コード,名称,国コード,個別保証枠（円）\n310-000008,NEW S.A.,310,{}\n"


@pytest.fixture
def maker(log_in: LogIn, masters: None) -> Person:
    return log_in("staff-nexi", "nexi.staff", is_staff=True, name="事務 正")


@pytest.fixture
def checker(log_in: LogIn, masters: None) -> Person:
    return log_in("staff-nexi-2", "nexi.staff", is_staff=True, name="確認 誠")


def chooses(person: Person, content: str) -> Any:
    return person.post(PAGE, {"file": SimpleUploadedFile("枠.csv", content.encode())})


def token(response: Any) -> str:
    found = re.search(r'name="token" value="([^"]+)"', response.content.decode())
    return unescape(found[1]) if found else ""


def proposed(maker: Person, content: str = LIMITS, reason: str = "年次見直し") -> FileProposal:
    answer = maker.post(PAGE, {"token": token(chooses(maker, content)), "reason": reason})
    assert answer.status_code == 302, words(answer)
    return FileProposal.objects.latest("pk")


def test_a_file_with_limits_is_taken_over_by_a_second_person(maker: Person, checker: Person) -> None:
    preview = words(chooses(maker, LIMITS))
    assert "別の担当者の承認が必要です" in preview
    assert "2行目・310-000001：100,000,000円 → 5,000,000円" in preview
    assert "310-000002：" not in preview
    proposal = proposed(maker)
    assert limit_of() == 100_000_000
    assert (proposal.limits, proposal.rows, proposal.reason) == (1, 2, "年次見直し")
    assert "枠.csv" in words(checker.get(WAITING))
    page = words(checker.get(f"/admin/nexi_quota/fileproposal/{proposal.pk}/change/"))
    assert "2行目・310-000001：100,000,000円 → 5,000,000円" in page
    assert decides(checker, proposal, "approve", "了").status_code == 302
    assert (limit_of(), limit_of("310-000002")) == (5_000_000, 500_000_000)
    assert QuotaLimit.objects.latest("pk").set_by == checker.user
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == ("applied", checker.user)


def test_the_log_has_proposal_approval_and_the_rows(maker: Person, checker: Person) -> None:
    proposal = proposed(maker)
    decides(checker, proposal, "approve")
    approved = Event.objects.get(verb="nexi.approved")
    assert (approved.actor_login, approved.detail["proposed_by"]) == ("staff-nexi-2", "staff-nexi")
    assert approved.detail["sha256"] == proposal.sha256
    written = Event.objects.get(verb="nexi.imported")
    assert (written.actor_login, written.detail["sha256"]) == ("staff-nexi-2", proposal.sha256)
    assert written.detail["rows"][0]["after"] == {"limit_jpy": 5_000_000}


def test_the_maker_does_not_take_the_own_file_over(maker: Person) -> None:
    proposal = proposed(maker)
    answer = decides(maker, proposal, "approve")
    assert answer.status_code == 403
    assert "ご自身の申請は、承認も却下もできません" in words(answer)
    assert limit_of() == 100_000_000


def test_a_new_buyer_with_a_limit_waits_and_one_without_does_not(maker: Person, checker: Person) -> None:
    maker.post(PAGE, {"token": token(chooses(maker, BUYERS.format("")))})
    assert Buyer.objects.filter(code="310-000008").exists()
    proposal = proposed(maker, BUYERS.format("7000000"))
    assert "310-000008：未設定 → 7,000,000円" in words(
        checker.get(f"/admin/nexi_quota/fileproposal/{proposal.pk}/change/")
    )
    decides(checker, proposal, "approve")
    assert limit_of("310-000008") == 7_000_000


def test_a_reason_is_needed_and_the_file_is_not_lost(maker: Person) -> None:
    sent = token(chooses(maker, LIMITS))
    answer = maker.post(PAGE, {"token": sent, "reason": " "})
    assert answer.status_code == 422
    assert token(answer) == sent
    assert not FileProposal.objects.exists()
    assert maker.post(PAGE, {"token": sent, "reason": "年次見直し"}).status_code == 302
    assert list((settings.DATA_DIR / "imports").iterdir()) == []
    assert maker.post(PAGE, {"token": sent, "reason": "年次見直し"}).status_code == 302
    assert FileProposal.objects.count() == 1


def test_the_same_file_waits_once(maker: Person, checker: Person) -> None:
    proposed(maker)
    answer = checker.post(PAGE, {"token": token(chooses(checker, LIMITS)), "reason": "x"}, follow=True)
    assert "同じファイルが承認待ちです" in words(answer)
    assert FileProposal.objects.count() == 1


def test_a_file_that_came_to_change_a_limit_between_the_presses_is_not_taken_over_alone(maker: Person) -> None:
    unchanged = "海外商社コード,名称,国コード,個別保証枠（円）\n310-000001,RENAMED LTD.,310,100000000\n"
    sent = token(chooses(maker, unchanged))
    services.set_limit(buyer(), 1, None, today())
    answer = maker.post(PAGE, {"token": sent})
    assert answer.status_code == 409
    assert "個別保証枠が変わります。もう一度ファイルを選んで、取り込みの承認を申請してください" in words(answer)
    assert (limit_of(), buyer().name) == (1, "BUYER 310-000001 LTD.")


def test_a_file_that_no_longer_fits_is_refused_whole_and_stays_open(maker: Person, checker: Person) -> None:
    proposal = proposed(maker)
    Buyer.objects.filter(code="310-000002").update(branch_kind="branch", head_office=buyer())
    answer = decides(checker, proposal, "approve")
    assert answer.status_code == 409
    assert "支店には設定できません" in words(answer)
    proposal.refresh_from_db()
    assert (proposal.state, limit_of()) == ("open", 100_000_000)
    assert not Event.objects.filter(verb="nexi.approved").exists()


def test_a_refused_and_a_withdrawn_file_change_nothing(maker: Person, checker: Person) -> None:
    decides(checker, proposed(maker), "refuse", "根拠がない")
    again = proposed(maker)
    decides(maker, again, "withdraw")
    assert decides(checker, again, "approve").status_code == 409
    assert limit_of() == 100_000_000


def test_who_lacks_the_right_for_the_kind_does_not_approve(maker: Person, log_in: LogIn) -> None:
    some = ("nexi_quota.view_fileproposal", "nexi_quota.change_fileproposal")
    roles.register(roles.Role("test.files", "ファイルだけ", "nexi", permissions=some))
    person = log_in("clerk", "test.files", is_staff=True)
    assert decides(person, proposed(maker), "approve").status_code == 403
    assert limit_of() == 100_000_000
