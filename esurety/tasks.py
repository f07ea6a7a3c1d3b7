"""Jobs of the e-surety portal: a certificate is rendered, signed and stored; what follows its arrival."""

from datetime import date
from typing import Any

from django.core.mail import EmailMessage
from django.utils import timezone

from esurety.documents import CERTIFICATE, certificate_context, key_sheet
from esurety.enums import GuaranteeState, SubmissionState, VersionState
from esurety.models import AuthKey, Certificate, Guarantee, Registration, Submission
from esurety.selectors.guarantees import addresses
from esurety.selectors.handing import BODY_DAYS, hand_in
from esurety.selectors.registrations import people_of
from esurety.services import billing, issuing, receiving, registering, submissions
from portal.accounts.models import User
from portal.accounts.permissions import holders
from portal.documents.render import render
from portal.outbox import handler
from portal.outbox.mail import message_id, send
from portal.outbox.nightly import nightly_job


@handler(issuing.TOPIC)
def make_certificate(key: str, payload: dict[str, Any]) -> None:
    """Render, sign and store the version `{"certificate": id}`; a repeat finds it arrived."""
    made = Certificate.objects.select_related("guarantee").get(pk=payload["certificate"])
    if made.state == VersionState.PENDING:
        from esurety.pdfsign import sign_pdf  # a second of imports

        issuing.store(made, sign_pdf(render(CERTIFICATE, certificate_context(made))))


@handler(issuing.ARRIVED)
def tell_contractor(key: str, payload: dict[str, Any]) -> None:
    """電子保証（認証キー）発行完了のお知らせ, to who asked for it: neither key nor certificate nor link in it."""
    made = Certificate.objects.select_related("guarantee__item__request", "guarantee__body").get(
        pk=payload["certificate"]
    )
    request = made.guarantee.item.request
    if not request.wants_mail or not request.email:
        return
    is_first = made.sequence == 1
    subject = "電子保証（認証キー）発行完了のお知らせ" if is_first else f"{made.target}の電子証書を発行しました"
    again = (
        ""
        if is_first
        else "認証キーは新しくなりました。変更・訂正のときも、新しい認証キーの発注者への提出が必要です。\n\n"
    )
    send(
        f"esurety.arrived {key}",
        request.email,
        subject,
        f"電子証書の発行手続きが完了しました。\n\n保証契約番号：{made.guarantee}\n対象：{made.target}\n"
        f"工事名：{made.guarantee.work}\n発注者：{made.guarantee.body}\n\n{again}"
        "電子保証ポータルにログインし、「保証契約一覧」の「電子保証（認証キー）」から証書の内容をご確認のうえ、"
        "「認証キーのお知らせ」を発注者へご提出ください。",
    )


@nightly_job("surety.invoices")
def bill_the_month(day: date) -> dict[str, object]:
    """一括納付の請求書 of the month before, on the first or as soon after as the job runs."""
    return {"made": billing.make_invoices(day)}


# --- After the issue: hand-in, re-issue, reminders ----------------------------------

NO_LINK = "このメールにリンクは記載していません。電子保証ポータルにログインしてお手続きください。"


def _tell(key: str, to: list[str], subject: str, guarantee: Guarantee, lines: str, message: str) -> None:
    """Write to each of `to` about a guarantee: neither key nor certificate nor link in it."""
    facts = f"保証契約番号：{guarantee}\n保証種類：{guarantee.get_product_display()}\n工事名：{guarantee.work}\n"
    for address in to:
        text = f"{facts}発注者：{guarantee.body}\n{lines}\n{message}\n\n{NO_LINK}\n"
        send(f"{key} {address}"[:200], address, subject, text)


@handler(submissions.HAND_IN)
def mail_sheet(key: str, payload: dict[str, Any]) -> None:
    """Send the 認証キーのお知らせ, made now and kept nowhere, unless it was taken back meanwhile."""
    row = Submission.objects.select_related(
        "certificate__guarantee__organisation", "certificate__guarantee__body", "sent_by"
    ).get(pk=payload["certificate"])
    if row.sent_by is None or row.sent_at is None or row.sent_at.isoformat() != payload["at"]:
        return
    name, content = key_sheet(row.certificate, row.sent_by, "mail")
    EmailMessage(
        row.subject,
        row.text,
        to=[row.addressee],
        reply_to=[row.sent_by.email] if row.sent_by.email else None,
        headers={"Message-ID": message_id(f"{submissions.HAND_IN} {key}")},
        attachments=[(name, content, "application/pdf")],
    ).send()


@handler(submissions.REISSUED)
def tell_reissue(key: str, payload: dict[str, Any]) -> None:
    """認証キーの再発行 (E8), to the contractor and the office."""
    made = AuthKey.objects.select_related(
        "certificate__guarantee__item__request", "certificate__guarantee__body", "certificate__guarantee__office"
    ).get(pk=payload["key"])
    guarantee = made.certificate.guarantee
    _tell(
        f"{submissions.REISSUED} {key}",
        [*addresses(guarantee), guarantee.office.email],
        f"認証キーの再発行（保証契約番号 {guarantee}）",
        guarantee,
        f"対象：{made.certificate.target}\n",
        "認証キーを再発行しました。以前の認証キーでは電子証書を閲覧できません。\n"
        "発注者がまだ登録していない場合は、新しい「認証キーのお知らせ」を発注者へご提出ください。",
    )


@handler(submissions.REMIND)
def remind_hand_in(key: str, payload: dict[str, Any]) -> None:
    """認証キー提出のお願い (E4), with the subject line that the 発注者 wants; none once it was handed in."""
    made = Certificate.objects.select_related(
        "guarantee__item__request", "guarantee__body", "guarantee__organisation", "submission"
    ).get(pk=payload["certificate"])
    if made.submission.state != SubmissionState.OPEN or made.state != VersionState.ISSUED:
        return
    guarantee, wanted = made.guarantee, hand_in(made)
    where = f"提出先：{wanted.rule.department} {wanted.rule.address}\n" if wanted.rule else ""
    _tell(
        f"{submissions.REMIND} {key}",
        addresses(guarantee),
        f"認証キー提出のお願い（保証契約番号 {guarantee}）",
        guarantee,
        f"対象：{made.target}\n{where}件名の例：{wanted.subject.text}\n",
        "電子証書の発行から2営業日が過ぎましたが、認証キーが発注者へ提出されていません。\n"
        "「保証契約一覧」から「認証キーのお知らせ」を取得し、発注者へご提出ください。"
        "すでに提出されている場合は、「提出済みにする」から提出日をご記入ください。",
    )


@handler(submissions.DUE)
def tell_due(key: str, payload: dict[str, Any]) -> None:
    """保証期限のお知らせ (E7): before it, and once more after it."""
    guarantee = Guarantee.objects.select_related("item__request", "body", "current").get(pk=payload["guarantee"])
    if guarantee.state != GuaranteeState.ACTIVE or not key.startswith(f"{guarantee.number} {guarantee.due_on} "):
        return
    ends_on = issuing.payload_of(guarantee.current)["ends_on"] if guarantee.current else ""
    is_past = payload["days"] < 0
    head = "保証期限を過ぎました。" if is_past else f"保証期限まで{payload['days']}日以内になりました。"
    _tell(
        f"{submissions.DUE} {key}",
        addresses(guarantee),
        f"保証期限のお知らせ（保証契約番号 {guarantee}）",
        guarantee,
        f"保証期限：{guarantee.due_on:%Y/%m/%d}\n工期の終わり：{ends_on.replace('-', '/')}\n",
        f"{head}\n工期が延びるときは、保証期限の変更が必要です。取扱箇所へご連絡ください。"
        "保証契約が期限の経過だけで終了することはありません。",
    )
    for address in people_of(guarantee):
        text = (
            f"{head}\n\n保証契約番号：{guarantee}\n保証種類：{guarantee.get_product_display()}\n"
            "工期が延びるときは、受注者に保証期限の変更を求めてください。"
            "保証契約が期限の経過だけで終了することはありません。\n\n"
            "このメールにリンクは記載していません。発注者確認にログインし、「証書一覧」をご確認ください。\n"
        )
        subject = f"保証期限のお知らせ（保証契約番号 {guarantee}）"
        send(f"{submissions.DUE} body {key} {address}"[:200], address, subject, text)


@nightly_job("esurety.hand_in")
def remind(day: date) -> dict[str, object]:
    """Ask for the keys that wait to be handed in."""
    return {"reminded": submissions.remind(day)}


@handler(receiving.REMIND)
def remind_body(key: str, payload: dict[str, Any]) -> None:
    """受領・差戻しのお願い to the 契約担当 of the 発注者; none once it was decided."""
    registration = Registration.objects.select_related("certificate__guarantee__body").get(pk=payload["registration"])
    made = registration.certificate
    if registration.state != SubmissionState.REGISTERED or made.state != VersionState.ISSUED:
        return
    guarantee = made.guarantee
    text = (
        f"登録された電子証書の受領・差戻しが、{BODY_DAYS}営業日を過ぎても行われていません。\n\n"
        f"保証契約番号：{guarantee}\n保証種類：{guarantee.get_product_display()}\n対象：{made.target}\n"
        f"登録日：{timezone.localtime(registration.registered_at):%Y/%m/%d}\n\n"
        "証書の内容をご確認のうえ、「受領する」または「差戻し」を選んでください。\n\n"
        "このメールにリンクは記載していません。発注者確認にログインし、「証書一覧」をご確認ください。\n"
    )
    for address in people_of(guarantee):
        subject = f"電子証書の受領・差戻しのお願い（保証契約番号 {guarantee}）"
        send(f"{receiving.REMIND} {key} {address}"[:200], address, subject, text)


@nightly_job("esurety.receive")
def ask_to_decide(day: date) -> dict[str, object]:
    """Ask the bodies for 受領 or 差戻し of what they have registered."""
    return {"reminded": receiving.remind(day)}


@nightly_job("esurety.due")
def due(day: date) -> dict[str, object]:
    """Tell of the guarantees whose 保証期限 is near or past."""
    return {"told": submissions.tell_due(day)}


# --- The body's side: what a refused 認証キー leads to -------------------------------


@handler(registering.TOPIC)
def follow_refusal(key: str, payload: dict[str, Any]) -> None:
    """Tell the office of a key of another body's certificate, stop a key after too many failures, raise the alarm."""
    user = User.objects.select_related("organisation").get(pk=payload["user"])
    rows = Guarantee.objects.select_related("item__request", "body", "office", "current")
    guarantee = rows.filter(number=payload["number"]).first()
    who = f"利用者：{user.login} {user.name}\n組織：{user.organisation or ''}\n"
    if payload["many"]:
        people = holders(("surety.clerk",), None, timezone.localdate()).exclude(email="")
        text = f"1時間の認証キーの誤りが{registering.SYSTEM_HOUR}回に達しました。\n\n最後の入力\n{who}\n{STAFF}\n"
        for person in people.order_by("pk"):
            send(f"{key} many {person.pk}", person.email, "発注者確認の警告：認証キーの誤りが多発しています", text)
    if guarantee is None:
        return
    facts = f"保証契約番号：{guarantee}\n発注者：{guarantee.body}\n"
    if payload["foreign"]:
        text = (
            f"ほかの発注者あての電子証書の認証キーが入力されました。証書は表示していません。\n\n{facts}{who}\n{STAFF}\n"
        )
        send(f"{key} foreign", guarantee.office.email, "発注者確認の警告：ほかの発注者の認証キーの入力", text)
    if payload["often"] and registering.freeze(guarantee, user):
        text = (
            f"発注者による認証キーの誤りが24時間に{registering.FREEZE_AFTER}回に達したため、認証キーを停止しました。\n\n"
            f"{facts}\n取扱箇所が発注者に確かめて停止を解除するか、認証キーを再発行するまで、登録できません。\n"
        )
        for address in dict.fromkeys((*addresses(guarantee), guarantee.office.email)):
            send(
                f"{key} frozen {address}"[:200], address, f"認証キーの停止のお知らせ（保証契約番号 {guarantee}）", text
            )


STAFF = "監査ログと電子証書の管理画面で確かめてください。このメールにリンクは記載していません。"
