"""What happens to the trade-credit portal after a commit and every night."""

from datetime import date
from typing import Any

from django.utils import timezone

from credit_insurance.documents.enrolment import ENROLMENT_FORM
from credit_insurance.enums import QuoteState
from credit_insurance.models import Case, Quote
from credit_insurance.selectors import masters
from credit_insurance.services import balances, enrolment, questionnaires, quotes, reminders, review, sheet_files
from credit_insurance.wizards import sheet_paper
from credit_insurance.wizards.enrolment import AFTER
from portal.accounts.models import User
from portal.accounts.permissions import holders
from portal.applications.models import ApplicationVersion
from portal.common.eras import seireki
from portal.documents.tasks import TOPIC as STORE_DOCUMENT
from portal.outbox import Message, publish
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
    "form_accept": ("加入依頼書の受付", "加入依頼書を受け付けました。お振込みが済むと、加入手続が完了します。"),
    "form_return": (
        "加入依頼書の不備",
        "加入依頼書に不備があります。「加入依頼書」から訂正してください。",
    ),
    "later": (
        "補償開始日の変更",
        "締切に間に合わなかったため、補償開始日と保険料が変わります。「加入依頼書」から確認してください。",
    ),
    "miss": (
        "加入手続の終了",
        "締切に間に合わず、この保険期間には加入できません。「お見積り」をご覧ください。",
    ),
    "cancel": ("加入手続の取消し", "加入手続を取り消しました。お振込み済みの保険料は返金します。"),
    "complete": ("加入手続の完了", "加入手続が完了しました。加入者証は、補償開始から1か月以内に発行します。"),
    "certificate": ("加入者証の発行", "加入者証を発行しました。「加入者証」からご覧ください。"),
    "quote_ends": (
        "お引受条件の有効期限が近づいています",
        "有効期限までに、「お見積り」から回答してください。",
    ),
    "expire": (
        "お引受条件の有効期限",
        "有効期限が過ぎました。ご加入には、もう一度お見積りをご依頼ください。",
    ),
}
"""Subject and text by event; no debtor and no amount is named, and no address linked."""


@handler(review.NEWS)
def tell_member(key: str, payload: dict[str, Any]) -> None:
    """Mail everybody of the member who works on cases that theirs has moved, or that an open offer ends soon."""
    ends = Quote.objects.get(pk=payload["quote"]) if "quote" in payload else None
    if ends and ends.state != QuoteState.ISSUED:
        return
    case = Case.objects.select_related("member").get(pk=payload["case"])
    subject, text = NEWS[payload["event"]]
    people = User.objects.filter(organisation=case.member.organisation_id, is_active=True).exclude(email="")
    for person in people.order_by("pk"):
        if person.has_role("credit.staff"):
            until = f"有効期限：{seireki(ends.valid_until)}\n" if ends else ""
            body = f"{case.member.name}\n{person.name} 様\n\n{text}\n\n受付番号：{case.number}\n{until}"
            send(f"{review.NEWS} {key} {person.pk}"[:200], person.email, f"【貸倒補償制度】{subject}", body)


REMINDERS = {
    "form": ("加入依頼書の締切", "加入依頼書の提出の締切は{due}です。「加入依頼書」から提出してください。"),
    "money": (
        "保険料のお振込みの締切",
        "保険料のお振込みの締切は{due}です。締切の日までに当会の口座に入金されるよう、お振込みください。",
    ),
    "certificate_due": ("加入者証が未発行です", "補償開始から20日を過ぎています。{due}までに発行してください。"),
    "certificate_late": ("加入者証の発行が遅れています", "補償開始から1か月になりますが、発行されていません。"),
    "renewal": (
        "更新のお手続き",
        "次の保険期間のお手続きを受け付けています。募集の締切は{due}です。「お見積り」から依頼してください。",
    ),
}
"""Subject and text by what is reminded of; no debtor and no amount is named, and no address linked."""

LATE_FOR_MEMBER = (
    "加入者証の発行が遅れています。引受保険会社または取扱代理店にお問い合わせください。補償は始まっています。"
)


@handler(reminders.TOPIC)
def remind_people(key: str, payload: dict[str, Any]) -> None:
    """Mail a reminder to the member, to the 引受担当, or to both; what was done since the night needs none."""
    case = Case.objects.select_related("member").get(pk=payload["case"])
    about, due = payload["about"], date.fromisoformat(payload["due"])
    if not reminders.is_due(case, about, payload):
        return
    subject, text = REMINDERS[about]
    people: list[tuple[User, str]] = []
    if about in {"certificate_due", "certificate_late"}:
        insurer = holders(("credit.uw",), None, timezone.localdate())
        people += [(person, text) for person in insurer.exclude(email="").order_by("pk")]
    if about != "certificate_due":
        own = holders(("credit.staff",), case.member.organisation_id, timezone.localdate())
        said = LATE_FOR_MEMBER if about == "certificate_late" else text
        people += [(person, said) for person in own.exclude(email="").order_by("pk")]
    for person, said in people:
        body = f"{person.name} 様\n\n{said.format(due=seireki(due))}\n\n受付番号：{case.number}\n"
        send(f"{reminders.TOPIC} {key} {person.pk}"[:200], person.email, f"【貸倒補償制度】{subject}", body)


@handler(AFTER)
def keep_form(key: str, payload: dict[str, Any]) -> None:
    """Have the 加入依頼書 made and kept as it was submitted (D05)."""
    publish(
        Message(
            STORE_DOCUMENT, f"{ENROLMENT_FORM.slug} {key}", {"version": payload["version"], "kind": ENROLMENT_FORM.slug}
        )
    )


@handler(sheet_paper.AFTER)
def keep_sheet(key: str, payload: dict[str, Any]) -> None:
    """Have the paper of a long ヒアリングシート made before anybody asks for it (D02)."""
    version = ApplicationVersion.objects.get(pk=payload["version"])
    if sheet_paper.is_made_ahead(version):
        slug = sheet_paper.SHEET_PAPER.slug
        publish(Message(STORE_DOCUMENT, f"{slug} {key}", {"version": version.pk, "kind": slug}))


@nightly_job("credit.sheet_files")
def discard_sheet_files(day: date) -> dict[str, object]:
    """Delete files of debtors that nobody took over."""
    return {"discarded": sheet_files.discard_old(day)}


@nightly_job("credit.leads")
def discard_leads(day: date) -> dict[str, object]:
    """Delete what guests answered and nobody needs any more."""
    return {"discarded": questionnaires.discard_old(day)}


@nightly_job("credit.quotes")
def expire_quotes(day: date) -> dict[str, object]:
    """End the offers whose 有効期限 has passed, remind of those that end soon."""
    return {"expired": quotes.expire(day), "reminded": quotes.remind(day)}


@nightly_job("credit.enrolments")
def settle_enrolments(day: date) -> dict[str, object]:
    """Bring every case to what its form and its money lead to, begin and end cover."""
    return {**enrolment.settle_all(day, masters.calendar()), **enrolment.begin_and_end(day)}


@nightly_job("credit.reminders")
def remind_all(day: date) -> dict[str, object]:
    """Remind of 締切, late 加入者証 and the renewal; end the limits of a period that is over."""
    return {**reminders.remind(day, masters.calendar()), "limits_ended": balances.expire(day)}
