"""Fields for figures: counts, amounts, codes and the public numbers with a check digit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from portal.common import checkdigit, money, text
from portal.ui.fields.base import Field

YEN_UNITS = {"円": 1, "千円": 1_000, "百万円": 1_000_000}


class IntegerField(Field):
    """A whole number without sign, for example days."""

    echoes: ClassVar[bool] = True
    drops_invisible: ClassVar[bool] = True
    inputmode = "numeric"
    limit = 40

    def __init__(self, *, min_value: int = 0, max_value: int = 999_999_999, **options: Any) -> None:
        super().__init__(**options)
        self.min_value = min_value
        self.max_value = max_value
        self.size = len(f"{max_value:,}")

    def parse(self, typed: str) -> int:
        plain = text.half(typed).removesuffix(self.unit).strip()
        # NFKC makes 103 of 10³ and 10 of ①0.
        has_marks = any(unicodedata.category(sign) == "No" for sign in typed)
        if has_marks or not re.fullmatch("[0-9]+|[0-9]{1,3}(,[0-9]{3})+", plain):
            self.refuse(f"{self.label}は数字で入力してください。例：{self.min_value or 1}")
        value = int(plain.replace(",", ""))
        if not self.min_value <= value <= self.max_value:
            self.refuse(
                f"{self.label}は{self.min_value:,}から{self.max_value:,}までの数字で入力してください。", "range"
            )
        return value

    def show(self, value: Any) -> str:
        return "" if value is None else f"{value:,}{self.unit}"

    def spread(self, value: Any) -> dict[str, str]:
        return {"": "" if value is None else str(value)}

    def understood(self, raw: Any, value: Any) -> str:
        return "" if str(raw).strip() in {str(value), f"{value:,}"} else f"{self.show(value)}と読み取りました"


class MoneyField(Field):
    """An amount: int for whole units (`decimals` 0), else Decimal.

    In a field whose unit is 千円 or 百万円 the figures count that unit and the value is still yen.
    Without a unit the currency stands in another field: a form that knows it to be foreign sets `in_yen` to False.
    """

    control: ClassVar[str] = "money"
    echoes: ClassVar[bool] = True
    drops_invisible: ClassVar[bool] = True
    limit = 60

    def __init__(
        self,
        *,
        decimals: int = 0,
        unit: str = "円",
        min_value: Decimal | int = 0,
        max_value: Decimal | int | None = None,
        max_digits: int = 15,
        **options: Any,
    ) -> None:
        super().__init__(unit=unit, **options)
        self.decimals = decimals
        self.min_value = min_value
        self.max_value = max_value
        self.max_digits = max_digits
        self.in_yen = unit in YEN_UNITS or not unit
        self.size = max_digits + max_digits // 3 + (decimals + 1 if decimals else 0)
        self.inputmode = "decimal" if decimals else "numeric"

    @property
    def factor(self) -> int:
        """Yen for one of the field's unit; 1 for foreign money."""
        return YEN_UNITS.get(self.unit, 1)

    def parse(self, typed: str) -> int | Decimal:
        example = f"例：{'12,345.67' if self.decimals else '12,345,000'}"
        try:
            amount = money.parse_amount(typed, unit=self.factor, decimals=self.decimals, in_yen=self.in_yen)
        except money.OtherCurrency:
            self.refuse(f"{self.label}の通貨は円ではありません。「円」や「¥」を消し、金額を確かめてください。{example}")
        except money.Negative:
            self.refuse(f"{self.label}にマイナスの金額は入力できません。符号を消して入力してください。", "min_value")
        except money.TooLarge:
            self.refuse(f"{self.label}は{self.max_digits}桁以内で入力してください。", "max_digits")
        except money.TooManyDecimals:
            places = f"小数点以下{self.decimals}桁まで" if self.decimals else "小数のない金額"
            self.refuse(f"{self.label}は{places}で入力してください。{example}", "decimals")
        except money.Unreadable:
            self.refuse(f"{self.label}を読み取れませんでした。{example}")
        if amount >= 10**self.max_digits:
            self.refuse(f"{self.label}は{self.max_digits}桁以内で入力してください。", "max_digits")
        if not amount and self.min_value > 0:
            self.refuse(f"{self.label}は0より大きい金額を入力してください。", "min_value")
        if amount < self.min_value:
            self.refuse(f"{self.label}は{self.show(self.min_value)}以上で入力してください。", "min_value")
        if self.max_value is not None and amount > self.max_value:
            self.refuse(f"{self.label}は{self.show(self.max_value)}以下で入力してください。", "max_value")
        return amount if self.decimals else int(amount)

    def show(self, value: Any) -> str:
        if value is None:
            return ""
        if self.unit in YEN_UNITS:
            return money.yen(value)
        return money.group(value, self.decimals) + (f" {self.unit}" if self.unit else "")

    def spread(self, value: Any) -> dict[str, str]:
        return {"": "" if value is None else money.group(Decimal(value) / self.factor, self.decimals)}

    def understood(self, raw: Any, value: Any) -> str:
        if self.unit not in YEN_UNITS:
            return super().understood(raw, value)
        # The second reading catches a slipped zero, so it is given for every amount that has one.
        spoken = money.spoken(value)
        return f"{money.yen(value)}（{spoken}）" if spoken != money.yen(value) else ""


class CodeField(Field):
    """A code: `digits` figures, or whatever `pattern` matches.

    `groups` (3, 6) stands for nine digits whose value is written with hyphens: 310-000001.
    """

    echoes: ClassVar[bool] = True
    drops_invisible: ClassVar[bool] = True
    limit = 60

    def __init__(
        self,
        *,
        digits: int | None = None,
        pattern: str = "",
        groups: Sequence[int] = (),
        max_length: int = 30,
        example: str = "",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.groups = tuple(groups)
        self.digits = sum(groups) if groups else digits
        self.pattern = pattern
        self.max_length = max_length
        self.example = example
        if self.digits:
            self.inputmode = "numeric"
            self.size = self.digits + max(len(self.groups) - 1, 0)

    def blank(self) -> str:
        return ""

    def parse(self, typed: str) -> str:
        if self.digits:
            return self.grouped_digits(self.exact_digits(typed, self.digits))
        value = text.code(typed)
        self.check_length(value, self.max_length)
        if self.pattern and not re.fullmatch(self.pattern, value):
            shape = f"例：{self.example}" if self.example else "英数字を確かめてください。"
            self.refuse(f"{self.label}を読み取れませんでした。{shape}")
        return value

    def exact_digits(self, typed: str, count: int) -> str:
        """Return the `count` digits of `typed` without separators; raises M-V02."""
        value = text.digits(typed)
        if not re.fullmatch("[0-9]+", value):
            self.refuse(f"{self.label}は{count}桁の数字で入力してください。")
        if len(value) != count:
            self.refuse(f"{self.label}は{count}桁です（いま{len(value)}桁です）。数字を確かめてください。", "digits")
        return value

    def grouped_digits(self, value: str) -> str:
        parts, start = [], 0
        for width in self.groups:
            parts.append(value[start : start + width])
            start += width
        return "-".join(parts) or value


class CorporateNumberField(CodeField):
    """法人番号: 13 digits with a check digit; a leading T is dropped, the first of 13 is found for twelve."""

    def __init__(self, **options: Any) -> None:
        super().__init__(digits=13, **options)

    def parse(self, typed: str) -> str:
        plain = text.corporate_number(typed)
        if re.fullmatch("[0-9]{12}", plain):
            self.refuse(
                f"{self.label}は13桁です（いま12桁です）。会社法人等番号から求めた番号は"
                f" {checkdigit.corporate_number_of(plain)} です。正しければ、この番号を入力してください。",
                "digits",
            )
        value = self.exact_digits(plain, 13)
        if not checkdigit.corporate_number_ok(value):
            self.refuse(f"{self.label}の数字の組み合わせが正しくありません。番号を確かめてください。", "check_digit")
        return value


class PostalField(CodeField):
    """A Japanese postal code; the value is written with its hyphen: 100-0001."""

    def __init__(self, *, autocomplete: str = "postal-code", **options: Any) -> None:
        super().__init__(groups=(3, 4), autocomplete=autocomplete, **options)
