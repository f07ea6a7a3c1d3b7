"""What the work pages of the insurer have in common: a record is read, which is recorded, and a decision is taken."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from credit_insurance.admin.base import MasterAdmin, actor
from credit_insurance.services.review import NotAllowed, Overtaken
from portal import audit

LATE = "ほかの方が先に処理しました。いまの内容を確かめてください。"


class RecordAdmin(MasterAdmin):
    """Rows that only services write."""

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
        return self.show(request, row)

    def decided(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Take what was posted; pages without a decision are for reading."""
        raise PermissionDenied

    def attempt(self, request: HttpRequest, row: Any, act: Any, done: str, form: forms.Form | None) -> HttpResponse:
        """Carry out one decision, or show in words why it was not taken."""
        try:
            act()
        except NotAllowed as refusal:
            return self.show(request, self.found(request, row.pk), form, status=409, notice=str(refusal))
        except Overtaken:
            return self.show(request, self.found(request, row.pk), form, status=409, notice=LATE)
        messages.success(request, f"{row}：{done}")
        return HttpResponseRedirect(self.after(row))

    def back(self, row: Any) -> HttpResponse:
        """Go to the page of `row`."""
        return HttpResponseRedirect(reverse(f"admin:credit_insurance_{self.opts.model_name}_change", args=[row.pk]))

    def after(self, row: Any) -> str:
        """Return where to go after a decision."""
        return reverse(f"admin:credit_insurance_{self.opts.model_name}_change", args=[row.pk])

    def show(
        self,
        request: HttpRequest,
        row: Any,
        form: forms.Form | None = None,
        *,
        status: int = 200,
        notice: str = "",
        **more: Any,
    ) -> HttpResponse:
        """Answer with the page of the row, after recording that it is looked at; `more` is for its `details`."""
        audit.record("credit.file_viewed", actor=actor(request), target=f"{self.opts.label_lower}:{row.pk}")
        context = {
            **self.admin_site.each_context(request),
            "title": self.view_title,
            "subtitle": str(row),
            "opts": self.opts,
            "row": row,
            "form": form,
            "notice": notice,
            "list_url": reverse(f"admin:credit_insurance_{self.opts.model_name}_changelist"),
            "list_title": self.opts.verbose_name_plural,
            **self.details(request, row, form, **more),
        }
        return render(request, self.view_template, context, status=status)

    def details(self, request: HttpRequest, row: Any, form: forms.Form | None, **more: Any) -> dict[str, Any]:
        """Return what the page of this kind of row shows beside the frame."""
        return {}
