"""What the portal's own list pages share: filter, sort, page, CSV, and the cells that show more than words."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from nexi_quota import forms
from portal.common.http import HttpRequest
from portal.common.money import money
from portal.ui.forms import Form
from portal.ui.lists import Column, ListPage, csv_response, filters_in_use
from portal.ui.templatetags.ui import svg_share

HOME = "ユーザーページ"


def list_page(
    request: HttpRequest,
    template: str,
    title: str,
    form: Form,
    rows_of: Callable[[dict[str, Any]], QuerySet[Any]],
    columns: Sequence[Column],
    *,
    order: str,
    **context: Any,
) -> HttpResponseBase:
    """Answer with the rows that `rows_of` finds for the cleaned filter: a page, or all of them as CSV."""
    is_valid = form.is_valid()
    rows = rows_of(form.cleaned_data if is_valid else {})
    if request.GET.get("format") == "csv" and is_valid:
        return csv_response(request, f"{Path(template).stem}.csv", rows, columns, order=order)
    shown = {
        "page_title": title,
        "crumbs": [(HOME, reverse("nexi:home")), (title, "")],
        "wide": True,
        "form": form,
        "problems": [] if is_valid else form.problems(),
        "listing": ListPage(request, rows, columns, order=order, caption=title),
        "filter_on": filters_in_use(form) if is_valid else [],
        "clear_url": request.path,
        "may_edit": request.user.has_role("nexi.input"),
        **context,
    }
    return render(request, template, shown, status=200 if is_valid else 422)


def rest_cell(found: forms.Found) -> SafeString:
    """Return 未使用額 or 決済残高 with a bar of what is settled or returned already."""
    bar = forms.bar_of(found)
    rest = money(forms.open_amount(found), found.currency_id)
    return format_html('{}<span class="chart">{}</span>', rest, svg_share(bar.label, bar.parts[0][1], bar.total))


def day_cell(day: date) -> SafeString:
    """Return a day that is not broken into pieces where the list has room for it."""
    return format_html('<span class="day">{}</span>', f"{day:%Y-%m-%d}")
