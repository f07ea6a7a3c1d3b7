"""売掛債権の管理に関するアンケート (T-S03), open to everybody: one question a page, the answers travel signed (6.1)."""

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from credit_insurance.documents import offers
from credit_insurance.forms.questionnaire import ContactForm, MeasuresForm
from credit_insurance.models import Questionnaire
from credit_insurance.rules.questionnaire import (
    EXPLAIN,
    MEASURES,
    MEASURES_TEXT,
    NO,
    QUESTIONS,
    QUOTE,
    RESULTS,
    YES,
    next_node,
)
from credit_insurance.selectors.questionnaires import answers_in_words, own_result
from credit_insurance.selectors.sheets import member_of
from credit_insurance.services import questionnaires
from credit_insurance.services.questionnaires import Contact, Outcome, Sender, TooMany
from credit_insurance.wizards import HEARING
from portal import audit
from portal.accounts import limiter
from portal.accounts.access import user_of
from portal.common.http import HttpRequest, SeeOther, client_address
from portal.documents.glyphs import MissingGlyphs
from portal.documents.render import render as render_paper
from portal.documents.serve import PER_MINUTE, pdf_response, serve_on_demand
from portal.ui.errors import problem
from portal.ui.forms import Problem

TITLE = "売掛債権の管理に関するアンケート"
ABOUT = "貸倒補償制度とは"
SALT = "credit_insurance.questionnaire"
DAY = 86_400
OWN = "credit-questionnaires"
"""The results of a guest, by browser: nobody else who knows an address sees who answered."""

MOST_OWN = 10
PAPER = "credit.questionnaire_pdf"


def _token(nonce: str, answers: dict[str, str]) -> str:
    return signing.dumps({"nonce": nonce, "answers": answers}, salt=SALT)


def _read(token: str) -> tuple[str, dict[str, str]]:
    """Return nonce and answers of a run, a new one without a token; raises BadSignature."""
    if not token:
        return secrets.token_hex(16), {}
    run: dict[str, Any] = signing.loads(token, salt=SALT, max_age=DAY)
    return run["nonce"], run["answers"]


def _here(token: str = "") -> str:
    return reverse("credit:questionnaire") + (f"?answers={token}" if token else "")


def _sender(request: HttpRequest) -> Sender:
    user = user_of(request)
    member = member_of(user) if user else None
    return Sender(user, member, client_address(request, settings.PROXY_HOPS))


def questionnaire(request: HttpRequest) -> HttpResponse:
    """Show the question that the answers so far lead to; its answer leads to the next page or to the result."""
    token = (request.POST if request.method == "POST" else request.GET).get("answers", "")
    try:
        nonce, answers = _read(token)
    except signing.BadSignature:
        messages.warning(request, "アンケートの有効期間が過ぎました。はじめからお答えください。")
        return SeeOther(_here())
    node = next_node(answers)
    if request.method != "POST":
        return _question(request, nonce, answers, node, MeasuresForm())
    if node == MEASURES:
        form = MeasuresForm(request.POST)
        if not form.is_valid():
            return _question(request, nonce, answers, node, form, status=422)
        return _end(request, Outcome(nonce, answers, form.measures(), form.cleaned_data["measure_note"], "R4"))
    if request.POST.get("answer") not in {YES, NO}:
        return _question(request, nonce, answers, node, MeasuresForm(), status=422)
    answers = {**answers, node: request.POST["answer"]}
    following = next_node(answers)
    if following in RESULTS:
        return _end(request, Outcome(nonce, answers, (), "", following))
    return SeeOther(_here(_token(nonce, answers)))


def _question(
    request: HttpRequest, nonce: str, answers: dict[str, str], node: str, form: MeasuresForm, status: int = 200
) -> HttpResponse:
    places = [*QUESTIONS, MEASURES]
    before = dict(list(answers.items())[:-1])
    problems = form.problems() if form.is_bound else []
    if status == 422 and node != MEASURES:
        problems = [Problem("answer-yes", "", "はい、いいえのどちらかを押してください。")]
    context = {
        "page_title": TITLE,
        "crumbs": [(ABOUT, reverse("credit:about")), (TITLE, "")],
        "place": places.index(node) + 1,
        "most": len(places),
        "question": QUESTIONS[node].text if node in QUESTIONS else MEASURES_TEXT,
        "form": form if node == MEASURES else None,
        "problems": problems,
        "token": _token(nonce, answers),
        "back": _here(_token(nonce, before)) if answers else "",
    }
    return render(request, "credit_insurance/questionnaire.html", context, status=status)


def _end(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    sender = _sender(request)
    try:
        kept = questionnaires.keep(sender, outcome)
    except TooMany as limit:
        return problem(request, 429, retry_after=limit.wait_seconds)
    if kept.member_id is None and kept.nonce not in request.session.get(OWN, []):
        request.session[OWN] = [*request.session.get(OWN, []), kept.nonce][-MOST_OWN:]
    return SeeOther(reverse("credit:questionnaire-result", args=[kept.nonce]))


# --- The result ---------------------------------------------------------------------


def result(request: HttpRequest, nonce: str) -> HttpResponse:
    """Say what the answers mean, and lead on: to a quote, or to a call by the agent."""
    found = own_result(nonce, user_of(request), request.session.get(OWN, []))
    if found is None:
        raise Http404
    if request.method != "POST":
        return _result(request, found, ContactForm())
    if not RESULTS[found.result].button:
        return _result(request, found, ContactForm())
    sender = _sender(request)
    if sender.user and sender.member:
        user, member = sender.user, sender.member
        contact = Contact(member.name, user.name, user.phone or member.phone, user.email or member.email)
    else:
        form = ContactForm(request.POST)
        if not form.is_valid():
            return _result(request, found, form, status=422)
        given = form.cleaned_data
        contact = Contact(given["company"], given["person"], given["phone"], given["email"])
    try:
        questionnaires.ask_contact(found, sender, contact)
    except TooMany as limit:
        return problem(request, 429, retry_after=limit.wait_seconds)
    return SeeOther(request.path)


def _result(request: HttpRequest, found: Questionnaire, form: ContactForm, status: int = 200) -> HttpResponse:
    end = RESULTS[found.result]
    user = user_of(request)
    is_member = found.member_id is not None
    context = {
        "page_title": "アンケートの結果",
        "crumbs": [(ABOUT, reverse("credit:about")), (TITLE, _here()), ("結果", "")],
        "found": found,
        "end": end,
        "answers": answers_in_words(found),
        "who": found.answered_by.name if found.answered_by else found.person,
        "is_member": is_member,
        "quote_url": HEARING.url("new")
        if is_member and end.asks_for_quote and user and user.has_role(HEARING.edit_role)
        else "",
        "explains": end.button == EXPLAIN,
        "asks": bool(end.button) and not is_member and not found.wants_contact,
        "button": EXPLAIN if end.button == EXPLAIN else QUOTE,
        "form": form,
        "problems": form.problems() if form.is_bound else [],
    }
    return render(request, "credit_insurance/questionnaire_result.html", context, status=status)


def paper(request: HttpRequest, nonce: str) -> HttpResponse:
    """アンケート結果 as a paper (D01), for who may see the result; guests are counted by their address."""
    user = user_of(request)
    found = own_result(nonce, user, request.session.get(OWN, []))
    if found is None:
        raise Http404
    context = offers.questionnaire_context(found)
    if user:
        return serve_on_demand(request, offers.QUESTIONNAIRE, context, verb=PAPER, target=found.nonce)
    taken = limiter.take("credit.guest_pdf", client_address(request, settings.PROXY_HOPS), PER_MINUTE, 60)
    if not taken.allowed:
        return problem(request, 429, retry_after=taken.wait_seconds)
    try:
        content = render_paper(offers.QUESTIONNAIRE, context)
    except MissingGlyphs:
        lead = "回答に印字できない文字（絵文字、外字など）が含まれています。画面の「印刷」をお使いください。"
        return problem(request, 409, title="書類を作成できませんでした", lead=lead)
    audit.record(PAPER, target=found.nonce, detail={"sha256": hashlib.sha256(content).hexdigest()})
    return pdf_response(request, content, offers.QUESTIONNAIRE.filename(context))
