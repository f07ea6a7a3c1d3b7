"""What every field has: its words, the texts typed into it, and cleaning in one order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn, Protocol, Self

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from portal.common import text


class Source(Protocol):
    """The part of a form that a field reads from."""

    known_files: Mapping[str, tuple[str, int]] | None

    def typed_value(self, html_name: str) -> list[str]: ...

    def sent_files(self, html_name: str) -> list[UploadedFile[Any]]: ...


class Field(forms.Field):
    """A field whose `clean` takes what was typed and gives a value, or a message that says what to do.

    `hint` stands above the control, `help` is the text behind the ？, `unit` stands beside the control.
    `width` is short or medium, else the size follows from the value.
    `lookup` names the address that searches for values, `lookup_label` says by what; `refresh` offers a button that
    draws the page again.
    `conditional` marks a field that the form's own `clean` may require.
    """

    control: ClassVar[str] = "text"
    suffixes: ClassVar[tuple[str, ...]] = ("",)
    grouped: ClassVar[bool] = False
    """Whether several controls share one legend instead of one label."""
    echoes: ClassVar[bool] = False
    verb: ClassVar[str] = "入力"
    drops_invisible: ClassVar[bool] = False
    """Whether marks that nobody sees are dropped, as from everything that has a grammar; else they are refused."""
    inputmode: str = ""
    size: int = 0
    limit: int = 200
    """Characters that are looked at; whoever sends more is told so before anything else is done with them."""
    markup: dict[Any, Any]
    """What portal.ui.render has drawn of the declaration: shared by unchanged copies."""

    def __init__(
        self,
        *,
        label: str,
        hint: str = "",
        help: str = "",
        unit: str = "",
        width: str = "",
        autocomplete: str = "",
        lookup: str = "",
        lookup_label: str = "名称から検索",
        refresh: bool = False,
        conditional: bool = False,
        required: bool | None = None,
        **options: Any,
    ) -> None:
        super().__init__(label=label, required=not conditional if required is None else required, **options)
        self.hint = hint
        self.help = help
        self.unit = unit
        self.width = width
        self.autocomplete = autocomplete
        self.lookup = lookup
        self.lookup_label = lookup_label
        self.refresh = refresh
        self.conditional = conditional

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        self.__dict__["markup"] = {}  # a changed field must not be drawn from its declaration's cache

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # Every form copies its fields. Attributes are replaced, never changed in place, so the copy may share them.
        copied = type(self).__new__(type(self))
        copied.__dict__.update(self.__dict__)
        memo[id(self)] = copied
        return copied

    # --- Names of the controls -----------------------------------------------

    def html_names(self, name: str) -> list[str]:
        """Return the names that the field's controls send."""
        return [name + suffix for suffix in self.suffixes]

    def anchor(self, html_name: str) -> str:
        """Return the id that a link from the error list jumps to."""
        return f"id_{html_name}"

    # --- From typed to understood --------------------------------------------

    def collect(self, source: Source, html_name: str) -> Any:
        """Return what `source` holds for this field, in the shape that `clean` takes."""
        typed = source.typed_value(html_name)
        return typed[-1] if typed else ""

    def to_python(self, value: Any) -> Any:
        typed = "" if value is None else self.legible(str(value))
        return self.parse(typed) if typed else self.blank()

    def legible(self, raw: str) -> str:
        """Return `raw` trimmed, without the marks that this field drops; refuses what is left of the others."""
        typed = raw.strip()
        self.check_length(typed, self.limit)
        if self.drops_invisible:
            typed = text.drop_invisible(typed).strip()
        self.check_characters(typed)
        return typed

    def blank(self) -> Any:
        """Return the value of an empty field."""
        return None

    def parse(self, typed: str) -> Any:
        """Return the value of `typed` (trimmed, not empty); raises ValidationError."""
        raise NotImplementedError

    def validate(self, value: Any) -> None:
        if self.required and value in self.empty_values:
            raise ValidationError(self.missing(), code="required")

    def missing(self) -> str:
        """Return M-V01, the message for an empty field."""
        return f"{self.label}を{self.verb}してください。"

    def refuse(self, message: str, code: str = "invalid") -> NoReturn:
        raise ValidationError(message, code=code)

    def check_length(self, typed: str, limit: int) -> None:
        """Refuse more than `limit` characters (M-V03)."""
        if len(typed) > limit:
            self.refuse(
                f"{self.label}は{limit}文字以内で入力してください（いま{len(typed):,}文字です）。", "max_length"
            )

    def check_characters(self, typed: str) -> None:
        """Refuse characters that no document can show (M-V04)."""
        if found := text.unusable_characters(typed):
            self.refuse(
                f"{self.label}に使えない文字（{found[:60]}）があります。その文字を消すか、入力し直してください。",
                "characters",
            )

    # --- From understood to shown --------------------------------------------

    def show(self, value: Any) -> str:
        """Return the text of `value` for the confirmation page and documents; empty when there is none."""
        return "" if value is None else str(value)

    def spread(self, value: Any) -> dict[str, str]:
        """Return the texts that stand for `value` in the controls, by suffix."""
        return {"": self.show(value)}

    def echo(self, raw: Any) -> str:
        """Return what was understood of `raw` if that is not plain to see, else an empty text."""
        if not self.echoes:
            return ""
        try:
            value = self.clean(raw)
        except ValidationError:
            return ""
        return "" if value in self.empty_values else self.understood(raw, value)

    def understood(self, raw: Any, value: Any) -> str:
        shown = self.show(value)
        return "" if shown == str(raw).strip() else f"{shown}と読み取りました"
