"""試算 (S08): from the frozen result of a look-up, now or later; nothing of it is stored."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from guarantee_lookup.enums import Outcome, Row, Sharing
from guarantee_lookup.forms import WhatIfForm
from guarantee_lookup.messages import NO_PROMISE
from guarantee_lookup.models import Institution, Lookup
from guarantee_lookup.rules.capacity import WITH_ADDITION, Position
from guarantee_lookup.rules.result import position_of
from guarantee_lookup.rules.whatif import MICRO_LIMIT, Product, Trial, Verdict, Wish, try_out
from guarantee_lookup.selectors import lookups
from guarantee_lookup.views.lookup import HOME
from guarantee_lookup.views.tokens import Expired, lookup_of
from portal import audit
from portal.common.http import HttpRequest
from portal.common.money import yen

TITLE = "試算"
SN_ROWS = (Row.UNSECURED_SN, Row.ORDINARY_SN)


def whatif(request: HttpRequest, token: str) -> HttpResponse:
    """試算 from the result that was just looked up."""
    try:
        lookup = lookup_of(request, token)
    except Expired:
        return redirect("lookup:result", token)
    return _page(request, lookup, reverse("lookup:result", args=[token]))


def past_whatif(request: HttpRequest, number: str) -> HttpResponse:
    """試算 from an earlier result; its figures are of that time."""
    lookup = lookups.own(request.user, number, outcome=Outcome.FOUND)
    return _page(request, lookup, reverse("lookup:history-detail", args=[lookup.receipt]))


def _page(request: HttpRequest, lookup: Lookup, back_url: str) -> HttpResponse:
    result: dict[str, Any] = lookup.result or {}
    form = WhatIfForm(
        request.POST if request.method == "POST" else None,
        initial={"method": _method_of(request)},
        case=result["left"],
    )
    context: dict[str, Any] = {
        "page_title": TITLE,
        "crumbs": [(HOME, reverse("lookup:home")), ("照会結果", back_url), (TITLE, "")],
        "form": form,
        "problems": [],
        "rows": [
            {"label": "照会番号", "shown": result["number"]},
            {"label": "基準日", "shown": f"{result['as_of'].replace('-', '/')} 時点"},
        ],
        "back_url": back_url,
        "main": form.main,
        "extras": form.extras(),
        "no_promise": NO_PROMISE,
        "verdicts": [],
    }
    if not form.is_bound:
        return render(request, "guarantee_lookup/whatif.html", context)
    if not form.is_valid():
        return render(request, "guarantee_lookup/whatif.html", context | {"problems": form.problems()}, status=422)
    audit.record("lookup.whatif", actor=request.user, organisation=request.user.organisation, target=lookup.receipt)
    wish, found = form.wish(), position_of(result)
    trial = try_out(wish, found)
    context |= {
        "verdicts": [_shown(verdict, wish, found) for verdict in trial.verdicts],
        "wished": f"借入希望額 {yen(wish.amount)}（保証額 {yen(wish.counted)}）",
        "split": _split(trial),
        "has_sn": any(verdict.row in SN_ROWS for verdict in trial.verdicts),
        "is_coop": result["has_addition"] and any(verdict.row in WITH_ADDITION for verdict in trial.verdicts),
    }
    return render(request, "guarantee_lookup/whatif.html", context)


def _method_of(request: HttpRequest) -> str:
    """Return the 責任共有方式 of the person's bank; the association itself has none."""
    bank = Institution.objects.filter(organisation=request.user.organisation_id).first()
    return bank.sharing if bank else Sharing.PARTIAL


def _split(trial: Trial) -> str:
    if trial.split is None:
        return ""
    first, second = trial.split
    return (
        f"{Row.UNSECURED.label}に{yen(first)}、{Row.ORDINARY.label}に{yen(second)}の、2つの保証に分けることもできます。"
    )


def _shown(verdict: Verdict, wish: Wish, found: Position) -> dict[str, Any]:
    """Return what the page says and draws of one verdict."""
    used, free = _before(verdict, wish, found)
    repaid, declared = _changes(verdict, wish)
    rest = max(verdict.available - verdict.counted, 0)
    scale = used + free
    return {
        "label": verdict.label,
        "fits": verdict.fits,
        "words": "収まる" if verdict.fits else f"収まらない（不足額 {yen(verdict.short)}）",
        "facts": [
            ("利用できる枠", yen(max(verdict.available, 0))),
            ("この試算の保証額", yen(verdict.counted)),
            ("借入れできる最大の額", yen(verdict.largest)),
        ],
        "before": {
            "label": f"{verdict.label}　いま　空き枠 {yen(free)}",
            "parts": [("利用残高（円）", used, "used"), ("空き枠（円）", free, "free")],
            "total": max(scale, 1),
        },
        "after": {
            "label": f"{verdict.label}　試算後　空き枠 {yen(rest)}",
            "parts": [
                ("利用残高（円）", max(used - repaid, 0), "used"),
                *([("他協会・関連会社の利用（円）", declared, "pending")] if declared else []),
                ("この試算の保証額（円）", verdict.counted, "planned"),
                ("空き枠（円）", rest, "free"),
            ],
            "total": max(scale, 1),
        },
        "scale": scale,
    }


def _before(verdict: Verdict, wish: Wish, found: Position) -> tuple[int, int]:
    """Return what is used and what is free before the wish, in yen, never below 0."""
    repaid, declared = _changes(verdict, wish)
    free = max(verdict.available - repaid + declared, 0)
    if verdict.row is not None:
        return found.figure(verdict.row).balance, free
    return (found.total, max(MICRO_LIMIT - found.total, 0)) if wish.product == Product.MICRO else (0, free)


def _changes(verdict: Verdict, wish: Wish) -> tuple[int, int]:
    """Return what the wish repays and what is used elsewhere, of the rows that the verdict is about."""
    rows = tuple(Row) if wish.product == Product.MICRO else (verdict.row or Row.OTHER,)
    repaid = sum(wish.repaid.get(row, 0) for row in rows)
    return repaid, sum(wish.elsewhere.get(row, 0) + wish.affiliates.get(row, 0) for row in rows)
