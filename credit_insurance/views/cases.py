"""お見積りの一覧: every sheet of the member with the state of its case."""

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from credit_insurance.enums import QuoteState
from credit_insurance.models import Case
from credit_insurance.selectors.quotes import with_offers
from credit_insurance.selectors.sheets import own_sheets
from credit_insurance.wizards import HEARING
from portal.applications.models import Application
from portal.common.eras import seireki
from portal.common.http import HttpRequest
from portal.common.money import yen
from portal.ui.lists import Column, ListPage, csv_response

NEWEST_FIRST = "-saved"


def _case(sheet: Application) -> Case | None:
    return getattr(sheet, "credit_case", None)


def state(sheet: Application) -> str:
    """Return where a sheet stands: that of its case once it was handed in."""
    case = _case(sheet)
    return str(case.get_state_display() if case else sheet.get_state_display())


def _of_case(read: Callable[[Case], str]) -> Callable[[Application], str]:
    """Return a reader that shows nothing before a sheet is handed in."""
    return lambda sheet: read(case) if (case := _case(sheet)) else ""


def _offer(sheet: Application, wanted: str) -> str:
    """Return number or address of the newest offer that the member may see, "" without one."""
    offers = getattr(_case(sheet), "offers", ())
    number = offers[0].number if offers else ""
    return reverse("credit:quote", args=[number]) if number and wanted == "url" else number


def _form_url(sheet: Application) -> str:
    """Return the address of the 加入依頼書 of an accepted offer, "" without one."""
    taken = [offer.number for offer in getattr(_case(sheet), "offers", ()) if offer.state == QuoteState.ACCEPTED]
    return reverse("credit:enrol", args=[taken[0]]) if taken else ""


COLUMNS = [
    Column("number", "受付番号", lambda sheet: sheet.number, "number", lambda s: HEARING.url("receipt", s.number)),
    Column("start", "加入希望始期", _of_case(lambda case: seireki(case.intended_start))),
    Column("state", "手続状況", state),
    Column("debtors", "対象の取引先", _of_case(lambda case: f"{case.debtors}社"), is_number=True),
    Column("requested", "希望限度額の合計", _of_case(lambda case: yen(case.requested)), is_number=True),
    Column("offer", "お引受条件", lambda sheet: _offer(sheet, "number"), link=lambda sheet: _offer(sheet, "url")),
    Column("form", "加入依頼書", lambda sheet: "加入依頼書・払込" if _form_url(sheet) else "", link=_form_url),
    Column("saved", "更新日時", lambda sheet: f"{timezone.localtime(sheet.saved_at):%Y-%m-%d %H:%M}", "saved_at"),
    Column("by", "更新者", lambda sheet: sheet.saved_by.name),
]


def case_list(request: HttpRequest) -> HttpResponseBase:
    """The list, or its CSV."""
    rows = with_offers(own_sheets(request.user))
    if request.GET.get("format") == "csv":
        return csv_response(request, "cases.csv", rows, COLUMNS, order=NEWEST_FIRST)
    context = {
        "page_title": "お見積り",
        "crumbs": [("トップ", reverse("credit:home")), ("お見積り", "")],
        "wide": True,
        "listing": ListPage(request, rows, COLUMNS, order=NEWEST_FIRST, caption="お見積りの一覧"),
        "may_edit": request.user.has_role(HEARING.edit_role),
        "new_url": HEARING.url("new"),
    }
    return render(request, "credit_insurance/cases.html", context)
