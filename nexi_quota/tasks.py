"""What follows a submission, an expiry or a rating, and what happens every night."""

from datetime import date
from typing import Any

from django.utils import timezone

from nexi_quota import bulk, selectors, services
from nexi_quota.documents import RECEIPT
from nexi_quota.enums import BatchState, ConfirmationState, ContractState
from nexi_quota.messages import text
from nexi_quota.models import Confirmation, InsuranceContract, Notice, NoticeBatch
from nexi_quota.rules.notices import loss_notice_until
from nexi_quota.services.contracts import AUTO_RELEASE_DAYS
from portal.accounts.models import User
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


@handler("nexi.notified")
def after_notice(key: str, payload: dict[str, Any]) -> None:
    """Store the 控え of a notice and tell the contact (no figures of the buyer's quota)."""
    version = ApplicationVersion.objects.get(pk=payload["version"])
    publish(Message(STORE_DOCUMENT, f"{RECEIPT.slug} {key}", {"version": version.pk, "kind": RECEIPT.slug}))
    kind = Notice.objects.get(application=version.application_id).get_kind_display()
    facts = "".join(f"{label}：{shown}\n" for label, shown in version.decision["facts"])
    tell(
        version,
        f"nexi.notified {key}",
        f"{kind}の完了（Web申込番号 {key}）",
        f"{kind}の手続きが完了しました。\n\nWeb申込番号：{key}\n{facts}\n"
        "通知の内容は、輸出者ポータルにログインし、「Web申込状況一覧」から照会してください。",
    )


@handler(bulk.JOB, lease=bulk.LONGEST)
def take_over_file(key: str, payload: dict[str, Any]) -> None:
    """Take over a file of notices; a run that was cut short changed nothing and is made again."""
    bulk.run(payload["application"], payload["actor"])


@handler(bulk.ENDED)
def after_file(key: str, payload: dict[str, Any]) -> None:
    """Tell who pressed 取り込む what came of the file."""
    batch = NoticeBatch.objects.get(application=payload["application"])
    actor = User.objects.get(pk=payload["actor"])
    if batch.state == BatchState.DONE:
        outcome, more = "完了", "取り込んだ通知は取り消せません。"
    else:
        outcome = "中止"
        more = f"{batch.problem_count:,}件の誤りがあるため、1行も取り込んでいません。直して、もう一度選んでください。"
    facts = "".join(f"{label}：{shown}\n" for label, shown in bulk.facts_of(batch))
    _write(
        f"{bulk.ENDED} {key}",
        actor.email,
        actor.name,
        f"通知の一括取り込みの{outcome}（Web申込番号 {key}）",
        f"通知の一括取り込みが{outcome}しました。\n\nWeb申込番号：{key}\n{facts}\n{more}\n"
        "結果は、輸出者ポータルにログインし、「Web申込状況一覧」から照会してください。",
    )


@handler("nexi.expired")
def after_expiry(key: str, payload: dict[str, Any]) -> None:
    """Tell the contact that the quota is free again."""
    confirmation = Confirmation.objects.select_related("application").get(pk=payload["confirmation"])
    tell_holder(
        confirmation,
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
    tell_holder(
        confirmation,
        f"nexi.disabled {key}",
        f"個別保証枠確認の使用不可（確認管理番号 {key}）",
        f"{text('M-R05', 格付=rating, 番号=key)}。",
    )


@handler("nexi.expiring")
def before_expiry(key: str, payload: dict[str, Any]) -> None:
    """Remind of 保証枠有効期限; what was used or given back since the night needs no reminder."""
    confirmation = Confirmation.objects.select_related("application").get(pk=payload["confirmation"])
    if confirmation.state != ConfirmationState.VALID:
        return
    left = f"あと{payload['days']}日" if payload["days"] else "今日まで"
    tell_holder(
        confirmation,
        f"nexi.expiring {key}",
        f"保証枠有効期限のお知らせ（確認管理番号 {confirmation.number}、{left}）",
        f"次の個別保証枠確認は、保証枠有効期限が近づいています（{left}）。\n\n"
        f"確認管理番号：{confirmation.number}\n"
        f"{_reference(confirmation)}"
        f"保証枠有効期限：{seireki(confirmation.expires_on)}\n\n"
        "有効期限までに、保険の申込み（輸出手形保険では手形の買取り）を行ってください。"
        "有効期限の翌日に失効し、個別保証枠確認証は表示できなくなります。\n"
        "お使いにならない場合は、枠戻通知によりお戻しください。",
    )


@handler("nexi.overdue")
def after_due_date(key: str, payload: dict[str, Any]) -> None:
    """Remind of a passed 決済期限 and of the duty that begins with it (M-N09), unless it was settled or moved since."""
    contract = InsuranceContract.objects.select_related("confirmation__application").get(pk=payload["contract"])
    if contract.state != ContractState.OPEN or f"{contract.due_on}" != payload["due_on"]:
        return
    settling = "入金があった場合は、決済通知を行うと個別保証枠が早く解放されます。"
    if contract.confirmation and contract.confirmation.state == ConfirmationState.LOSS:
        settling = (
            "同じ個別保証枠を使う別の枝番に損失等発生通知が提出されているため、この保険契約の決済通知は行えません。"
        )
    tell_holder(
        contract,
        f"nexi.overdue {key}",
        f"決済期限の経過のお知らせ（保険証券番号 {contract.number}）",
        "次の保険契約は、決済期限を過ぎています。\n\n"
        f"保険証券番号：{contract.number}\n"
        f"{_reference(contract)}"
        f"決済期限：{seireki(contract.due_on)}\n"
        f"損失等発生通知の期限：{seireki(loss_notice_until(contract.due_on))}\n\n"
        f"{text('M-N09')}。\n{settling}",
    )


@handler("nexi.auto_released")
def after_auto_release(key: str, payload: dict[str, Any]) -> None:
    """Tell that a contract nobody settled has been ended by the night."""
    contract = InsuranceContract.objects.select_related("confirmation__application").get(pk=payload["contract"])
    freed = "個別保証枠を自動的に解放しました" if contract.confirmation else "契約の管理を終了しました"
    tell_holder(
        contract,
        f"nexi.auto_released {key}",
        f"自動解放のお知らせ（保険証券番号 {contract.number}）",
        f"次の保険契約は、決済期限から{AUTO_RELEASE_DAYS}日を過ぎても損失等発生通知がなかったため、{freed}。\n\n"
        f"保険証券番号：{contract.number}\n"
        f"{_reference(contract)}"
        f"決済期限：{seireki(contract.due_on)}\n\n"
        "この保険契約についての決済通知は、行う必要がありません。",
    )


def _reference(held: Confirmation | InsuranceContract) -> str:
    return f"お客様整理番号：{held.reference}\n" if held.reference else ""


def tell_holder(held: Confirmation | InsuranceContract, key: str, subject: str, message: str) -> None:
    """Write to the 担当者 of the application behind a holding; an automatic one has none, so to all who may apply."""
    confirmation = held.confirmation if isinstance(held, InsuranceContract) else held
    if confirmation and confirmation.application:
        tell(confirmation.application.versions.get(sequence=1), key, subject, message)
        return
    for user in selectors.applicants_of(held.organisation_id, timezone.localdate()):
        _write(f"{key} {user.pk}", user.email, user.name, subject, message)


def tell(version: ApplicationVersion, key: str, subject: str, message: str) -> None:
    """Write to the 担当者 of the application; one mail for one key, without links."""
    contact = {
        item["name"]: item["shown"]
        for step in version.answers
        for part in step["sections"]
        for item in part["items"]
    }  # fmt: skip
    _write(key, contact["contact-email"], contact["contact-name"], subject, message)


def _write(key: str, address: str, name: str, subject: str, message: str) -> None:
    send(key, address, subject, f"{name} 様\n\n{message}\n\nこのメールにはリンクを記載していません。\n")


@nightly_job("nexi.expire")
def expire(day: date) -> dict[str, object]:
    """Give back what expired before `day`."""
    return {"expired": services.expire(day)}


@nightly_job("nexi.auto_release")
def auto_release(day: date) -> dict[str, object]:
    """End contracts that nobody settled and free their quota."""
    return {"released": services.auto_release(day)}


@nightly_job("nexi.disable")
def disable(day: date) -> dict[str, object]:
    """End what the ratings of the day have made unusable."""
    return {"disabled": services.disable(day)}


@nightly_job("nexi.remind")
def remind(day: date) -> dict[str, object]:
    """Remind of what expires and of what is overdue, each once."""
    return {**services.remind(day)}


@nightly_job("nexi.limits")
def limits(day: date) -> dict[str, object]:
    """Put the limits into force that were approved for `day`."""
    return {"applied": services.apply_due_limits(day)}
