"""The request as our views know it, and what may be believed of what it says about itself."""

import ipaddress
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.http import HttpRequest as DjangoHttpRequest
from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from portal.accounts.models import User

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request being answered; "" outside a request."""

MAX_NEXT = 2000
"""Longest address that is followed after a login, in characters; Django itself refuses redirects above 2048."""


class HttpRequest(DjangoHttpRequest):
    """A request behind the login and htmx middleware; for annotations only."""

    user: "User"
    htmx: "HtmxDetails"


class SeeOther(HttpResponseRedirect):
    """303: what was posted is done, look there."""

    status_code = 303


def client_address(request: DjangoHttpRequest, hops: int) -> str:
    """Return the client's IP address as `hops` trusted proxies report it, else the peer's; "" when there is none.

    Only the `hops`-th entry of X-Forwarded-For from the right was written by a proxy of ours; what stands further left
    is the client's word.
    """
    entries = request.headers.get("X-Forwarded-For", "").split(",")
    reported = _ip(entries[-hops]) if 0 < hops <= len(entries) else ""
    return reported or _ip(request.META.get("REMOTE_ADDR", ""))


def _ip(text: str) -> str:
    """Return the address in its one canonical form, "" when `text` is none; a port is dropped."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def safe_next(request: DjangoHttpRequest, fallback: str) -> str:
    """Return the path in the parameter `next` (form before query) when it stays on this site, else `fallback`."""
    path = request.POST.get("next") or request.GET.get("next") or ""
    if len(path) > MAX_NEXT or not path.startswith("/"):
        return fallback
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else fallback


def wants_partial(request: DjangoHttpRequest) -> bool:
    """Return True when htmx swaps a part of the page; restored history and boosted links need all of it."""
    sent = request.headers
    whole_page = "HX-History-Restore-Request" in sent or "HX-Boosted" in sent
    return sent.get("HX-Request") == "true" and not whole_page
