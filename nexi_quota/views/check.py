"""申込み前の確認: the verdict on a request that nobody has made yet."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from nexi_quota.views.lists import HOME
from nexi_quota.wizards import QUOTA_CONFIRMATION
from nexi_quota.wizards.check import CHECK, CHECK_STEP, gauge_of
from nexi_quota.wizards.confirmation import contact_from_account
from portal import audit
from portal.accounts import limiter
from portal.common.http import HttpRequest
from portal.ui.errors import problem
from portal.wizard import intake
from portal.wizard.declaration import Case, Decision, StoredStep
from portal.wizard.reading import BoundForms, Reading
from portal.wizard.services import case_for, decide

MOST_PER_HOUR = 60
"""Checks of one organisation; more would help nobody but who wants to narrow down a hidden balance."""

HOUR = 3600


def check(request: HttpRequest) -> HttpResponse:
    """申込み前の確認: asks, judges and shows; no application, no number, no hold and no draft comes of it."""
    case = case_for(request.user)
    if request.method != "POST":
        return _show(request, _filled(case, {}))
    sent = intake.receive(request, CHECK_STEP, case)
    if sent.action != "continue":
        forms = _filled(case, sent.stored)
        intake.look_up(forms, CHECK_STEP, case, request, sent)
        return _show(request, forms)
    reading = Reading(CHECK, case, {"schema": CHECK.schema, "steps": {CHECK_STEP.slug: sent.stored}})
    if problems := reading.problems():
        return _show(request, reading.forms(CHECK_STEP) or {}, status=422, problems=problems)
    taken = limiter.take("nexi-check", str(case.organisation.pk), MOST_PER_HOUR, HOUR)
    if not taken.allowed:
        return problem(
            request,
            429,
            lead=f"申込み前の確認は、貴社全体で1時間に{MOST_PER_HOUR}回まで行えます。",
            retry_after=taken.wait_seconds,
        )
    decision = decide(reading)
    _record(case, reading, decision)
    return _show(
        request,
        _filled(case, sent.stored),
        decision=decision,
        gauge=gauge_of(reading.answers),
        summary=reading.described(),
        carried=carried(case, sent.stored),
    )


def _filled(case: Case, typed: StoredStep) -> BoundForms:
    return {prefix: form(prefix=prefix, typed=typed, case=case) for prefix, form in CHECK_STEP.forms.items()}


def _record(case: Case, reading: Reading, decision: Decision) -> None:
    """Note who asked about which payer for how much: a row of answers can narrow down a hidden balance."""
    main = reading.answers.terms.main
    audit.record(
        "nexi.checked",
        actor=case.actor,
        organisation=case.organisation,
        target=main["payer_code"],
        detail={
            "product": main["product"],
            "currency": main["currency"],
            "amount": str(main["requested_amount"]),
            "verdict": decision.verdict,
        },
    )


def carried(case: Case, typed: StoredStep) -> list[tuple[str, str]]:
    """Return what a new 確認申込み begins with: the answers as typed, and what it always fills in of the account."""
    own = contact_from_account(case)
    filled = [(f"{prefix}-{name}", text) for prefix, texts in own.items() for name, text in texts.items() if text]
    return [*((name, text) for name, texts in typed.items() for text in texts), *filled]


def _show(request: HttpRequest, forms: BoundForms, *, status: int = 200, **found: Any) -> HttpResponse:
    title = f"{CHECK.title}（保存されません）"
    context = {
        "page_title": title,
        "crumbs": [(HOME, reverse("nexi:home")), (CHECK.title, "")],
        "forms": forms,
        "problems": [],
        "decision": None,
        "new_url": QUOTA_CONFIRMATION.url("first", QUOTA_CONFIRMATION.steps[0].slug),
        **found,
    }
    return render(request, "nexi_quota/check.html", context, status=status)
