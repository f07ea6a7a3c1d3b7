"""Brings a case to the point at which a test begins: through the services, without their pages."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from credit_insurance.enums import CaseState, Decision
from credit_insurance.forms.debtor import DebtorForm, entry_of
from credit_insurance.models import Case, ConsentPaper, CreditClass, LimitDecision, Quote
from credit_insurance.numbers import FORM
from credit_insurance.rules.deadlines import cover_from
from credit_insurance.selectors import masters
from credit_insurance.services import enrolment, quotes, review
from credit_insurance.services.sheets import add_lines
from credit_insurance.wizards import HEARING
from portal.accounts.models import User
from portal.applications.models import Application
from portal.numbering.series import allocate
from portal.wizard import services as wizard
from tests.credit_insurance.driver import debtor, summary

RATE = Decimal("0.01")


def stored(typed: dict[str, str]) -> dict[str, list[str]]:
    """Return what a browser sends as the engine stores it."""
    return {name: [value] for name, value in typed.items()}


def submitted(approver: User, start: date, debtors: int = 12, **changes: str) -> Case:
    """A sheet of sound debtors of 8,000,000 yen each unless told, handed in for cover from `start`."""
    given = stored(summary(intended_start=start.isoformat()))
    draft = wizard.start(HEARING, approver, "summary", given)
    add_lines(draft, [entry_of(DebtorForm(debtor(place, **changes))) for place in range(1, debtors + 1)], approver)
    draft.refresh_from_db()
    draft = wizard.save_step(HEARING, draft, approver, "debtors", {}, draft.revision)
    reading = wizard.read(HEARING, draft, approver)
    assert not reading.problems(), reading.problems()
    digest = wizard.decide(reading).digest(reading.stored_steps())
    wizard.submit(HEARING, draft.number, approver, revision=draft.revision, digest=digest)
    return Case.objects.get(sheet=draft)


def quoted(case: Case, underwriter: User, manager: User, rate: Decimal = RATE) -> Quote:
    """An issued offer of what was asked for, every debtor in class 3; Σ 96,000,000 and 1 % unless told."""
    review.take(case, {}, underwriter)
    third = CreditClass.objects.get(policy=case.policy, number=3)
    for one in LimitDecision.objects.filter(case=case).select_related("line"):
        limit = one.line.values["requested_limit"]
        LimitDecision.objects.filter(pk=one.pk).update(
            decision=Decision.APPROVED, credit_class=third, limit=limit, decided_by=underwriter
        )
    case.refresh_from_db()
    today, calendar = timezone.localdate(), masters.calendar()
    quote = quotes.prepare(case, quotes.Terms(rate, 29_000_000), underwriter, today, calendar)
    quotes.issue(quote, manager, today, calendar)
    quote.refresh_from_db()
    return quote


def accepted(approver: User, underwriter: User, manager: User, start: date) -> Quote:
    """An offer whose content the member has fixed."""
    quote = quoted(submitted(approver, start), underwriter, manager)
    quotes.accept(quote, approver, timezone.localdate())
    quote.refresh_from_db()
    quote.case.refresh_from_db()
    assert quote.case.state == CaseState.ACCEPTED
    return quote


def form_in(quote: Quote, approver: User) -> Application:
    """A 加入依頼書 that was submitted now, with its terms as they are today; the wizard's own pages are left out."""
    now, calendar = timezone.now(), masters.calendar()
    application = Application.objects.create(
        number=allocate(FORM),
        kind="enrolment",
        organisation=approver.organisation,
        state="submitted",
        data={"schema": 1, "steps": {}, "review": []},
        created_by=approver,
        saved_by=approver,
        submitted_by=approver,
        created_at=now,
        saved_at=now,
        submitted_at=now,
    )
    found = enrolment.expected(quote, timezone.localdate(), calendar)
    assert found.cover is not None
    terms = enrolment.terms_from(quote, found.cover)
    papers = list(ConsentPaper.objects.all())
    with transaction.atomic():
        enrolment.submit_form(application, quote, terms, papers, approver, calendar)
    return application


def full_terms(quote: Quote) -> enrolment.Terms:
    """Return the terms of an offer as it stands."""
    return enrolment.terms_from(quote, cover_from(quote.starts_on))
