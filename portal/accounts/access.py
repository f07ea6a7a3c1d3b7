"""Who may call a view: the decorator that every view carries, and what those who may not are answered."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, cast
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from portal import audit
from portal.accounts import roles as registry
from portal.accounts.models import User
from portal.accounts.permissions import who_can
from portal.common.http import HttpRequest
from portal.ui import portals
from portal.ui.access import LOGIN, PUBLIC, STAFF, Access
from portal.ui.errors import method_not_allowed

__all__ = ["LOGIN", "PUBLIC", "STAFF", "deny", "login_redirect", "login_url", "page", "user_of"]

View = Callable[..., HttpResponseBase]
OFFICE = "貴社には、この権限を持つ方がいません。事務局へお問い合わせください。"


def page(*, roles: tuple[str, ...], methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Let a view be called with `methods` by holders of any of `roles` (codes, or PUBLIC, LOGIN, STAFF).

    Others are sent to the login page, get 405, or 403 with the names of those who can. GET includes HEAD.
    """
    allowed = (*methods, "HEAD") if "GET" in methods else methods

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if roles != PUBLIC and user_of(request) is None:
                return login_redirect(request, keep="GET" in methods)
            if request.method not in allowed:
                return method_not_allowed(request, allowed)
            if roles != PUBLIC:
                if _owes_password(request):
                    return HttpResponseRedirect(reverse("account:password"))
                if not _holds(request.user, roles):
                    deny(request, roles)
            return view(request, *args, **kwargs)

        guarded.access = Access(roles, allowed)  # type: ignore[attr-defined]
        return guarded

    return decorate


def user_of(request: HttpRequest) -> User | None:
    """The logged-in user, or None: only behind a login is `request.user` always one, as its annotation says."""
    user: object = request.user
    return user if isinstance(user, User) else None


def _holds(user: User, roles: tuple[str, ...]) -> bool:
    if roles == LOGIN:
        return True
    return user.is_staff if roles == STAFF else user.has_role(*roles)


def _owes_password(request: HttpRequest) -> bool:
    """True while the user still has the password that we sent, except on the pages of the account."""
    return request.user.password_expires_at is not None and not request.path.startswith(reverse("account:profile"))


def deny(request: HttpRequest, roles: tuple[str, ...], message: str = "") -> NoReturn:
    """Record the denial and raise PermissionDenied for the 403 page: `message`, and the colleagues who can."""
    labels = "、".join(role.label for role in registry.every() if role.code in roles)
    audit.record(
        "account.denied",
        actor=request.user,
        organisation=request.user.organisation,
        target=request.path[:200],
        outcome="denied",
        detail={"roles": list(roles)},
    )
    names = who_can(request.user, roles)
    reason = message or (f"必要な権限：{labels}" if labels else "事務局だけが使える画面です。")
    raise PermissionDenied({"reason": reason, "who": names or [OFFICE]})


def login_url(target: str, reason: str = "") -> str:
    """The login page that leads to `target` afterwards ("" for none)."""
    query = {name: value for name, value in (("next", target), ("reason", reason)) if value}
    return reverse("account:login") + (f"?{urlencode(query)}" if query else "")


def login_redirect(request: HttpRequest, *, keep: bool = True) -> HttpResponse:
    """To the login page and, if `keep`, back here afterwards; htmx is told by a header, and comes back to its page.

    Where a portal has guests, who have no password, they are led to its own page for coming back.
    """
    target = request.get_full_path() if keep else ""
    if request.htmx:
        target = urlsplit(request.htmx.current_url_abs_path or "")._replace(fragment="").geturl()
    reason = "timeout" if getattr(request, "timed_out", False) else ""
    portal = portals.of_path(request.path)
    if back := portal.back_url(target or request.path) if portal else "":
        url = f"{back}?reason={reason}" if reason else back
    else:
        url = login_url(target, reason)
    return cast(HttpResponse, HttpResponseClientRedirect(url)) if request.htmx else HttpResponseRedirect(url)
