"""貸倒補償制度とは and 保険料の目安, open to everybody; nothing is stored."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from credit_insurance.forms.simulator import PRESET, SimulatorForm
from credit_insurance.models import MasterPolicy
from credit_insurance.rules.premium import PLAIN, YEAR, Rounding, cost_on_sales, premium, receivables
from credit_insurance.selectors import masters
from credit_insurance.wizards import HEARING
from portal.accounts.access import user_of
from portal.common.http import HttpRequest
from portal.common.money import group, yen

ABOUT = "貸倒補償制度とは"
TITLE = "保険料の目安"
FLOW = (
    ("ご相談", "アンケート・目安"),
    ("取引先のデータ", "ヒアリングシート"),
    ("お見積り", "引受保険会社の審査"),
    ("内容の確定", "お引受条件を確認"),
    ("ご加入", "加入依頼書とお振込み"),
)
BOX, STEP = 56, 84
"""Height of a box of the flow, and the way from one to the next, in units of its drawing."""

RATIO = MasterPolicy._meta.get_field("indemnity_ratio").default


def about(request: HttpRequest) -> HttpResponse:
    """What the scheme is, for whom, and how one joins."""
    today = timezone.localdate()
    offered = masters.starts(today)
    user = user_of(request)
    context = {
        "page_title": ABOUT,
        "crumbs": [(ABOUT, "")],
        "flow": [
            {"y": place * STEP + 2, "base": place * STEP + 2 + BOX * 2 // 3, "title": title, "text": text}
            for place, (title, text) in enumerate(FLOW)
        ],
        "flow_height": STEP * (len(FLOW) - 1) + BOX + 4,
        "flow_label": "ご加入までの流れ：" + "、".join(title for title, _ in FLOW),
        "box": BOX,
        "start": offered[0] if offered else None,
        "limits": masters.deadlines_of(offered[0]) if offered else None,
        "new_url": HEARING.url("new") if user is None or user.has_role(HEARING.edit_role) else "",
    }
    return render(request, "credit_insurance/about.html", context)


def simulator(request: HttpRequest) -> HttpResponse:
    """Show the form with the seed's example, or what was asked for; the address holds the question."""
    is_asked = bool({"sales", "months", "rate"} & request.GET.keys())
    form = SimulatorForm(request.GET) if is_asked else SimulatorForm(initial=PRESET)
    user = user_of(request)
    context: dict[str, Any] = {
        "page_title": TITLE,
        "crumbs": [(ABOUT, reverse("credit:about")), (TITLE, "")],
        "form": form,
        "problems": [],
        "new_url": HEARING.url("new") if user is None or user.has_role(HEARING.edit_role) else "",
        "is_example": not is_asked,
    }
    if is_asked and not form.is_valid():
        return render(request, "credit_insurance/simulator.html", context | {"problems": form.problems()}, status=422)
    asked = form.cleaned_data if is_asked else PRESET
    if context["new_url"] and is_asked:
        context["new_url"] += f"?{urlencode({name: f'{value}' for name, value in asked.items()})}"
    return render(request, "credit_insurance/simulator.html", context | estimate(**asked))


def estimate(sales: int, months: Decimal, rate: Decimal) -> dict[str, Any]:
    """Return the figures of a year: `rate` in per cent; limits as high as the receivables, as the example has them."""
    policy = masters.policy_for(timezone.localdate())
    ratio = policy.indemnity_ratio if policy else RATIO
    rounding = Rounding(policy.rounding, policy.min_premium) if policy else PLAIN
    share = rate / 100

    def at(turnover: Decimal) -> dict[str, Any]:
        amount = receivables(sales, turnover)
        return {
            "months": _plain(turnover),
            "receivables": amount,
            "premium": premium(amount, share, YEAR, rounding),
            "cost": cost_on_sales(share, turnover),
            "is_asked": turnover == months,
        }

    asked = at(months)
    covered = int(asked["receivables"] * Fraction(ratio))
    others = [turnover for turnover in (months - 1, months, months + 1) if turnover > 0]
    return {
        "sales": sales,
        "months": _plain(months),
        "rate": _plain(rate),
        "ratio": _plain(ratio * 100),
        "found": asked,
        "covered": covered,
        "alternatives": [at(turnover) for turnover in others],
        "bar": [
            ("売掛債権額のうち補償の上限", covered, "used"),
            ("自己負担", asked["receivables"] - covered, "free"),
        ],
        "bar_label": f"売掛債権額{yen(asked['receivables'])}のうち、補償の上限は{yen(covered)}、自己負担は"
        f"{yen(asked['receivables'] - covered)}。1年間の保険料は{yen(asked['premium'])}。",
        "cost_bar": [("1年間の保険料", asked["premium"], "used")],
        "cost_label": f"同じ目盛で、1年間の保険料は{yen(asked['premium'])}。",
    }


def _plain(value: Decimal) -> str:
    """Return a number without zeros at its end: 3, 2.5, 0.95."""
    whole = int(value)
    return group(whole) if value == whole else f"{value:f}".rstrip("0")
