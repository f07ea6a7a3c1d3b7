"""Writing the log: INSERTs only, in the caller's transaction if there is one, without any lock."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Protocol

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from portal.audit import client, verbs
from portal.audit.models import Event
from portal.audit.seal import event_mac
from portal.common.http import request_id
from portal.common.rows import insert

Actor = AbstractBaseUser | AnonymousUser


class Organisation(Protocol):
    """What the log keeps of an organisation."""

    @property
    def pk(self) -> Any: ...
    @property
    def code(self) -> str: ...


def record(
    verb: str,
    *,
    actor: Actor | None = None,
    organisation: Organisation | None = None,
    target: str = "",
    outcome: str = "ok",
    detail: Mapping[str, object] | None = None,
) -> None:
    """Write one event; LookupError for a verb nobody registered.

    A display of confidential data is recorded before the answer leaves: an error here must reach the caller.
    """
    insert(_event(verb, actor, organisation, target, outcome, detail or {}))


def record_each(
    verb: str,
    happened: Iterable[tuple[Organisation | None, str, Mapping[str, object]]],
    *,
    actor: Actor | None = None,
) -> None:
    """Write an event for each (organisation, target, detail) of `happened` as `record` does, hundreds at a time."""
    events = [_event(verb, actor, organisation, target, "ok", detail) for organisation, target, detail in happened]
    Event._default_manager.bulk_create(events, batch_size=500)


def _event(
    verb: str,
    actor: Actor | None,
    organisation: Organisation | None,
    target: str,
    outcome: str,
    detail: Mapping[str, object],
) -> Event:
    verbs.label(verb)
    known = actor if isinstance(actor, AbstractBaseUser) else None
    event = Event(
        verb=verb,
        actor_id=known.pk if known else None,
        actor_login=_cut("actor_login", known.get_username() if known else ""),
        organisation_id=organisation.pk if organisation else None,
        organisation_code=_cut("organisation_code", organisation.code if organisation else ""),
        target=_cut("target", str(target)),
        outcome=_cut("outcome", str(outcome)),
        detail=_plain(detail),
        request_id=_cut("request_id", request_id.get("")),
        client=_cut("client", client.address.get()),
    )
    event.mac = event_mac(event)
    return event


def _cut(field: str, text: str) -> str:
    """Fit `text` into its column: what somebody typed must never keep the event from being written."""
    limit = getattr(Event._meta.get_field(field), "max_length", None) or len(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _plain(value: object) -> Any:
    """Reduce to what both databases give back unchanged; floats become text, since jsonb rewrites them."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else str(value)
