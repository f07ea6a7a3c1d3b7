"""Answers of the API to a request that fails: problem details of RFC 9457, the same keys for every status."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import JsonResponse

CONTENT_TYPE = "application/problem+json"
MOST_FAULTS = 50

DETAILS: dict[int, str] = {
    400: "リクエストを読み取れません。文字コード（UTF-8）と、制御文字が含まれていないことを確かめてください。",
    401: "有効なAPIトークンがありません。Authorization ヘッダーに Bearer とトークンを指定してください。",
    404: "見つかりません。アドレスと番号を確かめてください。",
    403: "この操作の権限がありません。",
    405: "このアドレスでは使えないメソッドです。Allow ヘッダーにあるメソッドを使ってください。",
    409: "いまの状態では処理できません。",
    413: "リクエストが大きすぎます。",
    415: "リクエストの本文は JSON（Content-Type: application/json）で送ってください。",
    422: "パラメーターに誤りがあります。errors を確かめてください。",
    429: "リクエストの回数が多すぎます。Retry-After の秒数だけ待ってから、もう一度お試しください。",
    500: "システムの不具合により、処理できませんでした。X-Request-Id を添えてお問い合わせください。",
    503: "ただいまご利用いただけません。数分待ってから、もう一度お試しください。",
}
PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""Words of RFC 9110 where Python's table has older ones."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one parameter."""

    parameter: str
    detail: str


class Refused(Exception):
    """The request cannot be answered as it is, with everything that is wrong: 422, or 404 for a page that is not.

    A portal that refuses for a reason of its own gives its `code`, the sentence and the seconds to wait.
    """

    def __init__(
        self,
        status: int,
        faults: list[Fault] | None = None,
        *,
        code: str = "",
        detail: str = "",
        wait_seconds: int = 0,
    ) -> None:
        super().__init__(status, faults)
        self.status = status
        self.faults = faults
        self.code = code
        self.detail = detail
        self.wait_seconds = wait_seconds

    def answer(self) -> JsonResponse:
        """Return the problem as it is sent."""
        headers = {"Retry_After": str(self.wait_seconds)} if self.wait_seconds else {}
        return problem(self.status, self.faults, code=self.code, detail=self.detail, **headers)


def body(status: int, faults: list[Fault] | None = None, code: str = "", detail: str = "") -> dict[str, Any]:
    """Return the problem document of `status`; a `code` and `detail` of its own make it more exact."""
    found: dict[str, Any] = {
        "type": "about:blank",
        "title": PHRASES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or DETAILS.get(status) or DETAILS[500 if status >= 500 else 400],
    }
    if code:
        found["code"] = code
    if faults is not None:
        found["errors"] = [{"parameter": one.parameter, "detail": one.detail} for one in faults[:MOST_FAULTS]]
    return found


def problem(
    status: int, faults: list[Fault] | None = None, *, code: str = "", detail: str = "", **headers: str
) -> JsonResponse:
    """Answer `status`; an underscore in the name of a header is a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = JsonResponse(
        body(status, faults, code, detail),
        status=status,
        content_type=CONTENT_TYPE,
        headers=named,
        json_dumps_params={"ensure_ascii": False},
    )
    answer["Content-Length"] = str(len(answer.content))
    return answer
