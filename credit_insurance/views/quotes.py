"""お引受条件のご案内 (T-S12) and what the insurer asks of the member on the way to it."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from credit_insurance.enums import CaseState, Decision, QuoteState
from credit_insurance.forms.quotes import AnswerForm, ReviewForm
from credit_insurance.models import Case, Quote
from credit_insurance.selectors.quotes import own_case, own_quote
from credit_insurance.selectors.sheets import lines_of
from credit_insurance.services import quotes, review, sheets
from credit_insurance.wizards import HEARING
from portal.accounts.access import deny
from portal.common.http import HttpRequest, SeeOther
from portal.common.money import yen
from portal.ui.forms import Problem
from portal.wizard.services import start

APPROVER = "credit.approver"
LATE = "ほかの方が先に回答しました。いまの内容をご確認ください。"
DONE = {
    "accept": "お引受条件の内容を確定しました。",
    "review": "条件の見直しを依頼しました。",
    "refuse": "今回の加入を見送りました。",
}


def quote(request: HttpRequest, number: str) -> HttpResponse:
    """The terms offered, and the member's answer to them."""
    found = own_quote(request.user, number)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _page(request, found, ReviewForm())
    if not request.user.has_role(APPROVER):
        deny(request, (APPROVER,), "お引受条件への回答は責任者が行います。責任者の方にお知らせください。")
    action, form = request.POST.get("action", ""), ReviewForm(request.POST)
    if action not in DONE:
        raise Http404
    if action == "review" and not form.is_valid():
        return _page(request, found, form, form.problems(), status=422)
    try:
        if action == "accept":
            quotes.accept(found, request.user, timezone.localdate())
        elif action == "review":
            quotes.ask_review(found, form.cleaned_data["comment"], request.user)
        else:
            quotes.refuse(found, request.user)
    except review.NotAllowed as refusal:
        return _page(request, found, form, [Problem("answer", "", str(refusal))], status=409)
    except review.Overtaken:
        newest = own_quote(request.user, number)
        return _page(request, newest or found, ReviewForm(), [Problem("answer", "", LATE)], status=409)
    messages.success(request, DONE[action])
    return SeeOther(request.path)


def _page(
    request: HttpRequest, found: Quote, form: ReviewForm, problems: list[Problem] | None = None, *, status: int = 200
) -> HttpResponse:
    is_open = found.state == QuoteState.ISSUED
    context = {
        "page_title": "お引受条件のご案内",
        "crumbs": [("お見積り", reverse("credit:cases")), ("お引受条件のご案内", "")],
        "wide": True,
        "quote": found,
        "state": found.get_state_display(),
        "ratio": f"{found.indemnity_ratio * 100:.0f}",
        "rate": f"{found.rate * 100:.3f}",
        "lines": found.lines,
        "is_late": is_open and found.valid_until < timezone.localdate(),
        "may_answer": is_open and request.user.has_role(APPROVER),
        "is_open": is_open,
        "form": form,
        "problems": problems or [],
        "accept_label": f"この内容で確定する（保険料 {yen(found.premium)}）",
    }
    return render(request, "credit_insurance/quote.html", context, status=status)


# --- Before the offer -----------------------------------------------------------------


def _case(request: HttpRequest, number: str, state: CaseState) -> Case:
    found = own_case(request.user, number)
    if found is None or found.state != state:
        raise Http404
    return found


def answer(request: HttpRequest, number: str) -> HttpResponse:
    """追加情報: the insurer's questions about single debtors, answered together."""
    case = _case(request, number, CaseState.INFO_WAIT)
    asked = list(case.decisions.filter(decision=Decision.INFO).select_related("line").order_by("line__position", "pk"))
    questions = [(one.pk, str(one.line.values.get("debtor_name", "")), one.question) for one in asked]
    form = AnswerForm(questions, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            review.answer(case, form.by_question(), request.user)
        except review.Overtaken:
            messages.warning(request, LATE)
        else:
            messages.success(request, "回答を送りました。審査を続けます。")
        return SeeOther(HEARING.url("receipt", number))
    problems = form.problems() if form.is_bound else []
    context: dict[str, Any] = {
        "page_title": "追加情報の回答",
        "crumbs": [("お見積り", reverse("credit:cases")), ("追加情報の回答", "")],
        "case": case,
        "form": form,
        "problems": problems,
        "back": HEARING.url("receipt", number),
    }
    return render(request, "credit_insurance/answer.html", context, status=422 if problems else 200)


def correct(request: HttpRequest, number: str) -> HttpResponse:
    """訂正: begin a copy of a returned sheet, debtors included; a copy that is there already is gone on with."""
    case = _case(request, number, CaseState.HEARING_DRAFT)
    copy = case.sheet.__class__.objects.visible_to(request.user).filter(copied_from=case.sheet, state="draft").first()
    if copy is None:
        entries = [sheets.Entry(line.typed, line.values, line.unread, line.debtor_key) for line in lines_of(case.sheet)]
        with transaction.atomic():
            copy = start(HEARING, request.user, "summary", case.sheet.data["steps"]["summary"], case.sheet)
            sheets.import_lines(copy, entries, [], request.user, copy.revision, source=case.sheet.number)
    return SeeOther(HEARING.url("step", copy.number, "summary"))
