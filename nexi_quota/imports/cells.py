"""Texts of cells as values: normalised as in the forms, or a sentence that says what to write instead."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import TextChoices

from portal.common import eras, money, text

Reader = Callable[[str], Any]

_BUYER = re.compile("([0-9]{3})-?([0-9]{6})")
_TRUE, _FALSE = (
    {"1", "有", "あり", "要", "○", "〇", "◯", "はい", "yes", "true"},
    {*("0", "無", "なし", "不要", "×", "-", "いいえ", "no", "false")},
)
MAX_RATE = Decimal(1_000_000)
MAX_MONTHS = 600


class Wrong(ValueError):
    """A cell that cannot be used; the text says what to do."""


def buyer_code(typed: str) -> str:
    """Return a 海外商社コード as stored: 304-123456."""
    match = _BUYER.fullmatch(typed) or _BUYER.fullmatch(text.code(typed))
    if match is None:
        raise Wrong("国コード3桁と番号6桁の数字で入力してください（例：304-123456）。")
    return f"{match[1]}-{match[2]}"


def number(length: int, *, most: int = 0) -> Reader:
    """Return a reader of a number of `length` digits, or of up to `most`."""
    pattern = re.compile(f"[0-9]{{{length},{max(length, most)}}}")

    def read(typed: str) -> str:
        found = text.digits(typed)
        if not pattern.fullmatch(found):
            raise Wrong(f"{length}桁の数字で入力してください。先頭の0が消えたり、指数（E+）になったりしていませんか。")
        return found

    return read


def country_code(typed: str) -> str:
    """Return a 国コード: three digits."""
    code = text.digits(typed)
    if not re.fullmatch("[0-9]{3}", code):
        raise Wrong("3桁の数字で入力してください（例：304）。先頭の0が消えていないか確かめてください。")
    return code


def currency_code(typed: str) -> str:
    """Return a 通貨コード: three capital letters."""
    code = text.code(typed).upper()
    if not re.fullmatch("[A-Z]{3}", code):
        raise Wrong("英字3文字で入力してください（例：USD）。")
    return code


def words(limit: int, *, half: bool = False) -> Reader:
    """Return a reader of a text of at most `limit` characters; `half` takes printable ASCII only."""

    def read(typed: str) -> str:
        if found := text.unusable_characters(typed):
            raise Wrong(f"使えない文字（{found[:60]}）があります。その文字を消してください。")
        value = text.half(typed) if half else text.plain(typed)
        if half and (others := re.sub("[ -~]", "", value)):
            raise Wrong(f"使えない文字（{others[:20]}）があります。英数字と記号（半角）で入力してください。")
        if len(value) > limit:
            raise Wrong(f"{limit}文字以内で入力してください（いま{len(value)}文字です）。")
        return value

    return read


def choice(choices: type[TextChoices]) -> Reader:
    """Return a reader of one of `choices`, by stored value or by label."""
    by_text = {text.search_key(str(name)): member for member in choices for name in (member.value, member.label)}
    # 格付 explain themselves by their code; long labels are no way to write a cell.
    offered = "、".join(str(member.label if len(member.label) < 10 else member.value) for member in choices)

    def read(typed: str) -> TextChoices:
        if (member := by_text.get(text.search_key(typed))) is None:
            raise Wrong(f"次のどれかを入力してください：{offered}。")
        return member

    return read


def flag(typed: str) -> bool:
    """Return 有 or 無."""
    plain = text.code(typed).lower()
    if plain in _TRUE:
        return True
    if plain in _FALSE:
        return False
    raise Wrong("「有」か「無」を入力してください。")


def day(typed: str) -> date:
    """Return a date: 2026-11-20, 2026/11/20, 20261120 or 令和8年11月20日."""
    try:
        return eras.parse_date(typed)
    except eras.NoSuchDay as error:
        raise Wrong(str(error)) from None
    except eras.AmbiguousYear:
        raise Wrong("年を西暦4桁か元号つきで入力してください（例：2026-11-20、令和8年11月20日）。") from None
    except text.Unreadable:
        raise Wrong("日付を入力してください（例：2026-11-20、令和8年11月20日）。") from None


def _amount(typed: str, decimals: int, example: str, *, in_yen: bool = True) -> Decimal:
    try:
        return money.parse_amount(typed, decimals=decimals, in_yen=in_yen)
    except money.Negative:
        raise Wrong("0以上の数字を入力してください。") from None
    except money.TooLarge:
        raise Wrong(f"{money.MAX_DIGITS}桁以内の数字を入力してください。") from None
    except money.TooManyDecimals:
        wanted = f"小数は{decimals}桁までです" if decimals else "小数は使えません"
        raise Wrong(f"{wanted}（例：{example}）。") from None
    except money.Unreadable:
        raise Wrong(f"数字で入力してください（例：{example}）。") from None


def amount(typed: str) -> Decimal:
    """Return an amount of more than 0 in the row's own currency; what says 円 is refused."""
    if not (value := _amount(typed, 2, "400,000.00", in_yen=False)):
        raise Wrong("0より大きい額を入力してください。")
    return value


def yen(typed: str) -> int:
    """Return an amount in whole yen; 20億 and 1,000万円 are understood."""
    return int(_amount(typed, 0, "100,000,000"))


def positive_yen(typed: str) -> int:
    """Return an amount of more than 0 yen."""
    if not (amount := yen(typed)):
        raise Wrong("1円以上の額を入力してください。上限がないときは空欄にします。")
    return amount


def rate(typed: str) -> Decimal:
    """Return yen per unit: more than 0, less than a million, six decimals at most."""
    value = _amount(typed, 6, "150.25")
    if not 0 < value < MAX_RATE:
        raise Wrong("0より大きく1,000,000より小さい数字を入力してください（例：150.25）。")
    return value


def months(typed: str) -> int:
    """Return a number of months from 1."""
    plain = text.digits(typed).removesuffix("か月").removesuffix("ヶ月").removesuffix("月")
    if not re.fullmatch("[0-9]{1,3}", plain) or not 0 < int(plain) <= MAX_MONTHS:
        raise Wrong(f"月数を1から{MAX_MONTHS}の数字で入力してください（例：12）。上限がないときは空欄にします。")
    return int(plain)
