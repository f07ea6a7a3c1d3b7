"""Fields for words: names, free text, mail, telephone, readings, notes."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from portal.common import text
from portal.ui.fields.base import Field

READING = re.compile(r"[ァ-ヿ 0-9A-Za-z・ー（）()&.,'-]*")


class TextField(Field):
    """One line of text.

    Kind `name` (people, companies, addresses) keeps the text exactly as typed, trimmed only; `plain` is normalised by
    the common table; `half` turns full-width letters, digits and signs into ASCII and takes nothing else.
    """

    def __init__(
        self, *, kind: Literal["plain", "name", "half"] = "plain", max_length: int = 100, **options: Any
    ) -> None:
        super().__init__(**options)
        self.kind = kind
        self.max_length = max_length
        # A normalised text may be shorter than the typed one: 「か゛」 is two characters, 「が」 one.
        self.limit = max_length if kind == "name" else max(4 * max_length, 100)

    def blank(self) -> str:
        return ""

    def parse(self, typed: str) -> str:
        if self.kind == "name":
            return re.sub("[\t\r\n]+", " ", typed)
        value = text.plain(typed) if self.kind == "plain" else text.half(typed)
        self.check_length(value, self.max_length)
        if self.kind == "half" and (others := re.sub("[ -~]", "", value)):
            self.refuse(
                f"{self.label}に使えない文字（{others[:20]}）があります。英数字と記号で入力してください。", "characters"
            )
        return value

    @property
    def echoes(self) -> bool:  # type: ignore[override]
        return self.kind == "half"

    @property
    def drops_invisible(self) -> bool:  # type: ignore[override]
        return self.kind == "half"


class NoteField(TextField):
    """Several lines of text; line ends become one line feed."""

    control: ClassVar[str] = "textarea"

    def __init__(self, *, max_length: int = 200, rows: int = 4, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)
        self.rows = rows

    def parse(self, typed: str) -> str:
        value = text.note(typed)
        self.check_length(value, self.max_length)
        return value


class KatakanaField(TextField):
    """A reading: hiragana and half-width kana become katakana."""

    echoes: ClassVar[bool] = True
    drops_invisible: ClassVar[bool] = True

    def __init__(self, *, max_length: int = 60, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def parse(self, typed: str) -> str:
        value = text.katakana(typed)
        self.check_length(value, self.max_length)
        if not READING.fullmatch(value):
            self.refuse(f"{self.label}は読みをカタカナかひらがなで入力してください。例：ヤマダショウテン")
        return value


class EmailField(Field):
    """A mail address; the part before @ stays as typed."""

    echoes: ClassVar[bool] = True
    drops_invisible: ClassVar[bool] = True
    inputmode = "email"
    limit = 254

    def __init__(self, *, autocomplete: str = "email", **options: Any) -> None:
        super().__init__(autocomplete=autocomplete, **options)

    def blank(self) -> str:
        return ""

    def parse(self, typed: str) -> str:
        value = text.mail(typed)
        try:
            validate_email(value)
        except ValidationError:
            self.refuse(f"{self.label}を読み取れませんでした。@ とその後ろを確かめてください。例：taro@example.co.jp")
        return value


class PhoneField(Field):
    """A telephone or fax number of 9 to 15 digits; hyphens are kept for show."""

    echoes: ClassVar[bool] = True
    drops_invisible: ClassVar[bool] = True
    inputmode = "tel"
    limit = 40

    def __init__(self, *, autocomplete: str = "tel", max_length: int = 20, **options: Any) -> None:
        super().__init__(autocomplete=autocomplete, **options)
        self.max_length = max_length

    def blank(self) -> str:
        return ""

    def parse(self, typed: str) -> str:
        value = text.phone(typed)
        count = len(text.phone_digits(typed))
        if not re.fullmatch("[+]?[0-9-]+", value) or not 9 <= count <= 15 or len(value) > self.max_length:
            self.refuse(f"{self.label}を読み取れませんでした。市外局番から入力してください。例：03-1234-5678")
        return value
