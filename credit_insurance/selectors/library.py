"""書類庫 (S30): every paper of a member that can be had as PDF, and who last had it when."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Max, Q

from credit_insurance.models import Certificate, EnrolmentForm, Invoice, Questionnaire, Quote
from credit_insurance.selectors.quotes import SHOWN
from credit_insurance.selectors.sheets import SHEET_KIND
from portal.accounts.models import User
from portal.applications.models import Application, State
from portal.audit.models import Event


@dataclass(frozen=True)
class Paper:
    """A paper: what it is, when it was made, where it is served (`page`, `args`), how the audit log knows it."""

    at: datetime
    title: str
    page: str
    args: tuple[object, ...]
    verb: str
    target: str
    note: str = ""
    version: int = 0
    number: str = ""


@dataclass(frozen=True)
class Read:
    """Who last had a paper, and when."""

    who: str
    at: datetime


def papers(user: User) -> list[Paper]:
    """Return every paper of the user's company, the newest first; one query for each kind."""
    return sorted(_papers(user), key=lambda one: one.at, reverse=True)


def _papers(user: User) -> Iterator[Paper]:
    own = user.organisation_id
    if not own:
        return
    answered = Questionnaire.objects.filter(member__organisation=own)
    for nonce, at in answered.values_list("nonce", "answered_at"):
        paper = Paper(at, "アンケート結果", "questionnaire-paper", (nonce,), "credit.questionnaire_pdf", nonce)
        yield replace(paper, number=nonce[:8].upper())
    sheets = Application.objects.visible_to(user).filter(kind=SHEET_KIND, submitted_at__isnull=False)
    for sheet, handed_in in sheets.exclude(state=State.DRAFT).values_list("number", "submitted_at"):
        if handed_in:
            yield Paper(handed_in, "ヒアリングシート", "case-paper", (sheet,), "credit.sheet_pdf", sheet)
    offers = Quote.objects.filter(case__member__organisation=own, state__in=SHOWN).only("number", "issued_at", "state")
    for offer in offers:
        if offer.issued_at:
            words, number = offer.get_state_display(), offer.number
            yield Paper(
                offer.issued_at, "お引受条件のご案内", "quote-paper", (number,), "credit.quote_pdf", number, words
            )
    yield from _enrolment(own)


def _enrolment(own: int) -> Iterator[Paper]:
    """Yield 加入依頼書, 払込のご案内 and 払込確認のお知らせ, 加入者証."""
    form_of: dict[int, str] = {}
    forms = EnrolmentForm.objects.filter(case__member__organisation=own).select_related("application")
    for form in forms.defer("application__data").order_by("case", "-pk"):
        number, at = form.application.number, form.application.submitted_at
        form_of.setdefault(form.case_id, number)
        if at:
            words = form.get_state_display()
            yield Paper(at, "加入依頼書", "enrolment-pdf", (number,), "credit.form_pdf", number, words)
    last = Max("allocations__made_at", filter=Q(allocations__undone_at=None))
    for invoice in Invoice.objects.filter(case__in=form_of, cancelled_at=None).annotate(paid_at=last):
        number, words = invoice.number, invoice.get_state_display()
        args = (form_of[invoice.case_id],)
        yield Paper(invoice.made_at, "払込のご案内", "invoice-pdf", args, "credit.invoice_pdf", number, words)
        if invoice.money_day and invoice.paid_at:
            yield Paper(
                invoice.paid_at, "払込確認のお知らせ", "payment-receipt", (number,), "credit.receipt_pdf", number, words
            )
    issued = Certificate.objects.filter(enrolment__case__member__organisation=own).select_related("enrolment")
    for one in issued.defer("facts"):
        number, words = one.enrolment.certificate_number, one.get_state_display()
        where, verb = (number, one.version), "credit.certificate_pdf"
        yield Paper(one.issued_at, "加入者証（別紙つき）", "certificate-paper", where, verb, number, words, one.version)


def last_read(user: User, found: list[Paper]) -> dict[Paper, Read]:
    """Return who of the user's company last had each paper; one query."""
    events = Event.objects.filter(
        target__in={one.target for one in found},
        verb__in={one.verb for one in found},
        organisation_id=user.organisation_id,
        outcome="ok",
    )
    newest: dict[tuple[str, str, int], Read] = {}
    for event in events.select_related("actor").order_by("at", "id"):
        name = event.actor.name if event.actor else event.actor_login
        newest[event.verb, event.target, event.detail.get("version", 0)] = Read(name, event.at)
    reads = {one: newest.get((one.verb, one.target, one.version)) for one in found}
    return {paper: read for paper, read in reads.items() if read}
