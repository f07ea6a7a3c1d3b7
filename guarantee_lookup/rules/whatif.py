"""試算: does a requested amount fit (guarantee_lookup.md 3.6)? Whole yen; nothing of it is stored in the snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from guarantee_lookup.enums import Row
from guarantee_lookup.rules.capacity import WITH_ADDITION, Position

MICRO_LIMIT = 20_000_000
"""小口零細企業保証: every existing balance counts inside it (2.2)."""

SN6_ADDITION = 100_000_000
"""普通・SN with a certificate of 6号: 3億円 instead of 2億円 (2.2)."""


class Product(StrEnum):
    """What is asked for; the special ones have limits of their own."""

    ORDINARY = "ordinary"
    MICRO = "micro"
    BOND = "bond"
    RECEIVABLES = "receivables"


SPECIAL_POOLS = {Product.BOND: ("BD", "J5"), Product.RECEIVABLES: ("RYUDO",)}
"""特定社債 and 流動資産担保: what bounds them; both are partial under either method (2.4)."""


@dataclass(frozen=True)
class Wish:
    """What is tried out: `amount` of the loan in yen, and per row what is repaid by it or used elsewhere."""

    amount: int
    is_secured: bool = False
    certificate: int = 0
    is_partial: bool = False
    is_shared: bool = True
    product: Product = Product.ORDINARY
    repaid: Mapping[Row, int] = field(default_factory=dict)
    elsewhere: Mapping[Row, int] = field(default_factory=dict)
    affiliates: Mapping[Row, int] = field(default_factory=dict)

    @property
    def covered_in_part(self) -> bool:
        """True when the guarantee covers 80 % of the loan."""
        return self.product in SPECIAL_POOLS or (self.is_shared and self.is_partial)

    @property
    def counted(self) -> int:
        """Return the guaranteed amount in yen: 80 % rounded up, or all of it."""
        return -(-4 * self.amount // 5) if self.covered_in_part else self.amount


@dataclass(frozen=True)
class Verdict:
    """収まる or 収まらない for one row (or product) in yen; `largest` is the largest loan that fits."""

    label: str
    available: int
    counted: int
    largest: int
    row: Row | None = None

    @property
    def fits(self) -> bool:
        return self.counted <= self.available

    @property
    def short(self) -> int:
        """Return 不足額, 0 when it fits."""
        return max(self.counted - self.available, 0)


@dataclass(frozen=True)
class Trial:
    """The verdicts, none where the association has switched every limit off; `split` is the amounts of two guarantees,
    in 無担保・一般 and 普通・一般, if that is a way, too."""

    verdicts: list[Verdict]
    split: tuple[int, int] | None = None


def try_out(wish: Wish, found: Position) -> Trial:
    """Return whether `wish` fits the customer's `found` position, row by row."""
    if wish.product == Product.MICRO:
        used = found.total - sum(wish.repaid.values()) + sum(wish.elsewhere.values()) + sum(wish.affiliates.values())
        return Trial([_verdict(wish, "小口零細企業保証", MICRO_LIMIT - used)])
    if wish.product in SPECIAL_POOLS:
        binding = [found.left[pool] for pool in SPECIAL_POOLS[wish.product] if pool in found.left]
        if not binding:
            return Trial([])
        left = min(binding)
        title = "特定社債" if wish.product == Product.BOND else "流動資産担保"
        return Trial([_verdict(wish, title, left + wish.repaid.get(Row.OTHER, 0) - _declared(wish, Row.OTHER))])
    rows = [Row.ORDINARY, Row.ORDINARY_SN] if wish.is_secured else [Row.UNSECURED, Row.UNSECURED_SN]
    wanted = [row for row in (rows if wish.certificate else rows[:1]) if found.figure(row).free is not None]
    verdicts = [replace(_verdict(wish, row.label, available(wish, found, row)), row=row) for row in wanted]
    return Trial(verdicts, _split(wish, found) if wish.is_secured else None)


def available(wish: Wish, found: Position, row: Row) -> int:
    """Return what the row has left for this wish: free + repaid − declared elsewhere; for a 組合 its own figure."""
    figure = found.figure(row)
    free = figure.coop_free if row in WITH_ADDITION and figure.coop_free is not None else figure.free
    if row == Row.ORDINARY_SN and wish.certificate == 6:
        free = _with_sn6(found, free)
    return (free or 0) + wish.repaid.get(row, 0) - _declared(wish, row)


def _with_sn6(found: Position, free: int | None) -> int | None:
    """普通・SN has 1億円 more for 6号, as far as the combined limit XF leaves it."""
    left = found.left
    if free is None or "FS" not in left:
        return free
    raised = left["FS"] + SN6_ADDITION
    return max(free, min(raised, left.get("XF", raised)))


def _declared(wish: Wish, row: Row) -> int:
    return wish.elsewhere.get(row, 0) + wish.affiliates.get(row, 0)


def _verdict(wish: Wish, label: str, left: int) -> Verdict:
    largest = 5 * left // 4 if wish.covered_in_part else left
    return Verdict(label, left, wish.counted, max(largest, 0))


def _split(wish: Wish, found: Position) -> tuple[int, int] | None:
    """Return the two guarantees into which a secured amount could be cut, the unsecured row filled first."""
    first, second = available(wish, found, Row.UNSECURED), available(wish, found, Row.ORDINARY)
    rest = wish.counted - first
    return (first, rest) if 0 < first < wish.counted and rest <= second else None
