"""Offers and cases as their member sees them."""

from credit_insurance.enums import QuoteState
from credit_insurance.models import Case, Quote
from portal.accounts.models import User

SHOWN = (QuoteState.ISSUED, QuoteState.ACCEPTED, QuoteState.REVISED, QuoteState.NOT_TAKEN, QuoteState.EXPIRED)
"""What the member sees: nothing before it is issued."""


def own_quote(user: User, number: str) -> Quote | None:
    """Return an issued offer to the user's company; None for others and unknown ones."""
    cases = Case.objects.visible_to(user)
    found = Quote.objects.filter(case__in=cases, number=number, state__in=SHOWN)
    return found.select_related("case__member__organisation", "case__policy").first()


def own_case(user: User, number: str) -> Case | None:
    """Return the case of the user's company whose present sheet, or first sheet, has this number."""
    own = Case.objects.visible_to(user).select_related("sheet__organisation", "member__organisation", "policy")
    return own.filter(sheet__number=number).first() or own.filter(number=number).first()
