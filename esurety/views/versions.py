"""One version of a guarantee for its contractor: 保証証書（確認用）, 認証キー, 認証キー再発行 (ux.md 5.7)."""

import hashlib
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from esurety.documents import CERTIFICATE, certificate_context, code_text, key_sheet
from esurety.enums import KeyState, VersionState
from esurety.forms.guarantees import ReissueForm
from esurety.messages import SUBMISSION_IS_THE_KEY
from esurety.models import AuthKey, Certificate
from esurety.rules.numbers import displayed, grouped
from esurety.selectors.guarantees import own_version
from esurety.selectors.handing import hand_in
from esurety.services import keys, submissions
from esurety.services.issuing import Refused
from esurety.views.guarantees import crumbs
from esurety.views.proof import PASSWORD, Wrong, is_proved, prove
from portal import audit
from portal.accounts import inputs
from portal.accounts.views import answer
from portal.common.http import HttpRequest, SeeOther
from portal.documents.serve import pdf_response, record_document, too_many
from portal.ui.errors import problem
from portal.ui.forms import Problem


def url(name: str, made: Certificate) -> str:
    """Return the address of a page of a version."""
    return reverse(f"surety:{name}", args=[made.guarantee, made.sequence])


def frame(made: Certificate, title: str) -> dict[str, Any]:
    """Return what every page of a version shows."""
    back = reverse("surety:guarantee", args=[made.guarantee])
    return {
        "page_title": title,
        "crumbs": crumbs((str(made.guarantee), back), (title, "")),
        "made": made,
        "guarantee": made.guarantee,
        "back_url": back,
        "is_in_force": made.state == VersionState.ISSUED,
        "certificate_url": url("certificate", made),
        "key_url": url("key", made),
        "submit_url": url("submit", made),
    }


# --- 保証証書（確認用） ------------------------------------------------------------------


def certificate(request: HttpRequest, number: str, sequence: int) -> HttpResponse:
    """The certificate line by line as its paper says it; recorded before it is shown."""
    made = own_version(request.user, number, sequence)
    audit.record(
        "surety.certificate_shown",
        actor=request.user,
        organisation=request.user.organisation,
        target=made.guarantee.number,
        detail={"sequence": made.sequence},
    )
    submissions.saw_certificate(made)
    context = {**frame(made, "保証証書（確認用）"), "document": certificate_context(made)}
    return render(request, "esurety/certificate.html", context)


def certificate_pdf(request: HttpRequest, number: str, sequence: int) -> HttpResponse:
    """The stored, signed PDF; ValueError when the file is not the one that was issued."""
    made = own_version(request.user, number, sequence)
    if refused := too_many(request):
        return refused
    with made.file.open("rb") as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != made.sha256:
        raise ValueError(f"certificate {made.pk}: the file is not the one that was issued")
    detail = {"sequence": made.sequence, "sha256": made.sha256}
    record_document(request, "surety.certificate_pdf", made.guarantee.number, detail)
    return pdf_response(request, content, CERTIFICATE.filename(certificate_context(made)))


# --- 認証キー ---------------------------------------------------------------------------


def _key_of(request: HttpRequest, number: str, sequence: int) -> tuple[Certificate, AuthKey | None]:
    made = own_version(request.user, number, sequence)
    return made, keys.alive(made)


@sensitive_post_parameters(PASSWORD.name)
@sensitive_variables("text", "context")
def key(request: HttpRequest, number: str, sequence: int) -> HttpResponse:
    """認証キー: hidden until the person has proved who it is, and recorded before it is shown."""
    made, own = _key_of(request, number, sequence)
    if request.method != "POST" or own is None:
        return _show(request, made, own)
    if (wrong := prove(request, made)) is not None:
        return _show(request, made, own, wrong=wrong)
    return _show(request, made, own, text=keys.show(own, request.user, "screen"))


@sensitive_post_parameters(PASSWORD.name)
def sheet(request: HttpRequest, number: str, sequence: int) -> HttpResponse:
    """認証キーのお知らせ as PDF, made now and kept nowhere; behind the same proof as the key."""
    made, own = _key_of(request, number, sequence)
    if own is None:
        return _show(request, made, own)
    if (wrong := prove(request, made)) is not None:
        return _show(request, made, own, wrong=wrong)
    if refused := too_many(request):
        return refused
    record_document(request, "surety.key_sheet", made.guarantee.number, {"sequence": made.sequence})
    name, content = key_sheet(made, request.user, "sheet")
    submissions.took_sheet(made)
    return pdf_response(request, content, name)


@sensitive_variables("text", "context")
def _show(
    request: HttpRequest, made: Certificate, own: AuthKey | None, *, text: str = "", wrong: Wrong | None = None
) -> HttpResponse:
    shown_number = displayed(made.guarantee.number)
    context = {
        **frame(made, "認証キー"),
        "key": own,
        "is_frozen": own is not None and own.state == KeyState.FROZEN,
        "frozen_text": submissions.FROZEN,
        "text": text,
        "grouped": grouped(text) if text else "",
        "code": code_text(shown_number, text) if text else "",
        "wanted": hand_in(made),
        "reminder": SUBMISSION_IS_THE_KEY,
        "sheet_url": url("key-sheet", made),
        "reissue_url": url("key-reissue", made) if request.user.has_role("surety.admin") else "",
        "is_proved": is_proved(request),
        **inputs.shown((PASSWORD,), wrong.messages if wrong else None),
    }
    status = wrong.status if wrong else 200
    return answer(request, "esurety/key.html", context, status, wrong.refused if wrong else None)


@sensitive_post_parameters(PASSWORD.name)
def reissue(request: HttpRequest, number: str, sequence: int) -> HttpResponse:
    """認証キー再発行 by a 管理者, with a reason; the old key is void at once."""
    made, own = _key_of(request, number, sequence)
    form = ReissueForm(request.POST if request.method == "POST" else None)
    if own is None or made.state != VersionState.ISSUED:
        return problem(request, 409, lead=submissions.NOT_IN_FORCE)
    if request.method != "POST":
        return _ask(request, made, form)
    if not form.is_valid():
        return _ask(request, made, form, status=422)
    if (wrong := prove(request, made)) is not None:
        return _ask(request, made, form, wrong=wrong, status=wrong.status)
    try:
        submissions.renew_key(made, request.user, form.cleaned_data["reason"])
    except Refused as refusal:
        return problem(request, 409, lead=str(refusal))
    messages.success(
        request, "認証キーを再発行しました。以前の認証キーは使えません。新しい認証キーを提出してください。"
    )
    return SeeOther(url("key", made))


def _ask(
    request: HttpRequest, made: Certificate, form: ReissueForm, *, wrong: Wrong | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {**frame(made, "認証キーの再発行"), "form": form, "is_proved": is_proved(request)}
    context |= inputs.shown((PASSWORD,), wrong.messages if wrong else None)
    own: list[Problem] = form.problems() if form.is_bound else []
    context["problems"] = own + context["problems"]
    return answer(request, "esurety/key_reissue.html", context, status, wrong.refused if wrong else None)
