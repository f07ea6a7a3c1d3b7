"""What is reminded of every night on the way to cover and during it (credit_insurance.md 12).

What a missed night owed is due still: a reminder stays due until the next one takes its place or its day has passed.
The key of a message is the case, what it is about and the day of the mark: nobody is reminded twice of one mark.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from credit_insurance.enums import CaseState, InvoiceState
from credit_insurance.models import Case, Enrolment, Invoice, MasterPolicy
from credit_insurance.rules.deadlines import Calendar, deadlines, period, prospect
from credit_insurance.rules.timers import (
    BEFORE_DEADLINE,
    certificate_alarm,
    certificate_warning,
    deadline_reminders,
    renewal_reminders,
)
from credit_insurance.services.enrolment import WAITING
from portal.outbox import Message, publish

TOPIC = "credit.reminder"
BATCH = 500
UNPAID = (InvoiceState.OPEN, InvoiceState.PARTIAL)
COVERED = (CaseState.COMPLETED, CaseState.CERT_ISSUED, CaseState.IN_FORCE, CaseState.EXHAUSTED)
Due = Iterator[tuple[str, dict[str, Any]]]


def remind(day: date, calendar: Calendar) -> dict[str, int]:
    """Publish the reminders due on `day` that no night has published yet; returns how many of each kind."""
    return {
        "form": _publish_new(_forms(day, calendar)),
        "money": _publish_new(_money(day)),
        "certificate": _publish_new(_certificates(day)),
        "renewal": _publish_new(_renewals(day)),
    }


def is_due(case: Case, about: str, payload: dict[str, Any]) -> bool:
    """Return False for a reminder of what was done since it was published."""
    if about == "form":
        return case.state == CaseState.ACCEPTED
    if about == "money":
        return Invoice.objects.filter(pk=payload["invoice"], state__in=UNPAID, cancelled_at=None).exists()
    if about == "renewal":
        return case.state in COVERED
    return Enrolment.objects.filter(case=case, certificate_number="").exists()


def _mark(marks: Iterable[date], day: date) -> date | None:
    """Return the last mark that has come."""
    return max((one for one in marks if one <= day), default=None)


def _forms(day: date, calendar: Calendar) -> Due:
    """加入依頼書 that are not handed in, by the 締切 of the next start that they can still reach."""
    waiting = Case.objects.filter(state=CaseState.ACCEPTED).order_by("pk")
    for pk, number, intended in waiting.values_list("pk", "number", "intended_start"):
        found = prospect(intended, None, None, day, calendar)
        if found.cover is None:
            continue
        due = deadlines(found.cover.start, calendar).form
        if day <= due and (mark := _mark(deadline_reminders(due), day)):
            yield f"{number} form {mark}", {"case": pk, "about": "form", "due": f"{due}"}


def _money(day: date) -> Due:
    """払込のご案内 that are not paid in full."""
    soon = day + timedelta(days=max(BEFORE_DEADLINE))
    unpaid = Invoice.objects.filter(state__in=UNPAID, cancelled_at=None, due_on__gte=day, due_on__lte=soon)
    rows = unpaid.filter(case__state__in=WAITING).order_by("pk")
    for pk, case, number, due in rows.values_list("pk", "case", "case__number", "due_on"):
        if mark := _mark(deadline_reminders(due), day):
            yield f"{number} money {mark}", {"case": case, "about": "money", "due": f"{due}", "invoice": pk}


def _certificates(day: date) -> Due:
    """加入者証 that are not issued: the insurer is told after 20 days, insurer and member when it is late."""
    missing = Enrolment.objects.filter(completed_at__isnull=False, certificate_number="", starts_on__lte=day)
    for case, number, start in missing.order_by("pk").values_list("case", "case__number", "starts_on"):
        alarm = certificate_alarm(start)
        if mark := _mark((certificate_warning(start), alarm), day):
            about = "certificate_late" if mark == alarm else "certificate_due"
            yield f"{number} certificate {mark}", {"case": case, "about": about, "due": f"{alarm}"}


def _renewals(day: date) -> Due:
    """Members who are covered to the end of a period and have no case in the next one, while its 募集期間 runs."""
    for policy in MasterPolicy.objects.filter(campaign_open__lte=day, campaign_close__gte=day).order_by("year"):
        mark = _mark(renewal_reminders(policy.campaign_open, policy.year), day)
        if mark is None:
            continue
        begun = Case.objects.filter(policy=policy, member=OuterRef("case__member"))
        last = period(policy.year - 1)[1]
        covered = Enrolment.objects.filter(ends_on=last, completed_at__isnull=False, case__state__in=COVERED)
        rows = covered.exclude(Exists(begun)).order_by("pk").values_list("case", "case__number")
        for case, number in rows:
            yield f"{number} renewal {mark}", {"case": case, "about": "renewal", "due": f"{policy.campaign_close}"}


def _publish_new(due: Due) -> int:
    """Publish the messages of `due` (key, payload) whose keys nobody has published; returns how many."""
    found, published = list(due), 0
    for start in range(0, len(found), BATCH):
        wanted = dict(found[start : start + BATCH])
        known = set(Message.objects.filter(topic=TOPIC, key__in=wanted).values_list("key", flat=True))
        new = [Message(TOPIC, key, payload) for key, payload in wanted.items() if key not in known]
        publish(*new)
        published += len(new)
    return published
