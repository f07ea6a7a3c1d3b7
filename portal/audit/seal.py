"""Keyed digests of the log, with a key that the database does not hold."""

import hmac
import json
from datetime import UTC, datetime

from django.conf import settings

from portal.audit.models import Event


def seal(purpose: str, *values: object) -> str:
    """Return the HMAC-SHA-256 of `values` (anything JSON knows) as 64 hex digits; purposes never collide."""
    text = json.dumps([purpose, *values], sort_keys=True, separators=(",", ":"))
    return hmac.digest(settings.AUDIT_KEY.encode(), text.encode(), "sha256").hex()


def same(one: str, other: str) -> bool:
    """Compare two seals without telling where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def event_mac(event: Event) -> str:
    """Seal everything an event says: every column but its MAC and its place in the chain."""
    return seal(
        "event",
        str(event.pk),
        utc(event.at),
        event.verb,
        event.actor_id,
        event.actor_login,
        event.organisation_id,
        event.organisation_code,
        event.target,
        event.outcome,
        event.detail,
        event.request_id,
        event.client,
    )


def link_hash(seq: int, previous: str, mac: str) -> str:
    """Seal one link; the key keeps anybody without it from chaining the rest anew after a deletion."""
    return seal("link", seq, previous, mac)
