"""The pages of every procedure: introduction, step, confirmation, receipt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from portal.accounts.access import deny
from portal.applications.models import Application
from portal.applications.selectors import own_application
from portal.common.http import HttpRequest, SeeOther
from portal.ui import portals
from portal.wizard import intake, services
from portal.wizard.declaration import Decision, Step, StoredStep, Wizard
from portal.wizard.reading import BoundForms, Reading, name_files
from portal.wizard.services import DecisionChanged, NotReady, Refused, StaleDraft

SIGNED_FOR = "portal.wizard.submit"
STALE = "{who}さんが{when}にこの申込みを更新しました。最新の内容をご確認ください"


def intro(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    """申込手続きの内容と流れ; a procedure without one begins at its first step."""
    first = _with_query(request, wizard.url("first", wizard.steps[0].slug))
    if not wizard.intro_template:
        return redirect(first)
    context = {**frame(wizard, "申込手続きの内容と流れ"), "first": first}
    if wizard.intro_context:
        context |= wizard.intro_context(services.case_for(request.user, query=request.GET.dict()))
    return render(request, wizard.intro_template, context)


def _with_query(request: HttpRequest, url: str) -> str:
    """Return `url` with the query of this page: what a new run is begun from must not get lost on the way."""
    query = request.GET.urlencode()
    return f"{url}?{query}" if query else url


def frame(wizard: Wizard, title: str, application: Application | None = None) -> dict[str, Any]:
    """Return what the frame of a page shows: title, number line, where we are."""
    portal = portals.get(wizard.portal)
    return {
        "wizard": wizard,
        "application": application,
        "number_label": wizard.number_label,
        "number_state": application.get_state_display() if application else "",
        "page_title": title,
        "crumbs": [(portal.home_label, portal.home_url), (wizard.title, wizard.url("new")), (title, "")],
    }


# --- Steps -----------------------------------------------------------------


@dataclass
class StepPage:
    """One request for one step of a run that may not be born yet."""

    request: HttpRequest
    wizard: Wizard
    step: Step
    application: Application | None
    reading: Reading
    source: Application | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def show(self, forms: BoundForms, *, status: int = 200) -> HttpResponse:
        """Render the page with these forms."""
        problems = [problem for form in forms.values() if form.is_bound for problem in form.problems()]
        context = {
            **frame(self.wizard, self.step.title, self.application),
            "step": self.step,
            "forms": forms,
            "problems": problems,
            "steps": step_marks(self.reading, self.step.slug),
            "is_last": self.reading.steps()[-1] is self.step,
            "multipart": any(form.is_multipart() for form in forms.values()),
            "back": self.back_url(),
            **self.extra,
        }
        return render(self.request, self.step.template, context, status=status)

    def filled(self, typed: Mapping[str, list[str]] | None = None) -> BoundForms:
        """Return the forms unbound, filled with what was typed: no error before the reader acts."""
        case, initial = self.reading.case, {}
        if typed is None:
            typed = self.reading.data["steps"].get(self.step.slug)
            if (typed is None or self.application is None) and self.step.initial:
                initial = dict(self.step.initial(case))
        forms: BoundForms = {}
        for prefix, form in self.step.forms.items():
            own = {name: values for name, values in (typed or {}).items() if name.startswith(f"{prefix}-")}
            given: Any = initial.get(prefix)
            forms[prefix] = form(prefix=prefix, typed=own, initial=given, case=case)
        name_files(forms, case)
        return forms

    def back_url(self) -> str:
        """Return where 戻る leads: the step before, else the introduction."""
        shown = self.reading.steps()
        at = shown.index(self.step)
        if at and self.application:
            return self.wizard.url("step", self.application.number, shown[at - 1].slug)
        new = self.wizard.url("new")
        return new if self.application else _with_query(self.request, new)

    def next_url(self, application: Application) -> str:
        """Return the page after this step: the next one, or the confirmation."""
        reading = services.read(self.wizard, application, self.request.user)
        shown = reading.steps()
        at = shown.index(self.step)
        if at + 1 == len(shown) or self.request.GET.get("back") == "confirm":
            return self.wizard.url("confirm", application.number)
        return self.wizard.url("step", application.number, shown[at + 1].slug)

    def save(self, stored: StoredStep) -> Application:
        """Store the step: the first saved page of a run gives birth to row and number."""
        actor = self.request.user
        if self.application is None:
            return services.start(self.wizard, actor, self.step.slug, stored, self.source)
        revision = intake.revision(self.request)
        return services.save_step(self.wizard, self.application, actor, self.step.slug, stored, revision)


def step_marks(reading: Reading, current: str) -> list[dict[str, Any]]:
    """Return the step indicator: every step of this run and the confirmation, with its mark."""
    titles = [(step.slug, step.title) for step in reading.steps()] + [("confirm", reading.wizard.confirm_title)]
    at = [slug for slug, _ in titles].index(current)
    marks = ["done"] * at + ["current"] + ["open"] * (len(titles) - at - 1)
    return [{"title": title, "state": mark} for (_, title), mark in zip(titles, marks, strict=True)]


def first_step(request: HttpRequest, wizard: Wizard, slug: str) -> HttpResponse:
    """A step before the run is born; `?from=<number>` prefills it from an earlier run, exactly as typed."""
    if slug != wizard.steps[0].slug:
        raise Http404
    source = own_application(request.user, request.GET["from"], wizard.slug) if "from" in request.GET else None
    data = services.reusable(wizard, source) if source else {"schema": wizard.schema, "steps": {}}
    reading = Reading(wizard, services.case_for(request.user, query=request.GET.dict()), data)
    return _step(StepPage(request, wizard, wizard.step(slug), None, reading, source))


def step(request: HttpRequest, wizard: Wizard, number: str, slug: str) -> HttpResponse:
    """A step of a draft."""
    application = own_application(request.user, number, wizard.slug)
    if not application.is_draft:
        return redirect(wizard.url("receipt", number))
    reading = services.read(wizard, application, request.user)
    shown = {step.slug: step for step in reading.steps()}
    if slug not in shown:
        raise Http404
    return _step(StepPage(request, wizard, shown[slug], application, reading))


def _step(page: StepPage) -> HttpResponse:
    if page.request.method != "POST":
        if "check" in page.request.GET and (forms := page.reading.forms(page.step)):
            return page.show(forms)
        return page.show(page.filled())
    form = intake.receive(page.request, page.step, page.reading.case)
    if form.action not in {"save", "continue"}:
        forms = page.filled(form.stored)
        intake.look_up(forms, page.step, page.reading.case, page.request, form)
        return page.show(forms)
    if form.has_refused_files or (form.action == "continue" and not form.is_valid()):
        return page.show(form.forms, status=422)
    try:
        application = page.save(form.stored)
    except StaleDraft:
        return _stale(page, form.stored)
    if form.action == "save":
        number = f"{application.procedure.number_label}は {application.number} です。"
        messages.success(page.request, f"一時保存しました。{number}申込状況の一覧から再開できます。")
        return SeeOther(page.wizard.url("step", application.number, page.step.slug))
    return SeeOther(page.next_url(application))


def _stale(page: StepPage, typed: StoredStep) -> HttpResponse:
    """Show what was typed beside what somebody else has saved meanwhile; nothing is lost."""
    newest = own_application(page.request.user, page.reading.case.number, page.wizard.slug)
    if not newest.is_draft:
        messages.warning(page.request, "この申込みは既に完了しているか、取り消されています。")
        return SeeOther(page.wizard.url("receipt", newest.number))
    reading = services.read(page.wizard, newest, page.request.user)
    saved = StepPage(page.request, page.wizard, page.step, newest, reading)
    mine = saved.filled(typed)
    saved.extra = {
        "stale": {"who": newest.saved_by, "when": newest.saved_at},
        "differences": intake.differences(page.step, reading.case, newest.data["steps"].get(page.step.slug, {}), typed),
    }
    return saved.show(mine, status=409)


# --- Confirmation and receipt ----------------------------------------------


def confirm(request: HttpRequest, wizard: Wizard, number: str) -> HttpResponse:
    """申込内容の確認: summary, decision and consent; POST submits what this page showed."""
    if request.method == "POST":
        if not request.user.has_role(wizard.submit_role):
            deny(request, (wizard.submit_role,), wizard.refused_message)
        return _submit(request, wizard, number)
    application = own_application(request.user, number, wizard.slug)
    if not application.is_draft:
        return redirect(wizard.url("receipt", number))
    return _confirm_page(request, wizard, application)


def _confirm_page(
    request: HttpRequest, wizard: Wizard, application: Application, *, status: int = 200, **extra: Any
) -> HttpResponse:
    reading = services.read(wizard, application, request.user)
    problems = reading.problems()
    decision = None if problems else services.decide(reading)
    consent = extra.pop("consent", None) or (wizard.confirm_form(case=reading.case) if wizard.confirm_form else None)
    context = {
        **frame(wizard, wizard.confirm_title, application),
        "steps": step_marks(reading, "confirm"),
        "summary": reading.described(),
        "open_problems": [(wizard.step(problem.step), problem) for problem in problems],
        "decision": decision,
        "consent": consent,
        "problems": consent.problems() if consent and consent.is_bound and status == 422 else [],
        "token": _token(request, application, reading, decision) if decision else "",
        "has_submit_role": request.user.has_role(wizard.submit_role),
        "first_step": reading.steps()[0],
        **extra,
    }
    return render(request, wizard.confirm_template, context, status=status)


def _token(request: HttpRequest, application: Application, reading: Reading, decision: Decision) -> str:
    """Return the one-time token: bound to user, revision and everything shown, spent by the submission."""
    agreed = {
        "user": request.user.pk,
        "number": application.number,
        "revision": application.revision,
        "digest": decision.digest(reading.stored_steps()),
        "shown": decision.shown(),
    }
    return signing.dumps(agreed, salt=SIGNED_FOR, compress=True)


def _submit(request: HttpRequest, wizard: Wizard, number: str) -> HttpResponse:
    agreed = _agreed(request, number)
    consent = (
        wizard.confirm_form(request.POST, case=services.case_for(request.user, number)) if wizard.confirm_form else None
    )
    try:
        if consent and not consent.is_valid():
            return _once_more(request, wizard, number, status=422, consent=consent)
        services.submit(wizard, number, request.user, revision=agreed["revision"], digest=agreed["digest"])
    except Application.DoesNotExist:
        raise Http404 from None
    except StaleDraft:
        return _once_more(request, wizard, number, consent=consent, notice=STALE)
    except NotReady:
        return _once_more(request, wizard, number, consent=consent)
    except DecisionChanged:
        return _once_more(
            request, wizard, number, consent=consent, notice=wizard.changed_message, before=agreed["shown"]
        )
    except Refused as refusal:
        return _once_more(request, wizard, number, consent=consent, notice=str(refusal))
    return SeeOther(wizard.url("receipt", number))


def _agreed(request: HttpRequest, number: str) -> dict[str, Any]:
    """Return what the confirm page showed this user for this number; a foreign or altered token agrees to nothing."""
    try:
        agreed: dict[str, Any] = signing.loads(request.POST.get("token", ""), salt=SIGNED_FOR)
    except signing.BadSignature:
        agreed = {}
    if agreed.get("user") == request.user.pk and agreed.get("number") == number:
        return agreed
    return {"revision": -1, "digest": "", "shown": None}


def _once_more(
    request: HttpRequest, wizard: Wizard, number: str, *, status: int = 409, notice: str = "", **extra: Any
) -> HttpResponse:
    """Show the confirm page as things stand now; what is submitted already leads to its receipt."""
    application = own_application(request.user, number, wizard.slug)
    if not application.is_draft:
        return SeeOther(wizard.url("receipt", number))
    saved_at = timezone.localtime(application.saved_at)
    notice = notice.format(who=application.saved_by, when=f"{saved_at:%-m月%-d日 %H:%M}")
    return _confirm_page(request, wizard, application, status=status, notice=notice, **extra)


def receipt(request: HttpRequest, wizard: Wizard, number: str) -> HttpResponse:
    """申込完了; for a draft the way back to its first open page, for an ended one its detail page."""
    application = own_application(request.user, number, wizard.slug)
    if application.is_draft and request.user.has_role(wizard.edit_role):
        reading = services.read(wizard, application, request.user)
        open_step = reading.open_step()
        if open_step:
            return redirect(wizard.url("step", number, open_step.slug))
        return redirect(wizard.url("confirm", number))
    if not application.submitted_at:
        return redirect(application.procedure.detail_url(application))
    context = {
        **frame(wizard, "申込みが完了しました", application),
        "papers": application.procedure.documents(application),
    }
    return render(request, wizard.receipt_template, context)
