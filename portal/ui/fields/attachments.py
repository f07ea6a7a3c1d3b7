"""The field for files: those already kept, those to drop, those just sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from portal.ui import uploads
from portal.ui.fields.base import Field, Source


@dataclass(slots=True)
class Attached:
    """What a form holds for an attachment field."""

    kept: list[str] = field(default_factory=list)
    sent: list[UploadedFile[Any]] = field(default_factory=list)


class AttachmentField(Field):
    """Files of the kinds `types`; the value is the list of the ids that are kept.

    Files that were just sent are judged here but not stored: the page stores them and adds their ids to `<name>-kept`.
    Ids that are not among the form's `known_files`, once it has any, are ignored: nobody attaches another one's file.
    """

    control: ClassVar[str] = "attachments"
    suffixes: ClassVar[tuple[str, ...]] = ("-kept",)
    verb: ClassVar[str] = "選択"
    widget = forms.FileInput
    """Tells Django's form that it needs multipart encoding; never drawn."""

    def __init__(
        self,
        *,
        max_count: int = 5,
        max_bytes: int = 10 * 1024 * 1024,
        types: Sequence[str] = ("pdf", "png", "jpg", "jpeg", "xlsx", "csv"),
        hint: str = "",
        **options: Any,
    ) -> None:
        limits = f"{uploads.kinds(types)}。1件{uploads.size(max_bytes)}まで、{max_count}件まで。"
        super().__init__(hint=f"{hint}　{limits}" if hint else limits, **options)
        self.max_count = max_count
        self.max_bytes = max_bytes
        self.types = tuple(types)

    def collect(self, source: Source, html_name: str) -> Attached:
        dropped = set(source.typed_value(f"{html_name}-drop"))
        kept = dict.fromkeys(source.typed_value(f"{html_name}-kept"))
        known = kept if source.known_files is None else source.known_files
        return Attached([key for key in kept if key in known and key not in dropped], source.sent_files(html_name))

    def clean(self, value: Attached | None) -> list[str]:
        attached = value or Attached()
        count = len(attached.kept) + len(attached.sent)
        if self.required and not count:
            raise ValidationError(self.missing(), code="required")
        problems = [message for file in attached.sent if (message := uploads.check(file, self))]
        if count > self.max_count:
            problems.append(
                f"{self.label}は{self.max_count}件までです（いま{count}件です）。要らないファイルを減らしてください。"
            )
        if problems:
            raise ValidationError(problems)
        return attached.kept

    def has_changed(self, initial: Any, data: Attached | None) -> bool:
        return bool(data and (data.sent or data.kept != list(initial or [])))

    def show(self, value: Any) -> str:
        return f"{len(value)}件" if value else ""

    def spread(self, value: Any) -> dict[str, str]:
        """Kept files have ids, not texts: they are given to a form as typed values of `<name>-kept`."""
        return {}
