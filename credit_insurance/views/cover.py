"""加入者証 (T-S17) with the 期間中支払限度額 that is left (S29), and what トップ says of a cover."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from credit_insurance.documents.certificate import CERTIFICATE
from credit_insurance.enums import CertificateState
from credit_insurance.forms.cover import AskForm
from credit_insurance.models import Enrolment
from credit_insurance.selectors import cover
from credit_insurance.services import certificates
from credit_insurance.services.review import NotAllowed
from portal.accounts.models import User
from portal.common.eras import seireki
from portal.common.http import HttpRequest, SeeOther
from portal.common.money import yen
from portal.documents.serve import serve_on_demand
from portal.ui.forms import Problem

TITLE = "加入者証"
STAFF = "credit.staff"


def chosen(request: HttpRequest) -> tuple[list[Enrolment], Enrolment | None]:
    """Return the covers of the user's company, and the one that the address asks for; Http404 for an unknown one."""
    number = request.GET.get("cover", "")
    found = cover.covers(request.user)
    shown = cover.shown(found, number)
    if number and shown is None:
        raise Http404
    return found, shown


def span(enrolment: Enrolment) -> str:
    """Return 補償期間 in words."""
    first, last = seireki(enrolment.starts_on), seireki(enrolment.ends_on)
    return f"{first} 午前0時から {last} 午後12時まで（{enrolment.months}か月）"


def certificate(request: HttpRequest) -> HttpResponse:
    """The cover with its limits and what is left, every version of the paper, and 再発行を依頼."""
    return _page(request, AskForm())


def ask(request: HttpRequest) -> HttpResponse:
    """再発行を依頼: it becomes a request in the insurer's queue."""
    if request.method != "POST":
        return _page(request, AskForm())
    _, enrolment = chosen(request)
    if enrolment is None or not enrolment.certificate_number:
        raise Http404
    form = AskForm(request.POST)
    if not form.is_valid():
        return _page(request, form, form.problems(), status=422)
    try:
        certificates.ask(enrolment, form.cleaned_data["reason"], request.user)
    except NotAllowed as refusal:
        return _page(request, form, [Problem("ask", "", str(refusal))], status=409)
    messages.success(request, "加入者証の再発行を依頼しました。新しい版を発行すると、メールでお知らせします。")
    return SeeOther(f"{reverse('credit:certificate')}?cover={enrolment.case.number}")


def paper(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """A version of the 加入者証 with its 別紙, from its frozen facts."""
    found = cover.own_certificate(request.user, number, version)
    if found is None:
        raise Http404
    detail = {"version": version}
    target = found.enrolment.certificate_number
    return serve_on_demand(
        request, CERTIFICATE, found.facts, verb="credit.certificate_pdf", target=target, detail=detail
    )


def _page(
    request: HttpRequest, form: AskForm, problems: list[Problem] | None = None, *, status: int = 200
) -> HttpResponse:
    found, enrolment = chosen(request)
    context: dict[str, Any] = {
        "page_title": TITLE,
        "crumbs": [("トップ", reverse("credit:home")), (TITLE, "")],
        "covers": found,
        "enrolment": enrolment,
    }
    if enrolment:
        versions = cover.versions(enrolment)
        issued = next((one for one in versions if one.state == CertificateState.ISSUED), None)
        context |= _facts(enrolment) | {
            "versions": versions,
            "issued": issued,
            "asked": cover.asked(versions),
            "may_ask": issued is not None and issued.asked_at is None and request.user.has_role(STAFF),
            "form": form,
            "problems": problems or [],
        }
    return render(request, "credit_insurance/certificate.html", context, status=status)


def _facts(enrolment: Enrolment) -> dict[str, Any]:
    today, policy = timezone.localdate(), enrolment.case.policy
    sums, paid = cover.sums(enrolment), cover.paid(enrolment)
    left = enrolment.period_limit - paid
    return {
        "facts": [
            ("証券番号", enrolment.certificate_number or "発行前"),
            ("手続状況", enrolment.case.get_state_display()),
            ("補償期間", span(enrolment)),
            ("縮小率", f"{enrolment.quote.indemnity_ratio * 100:.0f}%"),
            ("保険料", yen(enrolment.premium)),
            ("取引先", f"{sums.debtors}社（支払限度額の合計 {yen(sums.limits)}）"),
            ("引受保険会社", f"{policy.insurer}　{policy.branch}"),
            ("取扱代理店", policy.agent),
        ],
        "limit": enrolment.period_limit,
        "left": left,
        "gauge": [("支払済の保険金（円）", paid, "used"), ("残り（円）", left, "free")],
        "gauge_label": f"期間中支払限度額{yen(enrolment.period_limit)}のうち、残りは{yen(left)}です。",
        "waiting": cover.waiting(enrolment, today),
        "whom": f"{policy.insurer}　{policy.branch}、または取扱代理店（{policy.agent}）",
    }


def panel(user: User) -> dict[str, Any]:
    """Return what トップ shows of the running or the next cover; nothing without one."""
    enrolment = cover.shown(cover.covers(user))
    if enrolment is None:
        return {}
    today = timezone.localdate()
    return {
        "cover": {
            "enrolment": enrolment,
            "span": span(enrolment),
            "is_running": enrolment.starts_on <= today <= enrolment.ends_on,
            "is_over": enrolment.ends_on < today,
            "sums": cover.sums(enrolment),
            "left": enrolment.period_limit - cover.paid(enrolment),
            "waiting": cover.waiting(enrolment, today),
        }
    }
