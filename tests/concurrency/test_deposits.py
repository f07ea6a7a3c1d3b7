"""入金消込 by two people, two files at once, money taken back at the moment of the completion; the mistake first."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from credit_insurance.demo.bank import Entry
from credit_insurance.enums import CaseState, MatchWay
from credit_insurance.models import (
    Allocation,
    BankFile,
    Case,
    Deposit,
    Enrolment,
    EnrolmentForm,
    Invoice,
    Member,
)
from credit_insurance.selectors import masters
from credit_insurance.services import bank_files, deposits, enrolment
from credit_insurance.services.review import Overtaken
from credit_insurance.states import CASE
from portal.accounts.models import User
from portal.common.states import move
from tests.concurrency.racing import Meeting, failures, race
from tests.conftest import Person
from tests.credit_insurance.conftest import approver, clock, member, policy, rival, stranger, union
from tests.credit_insurance.money import bank_file, conserved, deposit, invoiced

__all__ = ["approver", "clock", "member", "policy", "rival", "stranger", "union"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock", "policy")]
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="SQLite lets one writer in at a time, so the mistake cannot show inside a transaction",
)
START, TODAY, PREMIUM = date(2026, 12, 1), date(2026, 11, 10), 300_000


@pytest.fixture
def invoice(member: Member, approver: Person) -> Invoice:
    return invoiced(member, approver.user, START)


@pytest.fixture
def other(rival: Member, stranger: Person) -> Invoice:
    return invoiced(rival, stranger.user, START)


def tries(act: Callable[[], object]) -> str:
    try:
        act()
    except Overtaken:
        return "late"
    return "won"


def pays(one: Deposit, invoice: Invoice) -> str:
    return tries(partial(deposits.allocate, one, invoice, PREMIUM, MatchWay.NONE, None))


def naive(one: Deposit, invoice: Invoice, meeting: Meeting) -> str:
    """What `allocate` would be if it looked before it wrote."""
    enough = Deposit.objects.get(pk=one.pk).open_amount >= PREMIUM
    wanting = Invoice.objects.get(pk=invoice.pk).missing >= PREMIUM
    meeting.wait()
    if not (enough and wanting):
        return "late"
    Allocation.objects.create(deposit=one, invoice=invoice, amount=PREMIUM, way=MatchWay.NONE, made_at=timezone.now())
    return "won"


def test_control_looking_before_writing_spends_a_deposit_twice(invoice: Invoice, other: Invoice) -> None:
    one, meeting = deposit(TODAY, PREMIUM, "ﾀﾞﾚｶ"), Meeting(2)
    assert race(*[partial(naive, one, to, meeting) for to in (invoice, other)]) == ["won", "won"]
    assert not conserved()


def test_of_two_people_who_spend_one_deposit_one_is_told_that_it_is_gone(invoice: Invoice, other: Invoice) -> None:
    one = deposit(TODAY, PREMIUM, "ﾀﾞﾚｶ")
    assert sorted(map(str, race(*[partial(pays, one, to) for to in (invoice, other)]))) == ["late", "won"]
    assert conserved()


def test_of_two_deposits_for_one_invoice_one_pays_it_and_the_other_stays(invoice: Invoice) -> None:
    both = [deposit(TODAY, PREMIUM, "ﾀﾞﾚｶ") for _ in range(2)]
    assert sorted(map(str, race(*[partial(pays, one, invoice) for one in both]))) == ["late", "won"]
    assert sorted(one.open_amount for one in Deposit.objects.all()) == [0, PREMIUM]
    assert conserved()


# --- Two files ---------------------------------------------------------------------------------


def overlapping() -> list[bytes]:
    common = [Entry("ｱ", 1_000, TODAY, 1), Entry("ｲ", 2_000, TODAY, 2)]
    return [bank_file([*common, Entry(name, 3_000, TODAY, at)]) for at, name in ((3, "ｳ"), (4, "ｴ"))]


def test_two_files_at_once_take_what_they_have_in_common_once() -> None:
    files = overlapping()
    results = race(*[partial(bank_files.load, content, "x.txt", None) for content in files])
    assert failures(results) == []
    assert sorted(Deposit.objects.values_list("amount", flat=True)) == [1_000, 2_000, 3_000, 3_000]
    again = race(*[partial(bank_files.load, files[0], "x.txt", None)] * 2)
    assert [type(one) for one in again] == [bank_files.Refused] * 2
    assert BankFile.objects.count() == 2


@on_postgresql
def test_control_files_that_do_not_wait_take_it_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    meeting, look = Meeting(2), bank_files._unknown
    monkeypatch.setattr(bank_files, "_hold", lambda: None)

    def looks(entries: object) -> object:
        found = look(entries)  # type: ignore[arg-type]
        meeting.wait()
        return found

    monkeypatch.setattr(bank_files, "_unknown", looks)
    race(*[partial(bank_files.load, content, "x.txt", None) for content in overlapping()])
    assert Deposit.objects.count() == 6


# --- Completion against 消込の取消し ----------------------------------------------------------------


def paid(invoice: Invoice) -> Allocation:
    """The form is received and the money allocated, the case not settled yet."""
    EnrolmentForm.objects.update(state="accepted")
    Case.objects.update(state=CaseState.FORM_ACCEPTED)
    return deposits.allocate(deposit(TODAY, PREMIUM, invoice.number), invoice, PREMIUM, MatchWay.NUMBER, None)


def test_no_cover_is_fixed_without_its_money(invoice: Invoice) -> None:
    made = paid(invoice)
    results = race(
        partial(enrolment.settle, invoice.case, TODAY, masters.calendar()),
        partial(tries, partial(deposits.undo, made, None)),
    )
    assert failures(results) == []
    is_fixed = Enrolment.objects.get().completed_at is not None
    assert results == (["complete", "late"] if is_fixed else ["", "won"])
    assert Invoice.objects.get().received == (PREMIUM if is_fixed else 0)
    assert conserved()


def test_control_whoever_looks_before_writing_fixes_a_cover_without_money(invoice: Invoice) -> None:
    made, meeting = paid(invoice), Meeting(2)

    def completes() -> None:
        has_money = Invoice.objects.get().money_day is not None
        meeting.wait()
        if has_money:
            Enrolment.objects.update(completed_at=timezone.now())

    def undoes() -> None:
        is_open = Enrolment.objects.get().completed_at is None
        meeting.wait()
        if is_open:
            Allocation.objects.filter(pk=made.pk).update(undone_at=timezone.now())
            Deposit.objects.update(open_amount=F("open_amount") + PREMIUM)

    race(completes, undoes)
    assert Enrolment.objects.get().completed_at
    assert not Allocation.objects.filter(undone_at=None).exists()


# --- A member's own case ---------------------------------------------------------------------------


def submits(rows: Callable[[], object], meeting: Meeting) -> bool:
    with transaction.atomic():
        won = move(rows(), CASE, "form")  # type: ignore[arg-type]
        meeting.wait()
        return won


def wins(rows: Callable[[], object]) -> list[object]:
    Case.objects.update(state=CaseState.ACCEPTED)
    meeting = Meeting(2, patience=0.3)
    return sorted(race(*[partial(submits, rows, meeting)] * 2), key=bool)


def test_of_two_people_of_a_member_one_moves_the_case(invoice: Invoice, approver: Person) -> None:
    user: User = approver.user
    assert wins(lambda: Case.objects.visible_to(user).filter(pk=invoice.case_id)) == [False, True]


@on_postgresql
def test_control_a_guard_behind_a_join_lets_both_through(invoice: Invoice, approver: Person) -> None:
    organisation = approver.user.organisation
    joined = partial(Case.objects.filter, pk=invoice.case_id, member__organisation=organisation)
    assert wins(joined) == [True, True]
