"""申込状況一覧, its CSV, the detail page of one application, withdrawal, download of an attachment."""

from datetime import datetime

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import deny
from portal.accounts.models import User
from portal.applications import services
from portal.applications.forms import FilterForm
from portal.applications.kinds import Kind, Link, kinds_of
from portal.applications.models import Application, State
from portal.applications.selectors import listed, own_application, own_attachments
from portal.common.http import HttpRequest, SeeOther
from portal.common.money import group
from portal.ui import portals
from portal.ui.lists import Column, ListPage, csv_response, filters_in_use

NEWEST_FIRST = "-created"


def _time(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def _amount(application: Application) -> str:
    if application.amount is None:
        return ""
    decimals = 0 if application.amount == int(application.amount) else 2
    return f"{application.currency} {group(application.amount, decimals)}".strip()


def columns(portal: str) -> list[Column]:
    """Return the columns of nexi.md 7.3."""
    return [
        Column("number", "Web申込番号", lambda a: a.number, "number", lambda a: a.procedure.detail_url(a)),
        Column("kind", "手続種別", lambda a: a.kind_title, "kind"),
        Column("subject", "保険種", lambda a: a.subject, "subject"),
        Column("party", "支払人名称", lambda a: a.party, "party"),
        Column("amount", "金額", _amount, "amount", is_number=True),
        Column("state", "手続状況", lambda a: a.get_state_display(), "state"),
        Column("reference", "お客様整理番号", lambda a: a.reference, "reference"),
        Column("created", "入力日時", lambda a: _time(a.created_at), "created_at"),
        Column("submitted", "Web申込日時", lambda a: _time(a.submitted_at), "submitted_at"),
        Column("created_by", "入力者", lambda a: a.created_by.name),
        Column("submitted_by", "申込者", lambda a: a.submitted_by.name if a.submitted_by else ""),
    ]


def application_list(request: HttpRequest, portal: str) -> HttpResponseBase:
    """Web申込状況一覧 (S50): filter, sort, page, CSV, print."""
    form = FilterForm(request.GET, portal=portal)
    is_valid = form.is_valid()
    rows = listed(request.user, portal, form.cleaned_data if is_valid else {})
    shown = columns(portal)
    if request.GET.get("format") == "csv" and is_valid:
        return csv_response(request, "applications.csv", rows, shown, order=NEWEST_FIRST)
    procedure = kinds_of(portal)[0]
    context = {
        "page_title": "Web申込状況一覧",
        "crumbs": _crumbs(procedure),
        "wide": True,
        "form": form,
        "problems": form.problems() if not is_valid else [],
        "listing": ListPage(request, rows, shown, order=NEWEST_FIRST, caption="Web申込状況一覧"),
        "filter_on": filters_in_use(form) if is_valid else [],
        "clear_url": reverse(f"{portal}:applications"),
        "new_url": procedure.new_url(),
        "may_edit": request.user.has_role(procedure.edit_role),
    }
    return render(request, "applications/list.html", context, status=200 if is_valid else 422)


def _crumbs(kind: Kind, *more: tuple[str, str]) -> list[tuple[str, str]]:
    portal = portals.get(kind.portal)
    here = [(portal.home_label, portal.home_url), (kind.list_label, reverse(f"{kind.portal}:applications")), *more]
    return [*here[:-1], (here[-1][0], "")]


def application_detail(request: HttpRequest, portal: str, number: str) -> HttpResponse:
    """内容の照会 (S51): the answers as typed or as submitted, what happened, what can be done next."""
    application = own_application(request.user, number, with_people=True)
    kind = application.procedure
    if kind.portal != portal:
        raise Http404
    version = application.versions.select_related("actor").order_by("-sequence").first()
    may_edit = request.user.has_role(kind.edit_role)
    may_copy = application.state in {State.DRAFT, State.SUBMITTED} and may_edit
    context = {
        "page_title": "内容の照会",
        "crumbs": _crumbs(kind, ("内容の照会", "")),
        "number_label": kind.number_label,
        "application": application,
        "number_state": application.get_state_display(),
        "kind": kind,
        "summary": version.answers if version else kind.describe(application, request.user),
        "decision": version.decision if version else None,
        "may_resume": application.is_draft and may_edit,
        "resume_url": kind.resume_url(application),
        "copy_url": kind.copy_url(application) if may_copy else "",
        "withdraw_url": reverse(f"{portal}:application-withdraw", args=[number]),
        "papers": kind.documents(application) if version else [],
        "attachments": [
            Link(file.name, reverse(f"{portal}:attachment", args=[file.pk])) for file in application.attachments.all()
        ],
        "events": _events(application),
    }
    return render(request, "applications/detail.html", context)


def _events(application: Application) -> list[dict[str, object]]:
    """Return what happened to the application, newest first."""
    happened: list[tuple[datetime, str, User | None]] = [
        (application.created_at, "入力を始めました", application.created_by)
    ]
    if application.saved_at != application.created_at:
        happened.append((application.saved_at, "保存しました", application.saved_by))
    if application.submitted_at:
        happened.append((application.submitted_at, "申込みました", application.submitted_by))
    return [
        {
            "at": _time(moment),
            "iso": moment.isoformat(timespec="seconds"),
            "title": title,
            "who": who.name if who else "",
        }
        for moment, title, who in reversed(happened)
    ]


def application_withdraw(request: HttpRequest, portal: str, number: str) -> HttpResponse:
    """取下げ: asked for on its own page, then done once."""
    application = own_application(request.user, number)
    kind = application.procedure
    if kind.portal != portal:
        raise Http404
    if not request.user.has_role(kind.edit_role):
        deny(request, (kind.edit_role,))
    if request.method == "POST":
        if services.withdraw(application, request.user):
            messages.success(request, f"申込み {number} を取り消しました。")
        else:
            messages.warning(request, "この申込みは既に完了しているか、取り消されています。")
        return SeeOther(kind.detail_url(application))
    if not application.is_draft:
        return redirect(kind.detail_url(application))
    detail = kind.detail_url(application)
    context = {
        "page_title": "申込みの取下げ",
        "crumbs": _crumbs(kind, ("申込みの取下げ", "")),
        "number_label": kind.number_label,
        "application": application,
        "number_state": application.get_state_display(),
        "confirm": {
            "title": "この申込みを取り下げますか",
            "lead": "取り下げた申込みは再開できません。内容は「取消」の申込みとして照会できます。",
            "facts": [
                ("手続種別", kind.title),
                ("相手方", application.party or "入力なし"),
                ("入力日時", _time(application.created_at)),
            ],
            "button": "取り下げる",
            "url": request.path,
            "back": ("内容の照会へ戻る", detail),
            "danger": True,
        },
    }
    return render(request, "applications/withdraw.html", context)


def attachment(request: HttpRequest, portal: str, pk: str) -> HttpResponseBase:
    """One of the organisation's own attachments, logged before it leaves."""
    found = own_attachments(request.user, [pk])
    if not found:
        raise Http404
    audit.record("attachment.read", actor=request.user, organisation=request.user.organisation, target=str(pk))
    answer = FileResponse(found[0].file.open("rb"), as_attachment=True, filename=found[0].name)
    answer["Content-Type"] = "application/octet-stream"
    return answer
