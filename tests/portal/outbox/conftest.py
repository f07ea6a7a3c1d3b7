"""A topic whose handler the test chooses."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.outbox import topics


class Calls(list[tuple[str, dict[str, Any]]]):
    """What the handler of `test.topic` was called with; `act` is what it does then."""

    act: Callable[[], None] = staticmethod(lambda: None)  # type: ignore[assignment]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Register the topic `test.topic` for this test."""
    calls = Calls()

    def run(key: str, payload: dict[str, Any]) -> None:
        calls.append((key, payload))
        calls.act()

    monkeypatch.setattr(topics, "_handlers", dict(topics._handlers))
    topics.handler("test.topic")(run)
    return calls
