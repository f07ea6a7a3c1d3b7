"""The addresses of results: short, for one session, without any number, dead after 30 minutes or with the session."""

from typing import NoReturn

from django.http import Http404
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from guarantee_lookup.models import Lookup
from guarantee_lookup.selectors.lookups import shown_by_key
from guarantee_lookup.services.lookup import RESULT_VALID
from portal import audit
from portal.common.http import HttpRequest

LENGTH = 24


class Expired(Exception):
    """The token was this user's and is dead."""


def token_of(request: HttpRequest, lookup: Lookup) -> str:
    """Return the token under which this session reads the result."""
    session = request.session.session_key or ""
    mac = salted_hmac("guarantee_lookup.result", f"{session}:{lookup.pk}", algorithm="sha256").hexdigest()
    return f"{lookup.pk:x}-{mac[:LENGTH]}"


def lookup_of(request: HttpRequest, token: str) -> Lookup:
    """Return the look-up behind `token`; Expired for one's own dead token, Http404 (recorded) for any other."""
    key, _, _ = token.partition("-")
    try:
        pk = int(key, 16)
    except ValueError:
        raise Http404 from None
    lookup = shown_by_key(pk) if pk < 2**63 else None
    if lookup is None or lookup.user_id != request.user.pk:
        _foreign(request, lookup)
    lookup.user, lookup.organisation = request.user, request.user.organisation
    if not constant_time_compare(token, token_of(request, lookup)) or timezone.now() - lookup.at > RESULT_VALID:
        raise Expired
    return lookup


def _foreign(request: HttpRequest, lookup: Lookup | None) -> NoReturn:
    audit.record(
        "lookup.foreign",
        actor=request.user,
        organisation=request.user.organisation,
        target=lookup.receipt if lookup else "",
        outcome="denied",
    )
    raise Http404
