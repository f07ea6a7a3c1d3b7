"""利用残高 and 空き枠 of one customer (guarantee_lookup.md 3.2 to 3.5): whole yen throughout, nothing is rounded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from guarantee_lookup.enums import Row

ROW_POOLS: Mapping[Row, tuple[str, ...]] = {
    Row.UNSECURED: ("MG", "J5"),
    Row.ORDINARY: ("FG", "J5"),
    Row.UNSECURED_SN: ("MS", "XM"),
    Row.ORDINARY_SN: ("FS", "XF"),
}
"""The pools whose remainders bound the 空き枠 of a row; the first is the row's own limit (3.3)."""

WITH_ADDITION = (Row.ORDINARY, Row.ORDINARY_SN)
"""Rows in which a 組合 has 2億円 more than shown (N7)."""

BOND = "SHASAI"
"""特定社債: while a balance of it exists, the joint limit J5 binds."""

Rule = Literal["always", "bond", "off"]


@dataclass(frozen=True)
class Pool:
    """枠: a limit in yen that several insurances share; `addition` is what an eligible 組合 has more."""

    code: str
    limit: int
    addition: int = 0
    rule: Rule = "always"


@dataclass(frozen=True)
class Insurance:
    """保険種類: the row that shows its balance and the pools that it uses up; the two differ (2.5)."""

    code: str
    row: Row
    pools: tuple[str, ...]


@dataclass(frozen=True)
class Masters:
    """Insurances and pools as valid on the as-of date, by code."""

    insurances: Mapping[str, Insurance]
    pools: Mapping[str, Pool]


@dataclass(frozen=True)
class Figure:
    """One row of 利用情報 in yen.

    `free` is None where no single figure exists, `coop_free` unless the customer has the addition of a 組合.
    `is_reduced` is the mark ※, `is_over` the mark 超; `excess` is by how much, which is stored and never shown.
    """

    row: Row
    balance: int
    free: int | None = None
    coop_free: int | None = None
    is_reduced: bool = False
    is_over: bool = False
    excess: int = 0


@dataclass(frozen=True)
class Position:
    """利用情報: the five rows, their total, and what is left in each pool that is not switched off (for the 試算)."""

    figures: Sequence[Figure]
    left: Mapping[str, int]

    @property
    def total(self) -> int:
        """Return 合計 of the balances; free figures are never added up (1.2)."""
        return sum(figure.balance for figure in self.figures)

    def figure(self, row: Row) -> Figure:
        return self.figures[row - 1]


def position(
    balances: Mapping[str, int], masters: Masters, *, is_coop: bool = False, has_addition: bool = False
) -> Position:
    """Return the figures of a customer with `balances` (insurance code → counted yen).

    `is_coop`: a 組合, whose negative figures are shown as they are (K4); `has_addition`: it has the 2億円 of N7.
    KeyError for an insurance that the masters of the day do not know.
    """
    used = dict.fromkeys(masters.pools, 0)
    shown = dict.fromkeys(Row, 0)
    for code, amount in balances.items():
        insurance = masters.insurances[code]
        shown[insurance.row] += amount
        for pool in insurance.pools:
            if pool in used:
                used[pool] += amount
    left = {code: pool.limit - used[code] for code, pool in masters.pools.items() if pool.rule != "off"}
    active = {
        code
        for code, pool in masters.pools.items()
        if pool.rule == "always" or (pool.rule == "bond" and balances.get(BOND, 0) > 0)
    }
    figures = [
        _figure(row, shown[row], masters, left, active, is_coop=is_coop, has_addition=has_addition)
        if row in ROW_POOLS
        else Figure(row, shown[row])
        for row in Row
    ]
    return Position(figures, left)


def _figure(
    row: Row,
    balance: int,
    masters: Masters,
    left: Mapping[str, int],
    active: set[str],
    *,
    is_coop: bool,
    has_addition: bool,
) -> Figure:
    binding = [code for code in ROW_POOLS[row] if code in active]
    if not binding:  # the association has switched the pools of this row off
        return Figure(row, balance)
    raw = min(left[code] for code in binding)
    own = masters.pools[ROW_POOLS[row][0]]
    plain = own.limit - balance
    is_coop_row = is_coop and row in WITH_ADDITION
    free = raw if is_coop_row else max(raw, 0)
    return Figure(
        row,
        balance,
        free,
        max(min(left[code] + masters.pools[code].addition for code in binding), 0)
        if has_addition and row in WITH_ADDITION
        else None,
        is_reduced=free < (plain if is_coop_row else max(plain, 0)),
        is_over=raw < 0 and not is_coop_row,
        excess=max(-raw, 0),
    )
