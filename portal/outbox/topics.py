"""Which function runs the messages of which topic."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

LEASE = 90
"""Seconds a message belongs to its executor; a restart after a crash then catches up within two minutes."""

Function = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True)
class Handler:
    """A function of (key, payload) and how long one run of it may take."""

    function: Function
    lease: timedelta


_handlers: dict[str, Handler] = {}


def handler(topic: str, *, lease: int = LEASE) -> Callable[[Function], Function]:
    """Register the function that runs `topic`; it must be idempotent, and done within `lease` seconds.

    A crash, or a run longer than the lease, means a second run with the same key and payload: look first whether
    the result exists, and do what the outside sees last.
    """

    def register(function: Function) -> Function:
        if topic in _handlers:
            raise ValueError(f"topic {topic!r} has a handler already")
        _handlers[topic] = Handler(function, timedelta(seconds=lease))
        return function

    return register


def find(topic: str) -> Handler | None:
    return _handlers.get(topic)
