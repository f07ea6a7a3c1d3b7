"""振込入金通知: a file of the bank becomes deposits, every entry once, all of a file or nothing (5.6, 7.4)."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from credit_insurance.models import BankFile, Deposit, Invoice, MasterPolicy
from credit_insurance.rules import matching, zengin
from credit_insurance.selectors import masters
from credit_insurance.services import deposits, enrolment
from portal import audit
from portal.accounts.models import User
from portal.common.money import yen

MAX_BYTES = 10 * 1024 * 1024
MAX_RECORDS = 50_000
NAME_LENGTH = 255
BATCH = 500

Mark = tuple[object, ...]
"""What makes two entries of the bank the same one."""


class Refused(Exception):
    """The file is not taken; `faults` say why, in Japanese."""

    def __init__(self, *faults: str) -> None:
        super().__init__(faults[0])
        self.faults = faults


@dataclass(frozen=True)
class Report:
    """What became of a file: counts, `amount` in yen, and the cases whose premium was paid by it."""

    file: str
    entries: int
    amount: int
    known: int
    taken_back: int
    open_cancellations: int
    allocated: int

    @property
    def sentence(self) -> str:
        """Return the report in one sentence."""
        new = self.entries - self.known
        words = f"{self.entries:,}件（{yen(self.amount)}）のうち{new:,}件を取り込みました"
        if self.known:
            words += f"（{self.known:,}件は取込済み）"
        words += f"。{self.allocated:,}件を自動で消し込みました。"
        if self.taken_back:
            words += f"取消の通知により入金{self.taken_back:,}件を取り消しました。"
        if self.open_cancellations:
            words += f"取消の通知{self.open_cancellations:,}件は、対応する入金を確かめてください。"
        return words


def load(content: bytes, name: str, actor: User | None) -> Report:
    """取込 of a 振込入金通知, then 消込 of what is certain; raises Refused, and then nothing is taken.

    Deposits are kept first: what goes wrong afterwards loses none of them, the night settles the cases.
    """
    digest = hashlib.sha256(content).hexdigest()
    statements = _read(content)
    file, taken_back, left = _keep(statements, name[-NAME_LENGTH:], digest, actor)
    paid = deposits.settle_certain(actor=None)
    settle(paid)
    return Report(file.name, file.entries, file.amount, file.known, taken_back, left, len(paid))


def settle(paid: Iterable[Invoice]) -> None:
    """Bring the cases of invoices that got money, or lost some, to what that leads to."""
    calendar, today = masters.calendar(), timezone.localdate()
    for case in {invoice.case_id: invoice.case for invoice in paid}.values():
        enrolment.settle(case, today, calendar)


def _read(content: bytes) -> Sequence[zengin.Statement]:
    """Return the statements of the scheme's own accounts; the file's size is bounded before it is looked at."""
    if not content.strip():
        raise Refused("ファイルが空です。金融機関から受け取った振込入金通知を選んでください。")
    if len(content) > MAX_BYTES:
        raise Refused(f"ファイルが大きすぎます（{len(content):,}バイト）。10MB以下に分けて取り込んでください。")
    if b"\0" in content:
        raise Refused("振込入金通知ではありません。全銀協形式のテキストファイルを選んでください。")
    records = content.count(b"\n") or len(content) // zengin.RECORD
    if records > MAX_RECORDS:
        raise Refused(f"明細が多すぎます（{records:,}件）。{MAX_RECORDS:,}件以下に分けて取り込んでください。")
    notice = zengin.parse(content, timezone.localdate())
    if notice.faults:
        raise Refused(*notice.faults)
    own = {number.zfill(7) for number in MasterPolicy.objects.values_list("account_no", flat=True)}
    others = sorted({one.account for one in notice.statements if one.account.zfill(7) not in own})
    if others:
        raise Refused(f"口座番号{'、'.join(others)}は保険料の振込先ではありません。ファイルを確かめてください。")
    return notice.statements


def _hold() -> None:
    """Make two imports wait for each other: the later one knows what the earlier one took."""
    first = MasterPolicy.objects.order_by("year").values_list("pk", flat=True)[0]
    MasterPolicy.objects.filter(pk=first).update(policy_no=F("policy_no"))


@transaction.atomic
def _keep(
    statements: Sequence[zengin.Statement], name: str, digest: str, actor: User | None
) -> tuple[BankFile, int, int]:
    """Write the deposits that are not here yet; returns the file, and how many 取消 found their deposit or not."""
    _hold()
    if taken := BankFile.objects.filter(sha256=digest).first():
        day = timezone.localtime(taken.imported_at)
        raise Refused(f"このファイルは{day:%Y年%-m月%-d日 %H:%M}に取込済みです（{taken.name}）。")
    entries = [entry for one in statements for entry in one.entries]
    new, by_hand = _unknown(entries)
    now = timezone.now()
    file: BankFile = BankFile.objects.create(
        name=name,
        sha256=digest,
        entries=len(entries),
        amount=sum(entry.amount for entry in entries if not entry.is_cancelled),
        known=len(entries) - len(new),
        imported_by=actor,
        imported_at=now,
    )
    for deposit, entry in by_hand:
        Deposit.objects.filter(pk=deposit.pk).update(
            file=file, line=entry.line, reference=entry.reference, booked_on=entry.booked_on, raw=entry.raw
        )
    made = Deposit.objects.bulk_create(
        [
            Deposit(
                file=file,
                line=entry.line,
                reference=entry.reference,
                booked_on=entry.booked_on,
                value_on=entry.value_on,
                amount=entry.amount,
                open_amount=0 if entry.is_cancelled else entry.amount,
                is_cancellation=entry.is_cancelled,
                payer=entry.payer,
                bank=f"{entry.bank} {entry.branch}".strip(),
                raw=entry.raw,
                entered_by=actor,
                entered_at=now,
            )
            for entry in new
        ],
        batch_size=BATCH,
    )
    notices = [one for one in made if one.is_cancellation]
    taken_back = sum(_takes_back(notice, actor) for notice in notices)
    detail = {"sha256": digest, "entries": file.entries, "known": file.known, "amount": file.amount}
    audit.record("credit.bank_file_imported", actor=actor, target=name[:100], detail=detail)
    return file, taken_back, len(notices) - taken_back


def _takes_back(notice: Deposit, actor: User | None) -> bool:
    """取消 without anybody where exactly one deposit can be meant."""
    meant = deposits.cancellable(notice)
    if len(meant) != 1:
        return False
    deposits.take_back(notice, meant[0], actor)
    return True


def _mark(one: zengin.Entry | Deposit) -> Mark:
    is_cancelled = one.is_cancelled if isinstance(one, zengin.Entry) else one.is_cancellation
    return (one.reference, one.booked_on, one.value_on, one.amount, one.payer, is_cancelled)


def _unknown(entries: Sequence[zengin.Entry]) -> tuple[list[zengin.Entry], list[tuple[Deposit, zengin.Entry]]]:
    """Return the entries that are not here yet, and those that somebody has entered by hand with their deposit.

    As many equal ones as are here are known, the others are new: two equal deposits of one day are two.
    """
    if not entries:
        return [], []
    days = {entry.booked_on for entry in entries}
    here = Deposit.objects.filter(booked_on__gte=min(days), booked_on__lte=max(days)).exclude(file=None)
    left = Counter(_mark(one) for one in here.iterator(chunk_size=BATCH))
    values = {entry.value_on for entry in entries}
    by_hand: dict[Mark, list[Deposit]] = {}
    typed = Deposit.objects.filter(file=None, value_on__gte=min(values), value_on__lte=max(values))
    for one in typed.order_by("-pk"):
        by_hand.setdefault(_written(one), []).append(one)
    new, adopted = [], []
    for entry in entries:
        mark = _mark(entry)
        if left[mark]:
            left[mark] -= 1
        elif not entry.is_cancelled and (same := by_hand.get(_written(entry))):
            adopted.append((same.pop(), entry))
        else:
            new.append(entry)
    return new, adopted


def _written(one: zengin.Entry | Deposit) -> Mark:
    """Return what makes a deposit that was typed the same as the bank's entry, however its payer is written."""
    return (one.value_on, one.amount, matching.number_of(one.payer), matching.payer_key(one.payer))
