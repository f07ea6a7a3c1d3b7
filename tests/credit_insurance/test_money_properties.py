"""Random histories of deposits: whatever happens in whatever order, every yen is somewhere and none twice."""

import os
from collections.abc import Callable
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credit_insurance.demo.bank import Entry
from credit_insurance.enums import MatchWay, RefundReason
from credit_insurance.models import Allocation, Deposit, Invoice, MasterPolicy, Member, Refund
from credit_insurance.services import bank_files, deposits, refunds
from credit_insurance.services.review import Overtaken
from tests.conftest import LogIn, Person
from tests.credit_insurance.money import bank_file, conserved, invoiced

pytestmark = pytest.mark.django_db
histories = settings(
    max_examples=int(os.environ.get("HISTORIES", "5")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TODAY = date(2026, 11, 10)
amounts = st.sampled_from([1, 660, 100_000, 299_340, 300_000, 300_660])
which = st.integers(0, 5)
steps = st.one_of(
    st.tuples(st.just("file"), which, amounts),
    st.tuples(st.just("allocate"), which, amounts),
    st.tuples(st.just("undo"), which, st.just(0)),
    st.tuples(st.just("refund"), which, amounts),
    st.tuples(st.just("reject"), which, st.just(0)),
    st.tuples(st.just("approve"), which, st.just(0)),
    st.tuples(st.just("change"), which, amounts),
    st.tuples(st.just("cancel"), which, amounts),
    st.tuples(st.just("release"), which, st.just(0)),
)


def one_of(rows: object, place: int) -> object:
    found = list(rows.order_by("pk"))  # type: ignore[attr-defined]
    return found[place % len(found)] if found else None


class Desk:
    """The two people of the 団体事務局, who do whatever comes; what is refused changes nothing."""

    def __init__(self, clerk: Person, boss: Person) -> None:
        self.clerk, self.boss = clerk.user, boss.user
        self.files = 0

    def does(self, what: str, place: int, amount: int) -> None:
        act: Callable[[int, int], None] = getattr(self, f"_{what}")
        try:
            with transaction.atomic():
                act(place, amount)
        except Overtaken:
            pass

    def _file(self, place: int, amount: int, *, is_cancelled: bool = False) -> None:
        self.files += 1
        numbers = [one.number for one in Invoice.objects.order_by("pk")]
        payer = [*numbers, "ﾀﾞﾚｶ"][place % (len(numbers) + 1)]
        entry = Entry(payer, amount, TODAY, self.files, is_cancelled)
        bank_files.load(bank_file([entry]), f"{self.files}.txt", self.clerk)

    def _cancel(self, place: int, amount: int) -> None:
        self._file(place, amount, is_cancelled=True)

    def _allocate(self, place: int, amount: int) -> None:
        deposit, invoice = one_of(Deposit.objects.all(), place), one_of(Invoice.objects.all(), place // 2)
        if deposit:
            deposits.allocate(deposit, invoice, amount, MatchWay.NONE, self.clerk)

    def _undo(self, place: int, amount: int) -> None:
        if allocation := one_of(Allocation.objects.all(), place):
            deposits.undo(allocation, self.clerk)

    def _refund(self, place: int, amount: int) -> None:
        if deposit := one_of(Deposit.objects.all(), place):
            refunds.ask(deposit, amount, RefundReason.OVERPAID, "口座", self.clerk)

    def _reject(self, place: int, amount: int) -> None:
        if refund := one_of(Refund.objects.all(), place):
            refunds.reject(refund, "理由", self.boss)

    def _approve(self, place: int, amount: int) -> None:
        if refund := one_of(Refund.objects.all(), place):
            refunds.approve(refund, self.boss)

    def _change(self, place: int, amount: int) -> None:
        invoice = one_of(Invoice.objects.all(), place)
        deposits.change_amount(invoice, amount, invoice.due_on)

    def _release(self, place: int, amount: int) -> None:
        deposits.release(one_of(Invoice.objects.all(), place).case)


@pytest.fixture
def desk(log_in: LogIn) -> Desk:
    return Desk(log_in("fed", "credit.fed", is_staff=True), log_in("fedmgr", "credit.fed_manager", is_staff=True))


@histories
@given(history=st.lists(steps, min_size=3, max_size=14))
def test_no_history_loses_a_yen_or_spends_one_twice(
    desk: Desk, clock: object, policy: MasterPolicy, member: Member, rival: Member, approver: Person,
    stranger: Person, history: list[tuple[str, int, int]],
) -> None:  # fmt: skip
    before = transaction.savepoint()
    invoiced(member, approver.user, date(2026, 12, 1))
    invoiced(rival, stranger.user, date(2026, 12, 1))
    for what, place, amount in history:
        desk.does(what, place, amount)
        assert conserved(), (what, place, amount)
    found = deposits.found(deposits.undecided())
    assert {one.deposit.pk for one in found} == set(
        Deposit.objects.filter(open_amount__gt=0).values_list("pk", flat=True)
    )
    transaction.savepoint_rollback(before)
