"""Member B of the demo: covered since 1 March, with an overdue debtor and a limit that the insurer has reduced.

Everything goes through the services; only their days are put back to before 1 March, as services know no other today.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from credit_insurance.enums import CaseKind, Decision, LimitCause, LimitState
from credit_insurance.models import (
    Case,
    ConsentPaper,
    CoveredDebtor,
    CreditClass,
    Deposit,
    Enrolment,
    EnrolmentForm,
    Invoice,
    LimitDecision,
    LimitHistory,
    MasterPolicy,
    Quote,
)
from credit_insurance.numbers import FORM
from credit_insurance.rules.deadlines import cover_from, period, period_year
from credit_insurance.rules.usage import stops_on
from credit_insurance.selectors import masters
from credit_insurance.selectors.enrolment import FORM_KIND
from credit_insurance.services import certificates, deposits, enrolment, quotes, review
from credit_insurance.wizards import HEARING
from credit_insurance.wizards.enrolment import AFTER, period_text
from portal.accounts.models import User
from portal.applications.models import Application, ApplicationVersion, State
from portal.common.money import yen
from portal.numbering.series import allocate
from portal.outbox import Message, publish
from portal.wizard import services as wizard

RATE = Decimal("0.01")
PERIOD_LIMIT = 30_000_000
CLASS = 3
OVERDUE, REDUCED = "例示青果株式会社", "例示水産株式会社"
OVERDUE_DAYS = 40
REDUCED_DAYS = 10


@dataclass(frozen=True)
class People:
    """Logins of who takes part: the member's 責任者, 団体事務局, 引受担当 and 引受責任者."""

    approver: str
    federation: str
    underwriter: str
    manager: str


def is_covered(member: str, today: date) -> bool:
    """Return True while the member has a cover that is not over."""
    return Enrolment.objects.filter(
        case__member__number=member, completed_at__isnull=False, ends_on__gte=today
    ).exists()


def cover(sheet: Application, people: People, today: date) -> None:
    """Bring a sheet to cover since 1 March with 加入者証 第2版; needs a transaction."""
    approver, federation, underwriter, manager = (
        User.objects.select_related("organisation").get(login=login)
        for login in (people.approver, people.federation, people.underwriter, people.manager)
    )
    start = period(period_year(today))[0]
    before = start - timedelta(days=30)
    quote = _offer(_submit(sheet, approver, start), underwriter, manager, before)
    quotes.accept(quote, approver, before)
    _pay(quote, _form(quote, approver, start), before)
    form = EnrolmentForm.objects.select_related("case__member__organisation", "application").get(quote=quote)
    enrolment.accept_form(form, federation, masters.calendar())
    covered = Enrolment.objects.get(quote=quote)
    certificates.issue(covered, underwriter)
    _trouble(covered, underwriter, today)
    certificates.issue(covered, underwriter, "支払限度額の減額", after=1)
    enrolment.begin_and_end(today)


def _submit(sheet: Application, approver: User, start: date) -> Case:
    reading = wizard.read(HEARING, sheet, approver)
    digest = wizard.decide(reading).digest(reading.stored_steps())
    wizard.submit(HEARING, sheet.number, approver, revision=sheet.revision, digest=digest)
    policy = MasterPolicy.objects.get(year=period_year(start))
    Case.objects.filter(sheet=sheet).update(policy=policy, intended_start=start, kind=CaseKind.NEW)
    return Case.objects.select_related("member__organisation", "policy").get(sheet=sheet)


def _offer(case: Case, underwriter: User, manager: User, day: date) -> Quote:
    review.take(case, {}, underwriter)
    case.refresh_from_db()
    third = CreditClass.objects.get(policy=case.policy_id, number=CLASS)
    rulings = [
        (one, review.Entered(Decision.APPROVED, third, one.line.values["requested_limit"]), one.revision)
        for one in LimitDecision.objects.filter(case=case).select_related("line", "case__member__organisation")
    ]
    if refused := review.rule_each(case, rulings, underwriter):
        raise RuntimeError(f"the demo's own rulings are refused: {refused}")
    terms, calendar = quotes.Terms(RATE, PERIOD_LIMIT), masters.calendar()
    quote = quotes.prepare(case, terms, underwriter, day, calendar)
    quotes.issue(quote, manager, day, calendar)
    quote.refresh_from_db()
    return quote


def _form(quote: Quote, approver: User, start: date) -> Application:
    """A 加入依頼書 with its version; its own pages, which know today only, are left out."""
    now = timezone.now()
    data = {"schema": 1, "steps": {}, "review": []}
    application = Application.objects.create(
        number=allocate(FORM),
        kind=FORM_KIND,
        organisation=quote.case.member.organisation,
        reference=quote.number,
        state=State.SUBMITTED,
        data=data,
        created_by=approver,
        saved_by=approver,
        submitted_by=approver,
        created_at=now,
        saved_at=now,
        submitted_at=now,
    )
    terms = enrolment.terms_from(quote, cover_from(start))
    facts = [
        ("見積番号", quote.number),
        ("補償期間", period_text(terms.cover)),
        ("期間中支払限度額", yen(quote.period_limit)),
        ("保険料", yen(terms.premium)),
    ]
    version = ApplicationVersion.objects.create(
        application=application,
        sequence=1,
        event="submitted",
        answers=[],
        decision={"verdict": "加入を依頼できます", "facts": facts, "reasons": []},
        data=data,
        actor=approver,
        created_at=now,
    )
    papers = list(ConsentPaper.objects.filter(version=1))
    enrolment.submit_form(application, quote, terms, papers, approver, masters.calendar())
    publish(Message(AFTER, application.number, {"application": application.pk, "version": version.pk}))
    return application


def _pay(quote: Quote, application: Application, day: date) -> None:
    """Form and money were in time."""
    EnrolmentForm.objects.filter(application=application).update(form_day=day + timedelta(days=5))
    invoice = Invoice.objects.get(case=quote.case_id)
    paid = day + timedelta(days=7)
    Deposit.objects.create(
        booked_on=paid,
        value_on=paid,
        amount=invoice.amount,
        open_amount=invoice.amount,
        payer=f"{invoice.number} {quote.case.member.payer_kana}",
        entered_at=timezone.now(),
    )
    if not deposits.settle_certain():
        raise RuntimeError("the demo's own deposit pays nothing")


def _trouble(covered: Enrolment, underwriter: User, today: date) -> None:
    """One debtor pays late; the limit of another is halved and no longer holds its balance."""
    own = CoveredDebtor.objects.filter(enrolment=covered)
    due = today - timedelta(days=OVERDUE_DAYS)
    state = LimitState.STOPPED if stops_on(due) <= today else LimitState.IN_FORCE
    own.filter(name=OVERDUE).update(oldest_due=due, state=state)
    reduced = own.get(name=REDUCED)
    own.filter(pk=reduced.pk).update(limit=reduced.limit // 2)
    LimitHistory.objects.create(
        debtor=reduced,
        limit=reduced.limit // 2,
        effective_from=max(covered.starts_on, today - timedelta(days=REDUCED_DAYS)),
        cause=LimitCause.INSURER_REDUCTION,
        made_by=underwriter,
        made_at=timezone.now(),
    )
