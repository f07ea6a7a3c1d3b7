"""A new ヒアリングシート with what another one says, debtors included (credit_insurance.md 7.1, 8.16)."""

from datetime import date

from django.db import transaction

from credit_insurance.selectors.sheets import SHEET_KIND, lines_of
from credit_insurance.services.sheets import Entry, import_lines
from portal.accounts.models import User
from portal.applications.models import Application
from portal.wizard import registry
from portal.wizard.services import start as begin

STAFF = "credit.staff"


@transaction.atomic
def copy_sheet(sheet: Application, actor: User, start: date | None = None) -> Application:
    """Return a draft of `actor`'s company with summary and debtors of `sheet`, for cover from `start` if given."""
    summary = sheet.data["steps"]["summary"]
    if start is not None:
        summary = {**summary, "main-intended_start": [start.isoformat()]}
    entries = [Entry(line.typed, line.values, line.unread, line.debtor_key) for line in lines_of(sheet)]
    copy = begin(registry.get(SHEET_KIND), actor, "summary", summary, sheet)
    import_lines(copy, entries, [], actor, copy.revision, source=sheet.number)
    return copy


def successor(sheet: Application) -> User | None:
    """Return in whose name a sheet is copied by the portal: who submitted it, else a colleague who may."""
    people = User.objects.filter(organisation=sheet.organisation_id, is_active=True).select_related("organisation")
    able = [person for person in people.order_by("pk") if person.has_role(STAFF)]
    return next((person for person in able if person.pk == sheet.submitted_by_id), able[0] if able else None)
