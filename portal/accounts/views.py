"""Login, own data, password, sessions."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from portal.accounts import inputs, passwords, services, sessions
from portal.accounts.access import LOGIN, PUBLIC, page, user_of
from portal.accounts.forms import OwnDataForm
from portal.accounts.landing import first_page
from portal.accounts.second_factor import ask_second_factor, needs_second_factor
from portal.common.http import HttpRequest, SeeOther, safe_next
from portal.ui.errors import waiting_time

TIMED_OUT = "一定時間操作がなかったため、ログアウトしました。"
# Not the cookies: another site could embed these addresses and log everybody out.
LEAVE_NOTHING = '"cache", "storage"'


def refusal(refused: services.Refused, name: str, wrong: str) -> tuple[dict[str, str], int]:
    """Messages and status of a refused password: `wrong` at the field `name` with 422, or the time to wait with 429."""
    if not refused.wait_seconds:
        return {name: wrong}, 422
    wait = waiting_time(refused.wait_seconds)
    return {"": f"試した回数が多すぎるため、受け付けを止めています。{wait}ほど待ってからお試しください。"}, 429


def answer(
    request: HttpRequest, template: str, context: dict[str, Any], status: int, refused: services.Refused | None = None
) -> HttpResponse:
    response = render(request, template, context, status=status)
    if refused is not None and refused.wait_seconds:
        response["Retry-After"] = str(refused.wait_seconds)
    return response


@sensitive_post_parameters("password")
@page(roles=PUBLIC, methods=("GET", "POST"))
def login(request: HttpRequest) -> HttpResponse:
    """One neutral answer to everything that is wrong; the limits are asked before the password."""
    target = safe_next(request, "")
    if request.method != "POST":
        if (user := user_of(request)) is not None:
            return HttpResponseRedirect(target or first_page(user))
        notice = TIMED_OUT if request.GET.get("reason") == "timeout" else ""
        return show_login(request, target, notice=notice)
    typed, password = request.POST.get("login", "")[:200], request.POST.get("password", "")
    name = services.read_login(typed)
    missing = {
        one.name: f"{one.label}を入力してください。"
        for one, value in ((inputs.LOGIN, name), (inputs.PASSWORD, password))
        if not value
    }
    if missing:
        return show_login(request, target, typed, missing, 422)
    found = services.check_login(request, name, password)
    if isinstance(found, services.Refused):
        wrong, status = refusal(found, "password", "ユーザーIDまたはパスワードが正しくありません。")
        return show_login(request, target, typed, wrong, status, found)
    if needs_second_factor():
        ask_second_factor(request, found, target)
        return SeeOther(reverse("account:second-factor"))
    services.sign_in(request, found)
    return SeeOther(target or first_page(found))


def show_login(
    request: HttpRequest,
    target: str,
    typed: str = "",
    wrong: dict[str, str] | None = None,
    status: int = 200,
    refused: services.Refused | None = None,
    notice: str = "",
) -> HttpResponse:
    context = {"page_title": "ログイン", "next": target, "notice": notice}
    context |= inputs.shown((inputs.LOGIN, inputs.PASSWORD), wrong, {"login": typed})
    return answer(request, "accounts/login.html", context, status, refused)


@page(roles=PUBLIC, methods=("POST",))
def logout(request: HttpRequest) -> HttpResponse:
    if (user := user_of(request)) is not None:
        services.record("account.logout", user)
    end_session(request)
    response = SeeOther(reverse("account:signed-out"))
    response["Clear-Site-Data"] = LEAVE_NOTHING
    return response


@page(roles=PUBLIC)
def signed_out(request: HttpRequest) -> HttpResponse:
    response = render(request, "accounts/signed_out.html", {"page_title": "ログアウトしました"})
    response["Clear-Site-Data"] = LEAVE_NOTHING
    return response


@sensitive_post_parameters("current_password")
@page(roles=LOGIN, methods=("GET", "POST"))
def profile(request: HttpRequest) -> HttpResponse:
    """Own data; another mail address needs the present password."""
    user = request.user
    if request.method != "POST":
        return show_profile(request, OwnDataForm(initial={name: getattr(user, name) for name in services.OWN_DATA}))
    form = OwnDataForm(request.POST)
    if not form.is_valid():
        return show_profile(request, form, status=422)
    if form.cleaned_data["email"] != user.email:
        refused = services.check_password(user, request.POST.get("current_password", ""))
        if refused is not None:
            hint = "メールを変更するには、現在のパスワードを正しく入力してください。"
            wrong, status = refusal(refused, inputs.CURRENT.name, hint)
            return show_profile(request, form, wrong, status, refused)
    services.change_own_data(user, form.cleaned_data)
    messages.success(request, "お客様情報を保存しました。")
    return SeeOther(reverse("account:profile"))


def show_profile(
    request: HttpRequest,
    form: OwnDataForm,
    wrong: dict[str, str] | None = None,
    status: int = 200,
    refused: services.Refused | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "page_title": "お客様情報",
        "form": form,
        "sessions": sessions.live(request.user),
        "this_session": request.session.session_key,
    }
    context |= inputs.shown((inputs.CURRENT_FOR_MAIL,), wrong)
    context["problems"] = form.problems() + context["problems"]
    return answer(request, "accounts/profile.html", context, status, refused)


@page(roles=LOGIN, methods=("POST",))
def end_others(request: HttpRequest) -> HttpResponse:
    ended = services.end_other_sessions(request)
    messages.success(request, f"この端末以外の{ended}台をログアウトしました。" if ended else "ほかの端末はありません。")
    return SeeOther(reverse("account:profile"))


@sensitive_post_parameters()
@page(roles=LOGIN, methods=("GET", "POST"))
def password(request: HttpRequest) -> HttpResponse:
    user = request.user
    if request.method != "POST":
        return show_password(request)
    current, new = request.POST.get("current_password", ""), request.POST.get("new_password", "")
    wrong = {}
    try:
        passwords.PasswordPolicy().validate(new, user)
    except ValidationError as error:
        wrong[inputs.NEW.name] = "".join(error.messages)
    if new == current:
        wrong[inputs.NEW.name] = "いまとは別のパスワードにしてください。"
    if new != request.POST.get("new_password_again", ""):
        wrong[inputs.NEW_AGAIN.name] = "確認用のパスワードが一致しません。同じものを入力してください。"
    if wrong:
        return show_password(request, wrong, 422)
    refused = services.check_password(user, current)
    if refused is not None:
        wrong, status = refusal(refused, inputs.CURRENT.name, "現在のパスワードが正しくありません。")
        return show_password(request, wrong, status, refused)
    services.change_password(request, new)
    messages.success(request, "パスワードを変更しました。ほかの端末はログアウトしました。")
    return SeeOther(reverse("account:profile"))


def show_password(
    request: HttpRequest,
    wrong: dict[str, str] | None = None,
    status: int = 200,
    refused: services.Refused | None = None,
) -> HttpResponse:
    user = request.user
    context = {
        "page_title": "パスワードの変更",
        "least": passwords.shortest(user),
        "first": user.password_expires_at is not None,
    }
    context |= inputs.shown((inputs.CURRENT, inputs.NEW, inputs.NEW_AGAIN), wrong)
    return answer(request, "accounts/password.html", context, status, refused)


@page(roles=LOGIN, methods=("POST",))
def session(request: HttpRequest) -> HttpResponse:
    """Extend the session; answers the seconds until it ends without further action."""
    age = sessions.touch(request.session, cast(sessions.Age, sessions.Age.of(request.session)), at_once=True)
    return JsonResponse({"seconds": age.ends_at - sessions.now()})
