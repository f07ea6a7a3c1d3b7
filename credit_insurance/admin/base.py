"""What the masters of the 貸倒補償制度 have in common: nothing is deleted, the audit log keeps what was there."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from django import forms
from django.contrib.admin import ShowFacets
from django.http import HttpRequest

from portal.accounts.adminsite import AuditedAdmin
from portal.accounts.models import User


def actor(request: HttpRequest) -> User:
    return cast(User, request.user)


class MasterAdmin(AuditedAdmin):
    """A master: added and changed one by one, never deleted."""

    actions: Sequence[Any] | None = None
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> list[Any]:
        """Add old and new values to the names of the changed fields, those of the rows below included."""
        message: list[Any] = list(super().construct_change_message(request, form, formsets, add))
        sources = [form] if form.changed_data and not add else []
        for formset in formsets or ():
            changed = [obj for obj, _ in formset.changed_objects]
            sources += [row for obj in changed for row in formset.forms if row.instance is obj]
        for part, source in zip((one["changed"] for one in message if "changed" in one), sources, strict=True):
            part["values"] = {
                name: [str(source.initial.get(name)), str(source.cleaned_data.get(name))]
                for name in source.changed_data
            }
        return message


class CleanForm(forms.ModelForm):
    """A form that normalises what was typed before lengths are checked; `cleaners` by field."""

    cleaners: dict[str, Callable[[str], str]] = {}

    def __init__(self, data: Any = None, *args: Any, **options: Any) -> None:
        if data is not None:
            data = data.copy()
            for name in self.cleaners.keys() & data.keys():
                data[name] = self.cleaners[name](data[name])
        super().__init__(data, *args, **options)
