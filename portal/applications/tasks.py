"""What happens to applications every night."""

from datetime import date

from portal.applications import services
from portal.outbox.nightly import nightly_job


@nightly_job("applications.expire")
def expire(day: date) -> dict[str, object]:
    """End drafts that nobody touched for 90 days."""
    return {"expired": services.expire_drafts(day)}
