"""格付: before a rating is set, its page shows what it would do; only what was shown is carried out."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from nexi_quota import selectors, services
from nexi_quota.admin.base import VIEWED, DatedAdmin, actor, take_over, yen
from nexi_quota.admin.lists import IndexedSearch, days
from nexi_quota.enums import Rating
from nexi_quota.models import BuyerRating, Confirmation
from nexi_quota.selectors import RatingEffects
from portal import audit

TITLE = "格付の設定の確認"
MOST_SHOWN = 100
"""Confirmations listed before a rating is set; all of them are counted and bound."""


def _rows(found: tuple[Confirmation, ...]) -> list[dict[str, str]]:
    return [
        {
            "url": reverse("admin:nexi_quota_confirmation_change", args=[row.pk]),
            "number": row.number,
            "exporter": str(row.organisation),
            "state": row.get_state_display(),
            "until": f"{row.expires_on:%Y-%m-%d}",
            "amount": yen(row.unused_jpy),
        }
        for row in found[:MOST_SHOWN]
    ]


@admin.register(BuyerRating)
class BuyerRatingAdmin(IndexedSearch, DatedAdmin):
    """History of 格付; 追加 sets one by the service, after its effects were shown."""

    list_display = ("buyer", "rating", "effective_from")
    list_filter = ("rating", days("effective_from", "適用日"))
    list_select_related = ("buyer",)
    sortable_by = ()
    search_fields = ("buyer__code__startswith", "buyer__name__icontains")
    search_help_text = "海外商社コード（前方一致）、名称で探します。"
    autocomplete_fields = ("buyer",)
    ordering = ("-pk",)
    fields = ("buyer", "rating", "effective_from")

    def get_readonly_fields(self, request: HttpRequest, obj: BuyerRating | None = None) -> tuple[str, ...]:
        return ("buyer", "effective_from") if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"effective_from": timezone.localdate(), **super().get_changeform_initial_data(request)}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Let nothing be saved whose effects were not shown on the page before."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        if "shown" not in request.POST and (effects := self._effects(request, object_id)):
            return self._preview(request, effects)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except services.EffectsChanged:
            changed = self._effects(request, object_id)
            if changed is None:
                raise
            return self._preview(request, changed, status=409)

    def _effects(self, request: HttpRequest, object_id: str | None) -> RatingEffects | None:
        """Return what the form would do, None for one that cannot be saved anyway."""
        row = self.get_object(request, object_id) if object_id else None
        if not (self.has_change_permission(request, row) if row else self.has_add_permission(request)):
            raise PermissionDenied
        form = self.get_form(request, row, change=row is not None)(request.POST, instance=row)
        if not form.is_valid():
            return None
        rating: BuyerRating = form.save(commit=False)
        return selectors.rating_effects(
            rating.buyer, Rating(rating.rating), rating.effective_from, timezone.localdate()
        )

    def _preview(self, request: HttpRequest, effects: RatingEffects, *, status: int = 200) -> HttpResponse:
        audit.record(VIEWED, actor=actor(request), target=f"{effects.buyer.code} {TITLE}")
        typed = [(name, value) for name, values in request.POST.lists() for value in values]
        context = {
            **self.admin_site.each_context(request),
            "title": TITLE,
            "subtitle": str(effects.buyer),
            "opts": self.opts,
            "effects": effects,
            "typed": [(name, value) for name, value in typed if name not in ("csrfmiddlewaretoken", "shown")],
            "has_changed": status == 409,
            "released": yen(effects.released_jpy),
            "staying_yen": yen(effects.staying_jpy),
            "told": effects.told,
            "unusable": _rows(effects.unusable),
            "staying": _rows(effects.staying),
            "most": MOST_SHOWN,
        }
        return render(request, "admin/nexi_quota/rating.html", context, status=status)

    def save_model(self, request: HttpRequest, obj: BuyerRating, form: Any, change: bool) -> None:
        shown, rating = request.POST.get("shown", ""), Rating(obj.rating)
        services.set_rating_as_shown(shown, obj.buyer, rating, actor(request), obj.effective_from)
        take_over(obj, BuyerRating.objects.get(buyer=obj.buyer, effective_from=obj.effective_from))
