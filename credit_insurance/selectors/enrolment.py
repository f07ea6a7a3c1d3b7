"""What a member sees of its 加入依頼書: its offer, the papers to agree to, the forms and drafts, what is to be paid."""

from datetime import date
from typing import Any

from django.db.models import Prefetch

from credit_insurance.enums import CaseState, ConsentKind, QuoteState
from credit_insurance.models import Case, ConsentPaper, Enrolment, EnrolmentForm, HandOver, Invoice, Quote
from portal.accounts.models import User
from portal.applications.models import Application, State

FORM_KIND = "enrolment"
"""手続種別 of the 加入依頼書 (`credit_insurance.wizards.enrolment`)."""

BEFORE = (
    *(CaseState.HEARING_DRAFT, CaseState.SUBMITTED, CaseState.UNDER_REVIEW, CaseState.INFO_WAIT, CaseState.QUOTED),
    CaseState.DECLINED,
)
"""States of cases that never had an accepted offer."""


def papers(today: date) -> dict[ConsentKind, ConsentPaper]:
    """Return the paper of each kind that applies today; a kind without one is missing."""
    found = ConsentPaper.objects.filter(valid_from__lte=today).order_by("valid_from", "version")
    by_kind = {paper.kind: paper for paper in found}
    return {kind: by_kind[kind] for kind in ConsentKind if kind in by_kind}


def paper_file(kind: str, version: int, today: date) -> ConsentPaper | None:
    """Return a paper that applies or has applied, and that has a PDF."""
    found = ConsentPaper.objects.filter(kind=kind, version=version, valid_from__lte=today)
    return found.exclude(file="").first()


def accepted_quote(user: User, number: str) -> Quote | None:
    """Return the offer whose content the user's company has fixed; None for others and unknown ones."""
    found = Quote.objects.filter(case__in=Case.objects.visible_to(user), number=number, state=QuoteState.ACCEPTED)
    return found.select_related("case__member__organisation", "case__policy", "case__sheet").first()


def quotes_to_enrol(user: User) -> list[Quote]:
    """Return the fixed offers of the user's company that wait for a 加入依頼書."""
    cases = Case.objects.visible_to(user).filter(state=CaseState.ACCEPTED)
    return list(Quote.objects.filter(case__in=cases, state=QuoteState.ACCEPTED).select_related("case").order_by("pk"))


def drafts(user: User) -> Any:
    """Return the 加入依頼書 in the making of the user's company, newest first; `reference` is the 見積番号."""
    own = Application.objects.visible_to(user).filter(kind=FORM_KIND, state=State.DRAFT)
    return own.select_related("saved_by").order_by("-saved_at", "-pk")


def own_form(user: User, number: str) -> EnrolmentForm | None:
    """Return a submitted 加入依頼書 of the user's company."""
    found = EnrolmentForm.objects.filter(case__in=Case.objects.visible_to(user), application__number=number)
    return found.select_related(
        "application__organisation", "case__policy", "case__member__organisation", "case__sheet", "quote"
    ).first()


def newest_form(case: Case) -> EnrolmentForm | None:
    """Return the last 加入依頼書 of a case, a returned one included; the case is one that the caller may see."""
    return EnrolmentForm.objects.filter(case=case).select_related("application").order_by("-pk").first()


def enrolment_of(case: Case) -> Enrolment | None:
    """Return what was agreed to for a case that the caller may see."""
    return Enrolment.objects.filter(case=case).first()


def invoice_of(case: Case) -> Invoice | None:
    """Return the 払込のご案内 of the first premium of a case that the caller may see."""
    return Invoice.objects.filter(case=case, kind="initial", cancelled_at=None).first()


def hand_over_of(number: str, user: User) -> HandOver | None:
    """Return to whom a draft of the user's company was handed over, or by whom it was given back."""
    own = HandOver.objects.filter(application__in=drafts(user).order_by(), application__number=number)
    return own.select_related("by", "returned_by").first()


def hand_overs(user: User) -> list[HandOver]:
    """Return the hand-overs of the drafts of the user's company."""
    found = HandOver.objects.filter(application__in=drafts(user).order_by())
    return list(found.select_related("application", "by", "returned_by").order_by("-at", "-pk"))


def enrolling(user: User) -> Any:
    """Return the cases of the user's company that came as far as an accepted offer, with what their list shows."""
    forms = EnrolmentForm.objects.select_related("application").order_by("-pk")
    invoices = Invoice.objects.filter(kind="initial", cancelled_at=None).order_by("-pk")
    taken = Quote.objects.filter(state=QuoteState.ACCEPTED).order_by("-pk")
    own = Case.objects.visible_to(user).exclude(state__in=BEFORE).filter(quotes__state=QuoteState.ACCEPTED).distinct()
    return own.select_related("sheet", "enrolment").prefetch_related(
        Prefetch("forms", forms, to_attr="shown_forms"),
        Prefetch("invoices", invoices, to_attr="shown_invoices"),
        Prefetch("quotes", taken, to_attr="taken_quotes"),
    )
