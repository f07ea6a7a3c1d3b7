"""A 振込入金通知 as a bank writes it: the sample of the demo (credit_insurance.md 5.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from credit_insurance.models import Invoice, MasterPolicy
from credit_insurance.rules.zengin import RECORD
from portal.common.eras import ERAS

MOST = 20
"""Invoices of the demo that its file pays."""


@dataclass(frozen=True)
class Entry:
    """One deposit: `payer` in half-width text, `amount` in yen."""

    payer: str
    amount: int
    day: date
    reference: int = 1
    is_cancelled: bool = False


def notice(account: str, entries: Sequence[Entry], made_on: date) -> bytes:
    """Return a whole file about one account."""
    days = [entry.day for entry in entries] or [made_on]
    head = _record(
        "1", "010", _wareki(made_on), _wareki(min(days)), _wareki(max(days)), "9999", "ｶｸｳﾁﾕｳｵｳｷﾝｺ".ljust(15),
        "001", "ﾎﾝﾃﾝ".ljust(15), "1", account.zfill(7), "ｶｸｳﾁﾕｳｼﾖｳｷｷﾞﾖｳﾀﾞﾝﾀｲﾁﾕｳｵｳｶｲ".ljust(40),
    )  # fmt: skip
    lines = [
        _record(
            "2", f"{entry.reference:06d}", _wareki(entry.day), _wareki(entry.day), f"{entry.amount:010d}", "0" * 20,
            entry.payer.ljust(48), "ｶｸｳｷﾞﾝｺｳ".ljust(15), "ﾐﾎﾝｼﾃﾝ".ljust(15), "1" if entry.is_cancelled else "0",
        )
        for entry in entries
    ]  # fmt: skip
    cancelled = [entry.amount for entry in entries if entry.is_cancelled]
    total = sum(entry.amount for entry in entries)
    trailer = _record("8", f"{len(entries):06d}{total:012d}{len(cancelled):06d}{sum(cancelled):012d}")
    return b"\r\n".join([head, *lines, trailer, _record("9")]) + b"\r\n"


def _record(*parts: str) -> bytes:
    return "".join(parts).encode("cp932").ljust(RECORD)


def _wareki(day: date) -> str:
    """Return YYMMDD with the year of the era."""
    start = max(one for _, _, one in ERAS if one <= day)
    return f"{day.year - start.year + 1:02d}{day:%m%d}"


def sample(today: date) -> bytes:
    """Return a file with what the demo's invoices want, a second payment, and a deposit that nobody knows."""
    account = MasterPolicy.objects.order_by("-year").values_list("account_no", flat=True)[0]
    live = Invoice.objects.filter(cancelled_at=None).select_related("case__member")
    waiting = [(one, min(today, one.due_on)) for one in live.filter(received=0).order_by("pk")[:MOST]]
    paid = [(one, today) for one in live.exclude(money_day=None).order_by("-pk")[:1]]
    entries = [
        Entry(f"{one.number} {one.case.member.payer_kana}", one.amount, day, reference)
        for reference, (one, day) in enumerate([*waiting, *paid], start=1)
    ]
    entries.append(Entry("ﾐﾎﾝｼﾖｳｼﾞ", 123_450, today, len(entries) + 1))
    return notice(account, entries, today)
