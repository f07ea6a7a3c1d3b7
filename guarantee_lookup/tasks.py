"""What follows an alert or an approval, codes for who applies, and what happens to the people every night."""

from datetime import date
from typing import Any

from django.core.mail import EmailMessage
from django.utils import timezone

from guarantee_lookup.enums import SnapshotState
from guarantee_lookup.models import LookupLock
from guarantee_lookup.services import applications, files, guests, upkeep
from guarantee_lookup.services.alerts import TOPIC
from guarantee_lookup.services.snapshots import ARRIVED, clear_old
from portal.accounts.models import User
from portal.accounts.permissions import holders
from portal.outbox import handler
from portal.outbox.mail import message_id, send
from portal.outbox.nightly import nightly_job

WORDS = {
    **dict(LookupLock.Reason.choices),
    "stopped": "1日に該当なしの照会が多いため、利用者IDを停止しました",
    "many": "金融機関の照会回数が1日の上限に近づいています",
}


@handler(TOPIC)
def tell_of_alert(key: str, payload: dict[str, Any]) -> None:
    """Write to the bank's 利用管理者 and to the association; neither number nor result is in the mail."""
    user = User.objects.select_related("organisation").get(pk=payload["user"])
    today = timezone.localdate()
    people = [*holders(["lookup.staff"], None, today)]
    if user.organisation_id:
        people += holders(["lookup.master"], user.organisation_id, today)
    for person in people:
        if person.email:
            send(
                f"{TOPIC} {key} {person.pk}",
                person.email,
                "残高・区分照会システムの警告",
                f"{person.name} 様\n\n残高・区分照会システムで、次のことがありました。\n\n"
                f"利用者：{user.login} {user.name}\n金融機関：{user.organisation or '信用保証協会'}\n"
                f"内容：{WORDS[payload['kind']]}\n\n"
                "照会履歴を確かめてください。このメールにはリンクを記載していません。\n",
            )


CODE_MAIL = """利用開始申請（Web申込番号 {number}）を再開するための確認コードです。

確認コード：{code}

10分以内に、確認コードの入力画面で入力してください。お心当たりがない場合は、このメールを破棄してください。

このメールにリンクはありません。
"""


@handler(guests.CODE_TOPIC)
def send_code(key: str, payload: dict[str, Any]) -> None:
    """Write the code that belongs to the key: it is made here, so that no row ever holds it."""
    text = CODE_MAIL.format(number=payload["number"], code=guests.code_of(key))
    headers = {"Message-ID": message_id(key)}
    EmailMessage("【残高・区分照会システム】確認コード", text, to=[payload["to"]], headers=headers).send()


@handler(applications.ISSUE_TOPIC)
def issue(key: str, payload: dict[str, Any]) -> None:
    """Have first passwords sent to the 利用管理者 of an approved application; a repeat does nothing."""
    applications.issue(payload["usage"], payload["people"], payload["by"])


@nightly_job("lookup.guests")
def close_guests(day: date) -> dict[str, object]:
    """Close guests who wait for nothing."""
    return {"closed": guests.close_guests(day)}


@nightly_job("lookup.people")
def people(day: date) -> dict[str, object]:
    """Stop who was not confirmed, not here or whose branch has closed, and write before the next ones."""
    return {
        "adopted": upkeep.adopt(day),
        "unconfirmed": upkeep.stop_unconfirmed(day),
        "idle": upkeep.stop_idle(day),
        **upkeep.leave_closed_branches(day),
        "warned": upkeep.warn(day),
    }


@handler(ARRIVED)
def tell_of_delivery(key: str, payload: dict[str, Any]) -> None:
    """Write to the association that a delivery waits for an approval or was refused."""
    state = SnapshotState(payload["state"])
    what = "承認を待っています" if state == SnapshotState.HELD else "取り込めませんでした"
    reasons = "".join(f"・{reason}\n" for reason in payload["reasons"])
    for person in holders(["lookup.staff"], None, timezone.localdate()):
        if person.email:
            send(
                f"{ARRIVED} {key} {person.pk}",
                person.email,
                f"残高・区分照会システムのデータ：{state.label}",
                f"{person.name} 様\n\n残高・区分照会システムの新しいデータ（{key.split()[0]}）は、{what}。\n"
                f"{reasons}\nこれまでのデータで回答しています。管理画面の「取込（世代）」で確かめてください。\n"
                "このメールにはリンクを記載していません。\n",
            )


@nightly_job("lookup.generations")
def clear_generations(day: date) -> dict[str, int]:
    """Drop the data of generations beyond the last eight, and what a killed import left behind."""
    return clear_old()


@handler(files.TOPIC)
def run_file(key: str, payload: dict[str, Any]) -> None:
    """Look up the lines of a file that were not looked up yet."""
    files.run(payload["file"])


@nightly_job("lookup.files")
def discard_files(day: date) -> dict[str, object]:
    """Delete files of earlier days that nobody ran, with their numbers."""
    return {"discarded": files.discard_unused(day)}
