"""Files of the debtors of a ヒアリングシート: 雛形, 出力, 取込, and 前年から複写 (ux.md 5.5 T-S07)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from credit_insurance import bulk
from credit_insurance.bulk.files import EXPLANATIONS, TYPES, notes
from credit_insurance.bulk.preview import Mistake, Totals, totals
from credit_insurance.forms.debtor import COLUMNS
from credit_insurance.forms.files import APPEND, KEEP, REPLACE, ColumnsForm, CopyForm, SheetFileForm, TakeOverForm
from credit_insurance.models import SheetFile
from credit_insurance.rules.facts import LABELS, MAX_LINES
from credit_insurance.selectors.sheets import copy_sources, file_of, lines_of
from credit_insurance.services import sheet_files, sheets
from credit_insurance.wizards.hearing import HEARING
from portal import audit
from portal.accounts import limiter
from portal.applications.models import Application
from portal.applications.selectors import own_application
from portal.common.http import HttpRequest, SeeOther
from portal.common.money import yen
from portal.common.tables import Unusable
from portal.ui.errors import problem
from portal.ui.forms import Problem
from portal.wizard.intake import revision
from portal.wizard.views import frame

MOST_PER_HOUR, HOUR = 60, 3600
"""Files of one company that are opened in an hour."""

FIRST_ROWS = 10
FIRST_COLUMNS = (
    *("debtor_name", "kind", "corporate_number", "address", "annual_sales", "balance_now", "balance_date"),
    "requested_limit",
)
"""What the preview shows of the first rows: enough to see that file, encoding and columns are the right ones."""

MOST_SHOWN = 200
"""Mistakes and debtors entered twice that the page lists; errors.csv has all mistakes."""

STALE = (
    "ほかの方がこのヒアリングシートを変更したため、取り込んでいません。"
    "合計を確かめて、もう一度「取り込む」を押してください。"
)
COPY_STALE = "ほかの方がこのヒアリングシートを変更したため、複写していません。もう一度「複写する」を押してください。"
TOO_MANY = f"取引先は{MAX_LINES}社までです。ファイルの行を減らすか、いまの取引先を削除してください。"
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def _sheet(request: HttpRequest, number: str) -> Application:
    return own_application(request.user, number, HEARING.slug)


def _grid(sheet: Application) -> str:
    return HEARING.url("step", sheet.number, "debtors")


def _ended(sheet: Application) -> HttpResponse:
    """Lead away from a sheet that is no draft any more."""
    return redirect(HEARING.url("receipt", sheet.number))


def _download(content: bytes, form: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=KINDS[form])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def template(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """雛形をダウンロード."""
    _sheet(request, number)
    if form not in TYPES:
        raise Http404
    return _download(bulk.template(form), form, "debtors-template")


def export(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """Excel出力, CSV出力 of the present lines, recorded first."""
    sheet = _sheet(request, number)
    if form not in TYPES:
        raise Http404
    audit.record(
        "credit.lines_csv",
        actor=request.user,
        organisation=sheet.organisation,
        target=sheet.number,
        detail={"form": form},
    )
    return _download(bulk.export(form, lines_of(sheet)), form, f"debtors-{sheet.number}")


# --- 取込 ---------------------------------------------------------------------------


def upload(request: HttpRequest, number: str) -> HttpResponse:
    """Choose a file; what can be opened is kept for its preview, anything else is refused with the reason."""
    sheet = _sheet(request, number)
    if not sheet.is_draft:
        return _ended(sheet)
    if request.method != "POST":
        return _choose(request, sheet, SheetFileForm())
    form = SheetFileForm(request.POST, request.FILES)
    form.known_files = {}
    if not form.is_valid():
        return _choose(request, sheet, form, form.problems())
    taken = limiter.take("credit-sheet-file", f"{sheet.organisation_id}", MOST_PER_HOUR, HOUR)
    if not taken.allowed:
        lead = f"ファイルの確認は、貴社全体で1時間に{MOST_PER_HOUR}回まで行えます。"
        return problem(request, 429, lead=lead, retry_after=taken.wait_seconds)
    sent: UploadedFile[Any] = form.sent_files("file")[0]
    try:
        parsed = bulk.parsed(sent.read(), sent.name or "")
    except Unusable as unusable:
        form.add_error("file", str(unusable))
        return _choose(request, sheet, form, form.problems())
    file = sheet_files.keep(sheet, parsed, request.user)
    return SeeOther(f"{_grid(sheet)}import/{file.pk}/")


def _choose(
    request: HttpRequest, sheet: Application, form: SheetFileForm, problems: list[Problem] | None = None
) -> HttpResponse:
    context = {
        **frame(HEARING, "取引先のExcel・CSV取込", sheet),
        "form": form,
        "problems": problems or [],
        "explanations": EXPLANATIONS,
        "notes": notes(),
        "back": _grid(sheet),
    }
    return render(request, "credit_insurance/debtors_import.html", context, status=422 if problems else 200)


def preview(request: HttpRequest, number: str, pk: UUID) -> HttpResponse:
    """What is in a file: first which heading is which column, then the rows; POST matches columns or takes over."""
    sheet = _sheet(request, number)
    if not sheet.is_draft:
        return _ended(sheet)
    file = _file(sheet, pk)
    if "columns" in request.GET or bulk.headings_left(file.header, file.columns):
        return _columns(request, sheet, file)
    if request.method == "POST":
        return _take_over(request, sheet, file)
    return _preview(request, sheet, file)


def _file(sheet: Application, pk: UUID) -> SheetFile:
    file = file_of(sheet, pk)
    if file is None:
        raise Http404
    return file


def _columns(request: HttpRequest, sheet: Application, file: SheetFile) -> HttpResponse:
    """列の対応: a choice for each heading, with the nearest column proposed for those that are not known."""
    asked = file.header if "columns" in request.GET else bulk.headings_left(file.header, file.columns)
    known = {heading: name for heading, name in file.columns.items() if heading not in asked}
    samples = [cells for _, cells in file.rows if not isinstance(cells, str)][:3]
    headings, initial = [], {}
    proposed = dict(file.columns)
    for at, heading in enumerate(file.header):
        if heading not in asked:
            continue
        content = "、".join(cell[:30] for cells in samples if (cell := cells[at]))
        headings.append((at, heading or f"{at + 1}列目", f"内容：{content or '空欄'}"))
        initial[f"column-{at}"] = proposed.setdefault(heading, bulk.suggested(heading, proposed))
    choices = [(name, LABELS[name]) for name in COLUMNS if name not in known.values()]
    form = ColumnsForm(headings, choices, data=request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = {file.header[at]: form.cleaned_data[f"column-{at}"] for at, _, _ in headings}
        sheet_files.match(file, {**known, **chosen})
        return SeeOther(request.path)
    problems = form.problems() if form.is_bound else []
    context = {
        **frame(HEARING, "列の対応の確認", sheet),
        "file": file,
        "form": form,
        "problems": problems,
        "back": f"{_grid(sheet)}import/",
    }
    return render(request, "credit_insurance/debtors_columns.html", context, status=422 if problems else 200)


def _previewed(sheet: Application, file: SheetFile) -> bulk.Preview:
    return bulk.previewed(file, lines_of(sheet), timezone.localdate())


def _form(found: bulk.Preview, data: Any = None) -> TakeOverForm:
    form = TakeOverForm(data, initial={} if found.lines else {"mode": APPEND})
    if not found.unfinished:
        del form.fields["unread"]
    return form


def _take_over(request: HttpRequest, sheet: Application, file: SheetFile) -> HttpResponse:
    found = _previewed(sheet, file)
    form = _form(found, request.POST)
    if not form.is_valid():
        return _preview(request, sheet, file, found, form, form.problems(), status=422)
    replaces, keeps = form.cleaned_data["mode"] == REPLACE, form.cleaned_data.get("unread", KEEP) == KEEP
    plan = found.plan(replaces=replaces, keeps_unfinished=keeps)
    try:
        sheets.import_lines(
            sheet, plan.added, plan.changed, request.user, revision(request), replaces=replaces, file=file
        )
    except sheets.Closed:
        return SeeOther(HEARING.url("receipt", sheet.number))
    except sheets.TooMany:
        return _preview(request, sheet, file, found, form, [Problem("id_mode_0", "", TOO_MANY)], status=422)
    except sheets.StaleLine:
        newest = _sheet(request, sheet.number)
        again = _previewed(newest, file)
        return _preview(request, newest, file, again, _form(again), [Problem("totals", "", STALE)], status=409)
    left_out = found.broken + (0 if keeps else found.unfinished)
    parts = [f"{len(plan.added)}社を追加", f"{len(plan.changed)}社を更新しました"]
    said = "、".join(parts) + (f"（取り込まなかった行は{left_out}行です）。" if left_out else "。")
    messages.success(request, said)
    return SeeOther(_grid(sheet))


def _preview(
    request: HttpRequest,
    sheet: Application,
    file: SheetFile,
    found: bulk.Preview | None = None,
    form: TakeOverForm | None = None,
    problems: list[Problem] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    found = found or _previewed(sheet, file)
    plans = _plans(found)
    replacing, appending = plans[0][1], plans[1][1]
    rows = [
        {"label": "ファイル", "shown": file.name},
        {"label": "形式", "shown": file.form},
        {"label": "行数", "shown": f"{len(file.rows)}行"},
    ]
    if found.unfinished:
        rows.append({"label": "読み取れない欄のある行", "shown": f"{found.unfinished}行"})
    if found.broken:
        rows.append({"label": "取り込めない行", "shown": f"{found.broken}行"})
    names = [file.columns.get(heading, "") for heading in file.header]
    titles = [LABELS.get(name, "") for name in names]
    used = [at for at, name in enumerate(names) if name in FIRST_COLUMNS]
    context = {
        **frame(HEARING, "取り込む内容の確認", sheet),
        "wide": True,
        "file": file,
        "rows": rows,
        "totals": [
            ("いま", _shown(totals(line.values for line in found.lines))),
            *((label, _shown(plan.totals)) for label, plan in plans),
        ],
        "titles": [titles[at] for at in used],
        "first": [(row.line, [(titles[at], row.cells[at]) for at in used]) for row in found.rows[:FIRST_ROWS]],
        "twice": _limited(appending.twice),
        "stays_twice": len(replacing.twice),
        "mistakes": _limited([_named(mistake) for mistake in found.mistakes]),
        "form": form or _form(found),
        "problems": problems or [],
        "back": f"{_grid(sheet)}import/",
    }
    return render(request, "credit_insurance/debtors_preview.html", context, status=status)


def _plans(found: bulk.Preview) -> list[tuple[str, Any]]:
    plans = [("置換のあと", True, True), ("追記のあと", False, True)]
    if found.unfinished:
        plans += [
            ("置換のあと（読み取れない欄のある行を除く）", True, False),
            ("追記のあと（読み取れない欄のある行を除く）", False, False),
        ]
    return [(label, found.plan(replaces=replaces, keeps_unfinished=keeps)) for label, replaces, keeps in plans]


def _shown(sums: Totals) -> tuple[str, str, str]:
    return f"{sums.debtors}社", yen(sums.requested), yen(sums.balance)


def _named(mistake: Mistake) -> tuple[str, str, str]:
    place = f"{mistake.line}行目" + (f"・{mistake.column}" if mistake.column else "")
    return place, mistake.cell[:60], mistake.message


def _limited(found: Any) -> dict[str, Any]:
    return {"shown": found[:MOST_SHOWN], "count": len(found), "left": max(0, len(found) - MOST_SHOWN)}


def errors(request: HttpRequest, number: str, pk: UUID) -> HttpResponse:
    """エラーをCSVで保存: the rows with mistakes as they came, each with what is wrong."""
    sheet = _sheet(request, number)
    file = _file(sheet, pk)
    audit.record(
        "credit.lines_csv",
        actor=request.user,
        organisation=sheet.organisation,
        target=sheet.number,
        detail={"form": "errors"},
    )
    return _download(bulk.errors_csv(file.header, _previewed(sheet, file).wrong_rows()), "csv", "debtors-errors")


# --- 前年から複写 ---------------------------------------------------------------------


def copy(request: HttpRequest, number: str) -> HttpResponse:
    """Choose an earlier sheet of the company; its debtors are added, without what must be stated anew."""
    sheet = _sheet(request, number)
    if not sheet.is_draft:
        return _ended(sheet)
    sources = {source.number: source for source in copy_sources(request.user, sheet)}
    form = CopyForm(request.POST if request.method == "POST" else None)
    form.offer("source", [(key, _described(source)) for key, source in sources.items()])
    if request.method != "POST":
        return _copy_page(request, sheet, form, bool(sources))
    if not form.is_valid():
        return _copy_page(request, sheet, form, bool(sources), form.problems())
    source = sources[form.cleaned_data["source"]]
    added, left_out = bulk.copied(lines_of(source), lines_of(sheet))
    try:
        sheets.import_lines(sheet, added, [], request.user, revision(request), source=source.number)
    except sheets.Closed:
        return SeeOther(HEARING.url("receipt", sheet.number))
    except (sheets.TooMany, sheets.StaleLine) as error:
        said = TOO_MANY if isinstance(error, sheets.TooMany) else COPY_STALE
        return _copy_page(request, _sheet(request, number), form, True, [Problem("id_source_0", "", said)])
    said = f"{len(added)}社を複写しました。残高など、空欄になっている欄を入力してください。"
    if left_out:
        said += f"すでに入力されている{left_out}社は複写していません。"
    messages.success(request, said)
    return SeeOther(_grid(sheet))


def _described(source: Any) -> str:
    when = source.submitted_at or source.created_at
    kind = "申請" if source.submitted_at else "作成"
    return (
        f"{source.subject or '見積り'}　{source.line_count}社　"
        f"{timezone.localtime(when):%Y年%-m月%-d日}{kind}　{source.number}"
    )


def _copy_page(
    request: HttpRequest, sheet: Application, form: CopyForm, has_sources: bool, problems: list[Problem] | None = None
) -> HttpResponse:
    context = {
        **frame(HEARING, "前年から複写", sheet),
        "form": form,
        "has_sources": has_sources,
        "emptied": [LABELS[name] for name in bulk.EMPTIED],
        "problems": problems or [],
        "back": _grid(sheet),
    }
    return render(request, "credit_insurance/debtors_copy.html", context, status=422 if problems else 200)
