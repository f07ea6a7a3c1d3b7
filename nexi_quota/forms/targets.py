"""What a notice page says of its 保有契約 or 個別保証枠確認: facts, the bar of what is open, the overdue warning."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nexi_quota.enums import ContractState, NoticeKind
from nexi_quota.messages import text
from nexi_quota.models import Confirmation, InsuranceContract
from nexi_quota.rules.notices import is_overdue, loss_notice_until
from portal.common.eras import seireki
from portal.common.money import money

Found = Confirmation | InsuranceContract
Facts = list[dict[str, str]]


@dataclass(frozen=True)
class Words:
    """What the amounts of one kind of notice are called."""

    number: str
    total: str
    done: str
    open: str


WORDS = {
    NoticeKind.SETTLEMENT: Words("保険証券番号-枝番", "契約金額", "決済した額", "決済残高"),
    NoticeKind.RELEASE: Words("確認管理番号", "確認金額", "戻した額・決済した額", "未使用額"),
}


def kind_of(found: Found) -> NoticeKind:
    """Return the notice that is made about such a target."""
    return NoticeKind.RELEASE if isinstance(found, Confirmation) else NoticeKind.SETTLEMENT


def open_amount(found: Found) -> Decimal:
    """Return 未使用額 or 決済残高, in the target's currency."""
    return found.unused if isinstance(found, Confirmation) else found.balance


def identity_of(found: Found) -> Facts:
    """Return which notice about which object: 通知の種類, number, 保険種."""
    kind = kind_of(found)
    return _rows(
        ("通知の種類", kind.label), (WORDS[kind].number, found.number), ("保険種", found.get_product_display())
    )


def registered_of(found: Found) -> Facts:
    """Return what is registered about the object: 支払人, amounts, dates."""
    words = WORDS[kind_of(found)]
    if isinstance(found, Confirmation):
        days = (("確認日", found.confirmed_on), ("保証枠有効期限", found.expires_on))
    else:
        days = (("船積日", found.shipped_on), ("決済期限", found.due_on))
    return _rows(
        ("支払人", f"{found.payer.code} {found.payer.name}"),
        (words.total, money(found.amount, found.currency_id)),
        (words.open, money(open_amount(found), found.currency_id)),
        *((label, seireki(day)) for label, day in days),
    )


def _rows(*pairs: tuple[str, str]) -> Facts:
    return [{"label": label, "shown": shown} for label, shown in pairs]


@dataclass(frozen=True)
class Bar:
    """What `svg_bar` draws: the whole amount of a target, split."""

    label: str
    parts: list[tuple[str, Decimal, str]]
    total: Decimal


def bar_of(found: Found, notified: Decimal = Decimal(0)) -> Bar:
    """Return the bar of a target in its currency, with what a notice of `notified` changes if there is one."""
    kind, now = kind_of(found), open_amount(found)
    words, currency, left = WORDS[kind], found.currency_id, now - notified
    parts = [(f"{words.done}（{currency}）", found.amount - now, "used")]
    label = f"{words.total} {money(found.amount, currency)}のうち{words.open} {money(now, currency)}"
    if notified:
        parts.append((f"今回の{kind.label}（{currency}）", notified, "planned"))
        label += f"、通知後は {money(left, currency)}"
    parts.append((f"{'通知後の' if notified else ''}{words.open}（{currency}）", left, "free"))
    return Bar(label, parts, found.amount)


def overdue_warning(found: Found | None, today: date) -> str:
    """Return M-N09 with its last day when 決済期限 has passed without a 損失等発生通知, else an empty text."""
    if (
        not isinstance(found, InsuranceContract)
        or found.state != ContractState.OPEN
        or not is_overdue(found.due_on, today)
    ):
        return ""
    until = loss_notice_until(found.due_on)
    return f"{text('M-N09')}。決済期限は{seireki(found.due_on)}、損失等発生通知の提出期限は{seireki(until)}です。"
