"""When a checked delivery waits for somebody's approval (I06 to I08 of guarantee_lookup.md 6.4); whole numbers."""

from dataclasses import dataclass

MOST_QUARANTINED = 50
QUARANTINED_PER_THOUSAND = 1
COUNTED_PERCENT = 5
CUSTOMERS_PERCENT = 2
MOST_DIFFERENT = 10


@dataclass(frozen=True)
class Totals:
    """A generation in figures; `counted` in yen."""

    customers: int
    guarantees: int
    settlements: int
    quarantined: int
    counted: int


def reasons_to_hold(now: Totals, before: Totals | None, different: int) -> list[str]:
    """Return why the delivery waits, [] when it need not; `different` customers have another free figure in the core.

    A first delivery has nothing to be compared with.
    """
    reasons = []
    many = now.quarantined * 1000 > QUARANTINED_PER_THOUSAND * now.customers
    if now.quarantined > MOST_QUARANTINED or many:
        reasons.append(f"I06 隔離した顧客が多すぎます（{now.quarantined:,}件、全{now.customers:,}件）。")
    if before is not None and abs(now.counted - before.counted) * 100 > COUNTED_PERCENT * before.counted:
        reasons.append(
            f"I07 利用残高の合計が{COUNTED_PERCENT}％を超えて変わりました"
            f"（{before.counted:,}円から{now.counted:,}円）。"
        )
    if before is not None and abs(now.customers - before.customers) * 100 > CUSTOMERS_PERCENT * before.customers:
        reasons.append(
            f"I07 顧客数が{CUSTOMERS_PERCENT}％を超えて変わりました（{before.customers:,}件から{now.customers:,}件）。"
        )
    if different > MOST_DIFFERENT:
        reasons.append(f"I08 空き枠が基幹システムと異なる顧客が多すぎます（{different:,}件）。")
    return reasons
