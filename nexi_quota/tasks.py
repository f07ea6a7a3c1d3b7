"""What follows a submission, an expiry or a rating, and what happens every night."""

from datetime import date
from typing import Any

from django.utils import timezone

from nexi_quota import selectors, services
from nexi_quota.documents import RECEIPT
from nexi_quota.messages import text
from nexi_quota.models import Confirmation
from portal.applications.models import ApplicationVersion
from portal.common.eras import seireki
from portal.documents.tasks import TOPIC as STORE_DOCUMENT
from portal.outbox import Message, handler, publish
from portal.outbox.mail import send
from portal.outbox.nightly import nightly_job


@handler("nexi.confirmed")
def after_confirmation(key: str, payload: dict[str, Any]) -> None:
    """Store the 控え and tell the contact (no figures of the quota)."""
    version = ApplicationVersion.objects.select_related("application").get(pk=payload["version"])
    publish(Message(STORE_DOCUMENT, f"{RECEIPT.slug} {key}", {"version": version.pk, "kind": RECEIPT.slug}))
    confirmation = Confirmation.objects.get(application=version.application)
    tell(
        version,
        f"nexi.confirmed {key}",
        f"個別保証枠確認申込みの完了（Web申込番号 {key}）",
        "個別保証枠確認申込みの手続きが完了しました。\n\n"
        f"Web申込番号：{key}\n"
        f"確認管理番号：{confirmation.number}\n"
        f"保証枠有効期限：{seireki(confirmation.expires_on)}\n\n"
        "個別保証枠確認証は、輸出者ポータルにログインし、「個別保証枠一覧」から表示・印刷してください。\n"
        "有効期限の翌日からは表示できません。",
    )


@handler("nexi.expired")
def after_expiry(key: str, payload: dict[str, Any]) -> None:
    """Tell the contact that the quota is free again."""
    confirmation = Confirmation.objects.select_related("application").get(pk=payload["confirmation"])
    if confirmation.application:
        tell(
            confirmation.application.versions.get(sequence=1),
            f"nexi.expired {key}",
            f"個別保証枠確認の有効期限の経過（確認管理番号 {key}）",
            f"確認管理番号{key}の個別保証枠確認は、保証枠有効期限（{seireki(confirmation.expires_on)}）を経過したため"
            "失効しました。\n続けて取引があるときは、もう一度お申込みください。",
        )


@handler("nexi.disabled")
def after_disabling(key: str, payload: dict[str, Any]) -> None:
    """Tell the contact that the payer's rating has made the confirmation unusable (M-R05)."""
    confirmation = Confirmation.objects.select_related("application").get(pk=payload["confirmation"])
    rating = selectors.rating_of(confirmation.payer_id, timezone.localdate())
    if confirmation.application:
        tell(
            confirmation.application.versions.get(sequence=1),
            f"nexi.disabled {key}",
            f"個別保証枠確認の使用不可（確認管理番号 {key}）",
            f"{text('M-R05', 格付=rating, 番号=key)}。",
        )


def tell(version: ApplicationVersion, key: str, subject: str, message: str) -> None:
    """Write to the 担当者 of the application; one mail for one key, without links."""
    contact = {
        item["name"]: item["shown"]
        for step in version.answers
        for part in step["sections"]
        for item in part["items"]
    }  # fmt: skip
    body = f"{contact['contact-name']} 様\n\n{message}\n\nこのメールにはリンクを記載していません。\n"
    send(key, contact["contact-email"], subject, body)


@nightly_job("nexi.expire")
def expire(day: date) -> dict[str, object]:
    """Give back what expired before `day`."""
    return {"expired": services.expire(day)}


@nightly_job("nexi.disable")
def disable(day: date) -> dict[str, object]:
    """End what the ratings of the day have made unusable."""
    return {"disabled": services.disable(day)}
