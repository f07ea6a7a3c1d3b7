"""ヒアリングシート（取引先): the grid of all lines, and one line at a time (ux.md 5.5 T-S06)."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from credit_insurance.forms.debtor import DebtorForm, debtor, entry_of, shown, values_of
from credit_insurance.models import Line
from credit_insurance.rules.exclusions import MIN_DEBTORS
from credit_insurance.rules.facts import LABELS, MAX_LINES
from credit_insurance.rules.hearing import line_faults
from credit_insurance.selectors.sheets import Grid
from credit_insurance.services import sheets
from credit_insurance.views.debtor_grid import COLUMNS, body
from credit_insurance.views.exposure import of_sheet
from credit_insurance.wizards.hearing import HEARING, grid_of
from portal.applications.models import Application
from portal.applications.selectors import own_application
from portal.common.http import HttpRequest, SeeOther
from portal.ui.forms import Problem
from portal.wizard.intake import revision
from portal.wizard.reading import Reading
from portal.wizard.services import StaleDraft, read, save_step
from portal.wizard.views import STALE, frame, step_marks

STEP = HEARING.step("debtors")


TOLD = ("debtor_name", "corporate_number", "requested_limit")
"""What is said of a debtor before it is removed."""


# --- The grid -------------------------------------------------------------------------


def debtors(request: HttpRequest, number: str) -> HttpResponse:
    """The grid; POST goes on to the confirmation once nothing is wrong."""
    application, reading = _draft(request, number)
    if application is None:
        return redirect(HEARING.url("receipt", number))
    grid = grid_of(reading.answers)
    if request.method == "POST":
        wrong = [*grid.judgement.head, *grid.wrong_rows]
        if not wrong:
            return _go_on(request, application, reading)
        return _page(request, application, reading, grid, status=422)
    return _page(request, application, reading, grid)


def _draft(request: HttpRequest, number: str) -> tuple[Application | None, Reading]:
    """Return the user's own draft with a reading of it; None when it is no draft any more. Raises Http404."""
    application = own_application(request.user, number, HEARING.slug)
    return application if application.is_draft else None, read(HEARING, application, request.user)


def _go_on(request: HttpRequest, application: Application, reading: Reading) -> HttpResponse:
    try:
        save_step(HEARING, application, request.user, STEP.slug, {}, revision(request))
    except StaleDraft:
        newest = own_application(request.user, application.number, HEARING.slug)
        if not newest.is_draft:
            return SeeOther(HEARING.url("receipt", application.number))
        when = timezone.localtime(newest.saved_at)
        messages.warning(request, STALE.format(who=newest.saved_by, when=f"{when:%-m月%-d日 %H:%M}"))
        return SeeOther(HEARING.url("step", application.number, STEP.slug))
    return SeeOther(HEARING.url("confirm", application.number))


def _page(
    request: HttpRequest, application: Application, reading: Reading, grid: Grid, *, status: int = 200
) -> HttpResponse:
    only_wrong = "wrong" in request.GET
    shown_rows = grid.wrong_rows if only_wrong else grid.rows
    problems = _problems(grid) if status == 422 or "check" in request.GET else []
    context = {
        **frame(HEARING, STEP.title, application),
        "wide": True,
        "steps": step_marks(reading, STEP.slug),
        "problems": problems,
        "grid": grid,
        "columns": COLUMNS,
        "body": body(shown_rows, HEARING.url("step", application.number, STEP.slug)),
        "only_wrong": only_wrong,
        "exposure": of_sheet(grid.rows),
        "missing": max(0, MIN_DEBTORS - grid.judgement.insurable),
        "least": MIN_DEBTORS,
        "most": MAX_LINES,
        "back": HEARING.url("step", application.number, "summary"),
    }
    return render(request, "credit_insurance/debtors.html", context, status=status)


def _problems(grid: Grid) -> list[Problem]:
    head = [Problem("debtors-all", "", fault.message) for fault in grid.judgement.head]
    lines = [
        Problem(f"line-{row.line.pk}", "", f"No.{row.debtor.line_no}　{message}")
        for row in grid.wrong_rows
        for message in row.wrong.values()
    ]
    return head + lines


# --- One line -------------------------------------------------------------------------


def new_line(request: HttpRequest, number: str) -> HttpResponse:
    """A debtor more."""
    application, reading = _draft(request, number)
    if application is None:
        return redirect(HEARING.url("receipt", number))
    if request.method != "POST":
        initial = {"country": "JP"}
        return _line_page(request, application, reading, DebtorForm(initial=initial, case=reading.case), None)
    form = DebtorForm(request.POST, case=reading.case)
    if problems := _line_problems(form, reading):
        return _line_page(request, application, reading, form, None, problems)
    try:
        (line,) = sheets.add_lines(application, [entry_of(form)], request.user)
    except sheets.Closed:
        return SeeOther(HEARING.url("receipt", number))
    except sheets.TooMany:
        too_many = [Problem("id_all", "", f"取引先は{MAX_LINES}社までです。要らない取引先を削除してください。")]
        return _line_page(request, application, reading, form, None, too_many)
    return _saved(request, number, line)


def edit_line(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """One debtor: what was typed, and after a conflict what somebody else saved meanwhile."""
    application, reading = _draft(request, number)
    if application is None:
        return redirect(HEARING.url("receipt", number))
    line = _own_line(application, pk)
    if request.method != "POST":
        if "check" in request.GET:
            form = DebtorForm(line.typed, case=reading.case)
            return _line_page(request, application, reading, form, line, _line_problems(form, reading), status=200)
        return _line_page(request, application, reading, DebtorForm(typed=line.typed, case=reading.case), line)
    form = DebtorForm(request.POST, case=reading.case)
    if problems := _line_problems(form, reading):
        return _line_page(request, application, reading, form, line, problems)
    try:
        sheets.save_line(line, entry_of(form), request.user, revision(request))
    except sheets.Closed:
        return SeeOther(HEARING.url("receipt", number))
    except sheets.StaleLine:
        return _conflict(request, application, reading, form, pk)
    return _saved(request, number, line)


def remove_line(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Ask, then remove a debtor."""
    application, _ = _draft(request, number)
    if application is None:
        return redirect(HEARING.url("receipt", number))
    line = _own_line(application, pk)
    back = HEARING.url("step", number, STEP.slug)
    if request.method == "POST":
        try:
            sheets.remove_line(line, request.user, revision(request))
        except sheets.Closed:
            return SeeOther(HEARING.url("receipt", number))
        except sheets.StaleLine:
            messages.warning(request, "ほかの方がこの取引先を変更しました。内容を確かめてから削除してください。")
            return SeeOther(f"{back}#line-{pk}")
        messages.success(request, f"{line.values.get('debtor_name') or '取引先'}を一覧から削除しました。")
        return SeeOther(back)
    context = {
        **frame(HEARING, "取引先の削除", application),
        "line": line,
        "facts": [(LABELS[name], shown(name, line.values)) for name in TOLD],
        "back": back,
    }
    return render(request, "credit_insurance/debtor_remove.html", context)


def _own_line(application: Application, pk: int) -> Line:
    line = Line.objects.filter(sheet=application, pk=pk).first()
    if line is None:
        raise Http404
    line.sheet = application
    return line


def _line_problems(form: DebtorForm, reading: Reading) -> list[Problem]:
    """Add what the rules say to the form; with 「このまま保存」 nothing counts."""
    if form.data.get("action") == "save":
        return []
    facts = debtor(1, values_of(form))
    for fault in line_faults(facts, reading.case.today):
        if fault.field not in form.errors:
            form.add_error(fault.field, fault.message)
    return form.problems()


def _saved(request: HttpRequest, number: str, line: Line) -> HttpResponse:
    if request.POST.get("action") == "another":
        messages.success(request, "保存しました。次の取引先を入力してください。")
        return SeeOther(f"{HEARING.url('step', number, STEP.slug)}new/")
    messages.success(request, "取引先を保存しました。")
    return SeeOther(f"{HEARING.url('step', number, STEP.slug)}#line-{line.pk}")


def _conflict(
    request: HttpRequest, application: Application, reading: Reading, form: DebtorForm, pk: int
) -> HttpResponse:
    """Show what was typed beside what is saved now; saving again replaces it, knowingly."""
    newest = Line.objects.filter(sheet=application, pk=pk).select_related("saved_by").first()
    if newest is None:
        gone = [Problem("id_all", "", "ほかの方がこの取引先を削除しました。残すときは、もう一度保存してください。")]
        return _line_page(request, application, reading, form, None, gone, status=409)
    mine = values_of(form)
    differences = [
        {
            "label": LABELS[name],
            "saved": shown(name, newest.values) or "入力なし",
            "typed": shown(name, mine) or "入力なし",
        }
        for name in LABELS
        if newest.values.get(name) != mine.get(name)
    ]
    return _line_page(
        request, application, reading, form, newest, [], status=409, stale=newest, differences=differences
    )


def _line_page(
    request: HttpRequest,
    application: Application,
    reading: Reading,
    form: DebtorForm,
    line: Line | None,
    problems: Sequence[Problem] = (),
    *,
    status: int = 0,
    **extra: Any,
) -> HttpResponse:
    back = HEARING.url("step", application.number, STEP.slug)
    title = "取引先の入力" if line is None else "取引先の変更"
    context = {
        **frame(HEARING, title, application),
        "steps": step_marks(reading, STEP.slug),
        "form": form,
        "line": line,
        "problems": list(problems),
        "action": f"{back}new/" if line is None else f"{back}{line.pk}/",
        "back": f"{back}#line-{line.pk}" if line else back,
        **extra,
    }
    return render(request, "credit_insurance/debtor.html", context, status=status or (422 if problems else 200))
