"""本人確認 before an 認証キー leaves: the login password again, good for five minutes (security.md 2.1)."""

from dataclasses import dataclass

from django.utils import timezone

from esurety.models import Certificate
from portal import audit
from portal.accounts import inputs
from portal.accounts.services import Refused, check_password
from portal.accounts.views import refusal
from portal.common.http import HttpRequest

SECONDS = 300
_PROVED = "surety.proved_at"

PASSWORD = inputs.Input(
    *("password", "パスワード（本人確認）", "current-password"),
    hint="認証キーは保証証書に代わるものです。ご自分のログインパスワードを入力してください（5分間は再入力不要です）。",
)


@dataclass(frozen=True)
class Wrong:
    """Why nothing is shown: messages by control, the status of the answer, the limit that was reached if any."""

    messages: dict[str, str]
    status: int
    refused: Refused | None = None


def is_proved(request: HttpRequest) -> bool:
    """Return True while the password that was given in this session still counts."""
    at = request.session.get(_PROVED, 0)
    return bool(0 <= timezone.now().timestamp() - at < SECONDS)


def prove(request: HttpRequest, made: Certificate) -> Wrong | None:
    """Return None when it is who logged in, else what is wrong; tries are limited, and what is wrong is recorded."""
    if is_proved(request):
        return None
    password = request.POST.get(PASSWORD.name, "")
    if not password:
        return Wrong({PASSWORD.name: f"{PASSWORD.label}を入力してください。"}, 422)
    refused = check_password(request.user, password)
    if refused is None:
        request.session[_PROVED] = timezone.now().timestamp()
        return None
    audit.record(
        "surety.key_refused",
        actor=request.user,
        organisation=request.user.organisation,
        target=made.guarantee.number,
        outcome="denied",
        detail={"sequence": made.sequence},
    )
    wrong, status = refusal(refused, PASSWORD.name, "パスワードが正しくありません。")
    return Wrong(wrong, status, refused)
