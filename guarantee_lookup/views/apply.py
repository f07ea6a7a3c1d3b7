"""利用開始申請 (S12): the public beginning, the way back with a code, the state of an application, its paper."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from guarantee_lookup.enums import UsageKind, UsageState
from guarantee_lookup.forms.apply import CodeForm, ComeBackForm
from guarantee_lookup.models import UsageApplication
from guarantee_lookup.rules.applying import LEAD_DAYS
from guarantee_lookup.services import guests
from guarantee_lookup.wizards import paper
from portal.accounts.access import user_of
from portal.accounts.views import TIMED_OUT
from portal.applications.models import Application
from portal.applications.selectors import own_application
from portal.common.http import HttpRequest, SeeOther, client_address
from portal.documents.serve import serve_on_demand
from portal.ui.errors import problem
from portal.ui.templatetags.ui import jst
from portal.wizard import services
from portal.wizard.declaration import Wizard

TITLE = "利用開始申請"
PENDING = "apply-code"


def top(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    """Who may apply, what is needed, how it goes on; POST begins. A guest finds the own applications here."""
    user = user_of(request)
    guest = user if user and user.has_role(guests.APPLICANT) else None
    first = wizard.url("first", wizard.steps[0].slug)
    if request.method == "POST":
        if guest is None:
            try:
                guests.begin(request, client_address(request, settings.PROXY_HOPS))
            except guests.TooMany as limit:
                return problem(request, 429, retry_after=limit.wait_seconds)
        return SeeOther(first)
    context = {
        "page_title": TITLE,
        "crumbs": [(TITLE, "")],
        "first": first,
        "is_guest": guest is not None,
        "is_logged_in": user is not None and guest is None,
        "lead_days": LEAD_DAYS,
        "own": _own(guest) if guest else [],
    }
    return render(request, "guarantee_lookup/apply.html", context)


def _own(guest: Any) -> list[dict[str, Any]]:
    """Return the guest's applications, newest first, each with its state in words."""
    found = Application.objects.visible_to(guest).filter(kind=guests.PROCEDURE).select_related("usage")
    return [
        {"number": one.number, "state": state_of(one), "url": reverse("lookup:application", args=[one.number])}
        for one in found.order_by("-created_at", "-pk")
    ]


def state_of(application: Application) -> str:
    """Return the state of an application in words: that of the decision once it was submitted."""
    usage: UsageApplication | None = getattr(application, "usage", None)
    return str(usage.get_state_display() if usage else application.get_state_display())


# --- Coming back -----------------------------------------------------------------


def come_back(request: HttpRequest) -> HttpResponse:
    """申請の再開: number and mail address; the answer is the same whether or not they belong together."""
    form = ComeBackForm(request.POST) if request.method == "POST" else ComeBackForm()
    if request.method != "POST":
        return _form(request, form, "申請の再開")
    if not form.is_valid():
        return _form(request, form, "申請の再開", status=422)
    given = form.cleaned_data
    try:
        pending = guests.ask_code(given["number"], given["email"], client_address(request, settings.PROXY_HOPS))
    except guests.TooMany as limit:
        return problem(request, 429, retry_after=limit.wait_seconds)
    request.session[PENDING] = asdict(pending)
    return SeeOther(reverse("lookup:apply-code"))


def code(request: HttpRequest) -> HttpResponse:
    """確認コード: leads to the application."""
    asked = request.session.get(PENDING)
    if not asked:
        return HttpResponseRedirect(reverse("lookup:apply-resume"))
    form = CodeForm(request.POST) if request.method == "POST" else CodeForm()
    if request.method != "POST":
        return _form(request, form, "確認コードの入力", sent=True)
    if form.is_valid():
        pending = guests.Pending(**asked)
        try:
            if guests.come_back(request, pending, form.cleaned_data["code"]):
                return SeeOther(reverse("lookup:application", args=[pending.number]))
        except guests.TooMany as limit:
            return problem(request, 429, retry_after=limit.wait_seconds)
        form.add_error("code", "確認コードが正しくないか、期限が切れています。新しいメールのコードを確かめてください。")
    return _form(request, form, "確認コードの入力", status=422, sent=True)


def _form(request: HttpRequest, form: Any, title: str, *, status: int = 200, sent: bool = False) -> HttpResponse:
    context = {
        "page_title": title,
        "crumbs": [(TITLE, reverse("lookup:applications")), (title, "")],
        "form": form,
        "problems": form.problems() if form.is_bound else [],
        "sent": sent,
        "notice": TIMED_OUT if request.GET.get("reason") == "timeout" else "",
    }
    return render(request, "guarantee_lookup/apply_resume.html", context, status=status)


# --- State and paper ---------------------------------------------------------------


def status(request: HttpRequest, wizard: Wizard, number: str) -> HttpResponse:
    """申請の状況: what was applied for, how far it is, and what can be done next."""
    application = own_application(request.user, number, wizard.slug, with_people=True)
    usage: UsageApplication | None = getattr(application, "usage", None)
    version = application.versions.order_by("-sequence").first()
    returned = usage is not None and usage.state == UsageState.RETURNED
    context = {
        "page_title": "申請の状況",
        "crumbs": [(TITLE, reverse("lookup:applications")), ("申請の状況", "")],
        "application": application,
        "number_state": state_of(application),
        "usage": usage,
        "summary": version.answers if version else application.procedure.describe(application, request.user),
        "resume_url": wizard.url("receipt", number) if application.is_draft else "",
        "again_url": application.procedure.copy_url(application) if returned else "",
        "paper_url": reverse("lookup:apply-paper", args=[number]),
        "events": _events(application, usage),
    }
    return render(request, "guarantee_lookup/apply_status.html", context)


def _events(application: Application, usage: UsageApplication | None) -> list[dict[str, str]]:
    """Return what happened, newest first; who decided is the association."""
    happened: list[tuple[Any, str, str]] = [(application.created_at, "入力を始めました", "")]
    if usage:
        happened.append((application.submitted_at, "申請しました", ""))
        happened.append((usage.reviewed_at, "審査を始めました", ""))
        decided = usage.state if usage.state != UsageState.ISSUED else UsageState.APPROVED
        happened.append((usage.decided_at, f"{UsageState(decided).label}となりました", usage.reason))
        issued = "利用を終了しました" if usage.kind == UsageKind.END else "利用者IDを発行しました"
        happened.append((usage.issued_at, issued, ""))
    return [
        {"at": jst(at), "iso": at.isoformat(timespec="seconds"), "title": title, "who": "", "text": text}
        for at, title, text in reversed(happened)
        if at
    ]


def form_pdf(request: HttpRequest, wizard: Wizard, number: str) -> HttpResponse:
    """利用開始申請書: of the submitted application, or of the draft as it stands."""
    application = own_application(request.user, number, wizard.slug)
    version = application.versions.select_related("application").order_by("-sequence").first()
    if version:
        context = paper.paper_of_version(version)
    else:
        context = paper.paper_of_draft(application, services.read(wizard, application, request.user).described())
    return serve_on_demand(request, paper.PAPER, context, verb="lookup.application_paper", target=number)
