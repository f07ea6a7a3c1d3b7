"""Many notices in one transaction: what `services.notify` does line by line, computed first and written in bulk."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from nexi_quota.enums import ContractState, LedgerKind
from nexi_quota.models import Confirmation, InsuranceContract, LedgerEntry, Notice
from nexi_quota.rules.arithmetic import part_to_free, released_yen
from nexi_quota.selectors.bulk import Holdings
from nexi_quota.services.notices import Line
from nexi_quota.services.quota import Overtaken, give_back
from nexi_quota.states import CONFIRMATION, CONTRACT
from portal import audit

if TYPE_CHECKING:
    from portal.accounts.models import User
    from portal.applications.models import Application

AUDITED_TOGETHER = 500
"""Notices in one event of the audit log."""

# Each row is guarded by what it was judged from, as in `services.release` and `services.close`.
_CONTRACT = (
    "UPDATE nexi_quota_insurancecontract SET balance = %s, state = %s WHERE id = %s AND balance = %s AND state = %s"
)
_CONFIRMATION = (
    "UPDATE nexi_quota_confirmation SET unused = %s, unused_jpy = %s, state = %s"
    " WHERE id = %s AND unused = %s AND unused_jpy = %s AND state = %s"
)


@dataclass(frozen=True)
class Entry:
    """One line as it will be written: where it stands, what it notifies, and what it frees.

    `confirmation` is None where nothing is freed; `yen` is whole yen.
    """

    place: int
    line: Line
    confirmation: Confirmation | None
    yen: int


class Plan:
    """Notices to be written together: each changes the objects of `holdings` at once, the tables only in `write`."""

    def __init__(self, holdings: Holdings) -> None:
        self.holdings = holdings
        self.entries: list[Entry] = []
        self._contracts: dict[int, tuple[Decimal, str]] = {}
        self._confirmations: dict[int, tuple[Decimal, int, str]] = {}

    # --- Line by line, in memory ---------------------------------------------------

    def notify(self, line: Line, place: int) -> None:
        """Change the target as the notice of this line will; Overtaken when that cannot be after all."""
        if isinstance(line.target, InsuranceContract):
            freed, yen = self._settle(line.target, line.amount)
        else:
            freed, yen = self._return(line.target, line.amount)
        self.entries.append(Entry(place, line, freed, yen))

    def _settle(self, contract: InsuranceContract, amount: Decimal) -> tuple[Confirmation | None, int]:
        self._remember(contract)
        contract.balance -= amount
        if not contract.balance:
            contract.state = str(CONTRACT.target("settle"))
        confirmation = contract.confirmation
        if confirmation is None or not confirmation.unused_jpy:
            return None, 0
        is_last = not self.holdings.open_contracts(confirmation)
        part = part_to_free(amount, confirmation.unused, is_last=is_last)
        return confirmation, self._release(confirmation, "settle", part)

    def _return(self, confirmation: Confirmation, amount: Decimal) -> tuple[Confirmation, int]:
        if amount == confirmation.unused:
            for contract in self.holdings.open_contracts(confirmation):
                self._remember(contract)
                contract.state = str(CONTRACT.target("cancel"))
        return confirmation, self._release(confirmation, "return", amount)

    def _release(self, confirmation: Confirmation, event: str, amount: Decimal) -> int:
        if confirmation.state not in CONFIRMATION.sources(event):
            raise Overtaken(confirmation.number)
        self._confirmations.setdefault(
            confirmation.pk, (confirmation.unused, confirmation.unused_jpy, confirmation.state)
        )
        yen = released_yen(amount, confirmation.rate, open_amount=confirmation.unused, open_jpy=confirmation.unused_jpy)
        confirmation.unused -= amount
        confirmation.unused_jpy -= yen
        if not confirmation.unused:
            confirmation.state = str(CONFIRMATION.target(event))
        return yen

    def _remember(self, contract: InsuranceContract) -> None:
        self._contracts.setdefault(contract.pk, (contract.balance, contract.state))

    # --- All at once, in the tables ---------------------------------------------------

    def write(self, application: "Application", actor: "User") -> None:
        """Write every notice, in the caller's transaction, which must end with nothing on Overtaken.

        The order of the locks is that of single notices: contracts, confirmations, quotas.
        """
        self._guarded(_CONTRACT, self._changed_contracts())
        self._guarded(_CONFIRMATION, self._changed_confirmations())
        self._no_open_contract_is_left()
        now = timezone.now()
        notices = Notice.objects.bulk_create(
            Notice(
                application=application,
                line=entry.place,
                organisation_id=application.organisation_id,
                kind=entry.line.kind,
                route=entry.line.route,
                confirmation_id=_confirmation_of(entry.line),
                contract_id=_contract_of(entry.line),
                day=entry.line.day,
                amount=entry.line.amount,
                manner=entry.line.manner,
                reason=entry.line.reason,
                note=entry.line.note,
                created_at=now,
            )
            for entry in self.entries
        )
        freed: dict[int, int] = defaultdict(int)
        movements = []
        for notice, entry in zip(notices, self.entries, strict=True):
            if entry.confirmation is None:
                continue
            freed[entry.confirmation.quota_id] += entry.yen
            movements.append(
                LedgerEntry(
                    quota_id=entry.confirmation.quota_id,
                    confirmation=entry.confirmation,
                    contract_id=notice.contract_id,
                    notice=notice,
                    kind=LedgerKind.RELEASE,
                    amount_jpy=-entry.yen,
                    actor=actor,
                    at=now,
                )
            )
        LedgerEntry.objects.bulk_create(movements)
        self._record(application, actor)
        # Last, like everywhere: the rows that everybody waits for, in one order.
        for quota_id, yen in sorted(freed.items()):
            give_back(quota_id, yen)

    def _changed_contracts(self) -> list[Sequence[Any]]:
        return [
            (contract.balance, contract.state, pk, *self._contracts[pk])
            for pk, contract in sorted(self.holdings.contracts.items())
            if pk in self._contracts
        ]

    def _changed_confirmations(self) -> list[Sequence[Any]]:
        return [
            (found.unused, found.unused_jpy, found.state, pk, *self._confirmations[pk])
            for pk, found in sorted(self.holdings.confirmations.items())
            if pk in self._confirmations
        ]

    def _guarded(self, statement: str, rows: list[Sequence[Any]]) -> None:
        """Run the statement for every row; Overtaken unless each of them found its row as it was read."""
        if not rows:
            return
        adapt = connection.ops.adapt_decimalfield_value
        values = [tuple(adapt(value, 17, 2) if isinstance(value, Decimal) else value for value in row) for row in rows]
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)
            if cursor.rowcount != len(rows):
                raise Overtaken(f"{len(rows) - cursor.rowcount} rows")

    def _no_open_contract_is_left(self) -> None:
        """Overtaken when a confirmation that ends here has got another contract since it was read."""
        ended = [
            pk
            for pk in self._confirmations
            if self.holdings.confirmations[pk].state not in CONFIRMATION.sources("return")
            and not self.holdings.open_contracts(self.holdings.confirmations[pk])
        ]
        for some in _chunks(ended, AUDITED_TOGETHER):
            if InsuranceContract.objects.filter(confirmation__in=some, state=ContractState.OPEN).exists():
                raise Overtaken("a contract was added")

    def _record(self, application: "Application", actor: "User") -> None:
        """Write what every line did into the audit log, some hundred lines to an event."""
        for some in _chunks(self.entries, AUDITED_TOGETHER):
            rows = [
                {
                    "line": entry.place,
                    "kind": entry.line.kind,
                    "target": entry.line.target.number,
                    "amount": str(entry.line.amount),
                    "released_jpy": entry.yen,
                }
                for entry in some
            ]
            audit.record(
                "nexi.bulk", actor=actor, organisation=actor.organisation, target=application.number,
                detail={"rows": rows},
            )  # fmt: skip


def _confirmation_of(line: Line) -> int | None:
    return line.target.pk if isinstance(line.target, Confirmation) else line.target.confirmation_id


def _contract_of(line: Line) -> int | None:
    return line.target.pk if isinstance(line.target, InsuranceContract) else None


def _chunks(items: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))
