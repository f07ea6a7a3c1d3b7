"""Amounts of money: reading what people type, writing what they can check (ux.md 2.3).

Every amount is in the currency's main unit (yen, dollars): a field in 千円 reads yen, too.
"""

import math
import re
from decimal import Decimal

from portal.common.text import Unreadable, drop_invisible

__all__ = [
    "MAX_DIGITS",
    "Negative",
    "OtherCurrency",
    "TooLarge",
    "TooManyDecimals",
    "Unreadable",
    "group",
    "money",
    "parse_amount",
    "parse_yen",
    "round_up",
    "spoken",
    "yen",
]

MAX_DIGITS = 15
"""Most digits before the decimal point (nexi.md 3.1)."""


class Negative(Unreadable):
    """A negative amount in a field that has none."""


class OtherCurrency(Unreadable):
    """An amount with ¥ or 円 in a field of another currency."""


class TooLarge(Unreadable):
    """An amount with more than MAX_DIGITS digits before the decimal point."""


class TooManyDecimals(Unreadable):
    """A fraction longer than the currency or unit allows."""


# Only the full-width forms are folded: NFKC would turn 10³ into 103 and ①0 into 10.
_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | str.maketrans("￥、､　", "¥,, ")
_SIGN = "[△▲−‐‑–—ー\uff70-]"
_NUMBER = (
    r"(?P<whole>[0-9]{1,3}(?:(?P<mark>[,. ])[0-9]{3})(?:(?P=mark)[0-9]{3})*(?![0-9])|[0-9]+)(?:\.(?P<fraction>[0-9]+))?"
)
_AMOUNT = re.compile(f"(?P<yen>¥?)(?P<sign>{_SIGN}?)(?P<yen2>¥?)(?P<terms>[0-9].*?)(?P<yen3>円?)")
_TERM = re.compile(f"{_NUMBER}(?P<small>[千百十]?)(?P<large>[兆億万]?)")
_EXPONENT = {"": 0, "十": 1, "百": 2, "千": 3, "万": 4, "億": 8, "兆": 12}
_LONGEST = 100


def parse_amount(
    text: str, *, unit: int = 1, decimals: int = 0, negative: bool = False, in_yen: bool = True
) -> Decimal:
    """Read a typed amount; the result is in the currency's main unit with `decimals` places.

    `unit` is what a bare number counts (1000 in a field of 千円). A typed unit (円, 千円, 百万円, 万円, 億) is
    converted, never guessed from the size. `in_yen=False` refuses ¥ and 円: the field is in another currency.
    Raises Negative, OtherCurrency, TooLarge, TooManyDecimals, or plain Unreadable.
    """
    folded = drop_invisible(text[: _LONGEST + 1].translate(_HALF_WIDTH)).strip()
    # A space may stand anywhere but between digits, where it must separate groups of three.
    folded = re.sub("(?<![0-9]) | (?![0-9])", "", folded)
    match = _AMOUNT.fullmatch(folded) if len(text) <= _LONGEST else None
    if match is None:
        raise Unreadable(text[:_LONGEST])
    says_yen = bool(match["yen"] or match["yen2"] or match["yen3"])
    if says_yen and not in_yen:
        raise OtherCurrency(text)
    amount = _sum_of_terms(match["terms"], 1 if says_yen else unit, decimals)
    if abs(amount) >= 10**MAX_DIGITS:
        raise TooLarge(text)
    if match["sign"]:
        if not negative:
            raise Negative(text)
        amount = -amount
    return amount.quantize(Decimal(1).scaleb(-decimals))


def _sum_of_terms(typed: str, unit: int, decimals: int) -> Decimal:
    """Add up 「1億2,000万」: every term fits below the place of the one before; only a single term has a fraction."""
    terms: list[re.Match[str]] = []
    position = 0
    while position < len(typed):
        term = _TERM.match(typed, position)
        if term is None:
            raise Unreadable(typed)
        terms.append(term)
        position = term.end()
    if len(terms) == 1 and not (terms[0]["small"] or terms[0]["large"]):
        return _number(terms[0], decimals, dot_groups=decimals == 0) * unit
    total = Decimal(0)
    place: int | None = None
    for term in terms:
        exponent = _EXPONENT[term["small"]] + _EXPONENT[term["large"]]
        value = _number(term, decimals + exponent, dot_groups=False).scaleb(exponent)
        if place is not None and (exponent >= place or value >= 10**place or "." in typed):
            raise Unreadable(typed)
        total += value
        place = exponent
    return total


def _number(term: re.Match[str], decimals: int, *, dot_groups: bool) -> Decimal:
    """Return the number of one term; one dot before three digits groups only where no fraction is possible."""
    whole, fraction = term["whole"], term["fraction"] or ""
    if term["mark"] == ".":
        if fraction:
            raise Unreadable(term[0])
        if whole.count(".") == 1 and not dot_groups:
            whole, fraction = whole.split(".")
    if len(fraction) > decimals:
        raise TooManyDecimals(term[0])
    return Decimal(f"{re.sub('[,. ]', '', whole)}.{fraction or 0}")


def parse_yen(text: str, *, unit: int = 1, negative: bool = False) -> int:
    """Read a typed amount of whole yen; arguments and errors as `parse_amount`."""
    return int(parse_amount(text, unit=unit, negative=negative))


def round_up(amount: Decimal) -> int:
    """Return `amount` rounded up to the whole yen (nexi.md 5.4)."""
    return math.ceil(amount)


def group(amount: Decimal | int, decimals: int = 0) -> str:
    """Return 58,646,000 with at least `decimals` places (never rounded); negative △1,000 as on paper."""
    fraction = max(0, -int(Decimal(amount).normalize().as_tuple().exponent))
    return f"{'△' if amount < 0 else ''}{abs(amount):,.{max(decimals, fraction)}f}"


def money(amount: Decimal, currency: str) -> str:
    """Return USD 58,646 or USD 58,646.10: cents only where there are some."""
    return f"{currency} {group(amount, 0 if amount == int(amount) else 2)}"


def yen(amount: Decimal | int) -> str:
    """Return 58,646,000円."""
    return f"{group(amount)}円"


def spoken(yen: int) -> str:
    """Return the second reading that catches a slipped zero: 5,864万6,000円."""
    rest, parts = abs(yen), []
    for word in ("", "万", "億"):
        rest, part = divmod(rest, 10_000)
        if part:
            parts.append(f"{part:,}{word}")
    if rest:
        parts.append(f"{rest:,}兆")
    return ("△" if yen < 0 else "") + ("".join(reversed(parts)) or "0") + "円"
