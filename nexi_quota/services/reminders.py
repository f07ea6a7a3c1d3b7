"""Reminders by mail: the night publishes what is due as messages; the key of each lets it out once, for ever."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from nexi_quota import selectors
from nexi_quota.rules.notices import loss_notice_until
from portal.outbox import Message, publish

STAGES = (3, selectors.SOON_DAYS)
"""Days before 保証枠有効期限 from which a reminder is due (nexi.md 9), the nearest first."""

BATCH = 500


def remind(day: date) -> dict[str, int]:
    """Publish the reminders due on `day` that no night has published yet; returns how many of each kind.

    What a missed night owed is due still: a reminder stays due until the next one takes its place, the confirmation
    expires or the time for the 損失等発生通知 is over.
    """
    return {
        "expiring": _publish_new("nexi.expiring", list(_expiring(day))),
        "overdue": _publish_new("nexi.overdue", list(_overdue(day))),
    }


def _expiring(day: date) -> Iterator[tuple[str, dict[str, Any]]]:
    for pk, number, expires_on in selectors.expiring(day).order_by("pk").values_list("pk", "number", "expires_on"):
        days = (expires_on - day).days
        stage = next(stage for stage in STAGES if days <= stage)
        yield f"{number} {stage}", {"confirmation": pk, "days": days}


def _overdue(day: date) -> Iterator[tuple[str, dict[str, Any]]]:
    fields = ("pk", "policy_number", "branch", "due_on")
    for pk, policy_number, branch, due_on in selectors.overdue(day).order_by("pk").values_list(*fields):
        # An amendment may move the date; what is due then is another reminder.
        if day <= loss_notice_until(due_on):
            yield f"{policy_number}-{branch} {due_on}", {"contract": pk, "due_on": f"{due_on}"}


def _publish_new(topic: str, due: list[tuple[str, dict[str, Any]]]) -> int:
    """Publish the messages of `due` (key, payload) whose keys nobody has published; returns how many."""
    published = 0
    for start in range(0, len(due), BATCH):
        batch = dict(due[start : start + BATCH])
        known = set(Message.objects.filter(topic=topic, key__in=batch).values_list("key", flat=True))
        new = [Message(topic, key, payload) for key, payload in batch.items() if key not in known]
        publish(*new)
        published += len(new)
    return published
