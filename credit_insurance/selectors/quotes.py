"""Offers and cases as their member sees them."""

from typing import Any

from django.db.models import Prefetch

from credit_insurance.enums import CaseState, QuoteState
from credit_insurance.models import Case, Quote
from portal.accounts.models import User
from portal.applications.models import Application, ApplicationVersion

SHOWN = (QuoteState.ISSUED, QuoteState.ACCEPTED, QuoteState.REVISED, QuoteState.NOT_TAKEN, QuoteState.EXPIRED)
"""What the member sees: nothing before it is issued."""

WAITING = (CaseState.HEARING_DRAFT, CaseState.INFO_WAIT, CaseState.QUOTED)
"""States of a case that wait for its member."""


def own_quote(user: User, number: str) -> Quote | None:
    """Return an issued offer to the user's company; None for others and unknown ones."""
    cases = Case.objects.visible_to(user)
    found = Quote.objects.filter(case__in=cases, number=number, state__in=SHOWN)
    return found.select_related("case__member__organisation", "case__policy", "case__sheet").first()


def newer_than(quote: Quote) -> Quote | None:
    """Return the newest offer of the same case if it is another one that the member may see."""
    return Quote.objects.filter(case=quote.case_id, pk__gt=quote.pk, state__in=SHOWN).order_by("-pk").first()


def reviews_asked(quote: Quote) -> int:
    """Return how often the member has asked for 条件見直し in this case."""
    return Quote.objects.filter(case=quote.case_id, state=QuoteState.REVISED).count()


def own_case(user: User, number: str) -> Case | None:
    """Return the case of the user's company whose present sheet, or first sheet, has this number."""
    own = Case.objects.visible_to(user).select_related("sheet__organisation", "member__organisation", "policy")
    return own.filter(sheet__number=number).first() or own.filter(number=number).first()


def with_offers(sheets: Any) -> Any:
    """Return the listed sheets with `offers` of their cases: what the member may see, the newest first."""
    shown = Quote.objects.filter(state__in=SHOWN).only("number", "state", "case").order_by("-pk")
    return sheets.prefetch_related(Prefetch("credit_case__quotes", queryset=shown, to_attr="offers"))


def waiting_cases(user: User) -> list[Any]:
    """Return the cases that wait for the user's company, the longest first, with `issued`: their open offers."""
    issued = Quote.objects.filter(state=QuoteState.ISSUED).defer("lines").order_by("-pk")
    own = Case.objects.visible_to(user).filter(state__in=WAITING).select_related("sheet")
    return list(own.prefetch_related(Prefetch("quotes", queryset=issued, to_attr="issued")).order_by("state_at", "pk"))


def submitted_version(user: User, number: str, kind: str) -> ApplicationVersion | None:
    """Return the submitted version of a sheet of the user's company; None for drafts, others and unknown ones."""
    own = Application.objects.visible_to(user).filter(number=number, kind=kind)
    found = ApplicationVersion.objects.filter(application__in=own, sequence=1)
    return found.select_related("application__organisation", "actor").first()
