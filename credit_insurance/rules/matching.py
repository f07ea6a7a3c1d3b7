"""Which deposit pays which premium (credit_insurance.md 8.15): by number, name, amount; no yen is ever lost."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from credit_insurance.enums import DepositFlag, DepositList, InvoiceState, MatchWay

NUMBER_LENGTH = 7
CLOSE_DAYS = 7

# Kana as banks write them: no small ones, no long-vowel mark that is not a hyphen.
_BANK_KANA = str.maketrans("ァィゥェォッャュョヮヵヶー―‐−–—‑", "アイウエオツヤユヨワカケ-------")
_WORDS = re.compile("(?:カブシキ|ユウゲン|ゴウ(?:ドウ|シ|メイ))[ガカ]イシヤ|(?:株式|有限|合同|合資|合名)会社")
# 略語 of the 全銀 system stand before, behind or within the name: カ)ヤマダ, ヤマダ(カ, ヤマダ(カ)トウキヨウシテン.
_SHORT = (
    r"(?:カ|ユ|ド|メ|シ|イ|ガク|シヤ|ザイ|シユウ|フク|ソ|キヨウクミ|ノウキヨウ|トクヒ|ドク|ベン|ゼイ|株|有|同|名|資)"
)
_ABBREVIATIONS = re.compile(rf"^{_SHORT}\)|\({_SHORT}\)|\({_SHORT}$")
_NOT_COMPARED = re.compile(r"[\s.,\-・/'()「」]+")
_NUMBER = re.compile(rf"^([0-9]{{{NUMBER_LENGTH}}})(?![0-9])")


@dataclass(frozen=True)
class Invoice:
    """払込のご案内: `number` is its 受付番号, `open_amount` what is still missing (0 when paid), all in yen."""

    number: str
    open_amount: int
    due: date
    payer: str


@dataclass(frozen=True)
class Deposit:
    """A deposit as the bank tells it; `key` is the caller's own."""

    key: str
    payer: str
    amount: int
    value_date: date


@dataclass(frozen=True)
class Match:
    """What was found for one deposit: `number` is the 受付番号 of the invoice, "" when none was found.

    `missing` is what the invoice still lacks with it (PARTIAL), `surplus` what it is too much (OVER).
    """

    deposit: Deposit
    way: MatchWay
    number: str = ""
    missing: int = 0
    surplus: int = 0

    @property
    def allocated(self) -> int:
        """Return what of the deposit pays the invoice, in yen."""
        return self.deposit.amount - self.surplus if self.number else 0


@dataclass(frozen=True)
class Standing:
    """An invoice with its money: `money_day` is the 起算日 of the deposit that completed the sum, None before."""

    state: InvoiceState
    received: int
    missing: int
    surplus: int
    money_day: date | None


def number_of(payer: str) -> str:
    """Return the seven digits at the start of a 振込依頼人名, "" when it does not begin with exactly seven."""
    found = _NUMBER.match(_folded(payer))
    return found[1] if found else ""


def payer_key(name: str) -> str:
    """Return a payer's name as it is compared: full-width kana, no spaces or signs, no legal form, no 受付番号.

    Half-width and full-width kana, small and large kana, 「カ)」 before and 「(カ」 behind give the same key; a name
    that is nothing but a legal form keeps it.
    """
    plain = _NUMBER.sub("", _folded(name), count=1).lstrip("- ")
    plain = re.sub(r"\s+", "", plain)
    bare = _NOT_COMPARED.sub("", _ABBREVIATIONS.sub("", _WORDS.sub("", plain)))
    return bare or _NOT_COMPARED.sub("", plain)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).upper().translate(_BANK_KANA).strip()


def match(deposits: Iterable[Deposit], invoices: Sequence[Invoice]) -> list[Match]:
    """Return one match for every deposit, in their order.

    `invoices` are all that may be meant, paid ones included: a second payment of the same number is then told as such.
    Certain matches are made first and use the invoice up; suggestions use up nothing, since somebody decides on them.
    """
    given = list(deposits)
    left = {invoice.number: invoice.open_amount for invoice in invoices}
    found: dict[int, Match] = {}
    for place, deposit in enumerate(given):
        number = number_of(deposit.payer)
        if number in left and 0 < left[number] == deposit.amount:
            found[place] = Match(deposit, MatchWay.NUMBER, number)
            left[number] = 0
    by_amount: dict[int, list[tuple[str, Invoice]]] = {}
    for invoice in invoices:
        if left[invoice.number]:
            by_amount.setdefault(left[invoice.number], []).append((payer_key(invoice.payer), invoice))
    for place, deposit in enumerate(given):
        if place not in found:
            found[place] = _suggestion(deposit, left, by_amount.get(deposit.amount, []))
    return [found[place] for place in range(len(given))]


def _suggestion(deposit: Deposit, left: Mapping[str, int], equal: Sequence[tuple[str, Invoice]]) -> Match:
    """Return what somebody may decide on; `equal` are the open invoices of this very amount, each with its key."""
    number = number_of(deposit.payer)
    if number in left:
        missing = max(left[number] - deposit.amount, 0)
        surplus = max(deposit.amount - left[number], 0)
        return Match(deposit, MatchWay.NUMBER_OTHER_AMOUNT, number, missing, surplus)
    name = payer_key(deposit.payer)
    named = [invoice for key, invoice in equal if name and key == name]
    if len(named) == 1:
        return Match(deposit, MatchWay.NAME, named[0].number)
    close = [invoice for _, invoice in equal if abs((invoice.due - deposit.value_date).days) <= CLOSE_DAYS]
    if len(close) == 1:
        return Match(deposit, MatchWay.AMOUNT, close[0].number)
    return Match(deposit, MatchWay.NONE)


def flags(match: Match, *, due: date, known: str, is_whole: bool) -> tuple[DepositFlag, ...]:
    """Return what a person must look at before a deposit pays the invoice that was found; () for a certain match.

    `known` is the registered name of the payer, "" when there is none; `is_whole`: nothing of it is decided yet.
    """
    is_double = match.allocated == 0
    written = payer_key(match.deposit.payer) if number_of(match.deposit.payer) == match.number else ""
    named = payer_key(known)
    is_strange = written and named and not (written.startswith(named) or named.startswith(written))
    found = {
        DepositFlag.DOUBLE: is_double,
        DepositFlag.LATE: match.deposit.value_date > due,
        DepositFlag.SHORT: match.missing > 0,
        DepositFlag.OVER: match.surplus > 0 and not is_double,
        DepositFlag.PAYER: is_strange,
        DepositFlag.PART: not is_whole,
    }
    return tuple(flag for flag, is_so in found.items() if is_so)


def place(way: MatchWay, found: Sequence[DepositFlag]) -> DepositList:
    """Return the one list of 入金消込 that a deposit belongs to."""
    for flag in (DepositFlag.DOUBLE, DepositFlag.LATE, DepositFlag.SHORT, DepositFlag.PAYER):
        if flag in found:
            return DepositList(flag.value)
    return {
        MatchWay.NUMBER: DepositList.NUMBER,
        MatchWay.NUMBER_OTHER_AMOUNT: DepositList.OTHER_AMOUNT,
        MatchWay.NAME: DepositList.NAME,
        MatchWay.AMOUNT: DepositList.AMOUNT,
        MatchWay.NONE: DepositList.NONE,
    }[way]


def standing(amount: int, receipts: Iterable[tuple[date, int]]) -> Standing:
    """Return how an invoice of `amount` yen stands with its `receipts` (起算日, yen); nothing short is ever enough."""
    received = 0
    money_day = None
    for day, paid in sorted(receipts):
        received += paid
        if money_day is None and received >= amount:
            money_day = day
    return Standing(
        state=_state(amount, received),
        received=received,
        missing=max(amount - received, 0),
        surplus=max(received - amount, 0),
        money_day=money_day,
    )


def _state(amount: int, received: int) -> InvoiceState:
    if received == amount:
        return InvoiceState.PAID
    if received > amount:
        return InvoiceState.OVERPAID
    return InvoiceState.PARTIAL if received else InvoiceState.OPEN
