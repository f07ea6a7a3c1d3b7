"""What happens to the trade-credit portal after a commit and every night."""

from datetime import date
from typing import Any

from credit_insurance.models import Case
from credit_insurance.services import quotes, review, sheet_files
from portal.accounts.models import User
from portal.outbox.mail import send
from portal.outbox.nightly import nightly_job
from portal.outbox.topics import handler

NEWS = {
    "ask": (
        "追加情報のお願い",
        "引受保険会社から質問があります。「お見積り」から回答してください。",
    ),
    "return": (
        "ヒアリングシートの差戻し",
        "訂正が必要です。「お見積り」から内容を確かめてください。",
    ),
    "decline": ("審査の結果", "審査の結果を「お見積り」でお知らせしています。"),
    "quote": (
        "お引受条件のご案内",
        "ご案内が届いています。「お見積り」から有効期限までに回答してください。",
    ),
    "expire": (
        "お引受条件の有効期限",
        "有効期限が過ぎました。ご加入には、もう一度お見積りをご依頼ください。",
    ),
}
"""Subject and text by event; no debtor and no amount is named, and no address linked."""


@handler(review.NEWS)
def tell_member(key: str, payload: dict[str, Any]) -> None:
    """Mail everybody of the member who works on cases that theirs has moved."""
    case = Case.objects.select_related("member").get(pk=payload["case"])
    subject, text = NEWS[payload["event"]]
    people = User.objects.filter(organisation=case.member.organisation_id, is_active=True).exclude(email="")
    for person in people.order_by("pk"):
        if person.has_role("credit.staff"):
            body = f"{case.member.name}\n{person.name} 様\n\n{text}\n\n受付番号：{case.number}\n"
            send(f"{review.NEWS} {key} {person.pk}"[:200], person.email, f"【貸倒補償制度】{subject}", body)


@nightly_job("credit.sheet_files")
def discard_sheet_files(day: date) -> dict[str, object]:
    """Delete files of debtors that nobody took over."""
    return {"discarded": sheet_files.discard_old(day)}


@nightly_job("credit.quotes")
def expire_quotes(day: date) -> dict[str, object]:
    """End the offers whose 有効期限 has passed."""
    return {"expired": quotes.expire(day)}
