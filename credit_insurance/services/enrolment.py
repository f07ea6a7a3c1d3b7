"""加入: 加入依頼書, both 締切, and what a missed one leads to (credit_insurance.md 7.1, 8.3, 9.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from credit_insurance.enums import CaseState, FormState, InvoiceKind, LimitCause
from credit_insurance.messages import text
from credit_insurance.models import (
    Case,
    Consent,
    ConsentPaper,
    CoveredDebtor,
    Enrolment,
    EnrolmentForm,
    Invoice,
    LimitHistory,
    Line,
    Quote,
)
from credit_insurance.numbers import INVOICE
from credit_insurance.rules.deadlines import (
    Calendar,
    Cover,
    Outcome,
    cover_from,
    deadlines,
    outcome_text,
    period,
    period_year,
    prospect,
)
from credit_insurance.rules.premium import Rounding, premium
from credit_insurance.selectors import masters
from credit_insurance.services import copying, deposits
from credit_insurance.services.refunds import MANAGER
from credit_insurance.services.review import NotAllowed, Overtaken, record, tell
from credit_insurance.states import CASE, FORM
from portal.accounts.models import User
from portal.applications.models import Application
from portal.common.eras import seireki
from portal.common.states import move
from portal.numbering.series import allocate

WAITING = (CaseState.ACCEPTED, CaseState.FORM_SUBMITTED, CaseState.FORM_ACCEPTED)
"""States of cases that still need their form, its 受付 or their money."""


@dataclass(frozen=True)
class Terms:
    """What the member agrees to with a 加入依頼書: the cover, and its 保険料 in yen."""

    cover: Cover
    premium: int


def terms_from(quote: Quote, cover: Cover) -> Terms:
    """Return an offer's terms for another start in the same period: fewer months, less premium (7.1)."""
    rounding = Rounding(quote.case.policy.rounding, quote.case.policy.min_premium)
    return Terms(cover, premium(quote.total_limit, quote.rate, cover.months, rounding))


def expected(quote: Quote, today: date, calendar: Calendar) -> Outcome:
    """Return what a form submitted today leads to, as far as the money is known; one query."""
    invoice = _initial(quote.case_id).first()
    known = Enrolment.objects.filter(case=quote.case_id).values_list("starts_on", flat=True).first()
    return prospect(known or quote.starts_on, today, _money_day(invoice, today, calendar), today, calendar)


def _money_day(invoice: Invoice | None, today: date, calendar: Calendar) -> date:
    """Return the day of the money, while it is missing the last one it may still have come on.

    The bank tells of a bank day on the next one: nobody loses a start for money that is in the bank, but not in the
    portal yet.
    """
    return (invoice.money_day if invoice else None) or calendar.last_open(today - timedelta(days=1))


def _initial(case: int) -> QuerySet[Invoice]:
    """Return the live 払込のご案内 of a case's first premium, none before its first form."""
    return Invoice.objects.filter(case=case, kind=InvoiceKind.INITIAL, cancelled_at=None)


# --- 加入依頼書 ------------------------------------------------------------------------


def submit_form(
    application: Application,
    quote: Quote,
    terms: Terms,
    papers: Sequence[ConsentPaper],
    actor: User,
    calendar: Calendar,
) -> EnrolmentForm:
    """提出: keep the form with its consents, the terms agreed to, and the 払込のご案内; needs a transaction.

    Raises Overtaken when the case does not wait for a form any more.
    """
    now = timezone.now()
    case = Case.objects.visible_to(actor).filter(pk=quote.case_id)
    start = terms.cover.start
    if not move(case, CASE, "form", intended_start=start, state_at=now):
        raise Overtaken
    form = EnrolmentForm.objects.create(
        case=quote.case, quote=quote, application=application, form_day=timezone.localdate(now)
    )
    Consent.objects.bulk_create(Consent(form=form, paper=paper, by=actor, at=now) for paper in papers)
    agreed = {
        "starts_on": start,
        "ends_on": terms.cover.end,
        "months": terms.cover.months,
        "premium": terms.premium,
        "period_limit": quote.period_limit,
        "proposed_start": None,
        "proposed_premium": None,
    }
    if not Enrolment.objects.filter(case=quote.case).update(**agreed):
        Enrolment.objects.create(case=quote.case, quote=quote, **agreed)
    bill(quote.case, terms, calendar)
    record("credit.form_submitted", quote.case, actor, start=start, premium=terms.premium)
    return form


def bill(case: Case, terms: Terms, calendar: Calendar) -> Invoice:
    """Write the 払込のご案内 of a case, or bring it to these terms; what is then too much becomes open again."""
    due_on = deadlines(terms.cover.start, calendar).money
    invoice = _initial(case.pk).first()
    if invoice is None:
        made: Invoice = Invoice.objects.create(
            case=case, number=allocate(INVOICE), amount=terms.premium, due_on=due_on, made_at=timezone.now()
        )
        return made
    deposits.change_amount(invoice, terms.premium, due_on)
    return invoice


@transaction.atomic
def accept_form(form: EnrolmentForm, actor: User, calendar: Calendar) -> None:
    """受付 by the 団体事務局; raises Overtaken. Whoever has paid is then complete."""
    now = timezone.now()
    won = move(EnrolmentForm.objects.filter(pk=form.pk), FORM, "accept", decided_by=actor, decided_at=now)
    if not won or not move(Case.objects.filter(pk=form.case_id), CASE, "form_accept", state_at=now):
        raise Overtaken
    record("credit.form_accepted", form.case, actor, form=form.application.number)
    tell(form.case, "form_accept")
    settle(form.case, timezone.localdate(), calendar)


@transaction.atomic
def return_form(form: EnrolmentForm, comment: str, actor: User) -> None:
    """不備返却: the day of the corrected form is what counts then; raises Overtaken."""
    now = timezone.now()
    won = move(
        EnrolmentForm.objects.filter(pk=form.pk), FORM, "return", decided_by=actor, decided_at=now, comment=comment
    )
    if not won or not move(Case.objects.filter(pk=form.case_id), CASE, "form_return", state_at=now, comment=comment):
        raise Overtaken
    record("credit.form_returned", form.case, actor, form=form.application.number)
    tell(form.case, "form_return")


# --- Both 締切 decide -------------------------------------------------------------------


@transaction.atomic
def settle(case: Case, today: date, calendar: Calendar) -> str:
    """Bring a case to what its form and its money lead to today; idempotent. Returns the event, "" for none.

    "complete" fixes the cover; "later" asks the member to confirm a later start; "miss" ends the case, whose last
    possible month has passed.
    """
    # Two people who finish a case at once wait for each other here.
    if not Case.objects.filter(pk=case.pk, state__in=WAITING).update(state_at=F("state_at")):
        return ""
    locked = Case.objects.select_related("member__organisation").get(pk=case.pk)
    enrolment = Enrolment.objects.select_related("quote__case__policy").filter(case=case).first()
    if enrolment is None:
        return _settle_without_form(locked, today, calendar)
    form = EnrolmentForm.objects.filter(case=case).exclude(state=FormState.RETURNED).first()
    # Nobody takes money away between the look at it and the completion.
    invoice = deposits.held(_initial(case.pk).get().pk)
    if invoice is None:
        raise Overtaken
    form_day = form.form_day if form else None
    found = prospect(enrolment.starts_on, form_day, _money_day(invoice, today, calendar), today, calendar)
    if found.cover is None:
        return _miss(locked, found, enrolment.starts_on, today, calendar)
    if found.is_later:
        return _propose(enrolment, found.cover, calendar)
    # The bank told late of money that was in time: the start that was agreed is possible again.
    Enrolment.objects.filter(pk=enrolment.pk).update(proposed_start=None, proposed_premium=None)
    if form and form.state == FormState.ACCEPTED and invoice.money_day:
        return _complete(locked, enrolment)
    return ""


def _settle_without_form(case: Case, today: date, calendar: Calendar) -> str:
    """End an accepted offer whose period can no longer be joined; a later month of it needs no word here."""
    found = prospect(case.intended_start, None, _money_day(None, today, calendar), today, calendar)
    return _miss(case, found, case.intended_start, today, calendar) if found.cover is None else ""


def _propose(enrolment: Enrolment, cover: Cover, calendar: Calendar) -> str:
    terms = terms_from(enrolment.quote, cover)
    unknown = Enrolment.objects.filter(pk=enrolment.pk).exclude(proposed_start=cover.start)
    if not unknown.update(proposed_start=cover.start, proposed_premium=terms.premium):
        return ""
    record("credit.start_later", enrolment.quote.case, None, start=cover.start, premium=terms.premium)
    tell(enrolment.quote.case, "later")
    return "later"


@transaction.atomic
def confirm_later(enrolment: Enrolment, start: date, due: int, actor: User, today: date, calendar: Calendar) -> None:
    """The 責任者 agrees to the later `start` and its premium `due` as shown; raises Overtaken when they changed."""
    case = Case.objects.visible_to(actor).filter(pk=enrolment.case_id, state__in=WAITING)
    cover = cover_from(start)
    own = Enrolment.objects.filter(pk=enrolment.pk, proposed_start=start, proposed_premium=due, completed_at=None)
    agreed = {"starts_on": start, "ends_on": cover.end, "months": cover.months, "premium": due}
    won = case.update(intended_start=start) and own.update(**agreed, proposed_start=None, proposed_premium=None)
    if not won:
        raise Overtaken
    bill(enrolment.case, Terms(cover, due), calendar)
    record("credit.start_confirmed", enrolment.case, actor, start=start, premium=due)
    settle(enrolment.case, today, calendar)


def _miss(case: Case, found: Outcome, intended: date, today: date, calendar: Calendar) -> str:
    if not move(Case.objects.filter(pk=case.pk), CASE, "miss", state_at=timezone.now()):
        return ""
    Enrolment.objects.filter(case=case).update(proposed_start=None, proposed_premium=None)
    deposits.release(case)
    record("credit.period_missed", case, None, intended=intended)
    words = outcome_text(found, intended, calendar) + _next_period(case, intended, today)
    Case.objects.filter(pk=case.pk).update(comment=words)
    tell(case, "miss")
    return "miss"


def _next_period(case: Case, intended: date, today: date) -> str:
    """Open a new sheet for the next period where its 募集 has begun; returns in words how to go on."""
    start, _ = period(period_year(intended) + 1)
    policy = masters.policy_for(start)
    if policy is None:
        return text("C-NEXT-UNKNOWN")
    if policy.campaign_open > today:
        return text("C-NEXT-LATER", 募集開始日=seireki(policy.campaign_open))
    actor = copying.successor(case.sheet)
    if actor is None:
        return text("C-NEXT-COPY")
    made = copying.copy_sheet(case.sheet, actor, start)
    record("credit.case_reopened", case, None, sheet=made.number, start=start)
    return text("C-NEXT-OPENED", 番号=made.number)


@transaction.atomic
def cancel(case: Case, reason: str, actor: User) -> None:
    """取消し before the cover is fixed, by the 団体事務局・承認; its money becomes open again.

    Raises NotAllowed for anybody else, Overtaken when the cover is fixed or the case has ended.
    """
    if not actor.has_role(MANAGER):
        raise NotAllowed("加入手続の取消しは団体事務局の承認者が行います。")
    if not move(Case.objects.filter(pk=case.pk), CASE, "cancel", comment=reason, state_at=timezone.now()):
        raise Overtaken
    deposits.release(case)
    record("credit.enrolment_cancelled", case, actor)
    tell(case, "cancel")


# --- Cover ------------------------------------------------------------------------------


def _complete(case: Case, enrolment: Enrolment) -> str:
    """加入手続完了: fix the cover and put every debtor with a limit under it."""
    now = timezone.now()
    if not move(Case.objects.filter(pk=case.pk), CASE, "complete", state_at=now):
        return ""
    Enrolment.objects.filter(pk=enrolment.pk).update(completed_at=now, proposed_start=None, proposed_premium=None)
    offered = {line["line"]: line["limit"] for line in enrolment.quote.lines if line["limit"]}
    lines = Line.objects.filter(pk__in=offered).order_by("position", "pk")
    covered = CoveredDebtor.objects.bulk_create(_covered(enrolment, line, offered[line.pk]) for line in lines)
    LimitHistory.objects.bulk_create(
        LimitHistory(
            debtor=one, limit=one.limit, effective_from=enrolment.starts_on, cause=LimitCause.INITIAL, made_at=now
        )
        for one in covered
    )
    record("credit.completed", case, None, start=enrolment.starts_on, debtors=len(covered))
    tell(case, "complete")
    return "complete"


def _covered(enrolment: Enrolment, line: Line, limit: int) -> CoveredDebtor:
    values = line.values
    return CoveredDebtor(
        enrolment=enrolment,
        line=line,
        name=values["debtor_name"],
        corporate_number=values.get("corporate_number", ""),
        address=values["address"],
        debtor_key=line.debtor_key,
        starts_on=enrolment.starts_on,
        ends_on=enrolment.ends_on,
        limit=limit,
        balance=values["balance_now"],
        balance_date=values["balance_date"],
    )


def settle_all(today: date, calendar: Calendar) -> dict[str, int]:
    """Settle every case that waits; returns how many were completed, moved to a later start, or missed."""
    deposits.settle_certain()
    done = {"complete": 0, "later": 0, "miss": 0}
    for case in Case.objects.filter(state__in=WAITING).select_related("member__organisation").order_by("pk"):
        if event := settle(case, today, calendar):
            done[event] += 1
    return done


def begin_and_end(today: date) -> dict[str, int]:
    """補償開始 at 0:00 of the first day, 満期終了 after 24:00 of the last; returns how many."""
    now = timezone.now()
    begun = Q(enrolment__starts_on__lte=today)
    ended = Q(enrolment__ends_on__lt=today)
    return {
        "begun": _move_all(begun, "begin", state_at=now),
        "ended": _move_all(ended, "end", state_at=now),
    }


def _move_all(due: Q, event: str, **fields: object) -> int:
    found = Case.objects.filter(due, state__in=CASE.sources(event)).values_list("pk", flat=True)
    return sum(move(Case.objects.filter(pk=pk), CASE, event, **fields) for pk in list(found))
