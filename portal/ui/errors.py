"""Our own page for every way a request can fail: what happened, why, what to do, whom to ask. Needs no database."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from portal.common.http import request_id, wants_partial
from portal.ui import portals
from portal.ui.context import portal_frame

logger = logging.getLogger(__name__)

Action = tuple[str, str]


@dataclass(frozen=True)
class Words:
    """Heading, what happened and why, what to do."""

    title: str
    lead: str
    todo: str


WORDS: dict[int, Words] = {
    400: Words(
        "送信された内容を読み取れませんでした",
        "アドレスまたは入力した内容に、扱えない文字や形式が含まれていました。文字化けした文字や制御文字が混ざると起こることがあります。",
        "ブラウザの「戻る」で前の画面に戻り、コピーして貼り付けた文字を入力し直してから、もう一度お試しください。",
    ),
    403: Words(
        "この操作を行う権限がありません",
        "お使いの利用者IDには、この画面を使う権限が付いていません。",
        "権限を持つ方に操作を依頼するか、社内の管理者に権限の追加を依頼してください。",
    ),
    404: Words(
        "ページが見つかりません",
        "アドレスが間違っているか、ページが移動または削除されたか、お使いの利用者IDでは表示できないページです。",
        "アドレスを確かめるか、下のボタンから目的の画面をお探しください。",
    ),
    405: Words(
        "この方法では画面を開けません",
        "画面の開き方が正しくありません。送信後の画面をブックマークから開いたときなどに起こります。",
        "下のボタンから、もう一度はじめの画面を開いてください。",
    ),
    409: Words(
        "内容が更新されています",
        "この画面を開いたあとに、ほかの方の操作や条件の変更がありました。送信は行われていません。",
        "最新の内容を確かめてから、もう一度操作してください。",
    ),
    410: Words(
        "この内容は表示期間を過ぎました",
        "有効期間が終わったため、この画面と書類は表示できなくなりました。",
        "一覧から、いま有効なものをお選びください。",
    ),
    413: Words(
        "送信された内容が大きすぎます",
        "ファイルまたは入力した文字の合計が、一度に送信できる大きさを超えています。送信は行われていません。",
        "ブラウザの「戻る」で前の画面に戻り、ファイルを小さくするか、分けて送信してください。",
    ),
    429: Words(
        "操作の回数が多すぎます",
        "短い時間に同じ操作がくり返されたため、安全のために受け付けを一時的に止めています。",
        "しばらく待ってから、もう一度お試しください。",
    ),
    500: Words(
        "処理できませんでした",
        "システムの不具合により、操作を終えることができませんでした。一時保存した内容は残っています。",
        "時間をおいてやり直してください。同じことが続くときは、下の受付番号を添えてお問い合わせください。",
    ),
    503: Words(
        "ただいまご利用いただけません",
        "システムの一部が停止しているため、操作を受け付けられません。一時保存した内容は残っています。",
        "数分待ってから、もう一度お試しください。",
    ),
}
CSRF_WORDS = Words(
    "画面の有効期限が切れています",
    "画面を開いてから時間がたったか、別の画面でログインし直したため、送信を受け付けませんでした。クッキーを使わない設定でも起こります。",
    "ブラウザの「戻る」で前の画面に戻り、画面を読み込み直してから、もう一度送信してください。",
)

# What is answered when even the template cannot be rendered.
LAST_RESORT = (
    '<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>処理できませんでした</title></head>'
    "<body><h1>処理できませんでした</h1><p>時間をおいてやり直してください。</p></body></html>"
)


def problem(
    request: HttpRequest,
    status: int,
    *,
    title: str = "",
    lead: str = "",
    reasons: Iterable[str] = (),
    actions: Sequence[Action] = (),
    todo: str = "",
    who: Iterable[str] = (),
    retry_after: int | None = None,
) -> HttpResponse:
    """Answer `status` with our page (htmx: a fragment); what is not given comes from the words of the status.

    `who`: names of those who may do it (403). `retry_after`: seconds, also sent as a header (429, 503).
    """
    words = WORDS[status]
    portal = portals.of_path(request.path)
    context = {
        "status": status,
        "page_title": title or words.title,
        "lead": lead or words.lead,
        "todo": todo or words.todo,
        "reasons": tuple(reasons),
        "who": tuple(who),
        "wait": waiting_time(retry_after),
        "actions": tuple(actions) or default_actions(portal),
        # Every 404 has the same body, whatever its cause; the number is in the header for all of them.
        "request_id": "" if status == HTTPStatus.NOT_FOUND else request_id.get(),
        **portal_frame(portal),
    }
    template = "errors/fragment.html" if wants_partial(request) else "errors/problem.html"
    response = HttpResponse(render_to_string(template, context), status=status)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def default_actions(portal: portals.Portal | None) -> tuple[Action, ...]:
    """The way out of an error page: first page of the portal, choice of portals."""
    top = ("手続きの選択へ", "/")
    return ((f"{portal.home_label}へ", portal.home_url), top) if portal else (top,)


def waiting_time(seconds: int | None) -> str:
    """'45秒', '15分', '2時間' (rounded up); '' without a time."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{max(seconds, 1)}秒"
    return f"{-(-seconds // 60)}分" if seconds <= 5400 else f"{-(-seconds // 3600)}時間"


def method_not_allowed(request: HttpRequest, methods: Iterable[str]) -> HttpResponse:
    """405 with the header that names what is allowed."""
    response = problem(request, 405)
    response["Allow"] = ", ".join(methods)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400; a body over Django's own limits is 413."""
    return problem(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403; `PermissionDenied({"who": [...], "reason": "..."})` or `PermissionDenied("who")` says who can."""
    detail = exception.args[0] if exception.args else {}
    if not isinstance(detail, dict):
        detail = {"who": [str(detail)]}
    reason = detail.get("reason", "")
    return problem(request, 403, reasons=[reason] if reason else (), who=detail.get("who", ()))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404: says nothing of the cause."""
    return problem(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500; never raises, so that a broken template or portal still gets an answer."""
    try:
        return problem(request, 500)
    except Exception:
        logger.exception("the error page itself failed")
        return HttpResponse(LAST_RESORT, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """settings.CSRF_FAILURE_VIEW: 403 that says how to send again."""
    logger.warning("csrf check failed: %s", reason)
    return problem(request, 403, title=CSRF_WORDS.title, lead=CSRF_WORDS.lead, todo=CSRF_WORDS.todo)
