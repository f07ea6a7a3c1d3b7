"""What the masters of the surety company have in common: nothing is deleted, the audit log keeps what was there."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin import ShowFacets
from django.http import HttpRequest

from portal.accounts.adminsite import AuditedAdmin
from portal.common import text
from portal.common.money import group


def yen(amount: int | None) -> str:
    """Return an amount for a list, empty when there is none."""
    return "" if amount is None else f"{group(amount)}円"


class MasterAdmin(AuditedAdmin):
    """A master: added and changed one by one, never deleted."""

    actions = None
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> list[Any]:
        """Add old and new values to the names of the changed fields."""
        message: list[Any] = list(super().construct_change_message(request, form, formsets, add))
        values = {name: [str(form.initial.get(name)), str(form.cleaned_data.get(name))] for name in form.changed_data}
        if not add and message and "changed" in message[0]:
            message[0]["changed"]["values"] = values
        return message


class CodesField(forms.MultipleChoiceField):
    """Several codes of a choice as boxes, kept as a list in the order of the choices."""

    widget = forms.CheckboxSelectMultiple


class LinesField(forms.CharField):
    """Several names, one a line, kept as a list."""

    widget = forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = (text.plain(line) for line in str(value or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def validate(self, value: Any) -> None:
        """Every list of lines is right, the empty one too."""

    def run_validators(self, value: Any) -> None:
        """Those of a text do not fit."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


class CleanForm(forms.ModelForm):
    """A form that normalises what was typed before lengths are checked; `cleaners` by field."""

    cleaners: dict[str, Callable[[str], str]] = {}

    def __init__(self, data: Any = None, *args: Any, **options: Any) -> None:
        if data is not None:
            data = data.copy()
            for name in self.cleaners.keys() & data.keys():
                data[name] = self.cleaners[name](data[name])
        super().__init__(data, *args, **options)
