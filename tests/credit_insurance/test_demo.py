"""The demo of the trade-credit portal: what a first look finds, and the same however often it is loaded."""

import pytest
from django.conf import settings

from credit_insurance import demo
from credit_insurance.enums import DepositList, LimitCause
from credit_insurance.models import Case, LimitHistory, Line, Member
from credit_insurance.services import bank_files, deposits
from portal.accounts.models import User
from portal.applications.models import Application
from tests.conftest import Person
from tests.credit_insurance.driver import hidden, words

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]


def visitor(login: str) -> Person:
    person = Person()
    person.user = User.objects.get(login=login)
    person.force_login(person.user)
    return person


def test_member_a_may_hand_in_the_sheet_of_twelve_debtors_as_it_is() -> None:
    demo.load()
    before = [model.objects.count() for model in (User, Member, Application, Line)]
    demo.load()
    assert [model.objects.count() for model in (User, Member, Application, Line)] == before
    approver = visitor("credit-a-approve")
    assert "入力中" in words(approver.get("/credit/"))
    number = Application.objects.get(organisation__code=demo.MEMBER_A).number
    confirm = approver.get(f"/credit/cases/{number}/confirm/")
    assert "12社（全12社）" in words(confirm)
    assert "100,000,000円" in words(confirm)
    assert approver.post(f"/credit/cases/{number}/confirm/", {"token": hidden(confirm, "token")}).status_code == 303
    assert Case.objects.get(member__number=demo.MEMBER_A).debtors == 12


def test_member_b_is_covered_with_one_overdue_debtor_and_one_reduced_limit() -> None:
    demo.load()
    demo.load()
    approver = visitor("credit-b-approve")
    assert "補償中" in words(approver.get("/credit/"))
    page = words(approver.get("/credit/debtors/"))
    assert "11件中" in page
    assert "引渡し停止 遅延あり" in page
    reduced = LimitHistory.objects.get(cause=LimitCause.INSURER_REDUCTION)
    told = words(approver.get(f"/credit/debtors/{reduced.debtor_id}/"))
    assert "5,000,000 保険会社による減額" in told
    assert "10,000,000 当初設定" in told
    papers = words(approver.get("/credit/documents/"))
    for title in (
        "ヒアリングシート",
        "お引受条件のご案内",
        "加入依頼書",
        "払込のご案内",
        "払込確認のお知らせ",
        "第2版",
    ):
        assert title in papers
    # The sample of the bank: a second payment of member B, and a deposit that nobody knows.
    content = (settings.DATA_DIR / "demo" / "credit_deposits.txt").read_bytes()
    report = bank_files.load(content, "credit_deposits.txt", None)
    assert (report.entries, report.known, report.allocated) == (2, 0, 0)
    assert [one.place for one in deposits.found(deposits.undecided())] == [DepositList.DOUBLE, DepositList.NONE]
