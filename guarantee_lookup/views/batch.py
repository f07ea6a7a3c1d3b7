"""一括照会 (S10): the file is chosen, looked at, run, and its answers shown and saved."""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from guarantee_lookup import bulk
from guarantee_lookup.documents import shown
from guarantee_lookup.enums import FileState, Outcome, Row
from guarantee_lookup.forms import LookupFileForm
from guarantee_lookup.messages import ANSWERS, BASIC_NOTES, OVER, REDUCED, USAGE_NOTES
from guarantee_lookup.models import LookupFile, LookupLine
from guarantee_lookup.selectors.files import lines_of, own_file
from guarantee_lookup.services import files
from guarantee_lookup.services.gate import Refused
from guarantee_lookup.views.lookup import HOME, STATUS, address_of
from portal import audit
from portal.accounts import limiter
from portal.accounts.access import deny
from portal.common.http import HttpRequest, SeeOther, wants_partial
from portal.ui.errors import problem
from portal.ui.forms import Problem
from portal.ui.lists import Column, ListPage, csv_lines

TITLE = "一括照会"
MOST_PER_HOUR, HOUR = 60, 3600
"""Files of one bank that are judged in an hour."""

SLOW_SECONDS = 120

FILES = [
    Column(
        "number",
        "一括照会番号",
        lambda file: file.number,
        "number",
        lambda file: reverse("lookup:batch-file", args=[file.number]),
    ),
    Column("created", "確認日時", lambda file: f"{timezone.localtime(file.created_at):%Y-%m-%d %H:%M}", "created_at"),
    Column("user", "利用者", lambda file: f"{file.user.login} {file.user.name}"),
    Column("rows", "行数", lambda file: f"{file.rows}", "rows", is_number=True),
    Column("state", "状態", lambda file: file.get_state_display(), "state"),
]


# --- Choosing a file ---------------------------------------------------------------


def batch(request: HttpRequest) -> HttpResponse:
    """The first page; a file without a mistake is kept with a number, any other is told what is wrong."""
    _require_both(request)
    if request.method != "POST":
        return _choose(request, LookupFileForm())
    form = LookupFileForm(request.POST, request.FILES)
    form.known_files = {}
    if not form.is_valid():
        return _choose(request, form, status=422, problems=form.problems())
    taken = limiter.take("lookup-file", f"{request.user.organisation_id}", MOST_PER_HOUR, HOUR)
    if not taken.allowed:
        lead = f"ファイルの確認は、貴店全体で1時間に{MOST_PER_HOUR}回まで行えます。"
        return problem(request, 429, lead=lead, retry_after=taken.wait_seconds)
    file: UploadedFile[Any] = form.sent_files("file")[0]
    checked = bulk.check(file.read(), file.name or "", request.user)
    if not checked.problems:
        return SeeOther(_url(files.begin(checked.lines, request.user)))
    message = f"{len(checked.problems)}件の誤りがあるため、1行も照会していません。直してから、もう一度選んでください。"
    return _choose(
        request, LookupFileForm(), status=422, problems=[Problem("errors", "", message)], errors=checked.problems
    )


def _require_both(request: HttpRequest) -> None:
    """一括照会 comes on top of the right to look up."""
    for role in files.ROLES:
        if not request.user.has_role(role):
            deny(request, (role,))


def _url(file: LookupFile) -> str:
    return reverse("lookup:batch-file", args=[file.number])


def _choose(request: HttpRequest, form: LookupFileForm, *, status: int = 200, **found: Any) -> HttpResponse:
    rows = LookupFile.objects.visible_to(request.user).select_related("user")
    context = {
        "page_title": TITLE,
        "crumbs": [(HOME, reverse("lookup:home")), (TITLE, "")],
        "wide": True,
        "form": form,
        "problems": [],
        "errors": [],
        "notes": list(bulk.NOTES.items()),
        "explanations": bulk.EXPLANATIONS,
        "listing": ListPage(request, rows, FILES, order="-created", caption="これまでの一括照会"),
        **found,
    }
    return render(request, "guarantee_lookup/batch.html", context, status=status)


def template(request: HttpRequest, form: str) -> HttpResponse:
    """雛形をダウンロード, as CSV or as Excel."""
    if form == "xlsx":
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        answer = HttpResponse(bulk.template_xlsx(), content_type=kind)
    else:
        answer = HttpResponse(bulk.template_csv(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="lookups.{form}"'
    return answer


# --- One file ----------------------------------------------------------------------


def batch_file(request: HttpRequest, number: str) -> HttpResponseBase:
    """One file as far as it has come: preview, progress, answers."""
    _require_both(request)
    file = own_file(request.user, number)
    if request.method == "POST":
        return _run(request, file)
    if wants_partial(request):
        return render(request, "guarantee_lookup/_batch_job.html", {"file": file, **_job(file)})
    if file.state == FileState.DONE:
        return _result(request, file)
    return _preview(request, file)


def _run(request: HttpRequest, file: LookupFile) -> HttpResponse:
    """照会を実行する: by who has chosen the file, since its lines are looked up in this name; once."""
    if file.user_id != request.user.pk:
        deny(request, files.ROLES, "一括照会は、ファイルを選んだ方だけが実行できます。")
    try:
        files.queue(file, address_of(request))
    except Refused as refusal:
        answer = _preview(request, file, refusal, STATUS.get(refusal.code, 403))
        if refusal.wait_seconds:
            answer["Retry-After"] = str(refusal.wait_seconds)
        return answer
    return SeeOther(_url(file))


def _job(file: LookupFile) -> dict[str, Any]:
    """Return what the box of a running file shows."""
    since = (timezone.now() - file.queued_at).total_seconds() if file.queued_at else 0
    is_running = file.state == FileState.QUEUED
    return {
        "is_running": is_running,
        "is_slow": is_running and since > SLOW_SECONDS,
        "done": file.lines.exclude(done_at=None).count(),
    }


def _frame(file: LookupFile, title: str) -> dict[str, Any]:
    return {
        "page_title": title,
        "crumbs": [(HOME, reverse("lookup:home")), (TITLE, reverse("lookup:batch")), (title, "")],
        "wide": True,
        "file": file,
        "problems": [],
    }


def _preview(request: HttpRequest, file: LookupFile, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    is_ready = file.state == FileState.READY
    context = {
        **_frame(file, "照会する内容の確認" if is_ready else "一括照会の状況"),
        **_job(file),
        "is_own": file.user_id == request.user.pk,
        "refusal": refusal,
        "listing": ListPage(request, lines_of(file), QUESTIONS, order="place", caption="照会する番号"),
    }
    return render(request, "guarantee_lookup/batch_file.html", context, status=status)


# --- The answers ---------------------------------------------------------------------

QUESTIONS = [
    Column("place", "行", lambda line: f"{line.place}", "place", is_number=True),
    Column("kind", "番号の種類", lambda line: line.get_kind_display()),
    Column("number", "照会番号", lambda line: line.masked),
    Column("basis", "照会の根拠", lambda line: line.get_basis_display()),
    Column("consent", "同意", lambda line: "あり" if line.consent else ""),
]


REASONS: dict[str, str] = {Outcome.NONE: ANSWERS["E-NONE"], Outcome.DATA: ANSWERS["E-DATA"]}


def line_shown(line: LookupLine) -> dict[str, str]:
    """Return what one line says beside its outcome, by the heading of its column; amounts as the screen shows them."""
    lookup = line.lookup
    if lookup is None:
        return {"reason": line.reason}
    if lookup.outcome != Outcome.FOUND:
        return {"reason": REASONS[lookup.outcome]}
    found = shown(lookup)
    own = [note for note in (*found["usage_notes"], *found["basic_notes"]) if note not in (*USAGE_NOTES, *BASIC_NOTES)]
    said = {**dict(found["basic"]), **dict(found["record"]), "基準日": found["as_of"], "注意": "".join(own)}
    for row in found["rows"]:
        amounts = {"利用残高": "balance", "空き枠": "free", "組合の場合": "coop", "印": "marks"}
        said |= {f"{name}（{row['label']}）": row[key] for name, key in amounts.items()}
    return {**said, "利用残高（合計）": found["total"][1]}


def _outcome(line: LookupLine) -> str:
    return line.lookup.get_outcome_display() if line.lookup else "照会していません"


def _receipt_url(line: LookupLine) -> str:
    lookup = line.lookup
    if lookup is None or lookup.outcome != Outcome.FOUND:
        return ""
    return reverse("lookup:history-detail", args=[lookup.receipt])


def _of(name: str) -> Callable[[LookupLine], str]:
    """Return how a column reads `name`; what a line says is drawn once for all columns."""

    def read(line: Any) -> str:
        if not hasattr(line, "said"):
            line.said = line_shown(line)
        return str(line.said.get(name, ""))

    return read


def _free(label: str) -> Callable[[LookupLine], str]:
    """Return how a column reads 空き枠 with its mark, as the screen of one look-up has it."""
    free, marks = _of(f"空き枠（{label}）"), _of(f"印（{label}）")
    return lambda line: f"{free(line)} {marks(line)}".strip()


OUTCOME = [
    Column("outcome", "結果", _outcome),
    Column("receipt", "照会受付番号", lambda line: line.lookup.receipt if line.lookup else "", link=_receipt_url),
]
REASON = Column("reason", "内容", _of("reason"))
ANSWERS_SHOWN = [
    *QUESTIONS[:3],
    *OUTCOME,
    *(
        Column(f"free{row.value}", f"{row.label} 空き枠", _free(row.label), is_number=True)
        for row in Row
        if row is not Row.OTHER
    ),
    REASON,
]
ANSWERS_SAVED = [
    *QUESTIONS,
    *OUTCOME,
    REASON,
    *(
        Column(name, name, _of(name))
        for name in ("照会日時", "基準日", "直近決算・区分", "前期決算・区分", "直近保証日")
    ),
    *(
        Column(f"{kind}{row.value}", f"{kind}（{row.label}）", _of(f"{kind}（{row.label}）"))
        for row in Row
        for kind in ("利用残高", "空き枠", "組合の場合", "印")
    ),
    *(Column(name, name, _of(name)) for name in ("利用残高（合計）", "注意", "スナップショットID", "SHA-256")),
]


def _result(request: HttpRequest, file: LookupFile) -> HttpResponseBase:
    """The answers, recorded each time before they are shown or saved."""
    is_csv = request.GET.get("format") == "csv"
    audit.record(
        "lookup.file_csv" if is_csv else "lookup.file_shown",
        actor=request.user,
        organisation=request.user.organisation,
        target=file.number,
    )
    rows = lines_of(file)
    if is_csv:
        lines = csv_lines(ANSWERS_SAVED, rows.order_by("place"))
        saved = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        saved["Content-Disposition"] = f'attachment; filename="{file.number}.csv"'
        return saved
    found = [line.lookup.outcome if line.lookup else "" for line in rows]
    counts = [(label, found.count(outcome)) for outcome, label in (*Outcome.choices, ("", "照会していません"))]
    refused = rows.exclude(code="").first()
    context = {
        **_frame(file, "一括照会の結果"),
        "rows": [
            {"label": "一括照会番号", "shown": file.number},
            {"label": "利用者", "shown": f"{file.user.login} {file.user.name}"},
            *({"label": label, "shown": f"{count}件"} for label, count in counts),
        ],
        "refused": refused.reason if refused else "",
        "notes": [f"{REDUCED}（※）", f"{OVER}（超）", *USAGE_NOTES],
        "listing": ListPage(request, rows, ANSWERS_SHOWN, order="place", caption="照会の結果"),
        "filter_on": [],
    }
    return render(request, "guarantee_lookup/batch_result.html", context)
