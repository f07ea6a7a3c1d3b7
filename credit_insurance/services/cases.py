"""An enrolment as a case: opened by its first ヒアリングシート, followed by copies when it was returned (7.1)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from credit_insurance.enums import CaseKind, CaseState
from credit_insurance.models import Case, MasterPolicy, Member
from credit_insurance.states import CASE
from portal import audit
from portal.accounts.models import User
from portal.applications.models import Application
from portal.common.states import move


@dataclass(frozen=True)
class Wanted:
    """What a submitted sheet asks for: amounts in yen, `debtors` that count for the ten, `turnover` in months."""

    start: date
    policy: MasterPolicy
    debtors: int
    requested: int
    turnover: Decimal


def submit(sheet: Application, member: Member, wanted: Wanted, actor: User) -> Case:
    """申請: open the case of a sheet, or hand the corrected copy of a returned one to its case. Needs a transaction."""
    now = timezone.now()
    facts = {
        "intended_start": wanted.start,
        "debtors": wanted.debtors,
        "requested": wanted.requested,
        "turnover": wanted.turnover,
        "state_at": now,
    }
    returned = Case.objects.filter(sheet=sheet.copied_from_id, member=member, state=CaseState.HEARING_DRAFT)
    if sheet.copied_from_id and move(returned, CASE, "submit", sheet=sheet, policy=wanted.policy, **facts):
        case = Case.objects.get(sheet=sheet)
    else:
        case = Case.objects.create(
            number=sheet.number,
            sheet=sheet,
            member=member,
            policy=wanted.policy,
            kind=CaseKind.NEW if wanted.start.month == 3 else CaseKind.MIDTERM,
            **facts,
        )
    audit.record(
        "credit.submitted", actor=actor, organisation=sheet.organisation, target=case.number,
        detail={"sheet": sheet.number, "debtors": wanted.debtors, "requested": wanted.requested},
    )  # fmt: skip
    return case
