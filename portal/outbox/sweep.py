"""What happens every few seconds, whoever does it: the embedded thread, `work`, or a Celery worker."""

from portal import audit
from portal.audit.chain import CHECKPOINT_INTERVAL
from portal.outbox import nightly, relay

INTERVAL = 10
"""Seconds; a message whose nudge was lost waits no longer."""


def sweep() -> int:
    """Publish the daily jobs when their time has come, run all that is due, sign the audit log's end now and then."""
    nightly.publish_due()
    done = relay.drain()
    audit.checkpoint(CHECKPOINT_INTERVAL)
    return done
