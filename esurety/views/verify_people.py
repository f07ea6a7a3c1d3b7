"""利用者管理 of a 発注者's administrator: who may use 発注者確認, and as what (esurety.md 11.2, 12.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from esurety.forms.people import PeopleFilterForm, PersonForm
from esurety.selectors import people as selectors
from esurety.services import people
from portal import audit
from portal.accounts.models import Organisation, User
from portal.accounts.roles import get
from portal.common.http import HttpRequest, SeeOther
from portal.ui.lists import Column, ListPage, csv_response, filters_in_use
from portal.ui.templatetags.ui import jst

TITLE = "利用者管理"
LABELS = ("verify.admin", "verify.user", "verify.view")


def _crumbs(*more: str) -> list[tuple[str, str]]:
    return [(TITLE, reverse("verify:users")), *((one, "") for one in more)] if more else [(TITLE, "")]


def _url(user: User) -> str:
    return reverse("verify:user", args=[user.pk])


def _role_words(codes: "set[str] | frozenset[str]") -> str:
    return "、".join(get(code).label for code in LABELS if code in codes) or "なし"


def _state(user: User) -> str:
    if user.is_active:
        return "仮パスワード" if user.password_expires_at else "有効"
    return "停止" if hasattr(user, "suspension") else "停止（保証会社による）"


def _columns(held: dict[int, set[str]]) -> list[Column]:
    return [
        Column("login", "利用者ID", lambda one: one.login, "login", _url),
        Column("name", "氏名", lambda one: one.name, "name"),
        Column("department", "所属部署", lambda one: one.department, "department"),
        Column("email", "メール", lambda one: one.email),
        Column("roles", "権限", lambda one: _role_words(held.get(one.pk, set()))),
        Column("state", "状態", _state),
        Column("last_login", "最終ログイン", lambda one: jst(one.last_login) or "なし", "last_login"),
    ]


def users(request: HttpRequest) -> HttpResponseBase:
    """利用者一覧; also as CSV, which is recorded."""
    form = PeopleFilterForm(request.GET)
    is_valid = form.is_valid()
    rows = selectors.listed(request.user, form.cleaned_data) if is_valid else User.objects.none()
    columns = _columns(selectors.roles_of(rows, timezone.localdate()))
    if request.GET.get("format") == "csv" and is_valid:
        audit.record("verify.users_csv", actor=request.user, organisation=request.user.organisation)
        return csv_response(request, "users.csv", rows, columns, order="login")
    context = {
        "page_title": TITLE,
        "crumbs": _crumbs(),
        "wide": True,
        "form": form,
        "problems": [] if is_valid else form.problems(),
        "listing": ListPage(request, rows, columns, order="login", caption="利用者"),
        "filter_on": filters_in_use(form) if is_valid else [],
        "clear_url": request.path,
        "new_url": reverse("verify:user-new"),
        "may_edit": True,
    }
    return render(request, "verify/users.html", context, status=200 if is_valid else 422)


# --- Adding and changing ----------------------------------------------------------------


def user_new(request: HttpRequest) -> HttpResponse:
    """追加: registers the person and has a first password sent."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, "利用者の追加", form, reverse("verify:users"))
    organisation = cast(Organisation, request.user.organisation)
    added = people.add(request.user, organisation, form.details(), form.cleaned_data["role"])
    people.send_first_password(request.user, added)
    messages.success(
        request,
        f"{added.name}さんを追加しました。利用者ID {added.login} を本人に伝えてください。"
        "仮パスワードは本人のメールにお送りします（72時間有効）。",
    )
    return SeeOther(_url(added))


def user_change(request: HttpRequest, pk: int) -> HttpResponse:
    """変更 of registration data and role."""
    found = selectors.person_of(request.user, pk)
    if found.pk == request.user.pk:
        _refuse_himself()
    is_admin = "verify.admin" in found.roles
    initial = {name: getattr(found, name) for name in ("name", "department", "phone", "email")}
    initial["role"] = "verify.user" if "verify.user" in found.roles else "verify.view"
    data = request.POST if request.method == "POST" else None
    form = PersonForm(data, initial=initial, is_admin=is_admin)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, "利用者の変更", form, _url(found))
    people.change(request.user, found, form.details(), form.cleaned_data.get("role"))
    messages.success(request, f"{form.cleaned_data['name']}さんの登録内容を変更しました。")
    return SeeOther(_url(found))


def _form_page(request: HttpRequest, title: str, form: PersonForm, back: str) -> HttpResponse:
    context = {
        "page_title": title,
        "crumbs": _crumbs(title),
        "form": form,
        "problems": form.problems() if form.is_bound else [],
        "back": back,
    }
    return render(request, "verify/user_form.html", context, status=422 if form.is_bound else 200)


def _refuse_himself() -> None:
    raise PermissionDenied({"reason": people.HIMSELF, "who": ["ほかの発注者管理者", "保証会社"]})


# --- One person -------------------------------------------------------------------------


@dataclass(frozen=True)
class Action:
    """Something that is done with a person after a question."""

    label: str
    question: str
    lead: str
    done: str
    run: Callable[[User, User], object]
    danger: bool = False


ACTIONS = {
    "stop": Action(
        "停止する",
        "この利用者を停止しますか",
        "すぐに利用できなくなります。異動や退職の方も停止してください。停止はあとで解除できます。",
        "停止しました。ログイン中の端末はログアウトしました。",
        people.stop,
        danger=True,
    ),
    "resume": Action(
        "停止を解除する",
        "この利用者の停止を解除しますか",
        "もう一度ログインできるようになります。",
        "停止を解除しました。",
        people.resume,
    ),
    "first-password": Action(
        "仮パスワードを送る",
        "仮パスワードを送りますか",
        "いまのパスワードは使えなくなり、ログイン中の端末はログアウトします。",
        "仮パスワードをメールで送ります。有効期間は72時間です。",
        people.send_first_password,
    ),
    "second-factor": Action(
        "追加認証を解除する",
        "追加認証を解除しますか",
        "認証アプリの端末をなくしたなどの場合に、本人であることを確かめてから行ってください。",
        "追加認証を解除しました。次のログインで登録し直します。",
        people.remove_second_factor,
    ),
}


def user(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: what is registered, and what can be done."""
    found = selectors.person_of(request.user, pk)
    is_self = found.pk == request.user.pk
    names = ["first-password", "second-factor", "stop"] if found.is_active else ["resume"]
    if is_self or not (found.is_active or hasattr(found, "suspension")):
        names = []
    context = {
        "page_title": "利用者の照会",
        "crumbs": _crumbs("利用者の照会"),
        "rows": _facts(found),
        "notice": people.HIMSELF if is_self else "",
        "actions": [(reverse("verify:user-action", args=[found.pk, name]), ACTIONS[name].label) for name in names],
        "change_url": "" if is_self else reverse("verify:user-change", args=[found.pk]),
    }
    return render(request, "verify/user.html", context)


def _facts(found: User) -> list[dict[str, str]]:
    pairs = [
        ("利用者ID", found.login),
        ("氏名", found.name),
        ("所属部署", found.department),
        ("電話", found.phone),
        ("メール", found.email),
        ("権限", _role_words(found.roles)),
        ("状態", _state(found)),
        ("最終ログイン", jst(found.last_login) or "なし"),
    ]
    return [{"label": label, "shown": shown} for label, shown in pairs]


def user_action(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Ask first, then do it."""
    found = selectors.person_of(request.user, pk)
    if action not in ACTIONS:
        raise Http404
    wanted: Any = ACTIONS[action]
    if found.pk == request.user.pk:
        _refuse_himself()
    if request.method == "POST":
        try:
            wanted.run(request.user, found)
        except people.NotPossible as refusal:
            messages.warning(request, f"{found.name}さん：{refusal}")
        else:
            messages.success(request, f"{found.name}さん：{wanted.done}")
        return SeeOther(_url(found))
    context = {
        "page_title": wanted.label,
        "crumbs": _crumbs(wanted.label),
        "confirm": {
            "title": wanted.question,
            "lead": wanted.lead,
            "facts": [("利用者ID", found.login), ("氏名", found.name), ("状態", _state(found))],
            "button": wanted.label,
            "url": request.path,
            "back": ("利用者の照会へ戻る", _url(found)),
            "danger": wanted.danger,
        },
    }
    return render(request, "esurety/confirm_action.html", context)
