"""Pages about an API: its description for people, its document for programs, and its tokens for 管理者."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.http import HttpRequest as DjangoRequest
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from portal.accounts import inputs
from portal.accounts.services import Refused, check_password
from portal.accounts.views import answer, refusal
from portal.api import services
from portal.api.declaration import Api
from portal.api.document import STATUSES, document
from portal.api.fields import Schema
from portal.api.forms import TokenForm
from portal.api.models import Token, TokenState
from portal.common.eras import seireki
from portal.common.http import HttpRequest, SeeOther
from portal.ui import portals
from portal.ui.lists import Column, ListPage

# --- Description ----------------------------------------------------------------


def openapi(request: DjangoRequest, api: Api) -> HttpResponse:
    """The OpenAPI document; public, since it says nothing of anybody."""
    return JsonResponse(document(api), json_dumps_params={"ensure_ascii": False})


def description(request: DjangoRequest, api: Api) -> HttpResponse:
    """The same for people, drawn from the same data."""
    described = document(api)
    portal = portals.get(api.portal)
    context = {
        "page_title": described["info"]["title"],
        "crumbs": [(portal.home_label, portal.home_url), ("API", "")],
        "wide": True,
        "info": described["info"],
        "server": described["servers"][0]["url"],
        "openapi_url": api.url("api-openapi"),
        "curl": curl(request, api),
        "operations": [
            _operation(path, method, operation, described)
            for path, entry in described["paths"].items()
            for method, operation in entry.items()
        ],
        "statuses": [(status, STATUSES[int(status)]) for status in described["components"]["responses"]],
        "creates": any(one.creation for one in api.collections),
    }
    return render(request, "api/description.html", context)


def _operation(path: str, method: str, operation: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    """Return what the page shows of one operation: the fields of a list are those of its items."""
    answer = operation["responses"].get("200") or operation["responses"]["201"]
    schema = answer["content"]["application/json"]["schema"]
    name = (schema.get("properties", {}).get("items", {}).get("items") or schema)["$ref"].rpartition("/")[2]
    record = described["components"]["schemas"][name]
    shown = {"path": path, "method": method.upper(), "description": "", "parameters": [], **operation}
    if body := operation.get("requestBody"):
        members = body["content"]["application/json"]["schema"]
        shown["parameters"] = [
            {"name": name, "description": one["description"], "required": name in members["required"]}
            for name, one in members["properties"].items()
        ]
    shown["refusals"] = [
        (status, one["description"])
        for status, one in operation["responses"].items()
        if status >= "400" and "$ref" not in one
    ]
    return {**shown, "fields": list(_fields(record)), "record": record["title"]}


def _fields(schema: Schema, before: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield name, label and kind of every field, those of inner objects behind a dot."""
    for name, field in schema["properties"].items():
        yield f"{before}{name}", field["description"], _kind(field)
        if "properties" in field:
            yield from _fields(field, f"{before}{name}.")
        elif "properties" in field.get("items", {}):
            yield from _fields(field["items"], f"{before}{name}[].")


KINDS = {
    "string": "文字列",
    "integer": "整数",
    "boolean": "真偽値",
    "object": "オブジェクト",
    "array": "配列",
    "null": "null",
}
FORMATS = {"date": "日付", "date-time": "日時"}


def _kind(field: Schema) -> str:
    """Return the kind of a field in words: 文字列、または null."""
    types = field["type"] if isinstance(field["type"], list) else [field["type"]]
    words = [FORMATS.get(field.get("format", ""), KINDS[types[0]]), *(KINDS[one] for one in types[1:])]
    return "、または ".join(words)


def curl(request: DjangoRequest, api: Api, text: str = "<トークン>") -> str:
    """Return a command line that reads the first list."""
    url = request.build_absolute_uri(f"{api.root}{api.collections[0].name}?limit=10")
    return f'curl -H "Authorization: Bearer {text}" "{url}"'


# --- Tokens ---------------------------------------------------------------------

PASSWORD = inputs.Input(
    *("password", "パスワード（本人確認）", "current-password"),
    hint="トークンは貴社のデータを照会できる鍵のため、発行するたびに、ご自分のログインパスワードを入力してください。",
)


def _crumbs(api: Api, *more: tuple[str, str]) -> list[tuple[str, str]]:
    portal = portals.get(api.portal)
    here = [(portal.home_label, portal.home_url), ("APIトークン", api.url("api-tokens")), *more]
    return [*here[:-1], (here[-1][0], "")]


def _state_cell(token: Token) -> str:
    state = token.state_on(timezone.localdate())
    kind = "done" if state is TokenState.LIVE else "stop"
    return format_html('<span class="chip chip--{}">{}</span>', kind, state.label)


def columns(api: Api) -> list[Column]:
    """Return what the list says of a token; never anything of its secret."""

    def revoke_cell(token: Token) -> str:
        if token.revoked_at is not None:
            return ""
        hidden = format_html('<span class="visually-hidden">（{}）</span>', token.label)
        return format_html('<a href="{}">取り消す{}</a>', api.url("api-token-revoke", token.prefix), hidden)

    return [
        Column("label", "名前", lambda t: t.label, "label"),
        Column("prefix", "トークンの先頭", lambda t: f"{t.prefix}_…", "prefix"),
        Column("state", "状態", lambda t: t.state_on(timezone.localdate()).label, cell=_state_cell),
        Column("expires", "有効期限", lambda t: f"{t.expires_on:%Y-%m-%d}", "expires_on"),
        Column("used", "最後に使われた日", lambda t: f"{t.last_used_on:%Y-%m-%d}" if t.last_used_on else "未使用"),
        Column("created", "発行日", lambda t: f"{timezone.localtime(t.created_at):%Y-%m-%d}", "created_at"),
        Column("created_by", "発行者", lambda t: t.created_by.name),
        Column("revoke", "取消", lambda t: "", cell=revoke_cell),
    ]


@sensitive_post_parameters(PASSWORD.name)
@sensitive_variables("text", "context", "password")
def tokens(request: HttpRequest, api: Api) -> HttpResponse:
    """APIトークン: those of the organisation, and the form for a new one; its secret is on one page only.

    Whoever finds an open session makes no token: the password is asked for, with limits like those of the login.
    """
    form = TokenForm(request.POST if request.method == "POST" else None, initial={"days": services.LONGEST_DAYS})
    if not form.is_bound:
        return _show_tokens(request, api, form)
    password = request.POST.get(PASSWORD.name, "")
    missing = {} if password else {PASSWORD.name: f"{PASSWORD.label}を入力してください。"}
    if not form.is_valid() or missing:
        return _show_tokens(request, api, form, missing, 422)
    if (refused := check_password(request.user, password)) is not None:
        wrong, status = refusal(refused, PASSWORD.name, "パスワードが正しくないため、発行していません。")
        return _show_tokens(request, api, form, wrong, status, refused)
    label, days = form.cleaned_data["label"], form.cleaned_data["days"]
    try:
        token, text = services.create(request.user, api.portal, api.role, label, days)
    except services.LabelTaken:
        form.add_error("label", f"「{label}」という名前のトークンがあります。取り消すか、別の名前にしてください。")
        return _show_tokens(request, api, form, status=422)
    context = {
        "page_title": "APIトークンを発行しました",
        "crumbs": _crumbs(api, ("発行", "")),
        "token": token,
        "copy": {"id": "token", "label": "トークン", "value": text, "testid": "api-token"},
        "curl": curl(request, api, text),
        "tokens_url": api.url("api-tokens"),
        "api_url": api.root,
    }
    return render(request, "api/token_created.html", context)


def _show_tokens(
    request: HttpRequest,
    api: Api,
    form: TokenForm,
    wrong: dict[str, str] | None = None,
    status: int = 200,
    refused: Refused | None = None,
) -> HttpResponse:
    rows = Token.objects.visible_to(request.user).select_related("created_by")
    context: dict[str, Any] = {
        "page_title": "APIトークン",
        "crumbs": _crumbs(api),
        "wide": True,
        "form": form,
        "listing": ListPage(request, rows, columns(api), order="-created", caption="発行したトークン"),
        "api_url": api.root,
    }
    context |= inputs.shown((PASSWORD,), wrong)
    context["problems"] = form.problems() + context["problems"]
    return answer(request, "api/tokens.html", context, status, refused)


def revoke(request: HttpRequest, api: Api, prefix: str) -> HttpResponse:
    """Asks before a token is revoked; programs that use it stop working at once."""
    token = Token.objects.visible_to(request.user).select_related("organisation").filter(prefix=prefix).first()
    if token is None:
        raise Http404
    back = api.url("api-tokens")
    if request.method == "POST":
        if services.revoke(token, request.user):
            messages.success(request, f"トークン「{token.label}」を取り消しました。")
        else:
            messages.warning(request, "このトークンは既に取り消されています。")
        return SeeOther(back)
    if token.revoked_at is not None:
        messages.warning(request, "このトークンは既に取り消されています。")
        return SeeOther(back)
    used = seireki(token.last_used_on) if token.last_used_on else "未使用"
    context = {
        "page_title": "APIトークンの取消",
        "crumbs": _crumbs(api, ("取消", "")),
        "confirm": {
            "title": "このトークンを取り消しますか",
            "lead": "このトークンを使っているシステムは、すぐに照会できなくなります。"
            "取り消したトークンは元に戻せません。",
            "facts": [("名前", token.label), ("トークンの先頭", f"{token.prefix}_…"), ("最後に使われた日", used)],
            "button": "取り消す",
            "url": request.path,
            "back": ("APIトークンへ戻る", back),
            "danger": True,
        },
    }
    return render(request, "api/revoke.html", context)
