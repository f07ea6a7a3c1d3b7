"""加入依頼書 on the member's side: begun from an offer, handed over, corrected; what became of it (ux.md 5.5 T-S13)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from credit_insurance.documents.enrolment import LATE_NOTE, account_rows, due_text, payer_text
from credit_insurance.enums import CaseState, FormState
from credit_insurance.forms.enrolment import GiveBackForm, HandOverForm
from credit_insurance.models import Case, Enrolment, EnrolmentForm, Invoice
from credit_insurance.rules.deadlines import cover_from
from credit_insurance.selectors import enrolment as find
from credit_insurance.selectors import masters
from credit_insurance.services import enrolment, handing_over
from credit_insurance.services.copying import copy_sheet
from credit_insurance.services.review import Overtaken
from credit_insurance.wizards import ENROLMENT, HEARING
from credit_insurance.wizards.enrolment import period_text
from portal.accounts.access import deny
from portal.applications.kinds import Link
from portal.applications.models import Application, State
from portal.applications.selectors import own_application
from portal.common.eras import seireki
from portal.common.http import HttpRequest, SeeOther
from portal.common.money import yen
from portal.ui.lists import Column, ListPage, csv_response
from portal.wizard import services as wizard
from portal.wizard import views as pages

STAFF, APPROVER = "credit.staff", "credit.approver"
TITLE = "加入依頼書"
LATE = "ほかの方が先に処理しました。いまの内容をご確認ください。"
NEWEST_FIRST = "-at"


# --- The list ---------------------------------------------------------------------------


def _number(case: Any) -> str:
    return case.shown_forms[0].application.number if case.shown_forms else "未提出"


def _page_of(case: Any) -> str:
    if case.shown_forms:
        return ENROLMENT.url("receipt", case.shown_forms[0].application.number)
    return reverse("credit:quote", args=[case.taken_quotes[0].number])


def _paid(case: Any) -> str:
    return case.shown_invoices[0].get_state_display() if case.shown_invoices else ""


def _premium(case: Any) -> str:
    agreed = getattr(case, "enrolment", None)
    return yen(agreed.premium if agreed else case.taken_quotes[0].premium)


COLUMNS = [
    Column("number", "加入依頼書", _number, link=_page_of),
    Column("quote", "見積番号", lambda case: case.taken_quotes[0].number),
    Column("start", "補償開始日", lambda case: seireki(case.intended_start), "intended_start"),
    Column("premium", "保険料", _premium, is_number=True),
    Column("state", "手続状況", lambda case: str(case.get_state_display())),
    Column("paid", "お振込み", _paid),
    Column("at", "更新日時", lambda case: f"{timezone.localtime(case.state_at):%Y-%m-%d %H:%M}", "state_at"),
]


def form_list(request: HttpRequest) -> HttpResponseBase:
    """加入依頼書の一覧: every case that has come as far as an accepted offer."""
    rows = find.enrolling(request.user)
    if request.GET.get("format") == "csv":
        return csv_response(request, "enrolments.csv", rows, COLUMNS, order=NEWEST_FIRST)
    may_edit = request.user.has_role(STAFF)
    context = {
        "page_title": TITLE,
        "crumbs": [("トップ", reverse("credit:home")), (TITLE, "")],
        "wide": True,
        "listing": ListPage(request, rows, COLUMNS, order=NEWEST_FIRST, caption="加入依頼書の一覧"),
        "tasks": list(tasks(request)) if may_edit else [],
    }
    return render(request, "credit_insurance/enrolment/list.html", context)


# --- Beginning, and going on --------------------------------------------------------------


def begin(request: HttpRequest, number: str) -> HttpResponse:
    """加入依頼書 of an accepted offer: the one in the making, the one that was returned, or a new one."""
    quote = find.accepted_quote(request.user, number)
    if quote is None:
        raise Http404
    if draft := find.drafts(request.user).filter(reference=number).first():
        return redirect(ENROLMENT.url("receipt", draft.number))
    if form := find.newest_form(quote.case):
        return redirect(ENROLMENT.url("receipt", form.application.number))
    return redirect(f"{ENROLMENT.url('new')}?quote={number}")


def correct(request: HttpRequest, number: str) -> HttpResponse:
    """修正する: go on with a copy of a returned form, everything as typed."""
    form = find.own_form(request.user, number)
    if form is None or form.state != FormState.RETURNED or form.case.state != CaseState.ACCEPTED:
        raise Http404
    copy = find.drafts(request.user).filter(reference=form.quote.number).first()
    if copy is None:
        source = form.application
        copy = wizard.start(ENROLMENT, request.user, "disclosure", source.data["steps"].get("disclosure", {}), source)
    return SeeOther(ENROLMENT.url("step", copy.number, "disclosure"))


def next_period(request: HttpRequest, number: str) -> HttpResponse:
    """次の保険期間の見積りを依頼する: a new sheet with what the one of a missed offer said."""
    quote = find.accepted_quote(request.user, number)
    if quote is None or not _is_missed(quote.case, enrolment.expected(quote, timezone.localdate(), masters.calendar())):
        raise Http404
    sheet, own = quote.case.sheet, Application.objects.visible_to(request.user)
    copy = own.filter(copied_from=sheet, kind=HEARING.slug, state=State.DRAFT).order_by("pk").first()
    if copy is None:
        offered = [start for start in masters.starts(timezone.localdate()) if start > quote.ends_on]
        copy = copy_sheet(sheet, request.user, offered[0] if offered else None)
    return SeeOther(HEARING.url("step", copy.number, "summary"))


def _is_missed(case: Case, found: Any) -> bool:
    waits = case.state in enrolment.WAITING and found.cover is None
    return waits or case.state == CaseState.EXPIRED_QUOTE


# --- 回付 -----------------------------------------------------------------------------------


def _draft(request: HttpRequest, number: str) -> Application:
    draft = own_application(request.user, number, ENROLMENT.slug)
    if not draft.is_draft:
        raise Http404
    return draft


def hand_over(request: HttpRequest, number: str) -> HttpResponse:
    """責任者に回付, with a word; a form that is not ready goes back to its confirm page, which says why."""
    draft = _draft(request, number)
    confirm = ENROLMENT.url("confirm", number)
    reading = wizard.read(ENROLMENT, draft, request.user)
    if reading.problems() or not wizard.decide(reading).may_submit:
        return SeeOther(confirm)
    form = HandOverForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            mails = handing_over.hand_over(draft, form.cleaned_data["note"], request.user)
        except Overtaken:
            messages.warning(request, LATE)
        else:
            told = f"責任者{mails}名にメールでお知らせしました。" if mails else ""
            messages.success(request, f"責任者に回付しました。{told}")
        return SeeOther(confirm)
    context = {
        "page_title": "責任者に回付",
        "crumbs": [(TITLE, reverse("credit:enrolments")), ("加入依頼の確認", confirm), ("責任者に回付", "")],
        "form": form,
        "problems": form.problems() if form.is_bound else [],
        "names": [person.name for person in handing_over.approvers(request.user)],
        "button": "回付する",
        "back": confirm,
    }
    return render(request, "credit_insurance/enrolment/hand_over.html", context, status=422 if form.is_bound else 200)


def give_back(request: HttpRequest, number: str) -> HttpResponse:
    """担当者に差し戻す: what was handed over, with what is to be put right."""
    draft = _draft(request, number)
    confirm = ENROLMENT.url("confirm", number)
    handed = find.hand_over_of(number, request.user)
    if handed is None or handed.returned_at:
        return SeeOther(confirm)
    form = GiveBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            handing_over.give_back(draft, form.cleaned_data["reply"], request.user)
        except Overtaken:
            messages.warning(request, LATE)
        else:
            messages.success(request, f"{handed.by.name}さんに戻しました。")
        return SeeOther(reverse("credit:enrolments"))
    context = {
        "page_title": "担当者に差し戻す",
        "crumbs": [(TITLE, reverse("credit:enrolments")), ("加入依頼の確認", confirm), ("担当者に差し戻す", "")],
        "form": form,
        "problems": form.problems() if form.is_bound else [],
        "names": [handed.by.name],
        "button": "差し戻す",
        "back": confirm,
    }
    return render(request, "credit_insurance/enrolment/hand_over.html", context, status=422 if form.is_bound else 200)


# --- What became of it ----------------------------------------------------------------------


def receipt(request: HttpRequest, number: str) -> HttpResponseBase:
    """受け付けました: where the form stands, what is to be paid, a later start to agree to."""
    form = find.own_form(request.user, number)
    if form is None:
        return pages.receipt(request, ENROLMENT, number)
    case, invoice = form.case, find.invoice_of(form.case)
    agreed, newest = find.enrolment_of(case), find.newest_form(case)
    is_newest = newest is not None and newest.pk == form.pk
    may_edit = request.user.has_role(STAFF)
    context = {
        "page_title": TITLE,
        "crumbs": [(TITLE, reverse("credit:enrolments")), (number, "")],
        "number_label": "受付番号",
        "number_state": form.get_state_display(),
        "application": form.application,
        "form": form,
        "case": case,
        "agreed": agreed,
        "cover": period_text(cover_from(agreed.starts_on)) if agreed else "",
        "newest": None if is_newest else newest,
        "may_correct": is_newest and may_edit and form.state == FormState.RETURNED and case.state == CaseState.ACCEPTED,
        "may_begin_again": may_edit and case.state == CaseState.EXPIRED_QUOTE,
        "is_ended": case.state in {CaseState.EXPIRED_QUOTE, CaseState.NOT_TAKEN},
        "invoice": _bill(form, invoice) if invoice and is_newest and case.state in enrolment.WAITING else None,
        "papers": _papers(form, invoice),
    }
    return render(request, ENROLMENT.receipt_template, context)


def _papers(form: EnrolmentForm, invoice: Invoice | None) -> list[Link]:
    """Return the papers there are by now: the form's own, and of a premium that has come its 払込確認."""
    found = ENROLMENT.documents(form.application)[: 2 if invoice else 1]
    if invoice and invoice.money_day:
        url = reverse("credit:payment-receipt", args=[invoice.number])
        found.append(Link("払込確認のお知らせ（PDF）", url))
    return found


def _bill(form: EnrolmentForm, invoice: Invoice) -> dict[str, Any]:
    """Return what the 払込のご案内 of the page says."""
    return {
        "number": invoice.number,
        "amount": invoice.amount,
        "received": invoice.received,
        "missing": invoice.missing,
        "money_day": invoice.money_day,
        "due": due_text(invoice),
        "rows": [*account_rows(form), ("ご記入例", payer_text(form, invoice))],
        "late": LATE_NOTE,
    }


def later_start(request: HttpRequest, number: str) -> HttpResponse:
    """補償開始日の変更: old and new start, months and premium; the 責任者 agrees to what is shown."""
    form = find.own_form(request.user, number)
    agreed = find.enrolment_of(form.case) if form else None
    if form is None or agreed is None:
        raise Http404
    back = ENROLMENT.url("receipt", number)
    if request.method == "POST":
        if not request.user.has_role(APPROVER):
            deny(request, (APPROVER,), "補償開始日の変更の確認は責任者が行います。責任者の方にお知らせください。")
        return _confirm_later(request, agreed, back)
    if agreed.proposed_start is None:
        return redirect(back)
    return _later_page(request, agreed, back)


def _later_page(
    request: HttpRequest, agreed: Enrolment, back: str, notice: str = "", status: int = 200
) -> HttpResponse:
    start, premium = agreed.proposed_start, agreed.proposed_premium
    cover = cover_from(start) if start else None
    context = {
        "page_title": "補償開始日の変更",
        "crumbs": [(TITLE, reverse("credit:enrolments")), ("受付内容", back), ("補償開始日の変更", "")],
        "rows": [
            ("補償期間", period_text(cover_from(agreed.starts_on)), period_text(cover) if cover else ""),
            ("月数", f"{agreed.months}か月", f"{cover.months}か月" if cover else ""),
            ("保険料", yen(agreed.premium), yen(premium) if premium is not None else ""),
        ],
        "limits": masters.deadlines_of(start) if start else None,
        "start": start.isoformat() if start else "",
        "premium": premium,
        "button": f"変更後の内容で加入する（保険料 {yen(premium)}）" if premium is not None else "",
        "may_confirm": request.user.has_role(APPROVER),
        "notice": notice,
        "back": back,
    }
    return render(request, "credit_insurance/enrolment/later_start.html", context, status=status)


def _confirm_later(request: HttpRequest, agreed: Enrolment, back: str) -> HttpResponse:
    """Agree to what the page showed, if that is what is offered still."""
    start, premium = agreed.proposed_start, agreed.proposed_premium
    if start is None or premium is None:
        messages.warning(request, LATE)
        return SeeOther(back)
    shown = (request.POST.get("start"), request.POST.get("premium"))
    today, calendar = timezone.localdate(), masters.calendar()
    changed = "締切が過ぎたため、ご案内した内容が変わりました。いまの内容をご確認ください。"
    if shown != (start.isoformat(), str(premium)):
        return _later_page(request, agreed, back, changed, 409)
    try:
        enrolment.confirm_later(agreed, start, premium, request.user, today, calendar)
    except Overtaken:
        messages.warning(request, LATE)
    else:
        messages.success(request, f"補償開始日を{seireki(start)}に変更しました。")
    return SeeOther(back)


# --- トップ -----------------------------------------------------------------------------------


def tasks(request: HttpRequest) -> list[tuple[str, str, str]]:
    """Return what the company has to do for its 加入: sentence, words of the link, address."""
    user = request.user
    drafts = list(find.drafts(user))
    handed = {one.application_id: one for one in find.hand_overs(user)}
    by_quote = {draft.reference: draft for draft in drafts}
    found = []
    for case in find.enrolling(user).filter(state__in=(*enrolment.WAITING, CaseState.EXPIRED_QUOTE)).order_by("pk"):
        draft = by_quote.get(case.taken_quotes[0].number)
        found += _of_case(case, draft, handed.get(draft.pk) if draft else None, user.has_role(APPROVER))
    return found


def _of_case(case: Any, draft: Application | None, handed: Any, is_approver: bool) -> list[tuple[str, str, str]]:
    quote, form = case.taken_quotes[0], case.shown_forms[0] if case.shown_forms else None
    page = ENROLMENT.url("receipt", form.application.number) if form else ""
    if case.state == CaseState.EXPIRED_QUOTE:
        if Application.objects.filter(copied_from=case.sheet_id).exists():
            return []  # they have begun again
        text = "締切に間に合わなかったため、この保険期間の加入手続は終わりました。"
        return [(text, "次の保険期間について見る", page or reverse("credit:quote", args=[quote.number]))]
    if case.state == CaseState.ACCEPTED:
        return [_to_write(quote, form, draft, handed, is_approver)]
    agreed, invoice = getattr(case, "enrolment", None), case.shown_invoices[0] if case.shown_invoices else None
    if form and agreed and agreed.proposed_start:
        text = f"補償の開始が{seireki(agreed.proposed_start)}に変わります。内容を確認してください。"
        return [(text, "変更後の内容を見る", reverse("credit:later-start", args=[form.application.number]))]
    if invoice and invoice.missing:
        short = f"あと{yen(invoice.missing)}" if invoice.received else yen(invoice.amount)
        return [(f"保険料（{short}）を{seireki(invoice.due_on)}までにお振込みください。", "払込のご案内を見る", page)]
    return []


def _to_write(quote: Any, form: Any, draft: Any, handed: Any, is_approver: bool) -> tuple[str, str, str]:
    if draft and handed and handed.returned_at:
        return (f"加入依頼書が差し戻されました：{handed.reply}", "修正する", ENROLMENT.url("receipt", draft.number))
    if draft and handed:
        link = "内容を確認して提出する" if is_approver else "内容を見る"
        return (
            f"加入依頼書が{handed.by.name}さんから責任者に回付されています。",
            link,
            ENROLMENT.url("confirm", draft.number),
        )
    if draft:
        return (f"作成中の加入依頼書（{draft.number}）があります。", "続ける", ENROLMENT.url("receipt", draft.number))
    if form:
        return (
            f"加入依頼書に不備があります：{form.comment}",
            "修正する",
            ENROLMENT.url("receipt", form.application.number),
        )
    begin_url = reverse("credit:enrol", args=[quote.number])
    return ("お引受条件の内容が確定しました。加入依頼書を提出してください。", "加入依頼書を作成する", begin_url)
