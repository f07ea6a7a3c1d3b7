"""What the outbox owes: counted for the health page and the checker."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from portal.outbox.models import Message, State

OVERDUE = timedelta(minutes=10)


@dataclass(frozen=True)
class Backlog:
    """Messages not done: waiting in all, due for more than ten minutes, and given up until somebody looks."""

    waiting: int
    overdue: int
    parked: int


def backlog() -> Backlog:
    """Count them with one query."""
    late = timezone.now() - OVERDUE
    waiting = Q(state=State.WAITING)
    return Backlog(
        **Message.objects.exclude(state=State.DONE).aggregate(
            waiting=Count("pk", filter=waiting),
            overdue=Count("pk", filter=waiting & Q(run_after__lt=late)),
            parked=Count("pk", filter=Q(state=State.PARKED)),
        )
    )
