"""The share of the largest debtors in all that a member has at risk, as a drawing (`_exposure.html`)."""

from collections.abc import Sequence
from typing import Any

MOST = 5
LONGEST_NAME = 16
BAR_LEFT, BAR_LENGTH, WIDTH = 10, 400, 640
ROW, BAR = 104, 20


def drawing(
    rows: Sequence[tuple[str, int, int]], limits: int, balances: int, debtors: int, words: str = "支払限度額"
) -> dict[str, Any] | None:
    """Return what the drawing shows of `rows` (name, limit, balance in yen; the largest first) and of all the others.

    `limits` and `balances` are the sums over all `debtors`; None while there is nothing to share.
    """
    if not limits:
        return None
    found = list(rows[:MOST])
    if debtors > len(found):
        rest = (
            f"その他 {debtors - len(found)}社",
            limits - sum(limit for _, limit, _ in found),
            balances - sum(balance for _, _, balance in found),
        )
        found.append(rest)
    first = found[0]
    return {
        "label": f"取引先の集中度。最も大きい取引先は{first[0]}で、{words}の合計の{_share(first[1], limits)}%です。",
        "words": words,
        "width": WIDTH,
        "height": ROW * len(found) + 4,
        "right": WIDTH - BAR_LEFT,
        "left": BAR_LEFT,
        "bar": BAR,
        "rows": _rows([(name, _share(limit, limits), _share(balance, balances)) for name, limit, balance in found]),
    }


def of_sheet(rows: Sequence[Any]) -> dict[str, Any] | None:
    """Return the drawing of a ヒアリングシート's lines (`selectors.sheets.Row`), by 希望限度額."""
    figures: list[tuple[str, int, int]] = [
        (
            row.line.values.get("debtor_name") or "名称未入力",
            int(row.line.values.get("requested_limit") or 0),
            int(row.line.values.get("balance_now") or 0),
        )
        for row in rows
    ]
    figures.sort(key=lambda one: one[1:], reverse=True)
    limits, balances = sum(one[1] for one in figures), sum(one[2] for one in figures)
    return drawing(figures, limits, balances, len(figures), "希望限度額")


def _share(part: int, whole: int) -> int:
    return round(part * 100 / whole) if whole else 0


def _rows(shares: Sequence[tuple[str, int, int]]) -> list[dict[str, Any]]:
    """Return the places of all words and bars; the longest bar has the whole length."""
    most = max(1, *(max(limit, balance) for _, limit, balance in shares))
    return [
        {
            "name": name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…",
            "name_y": ROW * place + 26,
            "limit_y": ROW * place + 38,
            "limit_text_y": ROW * place + 55,
            "limit_width": BAR_LENGTH * limit // most,
            "limit_share": limit,
            "balance_y": ROW * place + 68,
            "balance_text_y": ROW * place + 85,
            "balance_width": BAR_LENGTH * balance // most,
            "balance_share": balance,
        }
        for place, (name, limit, balance) in enumerate(shares)
    ]
