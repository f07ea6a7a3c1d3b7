"""連絡の希望: who asked for a call after the アンケート, as the agent works through it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from credit_insurance.selectors.questionnaires import open_leads
from credit_insurance.services import questionnaires
from portal import audit
from portal.common.http import HttpRequest, SeeOther
from portal.ui.lists import Column, ListPage
from portal.ui.templatetags.ui import jst

TITLE = "連絡の希望"
COLUMNS = [
    Column("answered", "回答日時", lambda lead: jst(lead.answered_at), "answered_at"),
    Column("company", "会社名", lambda lead: lead.company, "company"),
    Column("person", "氏名", lambda lead: lead.person),
    Column("phone", "電話番号", lambda lead: lead.phone),
    Column("email", "メール", lambda lead: lead.email),
    Column("member", "加入者番号", lambda lead: lead.member.number if lead.member else ""),
    Column("result", "結果", lambda lead: lead.result),
]


def leads(request: HttpRequest) -> HttpResponse:
    """The open ones; POST marks one as handled."""
    if request.method == "POST":
        sent = request.POST.get("lead", "")
        pk = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 19 else 0
        if questionnaires.handle(pk, request.user):
            messages.success(request, "対応済みにしました。")
        else:
            messages.warning(request, "すでに対応済みか、取り消されています。")
        return SeeOther(reverse("credit:leads"))
    listing = ListPage(request, open_leads(), COLUMNS, order="answered", caption="連絡の希望")
    rows = [(lead.pk, cells) for lead, cells in zip(listing.page, listing.rows(), strict=True)]
    shown = [lead.pk for lead in listing.page]
    audit.record(
        "credit.leads_shown", actor=request.user, organisation=request.user.organisation, detail={"leads": shown}
    )
    context = {
        "page_title": TITLE,
        "crumbs": [("トップ", reverse("credit:home")), (TITLE, "")],
        "wide": True,
        "listing": listing,
        "rows": rows,
    }
    return render(request, "credit_insurance/leads.html", context)
