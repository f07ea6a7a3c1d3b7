"""Telling the bank's 利用管理者 and the association that something needs a look: by mail, after the commit."""

from typing import TYPE_CHECKING

from portal import audit
from portal.outbox import Message, publish

if TYPE_CHECKING:
    from portal.accounts.models import User

TOPIC = "lookup.alert"


def alert(kind: str, user: "User", key: str) -> None:
    """Record and send one alert about what `user` did; the same `kind` and `key` are told once."""
    audit.record("lookup.alert", actor=user, organisation=user.organisation, outcome=kind)
    publish(Message(TOPIC, f"{kind} {key}", {"kind": kind, "user": user.pk}))
