"""The submitted ヒアリングシート as a paper (D02): made on demand, of many debtors once and for all by a job."""

from credit_insurance.documents import offers
from credit_insurance.forms.debtor import shown
from credit_insurance.models import Line
from portal.applications.models import ApplicationVersion
from portal.documents.kinds import Context, DocumentKind, register

AFTER = "credit.sheet_sent"
"""Topic: a sheet was submitted."""

MOST_ON_DEMAND = 100
"""Debtors whose paper is made while its reader waits (100 take about 2 s of work)."""


def context_of(version: ApplicationVersion) -> Context:
    """Return what the paper says, from the submitted version and its lines, which never change."""
    rows = Line.objects.filter(sheet=version.application).defer("typed", "unread").order_by("position", "pk")
    lines = [
        offers.SheetLine(line.values, {name: shown(name, line.values) for name in offers.PRINTED}) for line in rows
    ]
    return offers.sheet_context(version, lines)


def is_made_ahead(version: ApplicationVersion) -> bool:
    """Return True for a sheet of so many debtors that a job makes its paper after the submission."""
    return Line.objects.filter(sheet=version.application).count() > MOST_ON_DEMAND


SHEET_PAPER = register(
    DocumentKind(
        "credit-sheet",
        "ヒアリングシート",
        offers.TABLES,
        lambda context: f"ヒアリングシート_{context['number']}.pdf",
        context_of=context_of,
    )
)
