"""会員の確認: a 所属組合 says which companies are its members; limits and premiums are never seen here (2.1)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from credit_insurance.enums import CaseState, Membership
from credit_insurance.forms.profile import MembersFilterForm
from credit_insurance.models import Member
from credit_insurance.selectors import members as selectors
from credit_insurance.services import members
from portal import audit
from portal.common.http import HttpRequest, SeeOther
from portal.ui.lists import Column, ListPage, csv_response, filters_in_use
from portal.ui.templatetags.ui import jst
from portal.wizard.intake import revision

TITLE = "会員の確認"
ANSWERS = {"confirm": (True, "会員である"), "deny": (False, "会員ではない")}


def case_words(member: Any) -> str:
    """Return the 手続状況 of the newest case in words."""
    return CaseState(member.case_state).label if member.case_state else "なし"


COLUMNS = [
    Column(
        "number",
        "加入者番号",
        lambda member: member.number,
        "number",
        lambda member: reverse("credit:member", args=[member.number]),
    ),
    Column("name", "名称（商号）", lambda member: member.name, "name"),
    Column("corporate", "法人番号", lambda member: member.corporate_number),
    Column("membership", "会員確認", lambda member: member.get_membership_display(), "membership"),
    Column("asked", "依頼日時", lambda member: jst(member.membership_asked_at), "membership_asked_at"),
    Column("case", "手続状況", case_words),
]


def member_list(request: HttpRequest) -> HttpResponseBase:
    """The members of the own 組合, or their CSV."""
    form = MembersFilterForm(request.GET)
    is_valid = form.is_valid()
    wanted = form.cleaned_data
    rows = selectors.listed(request.user, wanted["q"], wanted["state"]) if is_valid else Member.objects.none()
    if request.GET.get("format") == "csv" and is_valid:
        audit.record("credit.members_csv", actor=request.user, organisation=request.user.organisation)
        return csv_response(request, "members.csv", rows, COLUMNS, order="number")
    context = {
        "page_title": TITLE,
        "crumbs": [("トップ", reverse("credit:home")), (TITLE, "")],
        "wide": True,
        "form": form,
        "problems": [] if is_valid else form.problems(),
        "listing": ListPage(request, rows, COLUMNS, order="number", caption="組合の会員"),
        "filter_on": filters_in_use(form) if is_valid else [],
        "clear_url": request.path,
        "waiting": selectors.waiting_count(request.user),
    }
    return render(request, "credit_insurance/members.html", context, status=200 if is_valid else 422)


def _member(request: HttpRequest, number: str) -> Any:
    found = selectors.listed(request.user).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _facts(member: Any) -> list[tuple[str, str]]:
    return [
        ("加入者番号", member.number),
        ("名称（商号）", member.name),
        ("法人番号", member.corporate_number or "入力なし"),
        ("所属組合", member.union.name),
        ("会員確認", member.get_membership_display()),
        ("依頼日時", jst(member.membership_asked_at) or "依頼なし"),
        ("回答日時", jst(member.membership_at) or "回答なし"),
        ("手続状況", case_words(member)),
    ]


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("トップ", reverse("credit:home")), (TITLE, reverse("credit:members")), *more]


def member(request: HttpRequest, number: str) -> HttpResponse:
    """One member with both answers."""
    found = _member(request, number)
    context = {
        "page_title": found.name,
        "crumbs": _crumbs((found.number, "")),
        "facts": _facts(found),
        "member": found,
        "may_confirm": found.membership != Membership.CONFIRMED,
        "may_deny": found.membership in {Membership.UNCONFIRMED, Membership.CONFIRMED},
    }
    return render(request, "credit_insurance/member.html", context)


def answer(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Ask, then keep 会員である or 会員ではない."""
    found = _member(request, number)
    is_member, label = ANSWERS[action]
    back = reverse("credit:member", args=[found.number])
    if request.method == "POST":
        own = selectors.union_members(request.user)
        kept = members.answer_membership(own, found, request.user, revision(request), is_member=is_member)
        if kept:
            messages.success(request, f"{found.name}の会員確認を「{kept.label}」にしました。")
        else:
            messages.warning(
                request, "加入者情報か会員確認が変わっています。内容を確かめて、もう一度回答してください。"
            )
        return SeeOther(back)
    lead = (
        "この事業者が組合の会員であることを確かめましたか。回答すると、引受保険会社の審査を始められます。"
        if is_member
        else "回答すると、この事業者は新しい見積りを依頼できなくなります。"
        "すでに会員と回答した事業者は「会員資格喪失」になります。"
    )
    context = {
        "page_title": f"{label}（確認）",
        "crumbs": _crumbs((found.number, back), (label, "")),
        "label": label,
        "lead": lead,
        "facts": _facts(found),
        "member": found,
        "is_member": is_member,
        "back": back,
    }
    return render(request, "credit_insurance/member_answer.html", context)
