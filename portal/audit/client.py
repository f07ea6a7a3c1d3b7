"""From where the present request came; every event of the request carries it."""

from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.common.http import client_address

address: ContextVar[str] = ContextVar("audit_client_address", default="")


class ClientMiddleware:
    """Remember the client address, behind the number of proxies of `PROXY_HOPS`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = address.set(client_address(request, settings.PROXY_HOPS))
        try:
            return self.get_response(request)
        finally:
            address.reset(token)
