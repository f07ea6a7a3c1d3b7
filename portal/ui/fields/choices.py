"""Fields that are ticked or chosen."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, ClassVar, Literal

from django.core.exceptions import ValidationError

from portal.ui.fields.base import Field, Source


@lru_cache(maxsize=128)
def _by_text(choices: tuple[tuple[Any, str], ...]) -> dict[str, tuple[Any, str]]:
    return {str(value): (value, label) for value, label in choices}


class ChoiceField(Field):
    """One of `choices` ((value, label) pairs), as radio buttons or a select list; the value is the one declared."""

    verb: ClassVar[str] = "選択"

    def __init__(
        self,
        *,
        choices: Iterable[tuple[Any, str]] = (),
        control: Literal["radio", "select"] = "radio",
        empty_label: str = "選択してください",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.choices = choices
        self.control = control  # type: ignore[misc]
        self.empty_label = empty_label

    @property
    def choices(self) -> tuple[tuple[Any, str], ...]:
        return self._choices

    @choices.setter
    def choices(self, pairs: Iterable[tuple[Any, str]]) -> None:
        self._choices = tuple((value, str(label)) for value, label in pairs)

    def all_choices(self) -> tuple[tuple[Any, str], ...]:
        """Return the choices of a select list: an empty one comes first, unless the field has its own."""
        return self._choices if "" in _by_text(self._choices) else (("", self.empty_label), *self._choices)

    @property
    def grouped(self) -> bool:  # type: ignore[override]
        return self.control == "radio"

    def anchor(self, html_name: str) -> str:
        return f"id_{html_name}_0" if self.grouped and self.choices else f"id_{html_name}"

    def blank(self) -> str:
        return ""

    def to_python(self, value: Any) -> Any:
        typed = "" if value is None else str(value)
        if not typed:
            return self.blank()
        known = _by_text(self._choices)
        if typed not in known:
            self.refuse(f"{self.label}を選び直してください。")
        return known[typed][0]

    def show(self, value: Any) -> str:
        if value is None or value == "":
            return ""
        return _by_text(self._choices).get(str(value), (value, str(value)))[1]

    def spread(self, value: Any) -> dict[str, str]:
        return {"": "" if value is None else str(value)}


class CheckField(Field):
    """One box; a required one must be ticked."""

    control: ClassVar[str] = "check"

    def __init__(self, *, required: bool = False, **options: Any) -> None:
        super().__init__(required=required, **options)

    def collect(self, source: Source, html_name: str) -> bool:
        return any(source.typed_value(html_name))

    def to_python(self, value: Any) -> bool:
        return bool(value)

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.missing(), code="required")

    def missing(self) -> str:
        return f"「{self.label}」にチェックしてください。"

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(initial) != bool(data)

    def show(self, value: Any) -> str:
        return "はい" if value else "いいえ"

    def spread(self, value: Any) -> dict[str, str]:
        return {"": "on" if value else ""}
