"""The mail with a first password, and the daily clean-up."""

from collections.abc import Mapping
from datetime import date

from django.core.mail import EmailMessage
from django.utils import timezone

from portal.accounts import limiter, services
from portal.accounts.models import Session, User
from portal.outbox import handler
from portal.outbox.mail import message_id
from portal.outbox.nightly import nightly_job

MAIL = """{name} 様

仮パスワード：{password}

72時間以内に、ご登録のユーザーIDとこの仮パスワードでログインし、ご自分のパスワードに変更してください。
お心当たりがない場合は、すぐに事務局へお電話ください。

このメールにリンクはありません。いつもお使いのアドレスから画面を開いてください。
"""


@handler("account.first-password")
def first_password(key: str, payload: dict[str, int]) -> None:
    """Make the password here, so that no row ever holds it; a repeat sends another one, and only the last works."""
    user = User.objects.get(pk=payload["user"])
    text = MAIL.format(name=user.name, password=services.make_first_password(user))
    EmailMessage(
        "【電子手続き】仮パスワードのお知らせ", text, to=[user.email], headers={"Message-ID": message_id(key)}
    ).send()


@nightly_job("accounts.clean-up")
def clean_up(day: date) -> Mapping[str, object]:
    """Delete the rows of sessions and limits that have ended."""
    sessions = Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]
    return {"sessions": sessions, "limits": limiter.forget_old()}
