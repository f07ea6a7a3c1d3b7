"""取引先一覧 (T-S18): how much of every limit is used, its history, 残高を更新, Excel and CSV."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from credit_insurance.bulk.listing import workbook
from credit_insurance.enums import LimitState
from credit_insurance.forms.cover import BalanceForm, DebtorsFilterForm
from credit_insurance.models import CoveredDebtor, Enrolment
from credit_insurance.rules.usage import Usage, elapsed, per_cent, stops_on, usage
from credit_insurance.selectors import cover
from credit_insurance.services import balances
from credit_insurance.services.review import Overtaken
from credit_insurance.views import exposure
from credit_insurance.views.cover import STAFF, chosen, span
from portal import audit
from portal.common.eras import seireki
from portal.common.http import HttpRequest, SeeOther
from portal.common.money import group, yen
from portal.ui.forms import Problem
from portal.ui.lists import Column, ListPage, csv_response, filters_in_use
from portal.ui.templatetags.ui import svg_share
from portal.wizard.intake import revision

TITLE = "取引先一覧"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LATE = "ほかの方が先に残高を更新しました。いまの残高を確かめて、もう一度入力してください。"
STOPPED = (LimitState.STOPPED, LimitState.ZERO, LimitState.CLOSED_ACCIDENT)
TOLD = {
    Usage.NEAR: "残高を更新しました。支払限度額の90%を超えています。",
    Usage.OVER: "残高を更新しました。支払限度額を超えています。超えた分は補償の対象になりません。",
}


# --- What a row says --------------------------------------------------------------------


def _used_cell(debtor: CoveredDebtor) -> str:
    """Return 利用率 as a bar, in words, and as a chip above 90 %."""
    level, rate = usage(debtor.balance, debtor.limit), per_cent(debtor.balance, debtor.limit)
    bar = svg_share(f"{debtor.name}の利用率 {rate}", debtor.balance, debtor.limit or max(debtor.balance, 1))
    if level is Usage.USUAL:
        return format_html('<span class="chart">{}</span>{}', bar, rate)
    kind = "stop" if level is Usage.NEAR else "late"
    chip = format_html('<span class="chip chip--{}">{}</span>', kind, level.value)
    return format_html('<span class="chart">{}</span>{} {}', bar, rate, chip)


def state_words(debtor: CoveredDebtor) -> str:
    """Return 状況 with 遅延あり and its date."""
    late = f"、遅延あり（{debtor.oldest_due:%Y-%m-%d}期日）" if debtor.oldest_due else ""
    return f"{debtor.get_state_display()}{late}"


def _state_cell(debtor: CoveredDebtor) -> str:
    kind = "stop" if debtor.state in STOPPED else "done" if debtor.state == LimitState.IN_FORCE else "waiting"
    state = format_html('<span class="chip chip--{}">{}</span>', kind, debtor.get_state_display())
    if debtor.oldest_due is None:
        return state
    late = '{} <span class="chip chip--late">遅延あり</span> <span class="nowrap">{}期日</span>'
    return format_html(late, state, f"{debtor.oldest_due:%Y-%m-%d}")


def next_date(debtor: CoveredDebtor) -> str:
    """Return the day that comes next, and what it brings: 引渡し停止, 3か月の経過, else the end of the cover."""
    today = timezone.localdate()
    if debtor.oldest_due:
        for day, words in ((stops_on(debtor.oldest_due), "引渡し停止"), (elapsed(debtor.oldest_due, 3), "3か月経過")):
            if day >= today:
                return f"{day:%Y-%m-%d} {words}"
    return f"{debtor.starts_on:%Y-%m-%d} 補償開始" if debtor.starts_on > today else f"{debtor.ends_on:%Y-%m-%d} 満期"


def _day_cell(debtor: CoveredDebtor) -> str:
    """Return 基準日 with the way to a newer one."""
    words = format_html(
        '<a href="{}#balance" aria-label="{}の残高を更新">残高を更新</a>', _address(debtor), debtor.name
    )
    return format_html('<span class="nowrap">{}</span><br>{}', f"{debtor.balance_date:%Y-%m-%d}", words)


def _address(debtor: CoveredDebtor) -> str:
    return reverse("credit:cover-debtor", args=[debtor.pk])


COLUMNS = [
    Column("name", "企業名", lambda one: one.name, "name", _address),
    Column("number", "法人番号", lambda one: one.corporate_number, "corporate_number"),
    Column("limit", "支払限度額", lambda one: group(one.limit), "limit", is_number=True),
    Column("balance", "債権残高", lambda one: group(one.balance), "balance", is_number=True),
    Column("day", "基準日", lambda one: f"{one.balance_date:%Y-%m-%d}", "balance_date", cell=_day_cell),
    Column("used", "利用率", lambda one: per_cent(one.balance, one.limit), "used", cell=_used_cell),
    Column("state", "状況", state_words, "state", cell=_state_cell),
    Column("next", "次の日付", next_date),
]
EXPORT = [
    *COLUMNS[:2],
    Column("address", "所在地", lambda one: one.address),
    Column("limit", "支払限度額（円）", lambda one: f"{one.limit}", "limit", is_number=True),
    Column("balance", "債権残高（円）", lambda one: f"{one.balance}", "balance", is_number=True),
    *COLUMNS[4:],
]


# --- The list ---------------------------------------------------------------------------


def debtors(request: HttpRequest) -> HttpResponseBase:
    """The debtors of a cover, narrowed and sorted by the address, or the same as CSV or workbook."""
    found, enrolment = chosen(request)
    form = DebtorsFilterForm(request.GET, covers=[(one.case.number, f"{seireki(one.starts_on)}から") for one in found])
    is_valid = form.is_valid()
    wanted = form.cleaned_data
    rows = cover.debtors_of(enrolment) if enrolment and is_valid else CoveredDebtor.objects.none()
    if is_valid:
        rows = cover.narrowed(rows, wanted["q"], wanted["level"], wanted["state"])
    kind = request.GET.get("format", "")
    if enrolment and is_valid and kind in {"csv", "xlsx"}:
        return _export(request, enrolment, rows, kind)
    context: dict[str, Any] = {
        "page_title": TITLE,
        "crumbs": [("トップ", reverse("credit:home")), (TITLE, "")],
        "wide": True,
        "enrolment": enrolment,
        "form": form,
        "problems": [] if is_valid else form.problems(),
    }
    if enrolment:
        listing = ListPage(request, rows, COLUMNS, order="-used", caption="補償対象の取引先")
        sums = cover.sums(enrolment)
        context |= {
            "listing": listing,
            "xlsx_url": _with(request, "format", "xlsx"),
            "filter_on": filters_in_use(form) if is_valid else [],
            "clear_url": f"{request.path}?cover={enrolment.case.number}",
            "span": span(enrolment),
            "sums": sums,
            "exposure": exposure.drawing(
                cover.largest(enrolment, exposure.MOST), sums.limits, sums.balances, sums.debtors
            ),
        }
    return render(request, "credit_insurance/cover_debtors.html", context, status=200 if is_valid else 422)


def _with(request: HttpRequest, name: str, value: str) -> str:
    query = request.GET.copy()
    query[name] = value
    return f"?{query.urlencode()}"


def _export(request: HttpRequest, enrolment: Enrolment, rows: Any, kind: str) -> HttpResponseBase:
    audit.record(
        "credit.debtors_csv",
        actor=request.user,
        organisation=request.user.organisation,
        target=enrolment.case.number,
        detail={"form": kind},
    )
    if kind == "csv":
        return csv_response(request, "debtors.csv", rows, EXPORT, order="-used")
    order = ListPage(request, rows, COLUMNS, order="-used", caption=TITLE).order
    sign, field = ("-", order[1:]) if order.startswith("-") else ("", order)
    ordered = rows.order_by(sign + next(one.order for one in COLUMNS if one.key == field), f"{sign}pk")
    answer = HttpResponse(workbook(TITLE, EXPORT, ordered.iterator(chunk_size=500)), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="debtors.xlsx"'
    return answer


# --- One debtor -------------------------------------------------------------------------


def debtor(request: HttpRequest, pk: int) -> HttpResponse:
    """One debtor with the history of its limit."""
    found = _own(request, pk)
    return _debtor_page(request, found, BalanceForm(initial={"balance": found.balance, "day": found.balance_date}))


def change_balance(request: HttpRequest, pk: int) -> HttpResponse:
    """残高を更新."""
    found = _own(request, pk)
    if request.method != "POST":
        return debtor(request, pk)
    if found.state in cover.ENDED:
        raise Http404
    form = BalanceForm(request.POST)
    if not form.is_valid():
        return _debtor_page(request, found, form, form.problems(), status=422)
    values = form.cleaned_data
    try:
        level = balances.change(found, values["balance"], values["day"], revision(request), request.user)
    except Overtaken:
        newest = cover.own_debtor(request.user, pk) or found
        return _debtor_page(request, newest, form, [Problem("balance", "", LATE)], status=409)
    if level in TOLD:
        messages.warning(request, f"{found.name}の{TOLD[level]}")
    else:
        messages.success(request, f"{found.name}の残高を更新しました。")
    return SeeOther(f"{reverse('credit:cover-debtors')}?cover={found.enrolment.case.number}")


def _own(request: HttpRequest, pk: int) -> CoveredDebtor:
    found = cover.own_debtor(request.user, pk)
    if found is None:
        raise Http404
    return found


def _debtor_page(
    request: HttpRequest,
    found: CoveredDebtor,
    form: BalanceForm,
    problems: Sequence[Problem] = (),
    *,
    status: int = 200,
) -> HttpResponse:
    level = usage(found.balance, found.limit)
    rate = per_cent(found.balance, found.limit)
    back = f"{reverse('credit:cover-debtors')}?cover={found.enrolment.case.number}"
    context = {
        "page_title": found.name,
        "crumbs": [("トップ", reverse("credit:home")), (TITLE, back), (found.name, "")],
        "debtor": found,
        "facts": [
            ("法人番号", found.corporate_number or "なし"),
            ("所在地", found.address),
            ("補償期間", f"{seireki(found.starts_on)} から {seireki(found.ends_on)} まで"),
            ("状況", state_words(found)),
            ("次の日付", next_date(found)),
            ("債権残高", f"{yen(found.balance)}（{seireki(found.balance_date)}現在）"),
        ],
        "is_near": level is Usage.NEAR,
        "is_over": level is Usage.OVER,
        "gauge_label": f"支払限度額{yen(found.limit)}に対する債権残高は{yen(found.balance)}で、利用率は{rate}です。",
        "gauge": [
            ("債権残高（円）", found.balance, "used"),
            ("支払限度額までの残り（円）", max(found.limit - found.balance, 0), "free"),
        ],
        "mark_label": "支払限度額",
        "history": cover.history(found),
        "may_change": request.user.has_role(STAFF) and found.state not in cover.ENDED,
        "form": form,
        "problems": list(problems),
        "back": back,
    }
    return render(request, "credit_insurance/cover_debtor.html", context, status=status)
