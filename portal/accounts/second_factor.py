"""The page between password and session: a code of the authenticator app, or its registration at the first login."""

import unicodedata
from typing import Any

import segno
from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from portal.accounts import inputs, limiter, services, sessions, totp
from portal.accounts.access import PUBLIC, page
from portal.accounts.backends import GrantBackend
from portal.accounts.landing import first_page
from portal.accounts.models import SecondFactor, User
from portal.common.http import HttpRequest, SeeOther
from portal.ui.errors import waiting_time

PENDING = "second-factor"
VALID_SECONDS = 600


def needs_second_factor() -> bool:
    return bool(settings.REQUIRE_SECOND_FACTOR)


def ask_second_factor(request: HttpRequest, user: User, target: str) -> None:
    """Remember under a new session key that the password was right; this is no login."""
    request.session.flush()
    request.session[PENDING] = {"user": user.pk, "at": sessions.now(), "next": target}


def _pending_user(request: HttpRequest) -> User | None:
    pending = request.session.get(PENDING)
    if not pending or sessions.now() - pending["at"] > VALID_SECONDS:
        return None
    return GrantBackend().get_user(pending["user"])


@sensitive_post_parameters("code")
@page(roles=PUBLIC, methods=("GET", "POST"))
def second_factor(request: HttpRequest) -> HttpResponse:
    user = _pending_user(request)
    if user is None:
        return HttpResponseRedirect(reverse("account:login"))
    registered = totp.factor_of(user)
    factor = registered or totp.unconfirmed(user)
    context: dict[str, Any] = {"page_title": "追加認証" if registered else "追加認証の登録", "qr": ""}
    if registered is None:
        secret = totp.decrypt(factor.secret)
        image = segno.make(totp.uri(user, secret), error="m").svg_data_uri(scale=4, border=4)
        context |= {"qr": image, "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))}
    if request.method != "POST":
        return _form(request, context)
    code = "".join(unicodedata.normalize("NFKC", request.POST.get("code", "")).split())[:40]
    if not code:
        return _form(request, context, "確認コードを入力してください。", 422)
    taken = limiter.take("second-factor", str(user.pk), 10, 15 * services.MINUTE)
    if not taken.allowed:
        wait = waiting_time(taken.wait_seconds)
        response = _form(request, context, f"試した回数が多すぎます。{wait}ほど待ってからお試しください。", 429)
        response["Retry-After"] = str(taken.wait_seconds)
        return response
    way = _way(user, factor, code, registered is not None)
    if not way:
        services.record("account.second-factor", user, outcome="failed")
        wrong = "確認コードが正しくないか、期限が切れています。アプリに表示されている新しいコードを入力してください。"
        return _form(request, context, wrong, 422)
    limiter.clear("second-factor", str(user.pk))
    return _finish(request, user, factor, way)


def _way(user: User, factor: SecondFactor, code: str, registered: bool) -> str:
    """How the user proved it: "code", "recovery", or "" for not at all."""
    if totp.take_code(factor, code):
        return "code"
    return "recovery" if registered and totp.take_recovery_code(user, code) else ""


def _finish(request: HttpRequest, user: User, factor: SecondFactor, way: str) -> HttpResponse:
    target = request.session[PENDING]["next"]
    services.record("account.second-factor", user, way=way)
    codes = totp.confirm(factor) if factor.confirmed_at is None else []
    if codes:
        services.record("account.second-factor-registered", user)
    services.sign_in(request, user)
    goal = target or first_page(user)
    if not codes:
        return SeeOther(goal)
    return render(
        request, "accounts/recovery_codes.html", {"page_title": "リカバリーコード", "codes": codes, "goal": goal}
    )


def _form(request: HttpRequest, context: dict[str, Any], problem: str = "", status: int = 200) -> HttpResponse:
    context |= inputs.shown((inputs.CODE,), {"code": problem} if problem else {})
    return render(request, "accounts/second_factor.html", context, status=status)
