"""保証料計算: band lines and result of one amount, and how the fee grows with it; nothing is stored."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from esurety.enums import Product
from esurety.forms.simulate import FeeForm
from esurety.models import FeeTable
from esurety.rules.fees import Line, Quote, Table, quote
from esurety.selectors.fees import table_on
from portal.common.http import HttpRequest
from portal.common.money import group, spoken, yen

TITLE = "保証料計算"

POINTS = 6
ASKED = 2
"""The chart has six amounts in equal steps; the second is the one that was asked for."""

LEFT, TOP, WIDTH, HEIGHT = 20, 24, 600, 200


def simulate(request: HttpRequest) -> HttpResponse:
    """Show the form, and once an amount is given its 保証料 by the table of today."""
    form = FeeForm(request.GET if "amount" in request.GET else None)
    context: dict[str, Any] = {
        "page_title": TITLE,
        "crumbs": [("電子保証ポータル", reverse("surety:home")), (TITLE, "")],
        "form": form,
        "problems": [],
    }
    if not form.is_bound:
        return render(request, "esurety/simulate.html", context)
    if not form.is_valid():
        return render(request, "esurety/simulate.html", context | {"problems": form.problems()}, status=422)
    answers = form.cleaned_data
    try:
        table = table_on(answers["product"], timezone.localdate())
    except FeeTable.DoesNotExist:
        return render(request, "esurety/simulate.html", context | {"has_no_table": True})
    online = answers["online"] == "yes"
    found = quote(table, answers["amount"], online=online)
    context |= {
        "product": Product(answers["product"]).label,
        "lines": [
            {"band": _band(line), "amount": line.amount, "rate": line.rate, "fee": _fee(line)} for line in found.lines
        ],
        "quote": found,
        "minimum": table.minimum,
        "chart": _chart(table, found, online=online),
    }
    return render(request, "esurety/simulate.html", context)


def _band(line: Line) -> str:
    if line.upper is None:
        return f"{yen(line.lower)}を超える部分" if line.lower else "全額"
    return f"{yen(line.lower)}を超え{yen(line.upper)}までの部分" if line.lower else f"{yen(line.upper)}までの部分"


def _fee(line: Line) -> str:
    """Return the fee of a line with the fraction that only the end rounds off."""
    whole, rest = divmod(line.millionths, 1_000_000)
    return group(whole) + (f".{rest:06d}".rstrip("0") if rest else "")


def _chart(table: Table, asked: Quote, *, online: bool) -> dict[str, Any]:
    """Return the points of the line, each with amount and fee in words."""
    amounts = [max(asked.basis * step // ASKED, 1) for step in range(1, POINTS + 1)]
    fees = [quote(table, amount, online=online).net for amount in amounts]
    scale = max(*fees, 1)
    points = [
        {
            "amount": amount,
            "fee": fee,
            "x": LEFT + WIDTH * step // POINTS,
            "y": TOP + HEIGHT - HEIGHT * fee // scale,
            "is_asked": step == ASKED,
        }
        for step, (amount, fee) in enumerate(zip(amounts, fees, strict=True), start=1)
    ]
    most = f"{spoken(amounts[-1])}のとき{yen(fees[-1])}"
    return {
        "points": points,
        "line": " ".join(f"{point['x']},{point['y']}" for point in points),
        "label": f"保証金額とお支払額。{spoken(asked.basis)}のとき{yen(asked.net)}、{most}。",
        "left": LEFT,
        "right": LEFT + WIDTH,
        "top": TOP,
        "bottom": TOP + HEIGHT,
    }
