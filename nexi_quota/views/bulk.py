"""通知の一括取り込み: the file is chosen, looked at, taken over, and its outcome told."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from nexi_quota import bulk
from nexi_quota.bulk.forms import BulkForm, SameFileForm
from nexi_quota.enums import BatchState
from nexi_quota.messages import text
from nexi_quota.models import Notice, NoticeBatch
from nexi_quota.selectors.bulk import file_of, own_batch, same_file
from nexi_quota.views.lists import HOME
from portal.accounts import limiter
from portal.accounts.access import deny
from portal.accounts.permissions import may_submit
from portal.applications.models import Application
from portal.common.http import HttpRequest, SeeOther, wants_partial
from portal.common.money import money
from portal.ui.errors import problem
from portal.ui.forms import Problem
from portal.ui.lists import Column, ListPage, csv_lines, csv_response
from portal.wizard.services import case_for

TITLE = "通知の一括取り込み"
APPLY = "nexi.apply"
FOUR_EYES = "貴社では、ファイルを選んだ方とは別の、申込権限のある方が取り込みます"
MOST_PER_HOUR, HOUR = 60, 3600
"""Files of one organisation that are judged in an hour: each may cost seconds."""

SLOW_SECONDS = 120
"""After this time the page says that a job takes longer than usual."""


# --- Choosing a file ---------------------------------------------------------------


def upload(request: HttpRequest) -> HttpResponse:
    """The first page; a file without a mistake becomes a draft with a number, any other is told what is wrong."""
    if request.method != "POST":
        return _choose(request, BulkForm())
    case = case_for(request.user)
    form = BulkForm(request.POST, request.FILES)
    form.known_files = {}
    if not form.is_valid():
        return _choose(request, form, status=422, problems=form.problems())
    taken = limiter.take("nexi-bulk", str(case.organisation.pk), MOST_PER_HOUR, HOUR)
    if not taken.allowed:
        lead = f"ファイルの確認は、貴社全体で1時間に{MOST_PER_HOUR}回まで行えます。"
        return problem(request, 429, lead=lead, retry_after=taken.wait_seconds)
    file: UploadedFile[Any] = form.sent_files("file")[0]
    checker = bulk.check(file.read(), file.name or "", request.user)
    if checker.ok:
        return SeeOther(bulk.page_of(bulk.begin(file, checker, case.actor, case.organisation)))
    count = checker.problem_count
    message = f"{count:,}件の誤りがあるため、1行も取り込んでいません。直してから、もう一度選んでください。"
    return _choose(
        request,
        BulkForm(),
        status=422,
        problems=[Problem("errors", "", message)],
        errors=[(bulk.place(vars(found)), found.number, found.message) for found in checker.problems],
        left_out=count - len(checker.problems),
        file_name=file.name,
    )


def _choose(request: HttpRequest, form: BulkForm, *, status: int = 200, **found: Any) -> HttpResponse:
    context = {
        "page_title": TITLE,
        "crumbs": [(HOME, reverse("nexi:home")), (TITLE, "")],
        "wide": True,
        "form": form,
        "problems": [],
        "errors": [],
        "columns": bulk.COLUMNS,
        "list_url": f"{reverse('nexi:applications')}?kind={bulk.KIND.slug}",
        **found,
    }
    return render(request, "nexi_quota/bulk.html", context, status=status)


def template(request: HttpRequest, form: str) -> HttpResponse:
    """雛形をダウンロード, as CSV or as Excel."""
    if form == "xlsx":
        answer = HttpResponse(
            bulk.template_xlsx(),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    else:
        answer = HttpResponse(bulk.template_csv(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="notices.{form}"'
    return answer


# --- One file ----------------------------------------------------------------------


def file(request: HttpRequest, number: str) -> HttpResponseBase:
    """One file as far as it has come: preview, progress, result or what kept it from being taken over."""
    batch = own_batch(request.user, number)
    application = batch.application
    if request.method == "POST":
        return _take_over(request, application, batch)
    if wants_partial(request):
        return render(request, "nexi_quota/_bulk_job.html", {"batch": batch, **_job(batch)})
    if batch.state == BatchState.DONE:
        return _result(request, application, batch)
    if batch.state == BatchState.FAILED:
        return _failure(request, application, batch)
    return _preview(request, application, batch)


def _frame(application: Application, batch: NoticeBatch, title: str) -> dict[str, Any]:
    return {
        "page_title": title,
        "crumbs": [(HOME, reverse("nexi:home")), (TITLE, reverse("nexi:bulk")), (title, "")],
        "application": application,
        "number_state": application.get_state_display(),
        "batch": batch,
        "rows": [{"label": label, "shown": shown} for label, shown in bulk.facts_of(batch)],
        "problems": [],
        "wide": True,
    }


def _job(batch: NoticeBatch) -> dict[str, Any]:
    """Return what the box of a job shows."""
    since = (timezone.now() - batch.queued_at).total_seconds() if batch.queued_at else 0
    is_running = batch.state == BatchState.QUEUED
    return {
        "is_running": is_running,
        "is_writing": is_running and batch.checked == batch.rows,
        "is_slow": is_running and since > SLOW_SECONDS,
    }


def _preview(
    request: HttpRequest, application: Application, batch: NoticeBatch, form: SameFileForm | None = None
) -> HttpResponse:
    may_apply = request.user.has_role(APPLY)
    stored = file_of(application)
    twin = same_file(application, stored) if stored else None
    is_queued = batch.state == BatchState.QUEUED
    context = {
        **_frame(application, batch, "取り込みの状況" if is_queued else "取り込む内容の確認"),
        **_job(batch),
        "is_open": application.is_draft and not is_queued,
        "may_apply": may_apply,
        "why_not": "" if may_apply and may_submit(request.user, application) else _why_not(may_apply),
        "twin": twin,
        "form": form or SameFileForm(),
        "problems": form.problems() if form else [],
        "withdraw_url": reverse("nexi:application-withdraw", args=[application.number]),
    }
    return render(request, "nexi_quota/bulk_file.html", context, status=422 if form else 200)


def _why_not(may_apply: bool) -> str:
    return FOUR_EYES if may_apply else text("M-U02")


def _take_over(request: HttpRequest, application: Application, batch: NoticeBatch) -> HttpResponse:
    """取り込む: hand the file to the job, once; a second press finds it there."""
    if not request.user.has_role(APPLY):
        deny(request, (APPLY,), text("M-U02"))
    page = SeeOther(bulk.page_of(application))
    if batch.state != BatchState.READY or not application.is_draft:
        return page
    if not may_submit(request.user, application):
        deny(request, (APPLY,), FOUR_EYES)
    stored = file_of(application)
    if stored and same_file(application, stored):
        form = SameFileForm(request.POST)
        if not form.is_valid():
            return _preview(request, application, batch, form)
    bulk.queue(batch, request.user)
    return page


# --- What came of it ---------------------------------------------------------------


def _target(notice: Notice) -> Any:
    return notice.contract or notice.confirmation


NOTICE_COLUMNS = [
    Column("line", "行", lambda n: str(n.line), "line", is_number=True),
    Column("kind", "通知の種類", lambda n: n.get_kind_display(), "kind"),
    Column("number", "保険証券番号・確認管理番号", lambda n: _target(n).number),
    Column("payer", "支払人名称", lambda n: _target(n).payer.name),
    Column("day", "決済日・枠戻日", lambda n: f"{n.day:%Y-%m-%d}", "day"),
    Column("amount", "金額", lambda n: money(n.amount, _target(n).currency_id), "amount", is_number=True),
    Column("outcome", "結果", lambda n: "取り込みました"),
]
PROBLEM_COLUMNS = [
    Column("line", "行", lambda p: str(p["line"] or "ファイル")),
    Column("column", "列", lambda p: p["column"]),
    Column("number", "保険証券番号・確認管理番号", lambda p: p["number"]),
    Column("outcome", "結果", lambda p: f"取り込みませんでした：{p['message']}"),
]


def _result(request: HttpRequest, application: Application, batch: NoticeBatch) -> HttpResponseBase:
    rows: QuerySet[Notice] = Notice.objects.filter(application=application)
    rows = rows.select_related("contract__payer", "confirmation__payer")
    if request.GET.get("format") == "csv":
        return csv_response(request, f"{application.number}.csv", rows, NOTICE_COLUMNS, order="line")
    context = {
        **_frame(application, batch, "取り込みの結果"),
        "listing": ListPage(request, rows, NOTICE_COLUMNS, order="line", caption="取り込んだ通知"),
        "filter_on": [],
    }
    return render(request, "nexi_quota/bulk_result.html", context)


def _failure(request: HttpRequest, application: Application, batch: NoticeBatch) -> HttpResponseBase:
    if request.GET.get("format") == "csv":
        answer = StreamingHttpResponse(
            csv_lines(PROBLEM_COLUMNS, batch.problems), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="{application.number}.csv"'
        return answer
    context = {
        **_frame(application, batch, "取り込みの結果"),
        "errors": [(bulk.place(found), found["number"], found["message"]) for found in batch.problems],
        "left_out": batch.problem_count - len(batch.problems),
    }
    return render(request, "nexi_quota/bulk_result.html", context)
