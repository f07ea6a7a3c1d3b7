"""入金消込: what of a deposit pays which 払込のご案内 (credit_insurance.md 5.6, 7.4, 8.15); no yen is ever lost.

Every function moves money by conditional UPDATEs on both rows: two people never spend the same yen. Rows are held in
one order everywhere, the case before its invoice, an invoice before the deposits, deposits by their key.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from credit_insurance.enums import DepositFlag, DepositList, InvoiceState, MatchWay
from credit_insurance.models import Allocation, Case, Deposit, Invoice
from credit_insurance.rules import matching
from credit_insurance.services.review import NotAllowed, Overtaken, record
from portal import audit
from portal.accounts.models import User


def receipts(invoice: Invoice) -> list[tuple[date, int]]:
    """Return 起算日 and amount of everything that pays an invoice."""
    live = Allocation.objects.filter(invoice=invoice, undone_at=None)
    return list(live.values_list("deposit__value_on", "amount"))


def _stand(invoice: Invoice, amount: int, due_on: date) -> None:
    """Bring an invoice's columns to its allocations; the caller holds its row."""
    found = matching.standing(amount, receipts(invoice))
    Invoice.objects.filter(pk=invoice.pk).update(
        amount=amount, due_on=due_on, received=found.received, state=found.state, money_day=found.money_day
    )


def held(pk: int) -> Invoice | None:
    """Return an invoice that nobody else pays or changes until the commit, None for a cancelled one.

    Held before any deposit, everywhere: two people who pay one invoice wait for each other, not in a circle.
    """
    if not Invoice.objects.filter(pk=pk, cancelled_at=None).update(due_on=F("due_on")):
        return None
    return Invoice.objects.select_related("case__member__organisation").get(pk=pk)


def _give_back(yen: Mapping[int, int]) -> None:
    """Let amounts become open again, by deposit (pk)."""
    for pk in sorted(yen):
        Deposit.objects.filter(pk=pk).update(open_amount=F("open_amount") + yen[pk])


@transaction.atomic
def allocate(deposit: Deposit, invoice: Invoice, amount: int, way: MatchWay, actor: User | None) -> Allocation:
    """消込: let `amount` yen of a deposit pay an invoice; raises Overtaken when either has less left than that.

    The caller settles the case afterwards, after the commit: a case is held before its invoice.
    """
    live = held(invoice.pk)
    own = Deposit.objects.filter(pk=deposit.pk, open_amount__gte=amount, is_cancellation=False)
    if live is None or not 0 < amount <= live.missing or not own.update(open_amount=F("open_amount") - amount):
        raise Overtaken
    made: Allocation = Allocation.objects.create(
        deposit=deposit, invoice=invoice, amount=amount, way=way, made_by=actor, made_at=timezone.now()
    )
    _stand(live, live.amount, live.due_on)
    record("credit.allocated", live.case, actor, deposit=deposit.pk, invoice=live.number, amount=amount, way=way.value)
    return made


@transaction.atomic
def undo(allocation: Allocation, actor: User | None) -> None:
    """消込の取消し while the cover is not fixed; the deposit has its yen back. Raises Overtaken."""
    invoice = held(allocation.invoice_id)
    own = Allocation.objects.filter(pk=allocation.pk, undone_at=None, amount=allocation.amount)
    if invoice is None or Case.objects.filter(pk=invoice.case_id, enrolment__completed_at__isnull=False).exists():
        raise Overtaken
    if not own.update(undone_at=timezone.now(), undone_by=actor):
        raise Overtaken
    _give_back({allocation.deposit_id: allocation.amount})
    _stand(invoice, invoice.amount, invoice.due_on)
    record("credit.allocation_undone", invoice.case, actor, deposit=allocation.deposit_id, amount=allocation.amount)


def change_amount(invoice: Invoice, amount: int, due_on: date) -> None:
    """Bring an invoice to a new amount; what was paid too much becomes open again, the latest money first.

    Needs a transaction; raises Overtaken.
    """
    live = held(invoice.pk)
    if live is None:
        raise Overtaken
    surplus = live.received - amount
    given: dict[int, int] = defaultdict(int)
    for allocation in live.allocations.filter(undone_at=None).order_by("-deposit__value_on", "-pk"):
        if surplus <= 0:
            break
        back = min(surplus, allocation.amount)
        own = Allocation.objects.filter(pk=allocation.pk)
        if back == allocation.amount:
            own.update(undone_at=timezone.now())
        else:
            own.update(amount=F("amount") - back)
        given[allocation.deposit_id] += back
        surplus -= back
    _give_back(given)
    _stand(live, amount, due_on)
    if amount != live.amount:
        record("credit.invoice_changed", live.case, None, invoice=live.number, before=live.amount, after=amount)


def release(case: Case) -> None:
    """Give every yen of a case that ends back to its deposits, where a person decides; needs a transaction."""
    for pk in Invoice.objects.filter(case=case, cancelled_at=None).order_by("pk").values_list("pk", flat=True):
        invoice = held(pk)
        if invoice is None:
            raise Overtaken
        given: dict[int, int] = defaultdict(int)
        for allocation in invoice.allocations.filter(undone_at=None):
            Allocation.objects.filter(pk=allocation.pk).update(undone_at=timezone.now())
            given[allocation.deposit_id] += allocation.amount
        _give_back(given)
        Invoice.objects.filter(pk=invoice.pk).update(
            cancelled_at=timezone.now(), received=0, money_day=None, state=InvoiceState.OPEN
        )


# --- What needs nobody ------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A deposit with what it most likely pays; `invoice` is None where nothing was found."""

    deposit: Deposit
    match: matching.Match
    invoice: Invoice | None

    @property
    def flags(self) -> tuple[DepositFlag, ...]:
        """Return what a person must look at, nothing where the match is certain."""
        if self.invoice is None:
            return ()
        known = self.invoice.case.member.payer_kana or self.invoice.case.member.name_kana
        return matching.flags(
            self.match,
            due=self.invoice.due_on,
            known=known,
            is_whole=self.deposit.open_amount == self.deposit.amount,
        )

    @property
    def place(self) -> DepositList:
        """Return the one list of 入金消込 that the deposit stands in."""
        return matching.place(self.match.way, self.flags)


def settle_certain(actor: User | None = None) -> list[Invoice]:
    """消込 of what came in time and whole, with 受付番号, amount and name right; returns the invoices that got money.

    What was allocated or to be refunded before stays for a person. The caller settles the cases, after the commit.
    """
    paid = []
    decided = Deposit.objects.filter(Q(allocations__isnull=False) | Q(refunds__isnull=False), open_amount__gt=0)
    touched = set(decided.values_list("pk", flat=True))
    for one in found(undecided()):
        if one.invoice is None or one.match.way is not MatchWay.NUMBER or one.flags or one.deposit.pk in touched:
            continue
        try:
            allocate(one.deposit, one.invoice, one.match.allocated, one.match.way, actor)
        except Overtaken:
            continue  # somebody has just decided about it
        paid.append(one.invoice)
    return paid


def undecided() -> "list[Deposit]":
    """Return the deposits with yen that nobody has decided about, the oldest first."""
    return list(Deposit.objects.filter(open_amount__gt=0, is_cancellation=False).order_by("value_on", "pk"))


def found(given: Sequence[Deposit]) -> list[Found]:
    """Return what each deposit most likely pays (8.15), in their order; one query."""
    rows = Invoice.objects.filter(cancelled_at=None).select_related("case__member__organisation").order_by("pk")
    by_number = {one.number: one for one in rows}
    return [
        Found(deposit, match, by_number.get(match.number))
        for deposit, match in zip(given, matches(given, by_number.values()), strict=True)
    ]


def matches(given: Iterable[Deposit], invoices: Iterable[Invoice]) -> list[matching.Match]:
    """Return what each deposit most likely pays of `invoices` (with their members), in their order."""
    known = [
        matching.Invoice(one.number, one.missing, one.due_on, one.case.member.payer_kana or one.case.member.name_kana)
        for one in invoices
    ]
    wanted = [matching.Deposit(str(one.pk), one.payer, one.open_amount, one.value_on) for one in given]
    return matching.match(wanted, known)


# --- Entered by hand, and 取消 by the bank ---------------------------------------------------


class Known(Exception):
    """The same deposit is entered already."""


@transaction.atomic
def enter(
    booked_on: date, value_on: date, amount: int, payer: str, note: str, actor: User, *, is_another: bool = False
) -> Deposit:
    """Enter a deposit by hand; raises Known for one that looks the same, unless told that it is another one."""
    same = Deposit.objects.filter(value_on=value_on, amount=amount, payer=payer, is_cancellation=False)
    if same.exists() and not is_another:
        raise Known
    made: Deposit = Deposit.objects.create(
        booked_on=booked_on, value_on=value_on, amount=amount, open_amount=amount, payer=payer, note=note,
        entered_by=actor, entered_at=timezone.now(),
    )  # fmt: skip
    audit.record("credit.deposit_entered", actor=actor, target=f"deposit:{made.pk}", detail={"amount": amount})
    return made


def cancellable(notice: Deposit) -> list[Deposit]:
    """Return the deposits that a 取消 may mean: same 起算日, amount and payer, not taken back, all of it open."""
    same = {"value_on": notice.value_on, "amount": notice.amount, "payer": notice.payer}
    whole = Deposit.objects.filter(**same, is_cancellation=False, cancelled_by=None, open_amount=F("amount"))
    return list(whole.order_by("pk"))


@transaction.atomic
def take_back(notice: Deposit, deposit: Deposit, actor: User | None) -> None:
    """取消: a deposit that the bank took back is no money any more; only while all of it is open. Raises Overtaken."""
    own = Deposit.objects.filter(pk=deposit.pk, amount=notice.amount, open_amount=F("amount"), is_cancellation=False)
    mine = Deposit.objects.filter(pk=notice.pk, is_cancellation=True, cancels=None, note="")
    if not own.update(open_amount=0) or not mine.update(cancels=deposit.pk):
        raise Overtaken
    detail = {"deposit": deposit.pk, "notice": notice.pk, "amount": deposit.amount}
    audit.record("credit.deposit_cancelled", actor=actor, target=f"deposit:{deposit.pk}", detail=detail)


@transaction.atomic
def set_aside(notice: Deposit, reason: str, actor: User) -> None:
    """A 取消 of which no deposit is here: say why nobody looks for one any more. Raises Overtaken."""
    if not reason:
        raise NotAllowed("対応した内容を入力してください。")
    mine = Deposit.objects.filter(pk=notice.pk, is_cancellation=True, cancels=None, note="")
    if not mine.update(note=reason):
        raise Overtaken
    detail = {"notice": notice.pk, "amount": notice.amount, "reason": reason}
    audit.record("credit.deposit_cancelled", actor=actor, target=f"deposit:{notice.pk}", detail=detail)
