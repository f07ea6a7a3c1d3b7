"""Is a change of the guarantee needed (esurety.md 6.8)? From the contents before and after; amounts in whole yen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from esurety.enums import Product
from esurety.rules.facts import Contents
from esurety.rules.limits import MoneyRules, least_contract_guarantee
from portal.common.eras import seireki
from portal.common.money import yen

PRICE_ONLY_NOTE = (
    "請負金額のみの変更の場合は、この保証契約の効力に影響を及ぼさないため、"
    "保証契約の変更の手続きは必要ありません（保証証書の注2）。"
)
"""Note 2 of the certificate."""


@dataclass(frozen=True)
class Advice:
    """What one event asks for: `needed` is True (変更), False (nothing), None (it depends: `message` says on what)."""

    code: str
    needed: bool | None
    message: str


def is_needed(advices: Sequence[Advice]) -> bool:
    """Return True when at least one event needs a change of the guarantee."""
    return any(advice.needed for advice in advices)


def advise(
    product: str,
    before: Contents,
    after: Contents,
    rules: MoneyRules,
    *,
    first_price: int | None = None,
    advance_paid: bool = True,
) -> list[Advice]:
    """Return what the events between two states of a guarantee ask for.

    `first_price` is the 請負金額 of the first certificate (default: `before`): the threshold for more 契約保証 counts
    from it. `advance_paid` says whether the advance was received.
    """
    found = [*_party(before, after), *_period(before, after), *_amount(before, after), *_bank(product, before, after)]
    if product == Product.CTR:
        found += _contract_price(before, after, rules, first_price or before["price"])
    else:
        found += _advance_price(product, before, after, rules, advance_paid=advance_paid)
    return found


def _party(before: Contents, after: Contents) -> list[Advice]:
    parties = ("contractor", "保証契約者"), ("jv_name", "JV名"), ("members", "JV構成員"), ("work", "工事名")
    changed = [label for key, label in parties if before[key] != after[key]]  # type: ignore[literal-required]
    if (before["body_name"], before["addressee"]) != (after["body_name"], after["addressee"]):
        changed.append("発注者")
    if not changed:
        return []
    words = f"{'・'.join(changed)}が変わるため、保証契約の変更が必要です。証書の記載誤りのときは訂正になります。"
    return [Advice("party", True, words)]


def _period(before: Contents, after: Contents) -> list[Advice]:
    old, new = (seireki(date.fromisoformat(one["due_on"])) for one in (before, after))
    if after["due_on"] > before["due_on"]:
        words = f"保証期限が{old}から{new}に延びるため、保証契約の変更が必要です。保証料は変わりません。"
        return [Advice("period.longer", True, words)]
    if after["due_on"] < before["due_on"]:
        return [Advice("period.shorter", False, "工期が短くなるだけのときは、保証契約の変更は必要ありません。")]
    return []


def _amount(before: Contents, after: Contents) -> list[Advice]:
    old, new = before["amount"], after["amount"]
    if new > old:
        words = f"保証金額を{yen(old)}から{yen(new)}に増やすため、保証契約の変更が必要です。"
        return [Advice("amount.more", True, words + "変更後の証書を提出してから請求してください。")]
    if new < old:
        words = f"保証金額を{yen(old)}から{yen(new)}に減らすため、保証契約の変更が必要です。"
        return [Advice("amount.less", True, words + "変更後の証書を直ちに提出してください。")]
    return []


def _bank(product: str, before: Contents, after: Contents) -> list[Advice]:
    if product == Product.CTR or before["bank"] == after["bank"]:
        return []
    return [Advice("bank", True, "預託金融機関が変わるため、保証契約の変更が必要です。")]


def _advance_price(
    product: str, before: Contents, after: Contents, rules: MoneyRules, *, advance_paid: bool
) -> list[Advice]:
    old, new = before["price"], after["price"]
    if new == old:
        return []
    rate = rules.rate_total if product == Product.MID else rules.refund_rate
    received = after["amount"] + (after["advance_amount"] or 0)
    excess = received - new * rate // 100
    if advance_paid and new < old and excess > 0:
        words = (
            f"受領済みの前払金{yen(received)}が変更後の請負金額の{rate}%を{yen(excess)}超えています。"
            "原則として30日以内に超過額を発注者へ返還し、保証金額を減らす変更をしてください。"
        )
        return [Advice("price.refund", True, words)]
    return [Advice("price.only", False, PRICE_ONLY_NOTE)]


def _contract_price(before: Contents, after: Contents, rules: MoneyRules, first_price: int) -> list[Advice]:
    old, new = before["price"], after["price"]
    if new == old:
        return []
    least = least_contract_guarantee(rules, new, is_low_bid=after["is_low_bid"])
    if after["amount"] < least:
        lack = f"変更後の請負金額に対して必要な契約保証{yen(least)}に{yen(least - after['amount'])}足りません。"
        if new * 100 >= first_price * rules.raise_percent:
            asked = f"請負金額が当初の{rules.raise_percent}%以上のため、契約保証を増額する変更が必要です。"
            return [Advice("price.raise", True, lack + asked)]
        asked = f"請負金額が当初の{rules.raise_percent}%未満のため、発注者から求められたときに増額してください。"
        return [Advice("price.raise", None, lack + asked)]
    if new < old and after["amount"] > least:
        words = f"契約保証は、ご希望により{yen(least)}まで減額できます。減額しないときは変更は必要ありません。"
        return [Advice("price.reduce", None, words)]
    return [Advice("price.enough", False, f"契約保証は必要な額{yen(least)}以上のため、変更は必要ありません。")]
