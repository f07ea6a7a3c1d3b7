"""The ledger of one buyer, newest first, with the balance after every entry."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F, Q, QuerySet

from nexi_quota.models import LedgerEntry

# The counter and what was written since are read in one statement, so that a write in between cannot part them.
_BALANCES = """
SELECT newer.id, quota.held_jpy - newer.since
FROM nexi_quota_quota AS quota, (
    SELECT id, SUM(amount_jpy) OVER (ORDER BY at DESC, id DESC ROWS UNBOUNDED PRECEDING) - amount_jpy AS since
    FROM nexi_quota_ledgerentry WHERE quota_id = %s AND at >= %s
) AS newer
WHERE quota.id = %s AND newer.id IN ({})
"""


@dataclass(frozen=True)
class LedgerFilter:
    """Entries of a kind (empty: of all) from a moment on and before another (None: open)."""

    kind: str = ""
    since: datetime | None = None
    before: datetime | None = None

    def fits(self, entry: LedgerEntry) -> bool:
        """True when the entry is wanted; what is older than `since` has been left out already."""
        return self.kind in ("", entry.kind) and (self.before is None or entry.at < self.before)


def ledger_page(
    quota_id: int, wanted: LedgerFilter, size: int, *, after: int | None = None
) -> tuple[list[LedgerEntry], bool]:
    """Return up to `size` entries, newest first, below the entry `after` of the same quota, and whether more follow."""
    rows = _entries(quota_id, wanted)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.before:
        rows = rows.filter(at__lt=wanted.before)
    if after is not None:
        at = LedgerEntry.objects.filter(quota=quota_id, pk=after).values_list("at", flat=True).first()
        rows = rows.none() if at is None else rows.filter(Q(at__lt=at) | Q(pk__lt=after), at__lte=at)
    found = list(rows[: size + 1])
    return found[:size], len(found) > size


def _entries(quota_id: int, wanted: LedgerFilter) -> QuerySet[LedgerEntry]:
    rows = LedgerEntry.objects.filter(quota=quota_id)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    return with_records(rows).order_by("-at", "-pk")


def with_records(entries: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
    """Read what stands behind the entries along with them, without what was typed into the applications."""
    rows = entries.select_related(
        "confirmation__application", "confirmation__organisation", "contract", "notice__application", "actor"
    )
    return rows.defer("confirmation__application__data", "notice__application__data")


def balances(entries: Sequence[LedgerEntry]) -> dict[int, int]:
    """Return what was held after each entry of one quota, in yen by entry id: the counter, counted backwards."""
    if not entries:
        return {}
    oldest = min(entry.at for entry in entries)
    quota_id = entries[0].quota_id
    statement = _BALANCES.format(", ".join(["%s"] * len(entries)))
    parameters = [quota_id, connection.ops.adapt_datetimefield_value(oldest), quota_id, *(e.pk for e in entries)]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return {pk: int(balance) for pk, balance in cursor.fetchall()}


def ledger_lines(quota_id: int, wanted: LedgerFilter) -> Iterator[tuple[LedgerEntry, int]]:
    """Yield every wanted entry with the balance after it, newest first, without holding them all."""
    balance: int | None = None
    for entry in _entries(quota_id, wanted).annotate(held=F("quota__held_jpy")).iterator(chunk_size=500):
        balance = entry.held if balance is None else balance
        if wanted.fits(entry):
            yield entry, balance
        balance -= entry.amount_jpy
