"""Who may call an endpoint: the decorator that every endpoint carries, comparable to `portal.accounts.access.page`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

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


def endpoint(
    role: str,
    *,
    admits: Callable[[HttpRequest, Token], None] | None = None,
    creates: Endpoint | None = None,
) -> Callable[[Endpoint], Callable[..., HttpResponse]]:
    """Let a function that returns JSON data be called with a token that gives `role`; it gets the token as `token`.

    `admits` raises Refused for a token that may not be used now or from here; `creates` answers POST. Other methods
    never come here (see middleware). What is read is recorded before it leaves.
    """
    methods = (*READ, "POST") if creates else READ

    def decorate(view: Endpoint) -> Callable[..., HttpResponse]:
        # No login opens the view and no cookie comes here, so nobody can be led to send something.
        @csrf_exempt
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
            act, status = (creates, 201) if creates and request.method == "POST" else (view, 200)
            try:
                if admits is not None:
                    admits(request, token)
                payload = act(request, token=token, **kwargs)
            except Refused as refused:
                return refused.answer()
            services.note_use(token)
            _record(request, token, payload)
            return JsonResponse(payload, status=status, json_dumps_params={"ensure_ascii": False})

        guarded.access = Access(TOKEN, methods)  # type: ignore[attr-defined]
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
