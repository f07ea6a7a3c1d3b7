"""債権残高 as the member tells it, and the end of limits with their period (credit_insurance.md 7.2, 12)."""

from datetime import date

from django.db import transaction
from django.db.models import F

from credit_insurance.enums import LimitState
from credit_insurance.models import CoveredDebtor
from credit_insurance.rules.usage import Usage, usage
from credit_insurance.services.review import Overtaken, record
from portal.accounts.models import User

RUNNING = (LimitState.IN_FORCE, LimitState.REDUCTION_NOTICED, LimitState.ZERO, LimitState.STOPPED)
"""States of limits that end with their period."""


@transaction.atomic
def change(debtor: CoveredDebtor, balance: int, day: date, revision: int, actor: User) -> Usage:
    """残高を更新: keep the balance (yen) of a day; returns how it stands to the limit.

    Raises Overtaken when the debtor is no longer at `revision`.
    """
    own = CoveredDebtor.objects.visible_to(actor).filter(pk=debtor.pk, revision=revision)
    if not own.update(balance=balance, balance_date=day, revision=F("revision") + 1):
        raise Overtaken
    about = {"debtor": debtor.pk, "before": debtor.balance, "after": balance}
    record("credit.balance_changed", debtor.enrolment.case, actor, **about)
    return usage(balance, debtor.limit)


def expire(day: date) -> int:
    """End the limits whose period was over before `day`; returns how many. What was delivered stays insured (8.8)."""
    over = CoveredDebtor.objects.filter(ends_on__lt=day, state__in=RUNNING)
    return over.update(state=LimitState.EXPIRED, revision=F("revision") + 1)
