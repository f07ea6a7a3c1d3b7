"""利用者管理 (S11) and 利用者の確認 (S19) of a bank's 利用管理者."""

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

from guarantee_lookup.enums import StopReason
from guarantee_lookup.forms.people import PeopleFilterForm, PersonForm
from guarantee_lookup.models import Clerk
from guarantee_lookup.rules import people as days
from guarantee_lookup.selectors import institutions as selectors
from guarantee_lookup.services import locks, people
from portal import audit
from portal.accounts.models import Organisation, User
from portal.accounts.roles import get
from portal.common.eras import seireki
from portal.common.http import HttpRequest, SeeOther
from portal.ui.lists import Column, ListPage, csv_response, filters_in_use
from portal.ui.templatetags.ui import jst

TITLE = "利用者管理"
CONFIRM = "利用者の確認"
HOME = "残高・区分照会"
HIMSELF = "ご自身の利用者IDは変更できません。ほかの利用管理者または協会へ依頼してください。"
LABELS = ("lookup.master", "lookup.branch", "lookup.user", "lookup.batch")


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    here = [(HOME, reverse("lookup:home")), (TITLE, reverse("lookup:users")), *more]
    return [*here[:-1], (here[-1][0], "")]


def _url(clerk: Clerk) -> str:
    return reverse("lookup:user", args=[clerk.pk])


def role_words(codes: "set[str] | frozenset[str]") -> str:
    """Return role codes in the words of the portal."""
    return "、".join(get(code).label for code in LABELS if code in codes)


def state_words(clerk: Any) -> str:
    """Return the state of a person, with the stop of look-ups beside it."""
    return f"{clerk.state}（照会の停止中）" if clerk.is_locked and clerk.user.is_active else clerk.state


def columns(held: dict[int, set[str]]) -> list[Column]:
    """Return the columns of 利用者一覧; `held` are the roles by user."""
    return [
        Column("login", "利用者ID", lambda one: one.user.login, "user__login", _url),
        Column("name", "氏名", lambda one: one.user.name, "user__name"),
        Column("email", "メール", lambda one: one.user.email),
        Column("branch", "店舗", lambda one: str(one.branch or "本部"), "branch__code"),
        Column("roles", "権限", lambda one: role_words(held[one.pk])),
        Column("state", "状態", state_words),
        Column("last_login", "最終ログイン", lambda one: jst(one.user.last_login) or "なし", "user__last_login"),
        Column("confirmed", "最終確認日", lambda one: f"{one.confirmed_on:%Y-%m-%d}", "confirmed_on"),
    ]


def users(request: HttpRequest) -> HttpResponseBase:
    """利用者一覧 with states and the last login; also as CSV."""
    form = PeopleFilterForm(request.GET, case=request.user)
    is_valid = form.is_valid()
    rows = selectors.listed(request.user, form.cleaned_data) if is_valid else Clerk.objects.none()
    held = selectors.roles_of(list(rows.order_by().values_list("pk", flat=True)), timezone.localdate())
    shown = columns(held)
    if request.GET.get("format") == "csv" and is_valid:
        audit.record("lookup.users_csv", actor=request.user, organisation=request.user.organisation)
        return csv_response(request, "users.csv", rows, shown, order="login")
    context = {
        "page_title": TITLE,
        "crumbs": [(HOME, reverse("lookup:home")), (TITLE, "")],
        "wide": True,
        "form": form,
        "problems": [] if is_valid else form.problems(),
        "listing": ListPage(request, rows, shown, order="login", caption="利用者"),
        "filter_on": filters_in_use(form) if is_valid else [],
        "clear_url": request.path,
        "new_url": reverse("lookup:user-new"),
        "may_edit": True,
        **_round(request.user),
    }
    return render(request, "guarantee_lookup/users.html", context, status=200 if is_valid else 422)


def _round(master: User) -> dict[str, Any]:
    """Return how far the round of 利用者の確認 is."""
    today = timezone.localdate()
    first = days.round_of(today)
    waiting = selectors.people_of(master).filter(user__is_active=True, confirmed_on__lt=first)
    return {"waiting": waiting.count(), "due_on": days.due_of(first), "next_round_on": days.next_round(today)}


# --- Adding and changing -----------------------------------------------------------


def user_new(request: HttpRequest) -> HttpResponse:
    """追加: registers the person and has a first password sent."""
    form = PersonForm(request.POST if request.method == "POST" else None, case=request.user)
    if request.method != "POST" or not form.is_valid():
        return _person_page(request, "利用者の追加", form, reverse("lookup:users"))
    organisation = cast(Organisation, request.user.organisation)
    person = people.Person(form.details(), form.shop(), form.roles())
    user = people.add_person(request.user, organisation, person)
    people.send_first_password(request.user, user.clerk)
    messages.success(
        request,
        f"{user.name}さんを追加しました。利用者ID {user.login} を本人に伝えてください。"
        "仮パスワードは本人のメールにお送りします（72時間有効）。",
    )
    return SeeOther(reverse("lookup:user", args=[user.pk]))


def user_change(request: HttpRequest, pk: int) -> HttpResponse:
    """変更 of registration data, branch and roles."""
    clerk = selectors.person_of(request.user, pk)
    is_master = selectors.is_master(clerk.user)
    initial = {name: getattr(clerk.user, name) for name in ("name", "department", "phone", "email")}
    held = clerk.user.roles
    initial |= {
        "branch": clerk.branch_id or "",
        "role": "lookup.branch" if "lookup.branch" in held else "lookup.user",
        "batch": "lookup.batch" in held,
    }
    data = request.POST if request.method == "POST" else None
    form = PersonForm(data, initial=initial, case=request.user, is_master=is_master)
    if request.method != "POST" or not form.is_valid():
        if clerk.pk == request.user.pk:
            _refuse_himself()
        return _person_page(request, "利用者の変更", form, _url(clerk))
    try:
        people.change_person(request.user, clerk, people.Person(form.details(), form.shop(), form.roles()))
    except people.Himself:
        _refuse_himself()
    messages.success(request, f"{form.cleaned_data['name']}さんの登録内容を変更しました。")
    return SeeOther(_url(clerk))


def _person_page(request: HttpRequest, title: str, form: PersonForm, back: str) -> HttpResponse:
    context = {
        "page_title": title,
        "crumbs": _crumbs((title, "")),
        "form": form,
        "problems": form.problems() if form.is_bound else [],
        "button": "追加する" if title == "利用者の追加" else "変更する",
        "back": back,
    }
    return render(request, "guarantee_lookup/user_form.html", context, status=422 if form.is_bound else 200)


def _refuse_himself() -> None:
    raise PermissionDenied({"reason": HIMSELF, "who": ["ほかの利用管理者", "信用保証協会"]})


# --- One person ----------------------------------------------------------------------


@dataclass(frozen=True)
class Action:
    """Something that is done with a person after a question: `run` returns the sentence for the page."""

    label: str
    question: str
    lead: str
    run: Callable[[User, Clerk], str]
    danger: bool = False


def _stop(actor: User, clerk: Clerk) -> str:
    is_new = people.stop(actor, clerk)
    return "停止しました。ログイン中の端末はログアウトしました。" if is_new else "すでに停止しています。"


def _leave(actor: User, clerk: Clerk) -> str:
    people.mark_left(actor, clerk)
    return "廃止しました。この利用者IDは再開できません。"


def _resume(actor: User, clerk: Clerk) -> str:
    return "停止を解除しました。" if people.resume(actor, clerk) else "停止していません。"


def _unlock(actor: User, clerk: Clerk) -> str:
    lifted, left = locks.lift(actor, clerk.user)
    if left:
        return "協会が確認するまで、照会を再開できない停止があります。協会へご連絡ください。"
    return "照会の停止を解除しました。" if lifted else "照会は停止していません。"


def _first_password(actor: User, clerk: Clerk) -> str:
    people.send_first_password(actor, clerk)
    return "仮パスワードをメールで送ります。有効期間は72時間です。"


def _second_factor(actor: User, clerk: Clerk) -> str:
    people.remove_second_factor(actor, clerk)
    return "追加認証を解除しました。次のログインで登録し直します。"


ACTIONS = {
    "stop": Action(
        "停止", "この利用者を停止しますか", "すぐに利用できなくなります。停止はあとで解除できます。", _stop, True
    ),
    "resume": Action("停止解除", "この利用者の停止を解除しますか", "もう一度ログインできるようになります。", _resume),
    "unlock": Action(
        "照会の停止解除",
        "照会の停止を解除しますか",
        "該当なしの照会が続いた理由を本人に確かめてから、解除してください。",
        _unlock,
    ),
    "first-password": Action(
        "パスワード初期化",
        "仮パスワードを送りますか",
        "いまのパスワードは使えなくなり、ログイン中の端末はログアウトします。",
        _first_password,
    ),
    "second-factor": Action(
        "追加認証の解除",
        "追加認証を解除しますか",
        "認証アプリの端末をなくしたなどの場合に、本人であることを確かめてから行ってください。",
        _second_factor,
    ),
    "leave": Action(
        "廃止",
        "この利用者を廃止しますか",
        "異動や退職により利用しなくなった方を廃止します。廃止した利用者IDは再開できません。",
        _leave,
        True,
    ),
}


def user(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: what is registered, and what can be done."""
    clerk = selectors.person_of(request.user, pk)
    open_locks = selectors.open_locks_of(clerk.user)
    context = {
        "page_title": "利用者の照会",
        "crumbs": _crumbs(("利用者の照会", "")),
        "clerk": clerk,
        "rows": _facts(clerk),
        "locks": [
            {"reason": lock.get_reason_display(), "since": jst(lock.since), "until": jst(lock.until)}
            for lock in open_locks
        ],
        "is_self": clerk.pk == request.user.pk,
        "himself": HIMSELF,
        "actions": [] if clerk.pk == request.user.pk else _possible(clerk),
        "change_url": reverse("lookup:user-change", args=[clerk.pk]),
    }
    return render(request, "guarantee_lookup/user.html", context)


def _facts(clerk: Any) -> list[dict[str, str]]:
    user = clerk.user
    pairs = [
        ("利用者ID", user.login),
        ("氏名", user.name),
        ("所属部署", user.department),
        ("電話", user.phone),
        ("メール", user.email),
        ("店舗", str(clerk.branch or "本部")),
        ("権限", role_words(user.roles)),
        ("状態", state_words(clerk)),
        ("最終ログイン", jst(user.last_login) or "なし"),
        ("最終確認日", seireki(clerk.confirmed_on)),
    ]
    return [{"label": label, "shown": shown} for label, shown in pairs]


def _possible(clerk: Any) -> list[tuple[str, str, bool]]:
    """Return address, label and danger of what makes sense for the person now."""
    if clerk.user.is_active:
        names = ["first-password", "second-factor", *(["unlock"] if clerk.is_locked else []), "stop", "leave"]
    else:
        names = [] if clerk.stop_reason == StopReason.LEFT else ["resume", "leave"]
    return [
        (reverse("lookup:user-action", args=[clerk.pk, name]), ACTIONS[name].label, ACTIONS[name].danger)
        for name in names
    ]


def user_action(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Ask first, then do it."""
    clerk = selectors.person_of(request.user, pk)
    if action not in ACTIONS:
        raise Http404
    wanted = ACTIONS[action]
    if clerk.pk == request.user.pk:
        _refuse_himself()
    if request.method == "POST":
        try:
            messages.success(request, f"{clerk.user.name}さん：{wanted.run(request.user, clerk)}")
        except people.NotPossible as refusal:
            messages.warning(request, f"{clerk.user.name}さん：{refusal}")
        return SeeOther(_url(clerk))
    context = {
        "page_title": wanted.label,
        "crumbs": _crumbs((wanted.label, "")),
        "confirm": {
            "title": wanted.question,
            "lead": wanted.lead,
            "facts": [("利用者ID", clerk.user.login), ("氏名", clerk.user.name), ("状態", state_words(clerk))],
            "button": f"{wanted.label}する" if not wanted.label.endswith("解除") else "解除する",
            "url": request.path,
            "back": ("利用者の照会へ戻る", _url(clerk)),
            "danger": wanted.danger,
        },
    }
    return render(request, "guarantee_lookup/user_action.html", context)


# --- 利用者の確認 -----------------------------------------------------------------------


def recertify(request: HttpRequest) -> HttpResponse:
    """利用者の確認: 継続 for one person, 一括継続 for all that are ticked; 廃止 asks on its own page."""
    today = timezone.localdate()
    first = days.round_of(today)
    waiting = selectors.people_of(request.user).filter(user__is_active=True, confirmed_on__lt=first)
    waiting = waiting.order_by("user__login")
    if request.method == "POST":
        return _recertified(request, {str(clerk.pk): clerk for clerk in waiting})
    held = selectors.roles_of([clerk.pk for clerk in waiting], today)
    context = {
        "page_title": CONFIRM,
        "crumbs": _crumbs((CONFIRM, "")),
        "wide": True,
        "rows": [
            {
                "pk": clerk.pk,
                "login": clerk.user.login,
                "name": clerk.user.name,
                "branch": str(clerk.branch or "本部"),
                "roles": role_words(held[clerk.pk]),
                "last_login": jst(clerk.user.last_login) or "なし",
                "confirmed_on": clerk.confirmed_on,
                "is_self": clerk.pk == request.user.pk,
            }
            for clerk in waiting
        ],
        "due_on": days.due_of(first),
        "is_late": today > days.due_of(first),
        "next_round_on": days.next_round(today),
        "himself": HIMSELF,
    }
    return render(request, "guarantee_lookup/recertify.html", context)


def _recertified(request: HttpRequest, waiting: dict[str, Clerk]) -> HttpResponse:
    """Carry out the pressed button; who was confirmed meanwhile is left out."""
    verb, _, pk = request.POST.get("decision", "").partition(":")
    chosen = {"keep-all": request.POST.getlist("clerk"), "keep": [pk]}.get(verb, [])
    done = [waiting[key] for key in dict.fromkeys(chosen) if key in waiting and key != str(request.user.pk)]
    if str(request.user.pk) in chosen:
        messages.warning(request, HIMSELF)
    for clerk in done:
        people.confirm(request.user, clerk)
    if done:
        names = "、".join(clerk.user.name for clerk in done[:5]) + (f"ほか{len(done) - 5}人" if len(done) > 5 else "")
        messages.success(request, f"{names}：継続としました。")
    elif verb == "keep-all":
        messages.warning(request, "継続する利用者を選んでください。")
    return SeeOther(request.path)
