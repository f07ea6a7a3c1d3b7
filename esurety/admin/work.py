"""What the work pages of the surety's staff have in common: a record is read, a decision is taken."""

from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from esurety.admin.base import MasterAdmin
from esurety.services.issuing import Refused
from esurety.services.review import WrongPerson
from portal import audit
from portal.accounts.models import User
from portal.documents.glyphs import MissingGlyphs, named

Facts = list[tuple[str, str]]


def actor(request: HttpRequest) -> User:
    return cast(User, request.user)


def moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def age(at: datetime) -> str:
    """Return the days since `at` in words."""
    days = (timezone.localdate() - timezone.localdate(at)).days
    return f"{days}日" if days else "今日"


def unprintable(error: MissingGlyphs) -> str:
    """Return in words which characters a paper cannot show."""
    characters = "、".join(dict.fromkeys(named(found) for found in error.fields.values()))
    return f"証書に印字できない文字（{characters}）があります。訂正してもらうか、別の文字にしてください。"


def day_field(label: str, **options: Any) -> forms.DateField:
    """Return a date with the browser's own box."""
    box = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=box, **options)


def text_field(label: str, length: int, **options: Any) -> forms.CharField:
    """Return one line of text."""
    return forms.CharField(
        label=label, max_length=length, widget=forms.TextInput(attrs={"class": "vTextField"}), **options
    )


def reason_field(label: str, help_text: str = "", **options: Any) -> forms.CharField:
    """Return a text of several lines, at most 500 characters."""
    area = forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})
    return forms.CharField(label=label, max_length=500, help_text=help_text, widget=area, **options)


class RecordAdmin(MasterAdmin):
    """Rows that only services write: read here, and every reading of one is recorded."""

    list_per_page = 50
    sortable_by = ()
    view_template = ""
    view_title = ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def found(self, request: HttpRequest, pk: Any) -> Any:
        """Return the row, for who may see it."""
        row = self.get_object(request, str(pk))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        return row

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the row, and take the decision."""
        row = self.found(request, object_id)
        if request.method == "POST":
            if not self.has_change_permission(request, row):
                raise PermissionDenied
            return self.decided(request, row)
        target = f"{self.opts.label_lower}:{row.pk}"
        audit.record("surety.file_viewed", actor=actor(request), target=target, detail={"object": str(row)})
        return self.show(request, row)

    def decided(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Take what was posted; pages without a decision are for reading."""
        raise PermissionDenied

    def attempt(self, request: HttpRequest, row: Any, act: Any, done: str, form: forms.Form) -> HttpResponse:
        """Carry out one decision and go back to the queue, or show in words why it was not taken."""
        try:
            act()
        except WrongPerson as refusal:
            audit.record(
                "surety.decision_denied",
                actor=actor(request),
                target=f"{row}",
                outcome="denied",
                detail={"why": refusal},
            )
            return self.show(request, self.found(request, row.pk), form, status=403, notice=str(refusal))
        except MissingGlyphs as error:
            return self.show(request, self.found(request, row.pk), form, status=409, notice=unprintable(error))
        except Refused as refusal:
            return self.show(request, self.found(request, row.pk), form, status=409, notice=str(refusal))
        messages.success(request, f"{row}：{done}")
        return HttpResponseRedirect(self.after(row))

    def after(self, row: Any) -> str:
        """Return where to go after a decision."""
        return reverse(f"admin:esurety_{self.opts.model_name}_changelist")

    def show(
        self, request: HttpRequest, row: Any, form: forms.Form | None = None, *, status: int = 200, notice: str = ""
    ) -> HttpResponse:
        """Answer with the page of the row."""
        context = {
            **self.admin_site.each_context(request),
            "title": self.view_title,
            "subtitle": str(row),
            "opts": self.opts,
            "row": row,
            "form": form,
            "notice": notice,
            "list_url": reverse(f"admin:esurety_{self.opts.model_name}_changelist"),
            "list_title": self.opts.verbose_name_plural,
            **self.details(request, row, form),
        }
        return render(request, self.view_template, context, status=status)

    def details(self, request: HttpRequest, row: Any, form: forms.Form | None) -> dict[str, Any]:
        """Return what the page of this kind of row shows beside the frame."""
        return {}


def iso(value: date | None) -> str:
    return value.isoformat() if value else ""
