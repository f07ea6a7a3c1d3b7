"""May a 決済通知 or 枠戻通知 be made: every problem with the field where it is put right (nexi.md 3.2, 6.2 to 6.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from nexi_quota.enums import NOTICE_WAYS, Extent, NoticeKind, Product, Route, open_routes
from nexi_quota.messages import text

LOSS_NOTICE_DAYS = 45
"""Days after 決済期限 within which a 損失等発生通知 is due (nexi.md 6.3)."""


@dataclass(frozen=True)
class Target:
    """The 保有契約 or 個別保証枠確認 that a number leads to.

    `open_amount` is its 決済残高 or 未使用額, in its currency; `is_live` False when it is settled, returned or expired.
    """

    product: Product
    payer: str
    open_amount: Decimal
    is_live: bool
    has_loss: bool = False
    shipped_on: date | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class NoticeFacts:
    """A notice as entered and what the tables say; None where a field is empty or was not readable."""

    today: date
    kind: NoticeKind
    route: Route
    product: Product
    target: Target | None
    payer: str
    extent: Extent
    day: date | None
    amount: Decimal | None


class Fault(NamedTuple):
    """A problem and the field where it is put right: product, number, payer, day or amount."""

    field: str
    message: str


def faults_of(facts: NoticeFacts) -> list[Fault]:
    """Return every reason against the notice, in the order of the page; empty when it can be made."""
    if not NOTICE_WAYS[facts.product, facts.kind, facts.route].is_open:
        return [Fault("product", right_way(facts.product, facts.kind))]
    if facts.target is None or facts.target.product != facts.product:
        return [Fault("number", text("M-N01"))]
    if facts.target.has_loss:
        return [Fault("number", text("M-N07"))]
    if not facts.target.is_live or not facts.target.open_amount:
        return [Fault("number", text("M-N06"))]
    return [*_payer(facts, facts.target), *_day(facts, facts.target), *_amount(facts, facts.target)]


def right_way(product: Product, kind: NoticeKind) -> str:
    """Return why this product's notice cannot be made this way, and which way it can (M-N02)."""
    ways = "、".join(f"「{route.label}」" for route in open_routes(product, kind))
    if not ways:
        return text("M-N02")
    return text("M-N10", 保険種=product.label, 通知=kind.label, 方法=ways)


def _payer(facts: NoticeFacts, target: Target) -> Iterator[Fault]:
    if facts.payer and facts.payer != target.payer:
        yield Fault("payer", text("M-N03"))


def _day(facts: NoticeFacts, target: Target) -> Iterator[Fault]:
    if facts.day is None:
        return
    is_settlement = facts.kind is NoticeKind.SETTLEMENT
    if facts.day > facts.today:
        yield Fault("day", text("M-N08") if is_settlement else text("M-N11"))
    elif is_settlement and target.shipped_on and facts.day < target.shipped_on:
        yield Fault("day", text("M-V05", 日付1="決済日", 日付2=f"船積日（{target.shipped_on:%Y年%-m月%-d日}）"))


def _amount(facts: NoticeFacts, target: Target) -> Iterator[Fault]:
    if facts.amount is None:
        return
    if facts.amount > target.open_amount:
        yield Fault("amount", text("M-N04") if facts.kind is NoticeKind.SETTLEMENT else text("M-N05"))
    elif facts.extent is Extent.FULL and facts.amount != target.open_amount:
        yield Fault("amount", text("M-N12"))


def amount_of(facts: NoticeFacts) -> Decimal | None:
    """Return the amount of the notice in the target's currency: what was entered, for 全額 all that is open."""
    if facts.amount is None and facts.extent is Extent.FULL and facts.target:
        return facts.target.open_amount
    return facts.amount


def is_overdue(due_on: date, today: date) -> bool:
    """True from the day after 決済期限 on: a 損失等発生通知 may be due (M-N09)."""
    return today > due_on


def loss_notice_until(due_on: date) -> date:
    """Return the last day for the 損失等発生通知 of a contract due on `due_on`."""
    return due_on + timedelta(days=LOSS_NOTICE_DAYS)
