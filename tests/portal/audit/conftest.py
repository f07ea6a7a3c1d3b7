"""A chained log to be tampered with."""

from collections.abc import Iterator

import pytest
from django.db import connection

from portal import audit
from portal.audit import triggers
from portal.audit.models import Event

audit.register("test.done", "試験")


@pytest.fixture
def guard(db: None) -> Iterator[None]:
    """The database's own guard, which the other tests do without."""
    triggers.install(connection)
    yield
    triggers.remove(connection)


@pytest.fixture
def log(db: None) -> list[Event]:
    """Six chained events, the last one signed by a checkpoint."""
    for number in range(6):
        audit.record("test.done", target=f"T-{number}", detail={"number": number})
    audit.advance()
    audit.checkpoint()
    return list(Event.objects.order_by("seq"))
