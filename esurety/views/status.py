"""状況: what became of the contractor's applications; 取下げ and copy; 保証申込のお勧め."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from esurety.enums import ItemState, Medium, SubmissionState
from esurety.forms.other import StatusFilterForm
from esurety.models import Item, Request
from esurety.rules.numbers import displayed
from esurety.selectors import requests as find
from esurety.selectors.recommendations import recommendations
from esurety.services import requests as services
from esurety.services.issuing import Refused
from esurety.wizards import APPLICATION
from esurety.wizards.application import begin
from portal import audit
from portal.applications.kinds import Link
from portal.applications.models import Application
from portal.applications.selectors import own_application
from portal.applications.services import withdraw as drop_draft
from portal.common.http import HttpRequest, SeeOther
from portal.common.money import group, yen
from portal.ui.lists import Column, ListPage, csv_response, filters_in_use

HOME = "電子保証ポータル"
TITLE = "状況"
EDITOR = "surety.user"
MOST = 5

REVIEWING = (ItemState.REVIEW, ItemState.CHECKED)
STAGES = ("受付", "審査", "保証料", "発行", "提出", "受領")
"""The timeline of an issue (ux.md 5.7); a 証書(紙) ends with 発行."""

STAGE_OF = {
    ItemState.APPLIED: 0,
    ItemState.REVIEW: 1,
    ItemState.CHECKED: 1,
    ItemState.FEE: 2,
    ItemState.CONCLUDED: 3,
    ItemState.ISSUING: 3,
}
"""Where an item is before its certificate is there."""

CHIPS = {
    ItemState.ISSUED: "done",
    ItemState.RETURNED: "stop",
    ItemState.REFUSED: "stop",
    ItemState.WITHDRAWN: "stop",
}


def shown_state(item: Item) -> str:
    """Return 手続状況 as the contractor sees it: 決裁待ち is part of 審査中 (esurety.md 8.2)."""
    return ItemState.REVIEW.label if item.state in REVIEWING else item.get_state_display()


def _chip(item: Item) -> SafeString:
    chip = {"text": shown_state(item), "kind": CHIPS.get(ItemState(item.state), "waiting")}
    return render_to_string("ui/status_chip.html", {"chip": chip})


def _time(item: Item) -> str:
    return f"{timezone.localtime(item.state_at):%Y/%m/%d %H:%M}"


COLUMNS = [
    Column(
        "number",
        "受付番号",
        lambda item: item.request.number,
        "request__number",
        lambda item: reverse("surety:application", args=[item.request.application.number]),
    ),
    Column("product", "保証種類", lambda item: item.get_product_display(), "product"),
    Column("work", "工事名", lambda item: item.request.works["name"]),
    Column("body", "発注者", lambda item: item.request.body.name, "request__body__name"),
    Column("amount", "保証金額（円）", lambda item: group(item.amount), "amount", is_number=True),
    Column("medium", "形式", lambda item: "電子保証" if item.medium == Medium.ELECTRONIC else "証書(紙)"),
    Column("state", "手続状況", shown_state, "state", cell=_chip),
    Column("guarantee", "保証契約番号", lambda item: displayed(item.number) if item.number else ""),
    Column("at", "最終更新", _time, "state_at"),
    Column("answer", "弊社からのお知らせ", lambda item: item.reason or item.request.answer),
]


def status(request: HttpRequest) -> HttpResponseBase:
    """状況: the items of all sent applications with 手続状況, above them what was not sent yet."""
    form = StatusFilterForm(request.GET)
    is_valid = form.is_valid()
    rows = find.listed(request.user, form.cleaned_data) if is_valid else Item.objects.none()
    if request.GET.get("format") == "csv" and is_valid:
        audit.record("surety.status_csv", actor=request.user, organisation=request.user.organisation)
        return csv_response(request, "status.csv", rows, COLUMNS, order="-at")
    may_edit = request.user.has_role(EDITOR)
    context = {
        "page_title": TITLE,
        "crumbs": _crumbs(),
        "wide": True,
        "form": form,
        "problems": [] if is_valid else form.problems(),
        "listing": ListPage(request, rows, COLUMNS, order="-at", caption=TITLE),
        "filter_on": filters_in_use(form) if is_valid else [],
        "clear_url": request.path,
        "new_url": APPLICATION.url("new"),
        "may_edit": may_edit,
        "drafts": find.drafts(request.user, APPLICATION.slug)[:MOST] if may_edit else [],
    }
    return render(request, "esurety/status.html", context, status=200 if is_valid else 422)


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    trail = [(HOME, reverse("surety:home")), (TITLE, reverse("surety:applications")), *more]
    return [*trail[:-1], (trail[-1][0], "")]


# --- One application ----------------------------------------------------------------


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One application: the timeline of each guarantee, messages, answers and files; a draft leads back to its page."""
    application = own_application(request.user, number)
    may_edit = request.user.has_role(EDITOR)
    if application.is_draft and may_edit:
        return redirect(APPLICATION.url("receipt", number))
    sent = Request.objects.filter(application=application).select_related("body", "office").first()
    context = {
        "page_title": "申込みの状況",
        "crumbs": _crumbs((sent.number if sent else number, "")),
        "application": application,
        "number": sent.number if sent else number,
        "number_label": "受付番号" if sent else "Web申込番号",
        "sent": sent,
        "facts": _facts(sent) if sent else [],
        "items": [_shown(item, may_edit) for item in find.with_guarantees(sent)] if sent else [],
        "summary": _answers(application),
        "copy_url": application.procedure.copy_url(application) if may_edit else "",
        "papers": APPLICATION.documents(application) if sent else [],
        "attachments": [
            Link(file.name, reverse("surety:attachment", args=[file.pk])) for file in application.attachments.all()
        ],
    }
    return render(request, "esurety/status_detail.html", context)


def _facts(sent: Request) -> list[tuple[str, str]]:
    return [
        ("送信日時", f"{timezone.localtime(sent.sent_at):%Y/%m/%d %H:%M}"),
        ("工事名", sent.works["name"]),
        ("発注者", sent.body.name),
        ("申込送信先", f"{sent.office.name}　電話 {sent.office.phone}"),
        ("弊社からお客様へのお知らせ", sent.answer),
    ]


def _answers(application: Application) -> Any:
    version = application.versions.order_by("-sequence").first()
    return version.answers if version else []


def _shown(item: Item, may_edit: bool) -> dict[str, Any]:
    """Return one guarantee with its timeline, and what can be done with it."""
    guarantee = getattr(item, "guarantee", None)
    stages = STAGES if item.medium == Medium.ELECTRONIC else STAGES[:4]
    at, text = _stage(item, guarantee)
    return {
        "item": item,
        "state": shown_state(item),
        "chip": {"text": shown_state(item), "kind": CHIPS.get(ItemState(item.state), "waiting")},
        "number": displayed(item.number) if item.number else "",
        "guarantee": guarantee,
        "label": f"{item.get_product_display()}の手続き：{text}",
        "text": text,
        "stages": list(stages) if item.state not in find.ENDED else [],
        "at": min(at, len(stages)),
        "may_withdraw": may_edit and services.may_withdraw(item),
    }


def _stage(item: Item, guarantee: Any) -> tuple[int, str]:
    """Return how many stages are done, and where it stands in words."""
    if item.state != ItemState.ISSUED:
        return STAGE_OF.get(ItemState(item.state), 0), shown_state(item)
    submission = getattr(guarantee.current, "submission", None) if guarantee and guarantee.current else None
    if submission is None:
        return 4, "発行済"
    words = {
        SubmissionState.OPEN: (4, "発行済。認証キーを発注者へ提出してください。"),
        SubmissionState.RETURNED: (4, "発注者から差し戻されました。確かめて、もう一度提出してください。"),
        SubmissionState.ACCEPTED: (6, "発注者が受領しました。"),
    }
    return words.get(SubmissionState(submission.state), (5, "提出済。発注者の受領を待っています。"))


def withdraw(request: HttpRequest, number: str, product: str) -> HttpResponse:
    """取下げ of one guarantee: asked for on its own page, then done once."""
    item = find.own_item(request.user, number, product)
    back = reverse("surety:application", args=[number])
    if request.method == "POST":
        try:
            services.withdraw(item, request.user)
        except Refused as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, f"{item.get_product_display()}の申込みを取り下げました。")
        return SeeOther(back)
    if not services.may_withdraw(item):
        return redirect(back)
    context = {
        "page_title": "申込みの取下げ",
        "crumbs": _crumbs((item.request.number, back), ("取下げ", "")),
        "confirm": {
            "title": "この申込みを取り下げますか",
            "lead": "取り下げると元に戻せません。もう一度申し込むときは、コピーして新しい申込みを作成してください。",
            "facts": [
                ("受付番号", item.request.number),
                ("保証種類", item.get_product_display()),
                ("工事名", item.request.works["name"]),
                ("保証金額", yen(item.amount)),
                ("手続状況", shown_state(item)),
            ],
            "button": "取り下げる",
            "url": request.path,
            "back": ("戻る", back),
            "danger": True,
        },
    }
    return render(request, "esurety/confirm_action.html", context)


def withdraw_draft(request: HttpRequest, number: str) -> HttpResponse:
    """Delete an application that was never sent, after a question."""
    application = own_application(request.user, number, APPLICATION.slug)
    here = reverse("surety:applications")
    if request.method == "POST":
        if drop_draft(application, request.user):
            messages.success(request, f"作成中の申込み（{number}）を削除しました。")
        return SeeOther(here)
    if not application.is_draft:
        raise Http404
    context = {
        "page_title": "作成中の申込みの削除",
        "crumbs": _crumbs(("削除", "")),
        "confirm": {
            "title": "この作成中の申込みを削除しますか",
            "lead": "削除すると元に戻せません。",
            "facts": [("Web申込番号", number), ("工事名", application.subject), ("発注者", application.party)],
            "button": "削除する",
            "url": request.path,
            "back": ("戻る", here),
            "danger": True,
        },
    }
    return render(request, "esurety/confirm_action.html", context)


# --- 保証申込のお勧め -------------------------------------------------------------------


def recommended(request: HttpRequest) -> HttpResponse:
    """保証申込のお勧め: POST begins the application of one of them, filled in as far as is known."""
    found = recommendations(request.user, timezone.localdate())
    if request.method == "POST":
        wanted = (request.POST.get("number", ""), request.POST.get("product", ""))
        chosen = next((one for one in found if (one.advance.number, one.product.value) == wanted), None)
        if chosen is None:
            raise Http404
        draft = begin(chosen, request.user)
        messages.success(
            request, "前の申込みの内容で申込みを作成しました。各画面の内容を確かめて、次へ進んでください。"
        )
        return SeeOther(wizard_step(draft))
    context = {
        "page_title": "保証申込のお勧め",
        "crumbs": [(HOME, reverse("surety:home")), ("保証申込のお勧め", "")],
        "found": found,
    }
    return render(request, "esurety/recommendations.html", context)


def wizard_step(draft: Application) -> str:
    """Return the first page of a draft."""
    return APPLICATION.url("step", draft.number, APPLICATION.steps[0].slug)
