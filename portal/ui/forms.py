"""Forms that keep exactly what was typed, say what was understood, and describe their own answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypedDict, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString

from portal.common import eras
from portal.ui import uploads
from portal.ui.fields import AttachmentField, CheckField, ChoiceField, Field

__all__ = ["Answer", "BoundField", "Form", "FormSet", "Problem", "Section", "as_typed"]

NOTHING = "入力なし"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a form with its own heading."""

    title: str
    fields: Sequence[str]
    intro: str = ""


class Problem(NamedTuple):
    """One line of the error list; `anchor` is the id of the control to jump to."""

    anchor: str
    label: str
    message: str


class Answer(TypedDict):
    """One answer that can be read without the form it was given to."""

    name: str
    label: str
    raw: list[str]
    shown: str


Typed = Mapping[str, Any]


def as_typed(texts: Typed | None) -> MultiValueDict[str, str]:
    """Return `texts` (html name → text or list of texts) in the shape of a request's data."""
    if isinstance(texts, MultiValueDict):
        return texts
    return MultiValueDict(
        {name: [value] if isinstance(value, str) else list(value) for name, value in (texts or {}).items()}
    )


class BoundField(forms.BoundField):
    """A field of one form, which reads its own texts instead of asking a widget."""

    @property
    def data(self) -> Any:
        return cast(Field, self.field).collect(cast(Form, self.form), self.html_name)


class Form(forms.Form):
    """A form whose fields are all of portal.ui.fields.

    `data` binds the form and judges it; `typed` only shows texts again. `case` is whatever the procedure hands to its
    forms. The page sets `known_files` (id → name, bytes), after which other ids of attachments do not count, and
    `lookup_results` (html name → list to choose from).
    """

    bound_field_class = BoundField
    use_required_attribute = False
    sections: ClassVar[Sequence[Section]] = ()
    help_url: ClassVar[str] = ""
    """Address of a field's help with `{field}` in it; without it no ？ is shown."""
    echo_url: str = ""
    """Address that answers what was understood of one field; without it the echo comes with the next page."""

    def __init__(
        self,
        data: Typed | None = None,
        files: MultiValueDict[str, UploadedFile[Any]] | None = None,
        *,
        typed: Typed | None = None,
        initial: Mapping[str, Any] | None = None,
        prefix: str | None = None,
        case: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(
            None if data is None and files is None else as_typed(data),
            files,
            initial=dict(initial or {}),
            prefix=prefix,
            **options,
        )
        self.case = case
        self.typed = as_typed(typed)
        self.known_files: Mapping[str, tuple[str, int]] | None = None
        self.lookup_results: dict[str, SafeString] = {}
        self._initial_texts: dict[str, list[str]] | None = None

    # --- What is declared ----------------------------------------------------

    def parts(self) -> Iterator[tuple[Section | None, list[str]]]:
        """Yield the sections with the fields that this form still has, then the fields without a section."""
        left = dict.fromkeys(self.fields)
        for section in self.sections:
            names = [name for name in section.fields if name in left]
            for name in names:
                del left[name]
            if names:
                yield section, names
        if left:
            yield None, list(left)

    def field(self, name: str) -> Field:
        return cast(Field, self.fields[name])

    def offer(self, name: str, choices: Iterable[tuple[Any, str]]) -> None:
        """Give the choice field `name` the choices of this page."""
        cast(ChoiceField, self.fields[name]).choices = tuple(choices)

    def shown_fields(self) -> Iterator[tuple[str, Field, str]]:
        """Yield name, field and html name in the order of the page."""
        for _, names in self.parts():
            for name in names:
                yield name, self.field(name), self.add_prefix(name)

    def html_names(self) -> list[str]:
        """Return every name that belongs to the form's answers: what a draft may store."""
        return [one for name in self.fields for one in self.field(name).html_names(self.add_prefix(name))]

    def attachment_fields(self) -> list[tuple[str, AttachmentField]]:
        """Return the html name and field of each attachment field."""
        return [(html_name, field) for _, field, html_name in self.shown_fields() if isinstance(field, AttachmentField)]

    @classmethod
    def help_texts(cls) -> dict[str, tuple[str, str]]:
        """Return label and help text of every field that has a ？."""
        return {
            name: (str(field.label), field.help)
            for name, field in cls.base_fields.items()
            if isinstance(field, Field) and field.help
        }

    # --- What was typed ------------------------------------------------------

    def typed_value(self, html_name: str) -> list[str]:
        """Return the texts sent under `html_name`: data, else typed, else those of the initial value."""
        if self.is_bound:
            return cast("MultiValueDict[str, str]", self.data).getlist(html_name)
        if self.typed:
            return self.typed.getlist(html_name)
        if self._initial_texts is None:
            self._initial_texts = {
                self.add_prefix(name) + suffix: [text]
                for name, field in self.fields.items()
                for suffix, text in cast(Field, field).spread(self.get_initial_for_field(field, name)).items()
            }
        return self._initial_texts.get(html_name, [])

    def sent_files(self, html_name: str) -> list[UploadedFile[Any]]:
        """Return the files that came with the request under `html_name`."""
        return self.files.getlist(html_name) if isinstance(self.files, MultiValueDict) else []

    def echo(self, name: str) -> str:
        """Return what was understood of a field, for the line below it; a form may know more than the field."""
        field = self.field(name)
        return field.echo(field.collect(self, self.add_prefix(name)))

    # --- Helpers for a form's own clean --------------------------------------

    def require(self, *names: str) -> None:
        """Add M-V01 to each of the fields that is empty and not wrong already."""
        for name in names:
            field = self.field(name)
            empty = self.cleaned_data.get(name) in field.empty_values
            if name not in self.errors and (empty or (isinstance(field, CheckField) and not self.cleaned_data[name])):
                self.add_error(name, field.missing())

    def require_order(self, first: str, last: str) -> None:
        """Add M-V05 to `last` when both dates are known and it lies before `first`."""
        start, end = self.cleaned_data.get(first), self.cleaned_data.get(last)
        if start and end and end < start:
            field = self.field(last)
            self.add_error(
                last, f"{field.label}は{self.field(first).label}（{eras.seireki(start)}）以後の日にしてください。"
            )

    # --- What came of it -----------------------------------------------------

    def messages(self, name: str) -> list[str]:
        """Return what is wrong with one field."""
        return [str(message) for message in self.errors.get(name, ())]

    def problems(self) -> list[Problem]:
        """Return every error in the order of the page, naming its field; those of no field come first."""
        found = [Problem(f"id_{self.add_prefix('all')}", "", str(message)) for message in self.non_field_errors()]
        for name, field, html_name in self.shown_fields():
            label = str(field.label)
            for message in self.messages(name):
                named = message if label in message else f"{label}：{message}"
                found.append(Problem(field.anchor(html_name), label, named))
        return found

    def answers(self) -> list[Answer]:
        """Return the answers of the valid fields in the order of the page, ready for JSON."""
        return [answer for _, answers in self.answers_by_section() for answer in answers]

    def answers_by_section(self) -> list[tuple[str, list[Answer]]]:
        """Return the title of each section with its answers; the title of what has no section is empty."""
        if not self.is_bound:
            return []
        wrong = self.errors
        return [
            (section.title if section else "", [self._answer(name) for name in names if name not in wrong])
            for section, names in self.parts()
        ]

    def _answer(self, name: str) -> Answer:
        field, html_name = self.field(name), self.add_prefix(name)
        value = self.cleaned_data.get(name)
        if isinstance(field, AttachmentField) and self.known_files is not None:
            files = [self.known_files[key] for key in value or ()]
            shown = "、".join(f"{file}（{uploads.size(length)}）" for file, length in files)
        else:
            shown = field.show(value)
        raw = [text for one in field.html_names(html_name) for text in self.typed_value(one)]
        return {"name": html_name, "label": str(field.label), "raw": raw, "shown": shown or NOTHING}


if TYPE_CHECKING:
    BaseFormSet = forms.BaseFormSet[Form]
else:
    BaseFormSet = forms.BaseFormSet  # generic in its stubs only


class FormSet(BaseFormSet):
    """Rows of one form; empty rows are ignored, so a page may offer more than are needed.

    Use through django.forms.formset_factory(RowForm, formset=FormSet, extra=…, max_num=…, validate_max=True).
    """

    default_error_messages: ClassVar[dict[str, Any]] = {
        "missing_management_form": "送信された内容が欠けています。画面を開き直して、もう一度入力してください。",
        "too_many_forms": "行は%(num)d行までです。要らない行を消してください。",
        "too_few_forms": "%(num)d行以上入力してください。",
    }

    def __init__(
        self,
        data: Typed | None = None,
        files: MultiValueDict[str, UploadedFile[Any]] | None = None,
        *,
        typed: Typed | None = None,
        initial: Sequence[Mapping[str, Any]] | None = None,
        prefix: str | None = None,
        case: Any = None,
    ) -> None:
        bound = data is not None or files is not None
        self.typed = as_typed(typed)
        super().__init__(
            as_typed(data) if bound else None,
            files,
            prefix=prefix,
            # A sent row that equals its proposal is an answer, not an untouched row.
            initial=None if bound or self.typed else [dict(row) for row in initial or ()],
            form_kwargs={"case": case, "typed": self.typed},
        )
        self.case = case

    def total_form_count(self) -> int:
        if self.is_bound or not self.typed:
            return super().total_form_count()
        sent = self.typed.get(self.counter, "")
        wanted = int(sent) if isinstance(sent, str) and sent.isascii() and sent.isdigit() and len(sent) < 6 else 0
        return min(max(wanted, self.min_num), self.absolute_max)

    def initial_form_count(self) -> int:
        return 0 if self.is_bound else super().initial_form_count()

    def add_fields(self, form: forms.BaseForm, index: int | None) -> None:
        if self.can_delete:
            form.fields["DELETE"] = CheckField(label="この行を消す")

    @property
    def counter(self) -> str:
        """The html name that holds the number of rows."""
        return f"{self.prefix}-TOTAL_FORMS"

    def with_row(self, count: int = 1) -> dict[str, list[str]]:
        """Return the typed texts with `count` empty rows more: the answer to 「行を追加」."""
        texts = dict(as_typed(self.data if self.is_bound else self.typed).lists())
        return {**texts, self.counter: [str(min(self.total_form_count() + count, self.max_num))]}

    def html_names(self) -> list[str]:
        return [
            self.counter,
            f"{self.prefix}-INITIAL_FORMS",
            *(one for form in self.forms for one in form.html_names()),
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Return the values of the rows that are filled in and not to be removed; the rows must be valid."""
        return [form.cleaned_data for _, form in self.filled()]

    def filled(self) -> Iterator[tuple[int, Form]]:
        """Yield the place (from 1) and form of every row that has an answer and is not to be removed."""
        for place, form in enumerate(self.forms, start=1):
            if form.has_changed() and not (self.can_delete and form["DELETE"].data):
                yield place, form

    def problems(self) -> list[Problem]:
        found = [Problem(f"id_{self.prefix}-all", "", str(message)) for message in self.non_form_errors()]
        for place, form in self.filled():
            row = f"{place}行目"
            found += [Problem(p.anchor, f"{row}・{p.label}", f"{row}：{p.message}") for p in form.problems()]
        return found

    def answers(self) -> list[Answer]:
        return [answer for _, answers in self.answers_by_section() for answer in answers]

    def answers_by_section(self) -> list[tuple[str, list[Answer]]]:
        """Return the answers row by row, each labelled with its row."""
        found: list[tuple[str, list[Answer]]] = []
        for place, form in self.filled() if self.is_bound else ():
            row = f"{place}行目"
            given = [answer for answer in form.answers() if answer["name"] != form.add_prefix("DELETE")]
            found.append((row, [{**answer, "label": f"{row}・{answer['label']}"} for answer in given]))
        return found
