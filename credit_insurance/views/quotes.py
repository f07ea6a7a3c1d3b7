"""お引受条件のご案内 (T-S12) and what the insurer asks of the member on the way to it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from credit_insurance.documents import offers
from credit_insurance.enums import CaseState, Decision, QuoteState
from credit_insurance.forms.quotes import AnswerForm, ReviewForm
from credit_insurance.models import Case, Quote
from credit_insurance.rules.inquiry import answer_due
from credit_insurance.selectors.quotes import newer_than, own_case, own_quote, reviews_asked, submitted_version
from credit_insurance.services import quotes, review
from credit_insurance.services.copying import copy_sheet
from credit_insurance.wizards import HEARING
from credit_insurance.wizards.sheet_paper import SHEET_PAPER, context_of, is_made_ahead
from portal.accounts.access import deny
from portal.applications.models import Application
from portal.applications.models import State as SheetState
from portal.common.eras import seireki
from portal.common.http import HttpRequest, SeeOther
from portal.common.money import yen
from portal.documents.glyphs import MissingGlyphs, ensure_glyphs
from portal.documents.kinds import Context
from portal.documents.models import Document
from portal.documents.serve import serve_on_demand, serve_stored
from portal.ui.errors import problem
from portal.ui.forms import Problem

APPROVER, STAFF = "credit.approver", "credit.staff"
TITLE = "お引受条件のご案内"
LATE = "ほかの方が先に回答しました。いまの内容をご確認ください。"
DONE = {
    "accept": "お引受条件の内容を確定しました。",
    "review": "条件の見直しを依頼しました。",
}
ENDED = (CaseState.EXPIRED_QUOTE, CaseState.NOT_TAKEN)
"""States of a case after which a member may begin anew."""


def _own(request: HttpRequest, number: str) -> Quote:
    found = own_quote(request.user, number)
    if found is None:
        raise Http404
    return found


def quote(request: HttpRequest, number: str) -> HttpResponse:
    """The terms offered, and the member's answer to them."""
    found = _own(request, number)
    if request.method != "POST":
        return _page(request, found, ReviewForm())
    if not request.user.has_role(APPROVER):
        deny(request, (APPROVER,), "お引受条件への回答は責任者が行います。責任者の方にお知らせください。")
    action, form = request.POST.get("action", ""), ReviewForm(request.POST)
    if action not in DONE:
        raise Http404
    if action == "review" and not form.is_valid():
        return _page(request, found, form, form.problems(), status=422)
    today = timezone.localdate()
    try:
        if action == "accept":
            quotes.accept(found, request.user, today)
        else:
            quotes.ask_review(found, form.cleaned_data["comment"], request.user, today)
    except review.NotAllowed as refusal:
        return _page(request, found, form, [Problem("answer", "", str(refusal))], status=409)
    except review.Overtaken:
        return _page(request, _own(request, number), ReviewForm(), [Problem("answer", "", LATE)], status=409)
    messages.success(request, DONE[action])
    return SeeOther(request.path)


def _page(
    request: HttpRequest, found: Quote, form: ReviewForm, problems: list[Problem] | None = None, *, status: int = 200
) -> HttpResponse:
    is_open = found.state == QuoteState.ISSUED
    is_late = is_open and found.valid_until < timezone.localdate()
    wished = found.particulars.get("wished", "")
    context = {
        "page_title": TITLE,
        "crumbs": [("お見積り", reverse("credit:cases")), (TITLE, "")],
        "wide": True,
        "quote": found,
        "state": found.get_state_display(),
        "highlights": offers.highlights(found),
        "terms": offers.terms(found),
        "due_dates": offers.due_dates(found),
        "offered": offers.offered(found),
        "declined": offers.declined(found),
        "is_later": bool(wished) and wished < found.starts_on.isoformat(),
        "is_late": is_late,
        "is_open": is_open and not is_late,
        "may_answer": is_open and not is_late and request.user.has_role(APPROVER),
        "reviews_left": quotes.MOST_REVIEWS - reviews_asked(found),
        "newer": newer_than(found),
        "may_begin_again": (is_late or found.case.state in ENDED) and request.user.has_role(STAFF),
        "sheet_url": HEARING.url("receipt", found.case.sheet.number),
        "form": form,
        "problems": problems or [],
        "accept_label": f"この内容で確定する（保険料 {yen(found.premium)}）",
    }
    return render(request, "credit_insurance/quote.html", context, status=status)


def refuse(request: HttpRequest, number: str) -> HttpResponse:
    """見送る, after one more look at what ends."""
    found = _own(request, number)
    page = reverse("credit:quote", args=[number])
    if found.state != QuoteState.ISSUED:
        messages.warning(request, LATE)
        return SeeOther(page)
    if request.method == "POST":
        try:
            quotes.refuse(found, request.user)
        except review.Overtaken:
            messages.warning(request, LATE)
        else:
            messages.success(request, "今回の加入を見送りました。")
        return SeeOther(page)
    context = {
        "page_title": "お引受条件の見送り",
        "crumbs": [("お見積り", reverse("credit:cases")), (TITLE, page), ("見送り", "")],
        "quote": found,
        "highlights": offers.highlights(found),
        "back": page,
    }
    return render(request, "credit_insurance/quote_refuse.html", context)


def quote_paper(request: HttpRequest, number: str) -> HttpResponse:
    """お引受条件のご案内 as a paper (D03)."""
    found = _own(request, number)
    return serve_on_demand(
        request, offers.QUOTE, offers.quote_context(found), verb="credit.quote_pdf", target=found.number
    )


def sheet_paper(request: HttpRequest, number: str) -> HttpResponseBase:
    """お見積り用ヒアリングシート as submitted (D02): the stored paper if a job has made one."""
    version = submitted_version(request.user, number, HEARING.slug)
    if version is None:
        raise Http404
    stored = Document.objects.filter(version=version, kind=SHEET_PAPER.slug).first()
    if stored:
        return serve_stored(request, stored, verb="credit.sheet_pdf", target=number)
    context = context_of(version)
    if is_made_ahead(version) and _is_printable(context):
        return problem(
            request,
            404,
            title="ヒアリングシートのPDFを作成しています",
            lead="取引先が多いため、作成に時間がかかります。1分ほどしてから、もう一度開いてください。",
            todo="しばらくしても開けないときは、事務局へお問い合わせください。",
        )
    return serve_on_demand(request, SHEET_PAPER, context, verb="credit.sheet_pdf", target=number)


def _is_printable(context: Context) -> bool:
    """Return False for a paper that no job can make; asking for it on demand then says which characters it is."""
    try:
        ensure_glyphs(context)
    except MissingGlyphs:
        return False
    return True


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
    back = HEARING.url("receipt", case.sheet.number)
    if request.method == "POST" and form.is_valid():
        try:
            review.answer(case, form.by_question(), request.user)
        except review.Overtaken:
            messages.warning(request, LATE)
        else:
            messages.success(request, "回答を送りました。審査を続けます。")
        return SeeOther(back)
    problems = form.problems() if form.is_bound else []
    context: dict[str, Any] = {
        "page_title": "追加情報の回答",
        "crumbs": [("お見積り", reverse("credit:cases")), ("追加情報の回答", "")],
        "due": seireki(answer_due(timezone.localdate(case.state_at))),
        "form": form,
        "problems": problems,
        "back": back,
    }
    return render(request, "credit_insurance/answer.html", context, status=422 if problems else 200)


def correct(request: HttpRequest, number: str) -> HttpResponse:
    """訂正: go on with a copy of a returned sheet, debtors included."""
    return _copy(request, _case(request, number, CaseState.HEARING_DRAFT).sheet)


def again(request: HttpRequest, number: str) -> HttpResponse:
    """もう一度見積りを依頼する: a new sheet that begins as the one of an offer that came to nothing."""
    found = _own(request, number)
    is_late = found.state == QuoteState.ISSUED and found.valid_until < timezone.localdate()
    if not is_late and found.case.state not in ENDED:
        raise Http404
    return _copy(request, found.case.sheet)


def _copy(request: HttpRequest, sheet: Application) -> HttpResponse:
    """Begin a draft with everything of a submitted sheet; one that is there already is gone on with."""
    own = Application.objects.visible_to(request.user)
    copy = own.filter(copied_from=sheet, state=SheetState.DRAFT).order_by("pk").first()
    if copy is None:
        copy = copy_sheet(sheet, request.user)
    return SeeOther(HEARING.url("step", copy.number, "summary"))
