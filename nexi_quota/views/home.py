"""ユーザーページ (S01)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from nexi_quota import selectors
from nexi_quota.messages import text
from nexi_quota.rules.notices import loss_notice_until
from portal.common.http import HttpRequest
from portal.common.money import yen

MOST = 5
"""Reminders of one kind on the page; the lists show the rest."""


def home(request: HttpRequest) -> HttpResponse:
    """ユーザーページ (S01): the menu of the procedures, what needs attention, and the quota that is held."""
    today = timezone.localdate()
    expiring = selectors.own_expiring(request.user, today)[: MOST + 1]
    overdue = selectors.own_overdue(request.user, today)[: MOST + 1]
    until = [(found, loss_notice_until(found.due_on)) for found in overdue]
    context = {
        "page_title": "ユーザーページ",
        "expiring": [(found, (found.expires_on - today).days) for found in expiring],
        "overdue": [(found, last_day, (last_day - today).days) for found, last_day in until],
        "duty": text("M-N09"),
        "drafts": list(selectors.own_drafts(request.user)[: MOST + 1]),
        "most": MOST,
        "use": [
            {
                **row,
                "done": row["confirmed"] - row["unused"],
                "label": f"確認金額{yen(row['confirmed'])}のうち、未使用額は{yen(row['unused'])}です。",
            }
            for row in selectors.own_use(request.user, MOST)
        ],
        "may_edit": request.user.has_role("nexi.input"),
        "may_manage": request.user.has_role("nexi.admin"),
    }
    return render(request, "nexi_quota/home.html", context)
