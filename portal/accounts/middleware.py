"""Time-outs of a session, and the rule that a view without a declaration needs a login."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpResponse

from portal.accounts import services, sessions
from portal.accounts.access import login_redirect, user_of
from portal.common.http import HttpRequest

Answer = Callable[[HttpRequest], HttpResponse]


class SessionAgeMiddleware:
    """Ends a session that was idle too long or is too old; the page then asks for a login and says why."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session:
            age = sessions.Age.of(request.session)
            if age is None or sessions.now() >= age.ends_at:
                if (user := user_of(request)) is not None:
                    services.record("account.timed-out", user)
                logout(request)
                request.timed_out = True  # type: ignore[attr-defined]
            else:
                age = sessions.touch(request.session, age)
                request.session_idle_seconds = age.ends_at - sessions.now()  # type: ignore[attr-defined]
        return self.get_response(request)


class AccessMiddleware:
    """Default deny: what carries no declaration (see access.page) is for logged-in users only.

    The admin has its own declaration: its site sends everybody who is no staff to our login page.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if hasattr(view, "access") or user_of(request) is not None:
            return None
        match = request.resolver_match
        if match is not None and match.app_names == ["admin"]:
            return None
        return login_redirect(request, keep=request.method in {"GET", "HEAD"})
