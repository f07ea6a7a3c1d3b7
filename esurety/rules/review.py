"""What the reviewer checks before 決裁 (esurety.md 6.11): each check with value and words; amounts in whole yen."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from esurety.enums import Light, Product
from esurety.rules.facts import Works
from esurety.rules.limits import MoneyRules, advance_rate, least_contract_guarantee
from portal.common.calendar import add_months
from portal.common.eras import seireki
from portal.common.money import yen
from portal.common.text import search_key

HEAD_OFFICE_FROM = 100_000_000
BRANCH_MANAGER_FROM = 50_000_000
EXPOSURE_WARNING = 80
STATEMENTS_MONTHS = 18


@dataclass(frozen=True)
class Check:
    """One line of the 審査: what was looked at, the value found, the light and what it means."""

    code: str
    title: str
    value: str
    light: Light
    message: str

    def as_json(self) -> dict[str, Any]:
        """Return the line as `esurety.models.Item.review` keeps it."""
        return {**asdict(self), "light": int(self.light)}


@dataclass(frozen=True)
class Paper:
    """What the reviewer reads in the uploaded 請負契約書; dates in ISO text."""

    name: str
    price: int
    starts_on: str
    ends_on: str


@dataclass(frozen=True)
class Standing:
    """What is known of the contractor on the day of the review.

    `exposure` is the sum of its guarantees in force without this item; `same` and `similar` are the 保証契約番号 of
    guarantees in force for the same works, or for works of the same name and amount.
    """

    exposure: int
    exposure_limit: int
    licence_until: date | None = None
    statements_on: date | None = None
    open_claims: int = 0
    overdue_statements: int = 0
    same: tuple[str, ...] = ()
    similar: tuple[str, ...] = ()


def checks(
    product: str,
    works: Works,
    amount: int,
    rules: MoneyRules,
    standing: Standing,
    today: date,
    *,
    base_amount: int | None = None,
    paper: Paper | None = None,
) -> list[Check]:
    """Return all checks of one item, in the order of the table."""
    return [
        _licence(works, standing.licence_until, today),
        _exposure(amount, standing),
        _claims(standing),
        _statements(standing.statements_on, today),
        _paper(works, paper),
        _duplicate(standing),
        _low_bid(product, works, amount, rules, base_amount),
        _right(amount),
    ]


def _licence(works: Works, until: date | None, today: date) -> Check:
    code, title = "review.licence", "建設業許可"
    if until is None:
        return Check(code, title, "未登録", Light.YELLOW, "有効期限が登録されていません。許可証を確かめてください。")
    value = f"{seireki(until)}まで"
    if until.isoformat() < (works["contract_on"] or today.isoformat()):
        return Check(code, title, value, Light.RED, "請負契約日より前に許可が切れています。")
    if until.isoformat() < works["ends_on"]:
        return Check(code, title, value, Light.YELLOW, "工期の途中で許可が切れます。更新の予定を確かめてください。")
    return Check(code, title, value, Light.GREEN, "工期の終わりまで有効です。")


def _exposure(amount: int, standing: Standing) -> Check:
    code, title = "review.exposure", "保証残高"
    total, limit = standing.exposure + amount, standing.exposure_limit
    value = f"{yen(total)}（限度額{yen(limit)}）"
    if total > limit:
        words = f"この申込みを加えた保証残高が限度額を{yen(total - limit)}超えます。"
        return Check(code, title, value, Light.RED, words)
    if total * 100 > limit * EXPOSURE_WARNING:
        words = f"この申込みを加えた保証残高が限度額の{EXPOSURE_WARNING}%を超えます。"
        return Check(code, title, value, Light.YELLOW, words)
    return Check(code, title, value, Light.GREEN, "限度額の範囲内です。")


def _claims(standing: Standing) -> Check:
    code, title = "review.claims", "請求・手持工事"
    value = f"請求中{standing.open_claims}件、使途内訳明細書の未提出{standing.overdue_statements}件"
    if standing.open_claims:
        return Check(code, title, value, Light.RED, "発注者から請求を受けている保証があります。")
    if standing.overdue_statements:
        return Check(code, title, value, Light.YELLOW, "使途内訳明細書の提出が遅れています。")
    return Check(code, title, value, Light.GREEN, "請求も遅れもありません。")


def _statements(closed_on: date | None, today: date) -> Check:
    code, title = "review.statements", "財務諸表"
    if closed_on is None:
        return Check(code, title, "なし", Light.RED, "財務諸表がありません。提出を依頼してください。")
    value = f"決算日{seireki(closed_on)}"
    if add_months(closed_on, STATEMENTS_MONTHS) < today:
        words = f"決算日から{STATEMENTS_MONTHS}か月を過ぎています。新しい財務諸表を依頼してください。"
        return Check(code, title, value, Light.YELLOW, words)
    return Check(code, title, value, Light.GREEN, f"決算日から{STATEMENTS_MONTHS}か月以内です。")


def _paper(works: Works, paper: Paper | None) -> Check:
    code, title = "review.paper", "請負契約書との照合"
    if paper is None:
        return Check(code, title, "未照合", Light.YELLOW, "請負契約書の内容を確かめてください。")
    ours = {"請負金額": works["price"], "工期（自）": works["starts_on"], "工期（至）": works["ends_on"]}
    theirs = {"請負金額": paper.price, "工期（自）": paper.starts_on, "工期（至）": paper.ends_on}
    different = [label for label in ours if ours[label] != theirs[label]]
    if search_key(works["name"]) != search_key(paper.name):
        different.append("工事名")
    if different:
        return Check(code, title, "不一致", Light.RED, f"{'・'.join(different)}が請負契約書と異なります。")
    if works["name"] != paper.name:
        words = "工事名の全角・半角や空白だけが請負契約書と異なります。"
        return Check(code, title, "表記の違い", Light.YELLOW, words)
    return Check(code, title, "一致", Light.GREEN, "請負契約書と同じです。")


def _duplicate(standing: Standing) -> Check:
    code, title = "review.duplicate", "重複"
    if standing.same:
        words = "同じ発注者・工事番号・保証種類・会計年度の保証が有効です。"
        return Check(code, title, "、".join(standing.same), Light.RED, words)
    if standing.similar:
        words = "工事名と保証金額が同じ保証があります。重複でないか確かめてください。"
        return Check(code, title, "、".join(standing.similar), Light.YELLOW, words)
    return Check(code, title, "なし", Light.GREEN, "同じ工事の保証はありません。")


def _low_bid(product: str, works: Works, amount: int, rules: MoneyRules, base_amount: int | None) -> Check:
    code, title = "review.low_bid", "低入札と保証金額"
    if not works["is_low_bid"]:
        return Check(code, title, "対象外", Light.GREEN, "低入札価格調査の対象ではありません。")
    base = works["price"] if base_amount is None else base_amount
    rate = advance_rate(rules, works["kind"], is_low_bid=True)
    if product == Product.ADV and amount * 100 > base * rate:
        words = f"低入札の前払金は{rate}%以内ですが、保証金額がこれを超えています。"
        return Check(code, title, "対象", Light.RED, words)
    if product == Product.CTR and amount < least_contract_guarantee(rules, works["price"], is_low_bid=True):
        words = f"低入札の契約保証は{rules.rate_contract_low_bid}%以上ですが、保証金額が足りません。"
        return Check(code, title, "対象", Light.RED, words)
    return Check(code, title, "対象", Light.GREEN, "低入札の割合に合っています。")


def _right(amount: int) -> Check:
    code, title = "review.right", "決裁権限"
    if amount > HEAD_OFFICE_FROM:
        return Check(
            code, title, yen(amount), Light.RED, f"{yen(HEAD_OFFICE_FROM)}を超えるため、本店の決裁が必要です。"
        )
    if amount >= BRANCH_MANAGER_FROM:
        words = f"{yen(BRANCH_MANAGER_FROM)}以上のため、支店長の決裁が必要です。"
        return Check(code, title, yen(amount), Light.YELLOW, words)
    return Check(code, title, yen(amount), Light.GREEN, "担当者の決裁権限の範囲内です。")


def worst(lines: Sequence[Check]) -> Light:
    """Return the worst light of all checks."""
    return max((line.light for line in lines), default=Light.GREEN)
