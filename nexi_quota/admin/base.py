"""What the staff pages of this portal have in common: nothing is deleted, history stays, reading is recorded."""

from typing import Any, cast

from django.contrib.admin import ShowFacets
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from nexi_quota.admin.lists import BoundedPaginator
from nexi_quota.imports import frozen
from portal import audit
from portal.accounts.adminsite import AuditedAdmin
from portal.accounts.models import User
from portal.common.money import group

VIEWED = audit.register("nexi.records_viewed", "個別保証枠の記録の閲覧")


def actor(request: HttpRequest) -> User:
    return cast(User, request.user)


def yen(amount: int | None) -> str:
    """Return an amount for a list, empty when there is none."""
    return "" if amount is None else f"{group(amount)}円"


class MasterAdmin(AuditedAdmin):
    """A master: added and changed one by one; the audit log keeps what was there before."""

    actions = None
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # they count every row for every choice
    paginator = BoundedPaginator
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


class DatedAdmin(MasterAdmin):
    """A master with days of effect: rows in force since before today are history and stay; a change is a new row."""

    since = "effective_from"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or getattr(obj, self.since) >= timezone.localdate())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """A row of today or later must not be moved into the past, where it could not be corrected any more."""
        form = super().get_form(request, obj, change, **options)
        since = self.since

        class Dated(form):  # type: ignore[misc,valid-type]
            def clean(self) -> Any:
                values = super().clean()
                day = self.cleaned_data.get(since)
                if self.instance.pk and day and day < timezone.localdate():
                    self.add_error(since, frozen(day))
                return values

        return Dated


class RecordAdmin(MasterAdmin):
    """Records that only services write: for reading, and every reading is recorded."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if self.has_view_permission(request):
            search = {name: request.GET[name] for name in sorted(request.GET)}
            audit.record(VIEWED, actor=actor(request), target=str(self.opts.verbose_name), detail=search)
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_view_permission(request):
            audit.record(VIEWED, actor=actor(request), target=f"{self.opts.label_lower}:{object_id}")
        return super().change_view(request, object_id, form_url, extra_context)


class ReadOnlyInline:
    """Rows beside their parent: history, nothing to edit."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def take_over(obj: Model, saved: Model) -> None:
    """Let the admin go on with the row that a service wrote."""
    obj.__dict__.update(saved.__dict__)
