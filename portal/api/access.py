"""Who may call an endpoint: the decorator that every endpoint carries, comparable to `portal.accounts.access.page`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from portal import audit
from portal.accounts import limiter
from portal.api import services
from portal.api.models import Token
from portal.api.problems import Refused, problem
from portal.ui.access import READ, Access

TOKEN = ("token",)
"""Declared instead of roles: no login opens the view, only a token."""

MINUTE = 60
Payload = dict[str, Any]
Endpoint = Callable[..., Payload]


def endpoint(role: str) -> Callable[[Endpoint], Callable[..., HttpResponse]]:
    """Let a function that returns JSON data be called with a token that gives `role`; it gets the token as `token`.

    Other methods than GET and HEAD never come here (see middleware). What is read is recorded before it leaves.
    """

    def decorate(view: Endpoint) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            sent = request.headers.get("Authorization", "")
            scheme, _, text = sent.partition(" ")
            token = services.find(text.strip(), role) if scheme.lower() == "bearer" else None
            if token is None:
                return unauthorised(bool(sent))
            taken = limiter.take("api-token", str(token.pk), settings.API_REQUESTS_PER_MINUTE, MINUTE)
            if not taken.allowed:
                return problem(429, Retry_After=str(taken.wait_seconds))
            try:
                payload = view(request, token=token, **kwargs)
            except Refused as refused:
                return problem(refused.status, refused.faults)
            services.note_use(token)
            _record(request, token, payload)
            return JsonResponse(payload, json_dumps_params={"ensure_ascii": False})

        guarded.access = Access(TOKEN, READ)  # type: ignore[attr-defined]
        return guarded

    return decorate


def unauthorised(was_sent: bool) -> HttpResponse:
    """Answer 401, in the same words whatever is wrong with the token (RFC 6750)."""
    challenge = 'Bearer realm="api"' + (', error="invalid_token"' if was_sent else "")
    return problem(401, WWW_Authenticate=challenge)


def _record(request: HttpRequest, token: Token, payload: Payload) -> None:
    rows = len(payload["items"]) if "items" in payload else 1
    asked = {name: text for name, text in request.GET.items() if name != "cursor"}
    detail = {"token": token.prefix, "rows": rows, **({"query": asked} if asked else {})}
    audit.record("api.read", organisation=token.organisation, target=request.path, detail=detail)
