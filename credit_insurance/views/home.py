"""トップ of the trade-credit portal (T-S02): what waits, where the enrolment stands, the next deadlines."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from credit_insurance.enums import CaseState, Membership
from credit_insurance.models import Member
from credit_insurance.rules.deadlines import Calendar, Deadlines, deadlines
from credit_insurance.selectors import masters
from credit_insurance.selectors.members import missing, waiting_count
from credit_insurance.selectors.questionnaires import open_leads
from credit_insurance.selectors.quotes import waiting_cases
from credit_insurance.selectors.sheets import member_of, own_cases, own_sheets
from credit_insurance.views import enrolment
from credit_insurance.views.cases import state
from credit_insurance.views.cover import panel as cover_panel
from credit_insurance.wizards import HEARING
from portal.applications.models import Application
from portal.common.eras import seireki
from portal.common.http import HttpRequest

MOST = 5
STEPS = ("見積り", "審査", "条件", "依頼", "入金", "補償中")
AT = {
    CaseState.HEARING_DRAFT: 1,
    **dict.fromkeys((CaseState.SUBMITTED, CaseState.UNDER_REVIEW, CaseState.INFO_WAIT), 2),
    CaseState.QUOTED: 3,
    CaseState.ACCEPTED: 4,
    **dict.fromkeys((CaseState.FORM_SUBMITTED, CaseState.FORM_ACCEPTED), 5),
    **dict.fromkeys((CaseState.COMPLETED, CaseState.CERT_ISSUED, CaseState.IN_FORCE), 6),
    **dict.fromkeys((CaseState.EXHAUSTED, CaseState.LEAVING), 6),
}
"""Which of STEPS a case is at, from 1; an ended case is at none."""

LEFT, LENGTH = 10, 620


def home(request: HttpRequest) -> HttpResponse:
    """Tasks and clock of a member; the entries of a 組合 and of the agent."""
    user = request.user
    context: dict[str, Any] = {
        "page_title": "貸倒補償制度",
        "crumbs": [],
        "waiting": waiting_count(user) if user.has_role("credit.union") else None,
        "leads": open_leads().count() if user.has_role("credit.agent") else None,
        "clock": _clock(timezone.localdate()),
    }
    if member := member_of(user):
        context |= _of_member(request, member)
    return render(request, "credit_insurance/home.html", context)


def _of_member(request: HttpRequest, member: Member) -> dict[str, Any]:
    may_edit = request.user.has_role(HEARING.edit_role)
    sheets = list(own_sheets(request.user).order_by("-saved_at", "-pk")[:MOST])
    case = own_cases(request.user).first()
    at = AT.get(CaseState(case.state), 0) if case else int(bool(sheets))
    return {
        "member": member,
        "sheets": [(sheet, state(sheet), HEARING.url("receipt", sheet.number)) for sheet in sheets],
        "case": case,
        "stages": STEPS,
        "at": at,
        "at_label": f"手続きの段階：{STEPS[at - 1]}" if at else "",
        "tasks": [*_answers(request), *_tasks(member, sheets), *enrolment.tasks(request)] if may_edit else [],
        "may_edit": may_edit,
        "new_url": HEARING.url("new"),
        **cover_panel(request.user),
    }


def _answers(request: HttpRequest) -> Iterator[tuple[str, str, str]]:
    """Yield what the insurer waits for, in the form of `_tasks`."""
    for case in waiting_cases(request.user):
        receipt = HEARING.url("receipt", case.sheet.number)
        if case.state == CaseState.HEARING_DRAFT:
            yield f"ヒアリングシート（{case.sheet.number}）の訂正が必要です。", "訂正の内容を見る", receipt
        elif case.state == CaseState.INFO_WAIT:
            link = reverse("credit:case-answer", args=[case.sheet.number])
            yield f"引受保険会社からの質問（受付番号 {case.number}）があります。", "回答する", link
        for quote in case.issued:
            link = reverse("credit:quote", args=[quote.number])
            yield f"お引受条件が届いています。回答は{seireki(quote.valid_until)}までです。", "内容を確かめる", link


def _tasks(member: Member, sheets: list[Application]) -> list[tuple[str, str, str]]:
    """Return what the member has to do: sentence, words of the link, address."""
    profile = reverse("credit:profile")
    found = []
    if lacking := missing(member):
        found.append(
            (f"加入者情報に、入力の済んでいない項目が{len(lacking)}件あります。", "加入者情報を入力する", profile)
        )
    if member.union_id and member.membership == Membership.UNCONFIRMED:
        if member.membership_asked_at:
            found.append(("所属組合の会員確認を待っています。", "会員確認を見る", profile))
        else:
            found.append(("所属組合の会員であることの確認が済んでいません。", "組合に確認を依頼する", profile))
    elif member.membership in {Membership.DENIED, Membership.LOST}:
        found.append(
            ("所属組合の会員であることを確認できません。所属組合へお問い合わせください。", "会員確認を見る", profile)
        )
    found += [
        (f"作成中のヒアリングシート（{sheet.number}）があります。", "続ける", HEARING.url("receipt", sheet.number))
        for sheet in sheets
        if sheet.is_draft
    ]
    return found


# --- 締切 ------------------------------------------------------------------------------


def _clock(today: date) -> dict[str, Any] | None:
    """Return the next start with its 締切 and their places on a line from today to it; None while none is open."""
    offered = masters.starts(today)
    if not offered:
        return None
    start, calendar = offered[0], masters.calendar()
    limits = deadlines(start, calendar)
    span = max((start - today).days, 1)
    days = [("書類", limits.form, 76), ("入金", limits.money, 30)]
    if limits.form == limits.money:
        days = [("書類・入金", limits.money, 76)]
    marks = [
        (LEFT + LENGTH * max((day - today).days, 0) // span, y, f"{label} {day:%-m/%-d}") for label, day, y in days
    ]
    return {
        "start": start,
        "limits": limits,
        "short": f"書類 {limits.form:%-m/%-d}・入金 {limits.money:%-m/%-d}",
        "left": _days_left(today, limits, calendar),
        "today": today,
        # The money is never due after the form: its stroke would cross words in the middle of the lower mark.
        "marks": [
            {"x": x, "y": y, "text": text, "anchor": "start" if len(marks) > 1 and not place else _anchor(x)}
            for place, (x, y, text) in enumerate(marks)
        ],
        "line_left": LEFT,
        "line_right": LEFT + LENGTH,
    }


def _days_left(today: date, limits: Deadlines, calendar: Calendar) -> str:
    """Return the bank days that are left for the money in words, today included."""
    days = (today + timedelta(days=n) for n in range((limits.money - today).days + 1))
    left = sum(calendar.is_open(day) for day in days)
    return f"お振込みの締切まで、今日を含めて{left}営業日です。"


def _anchor(x: int) -> str:
    """Return the text anchor that keeps the words of a mark inside the drawing."""
    return "start" if x < LEFT + LENGTH // 4 else "end" if x > LEFT + LENGTH * 3 // 4 else "middle"
