"""What happens every few seconds, in the web server's thread or in `manage.py work`."""

from portal import audit
from portal.audit.chain import CHECKPOINT_INTERVAL
from portal.outbox import nightly, relay

INTERVAL = 10
"""Seconds; a message whose nudge was lost waits no longer."""


def sweep() -> int:
    """Publish the daily jobs when their time has come, run all that is due, chain the audit log, sign its end."""
    nightly.publish_due()
    done = relay.drain()
    audit.advance()
    audit.checkpoint(CHECKPOINT_INTERVAL)
    return done
