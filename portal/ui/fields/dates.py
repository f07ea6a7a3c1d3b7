"""The date in three text boxes, which also take 和暦 and a whole date in the first."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from portal.common import eras
from portal.ui.fields.base import Field, Source

PARTS = (("-y", "年", 6), ("-m", "月", 3), ("-d", "日", 3))
"""Suffix, word and width in characters of each box."""


class DateField(Field):
    """A day; its typed form is the three texts year, month, day."""

    control: ClassVar[str] = "date"
    suffixes: ClassVar[tuple[str, ...]] = ("-y", "-m", "-d")
    grouped: ClassVar[bool] = True
    echoes: ClassVar[bool] = True
    drops_invisible: ClassVar[bool] = True
    inputmode = "numeric"
    limit = 40

    def __init__(self, *, hint: str = "例：2026年11月20日、令和8年11月20日", **options: Any) -> None:
        super().__init__(hint=hint, **options)

    def anchor(self, html_name: str) -> str:
        return f"id_{html_name}-y"

    def collect(self, source: Source, html_name: str) -> tuple[str, ...]:
        return tuple("".join(source.typed_value(html_name + suffix)[-1:]) for suffix in self.suffixes)

    def to_python(self, value: Any) -> datetime.date | None:
        year, month, day = (self.legible(part) for part in (value or ("", "", "")))
        if not (year or month or day):
            return None
        try:
            return eras.parse_date(year, month, day)
        except eras.NoSuchDay as error:
            self.refuse(str(error), "no_such_day")
        except eras.AmbiguousYear:
            # 「8」 with an empty month may as well be half a date, but the era has to be said in any case.
            self.refuse(f"{self.label}の年を西暦4桁か元号で入力してください。例：2026、令和8", "ambiguous_year")
        except eras.Unreadable:
            empty = [word for part, (_, word, _) in zip((year, month, day), PARTS, strict=True) if not part]
            if empty and len(year) <= 8:
                self.refuse(f"{self.label}の{'と'.join(empty)}を入力してください。", "incomplete")
            self.refuse(f"{self.label}を読み取れませんでした。例：2026年11月20日、令和8年11月20日")

    def show(self, value: Any) -> str:
        return "" if value is None else f"{eras.seireki(value)}（{eras.wareki(value)}）"

    def spread(self, value: Any) -> dict[str, str]:
        if value is None:
            return dict.fromkeys(self.suffixes, "")
        return {"-y": str(value.year), "-m": str(value.month), "-d": str(value.day)}

    def understood(self, raw: Any, value: Any) -> str:
        as_typed = tuple(self.spread(value).values())
        plain = tuple(part.strip().removeprefix("0") for part in raw)
        return "" if plain == as_typed else f"{self.show(value)}と読み取りました"
