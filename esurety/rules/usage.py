"""Use of the advance and amount of a claim (esurety.md 6.9, 6.10), in whole yen."""

from esurety.enums import Light, Product
from esurety.rules.limits import Finding
from portal.common.money import yen

OVERHEADS_PERCENT = 25


def overheads_limit(advance: int) -> int:
    """Return how much of a first advance may be used for 現場管理費 and 一般管理費等."""
    return advance * OVERHEADS_PERCENT // 100


def check_overheads(product: str, advance: int, overheads: int, *, takes_overheads: bool = True) -> Finding:
    """Return the finding on 現場管理費等; `takes_overheads` says whether the 発注者 allows any."""
    code, shown = "usage.overheads", f"現場管理費等への使用{yen(overheads)}"
    limit = overheads_limit(advance)
    if overheads == 0:
        return Finding(code, Light.GREEN, "現場管理費等への使用はありません。")
    if product == Product.MID:
        return Finding(
            code, Light.RED, f"中間前払金は現場管理費等に使用できません（{yen(overheads)}）。0円にしてください。"
        )
    if not takes_overheads:
        return Finding(code, Light.RED, f"この発注者では前払金を現場管理費等に使用できません（{yen(overheads)}）。")
    if overheads > limit:
        words = f"{shown}が限度額{yen(limit)}（前払金の{OVERHEADS_PERCENT}%）を{yen(overheads - limit)}超えています。"
        return Finding(code, Light.RED, words)
    return Finding(code, Light.GREEN, f"{shown}は限度額{yen(limit)}（前払金の{OVERHEADS_PERCENT}%）の範囲内です。")


def advance_claim(advance: int, done: int, *, mid: int = 0, partial: int = 0) -> int:
    """Return the 保証金 of the advances: what was paid and not worked off, never more than the advances.

    `done` is the 出来高 in yen, `partial` the 部分払.
    """
    paid = advance + mid
    return min(max(paid + partial - done, 0), paid)


def contract_claim(damages: int, amount: int) -> int:
    """Return the 保証金 of a 契約保証: the 違約金, up to the 保証金額."""
    return min(max(damages, 0), amount)
