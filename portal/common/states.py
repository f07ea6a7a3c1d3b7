"""State machines as tables of transitions, moved by one guarded UPDATE."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Transition:
    """From any of `sources`, `event` leads to `target`."""

    event: str
    sources: Sequence[str]
    target: str


class Machine:
    """The transitions of one kind of row; every event is named once."""

    def __init__(self, transitions: Iterable[Transition]) -> None:
        self._by_event: dict[str, Transition] = {}
        for transition in transitions:
            if transition.event in self._by_event:
                raise ValueError(f"event {transition.event!r} is declared twice")
            self._by_event[transition.event] = transition

    def sources(self, event: str) -> tuple[str, ...]:
        """Return the states in which `event` is possible; KeyError for an unknown event."""
        return tuple(self._by_event[event].sources)

    def target(self, event: str) -> str:
        """Return the state after `event`; KeyError for an unknown event."""
        return self._by_event[event].target


class Rows(Protocol):
    """The part of a queryset that a move needs."""

    def filter(self, *args: Any, **kwargs: Any) -> "Rows": ...

    def update(self, **kwargs: Any) -> int: ...


def move(queryset: Rows, machine: Machine, event: str, **extra: Any) -> bool:
    """Move the one row of `queryset` by `event`, setting the fields `extra` in the same UPDATE.

    True for the caller who won; False when the row is gone or has left the event's sources meanwhile.
    """
    allowed = queryset.filter(state__in=machine.sources(event))
    return allowed.update(state=machine.target(event), **extra) > 0
