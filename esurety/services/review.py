"""受付, 審査, 決裁 and 発行 of what contractors applied for (esurety.md 6.11, 6.12, 8.2): one commit a decision."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from esurety.enums import ItemState, Light
from esurety.models import FeeTable, Item, Request
from esurety.rules.review import Check, Paper
from esurety.selectors.reviewing import findings, needs_head_office, needs_reason
from esurety.services import billing, issuing
from esurety.services.issuing import Refused
from esurety.states import ITEM
from portal import audit
from portal.common.states import move
from portal.outbox.mail import send

if TYPE_CHECKING:
    from portal.accounts.models import User

LATE = "ほかの担当者が先に処理しています。状況を確かめてください。"

DESKS = {
    ItemState.APPLIED: ("surety.clerk", ("receive", "return")),
    ItemState.REVIEW: ("surety.reviewer", ("check", "return", "refuse")),
    ItemState.CHECKED: ("surety.approver", ("approve", "back", "return", "refuse")),
    ItemState.CONCLUDED: ("surety.approver", ("issue",)),
}
"""Who works at which state, and what can be decided there; 保証料 is at `esurety.services.billing`."""


class WrongPerson(Refused):
    """The four eyes or the right of approval do not allow this person's decision."""


class Unexplained(Exception):
    """A check is 不適 and the reviewer gave no reason for going on; `codes` are those checks."""

    def __init__(self, found: Sequence[Check]) -> None:
        self.codes = [check.code for check in found]
        names = "・".join(dict.fromkeys(check.title for check in found))
        super().__init__(f"「不適」の項目（{names}）があります。承認へ進める理由を入力するか、差し戻してください。")


def possible(item: Item, actor: "User") -> tuple[str, ...]:
    """Return what `actor` may decide on the item now."""
    role, events = DESKS.get(ItemState(item.state), ("", ()))
    return events if role and actor.has_role(role) else ()


@transaction.atomic
def receive(item: Item, actor: "User") -> None:
    """受付 of the whole application: every item of it that was just sent goes to the review; raises Refused."""
    sent = Item.objects.filter(request=item.request_id)
    if not move(sent, ITEM, "receive", state_at=timezone.now(), taken_by=actor):
        raise Refused(LATE)
    _record("surety.received", item, actor)


@transaction.atomic
def check(
    item: Item, actor: "User", paper: Paper | None = None, opinion: str = "", reasons: Mapping[str, str] | None = None
) -> None:
    """審査: keep every check with value, words and the reason for going on; raises Unexplained or Refused.

    `paper` is what stands in the 請負契約書, `reasons` say by the code of a check why 不適 is accepted.
    """
    given = reasons or {}
    found = findings(item, timezone.localdate(), paper)
    if missing := [one for one in found if needs_reason(one) and not given.get(one.code)]:
        raise Unexplained(missing)
    kept: list[dict[str, Any]] = [{**one.as_json(), "override": given.get(one.code, "")} for one in found]
    if opinion:
        kept.append(_remark("review.opinion", "審査の所見", opinion))
    _move(item, "check", reviewed_by=actor, review=kept)
    worst = max(one.light for one in found)
    overridden = [one.code for one in found if given.get(one.code)]
    _record("surety.checked", item, actor, light=int(worst), overridden=overridden)


def _remark(code: str, title: str, words: str) -> dict[str, Any]:
    return {**Check(code, title, "", Light.GREEN, words).as_json(), "override": ""}


@transaction.atomic
def back(item: Item, actor: "User", reason: str) -> None:
    """戻す: the approver wants the review done again; raises Refused."""
    kept = [*item.review, _remark("review.back", "決裁者からの戻し", reason)]
    _move(item, "back", review=kept)
    _record("surety.returned", item, actor, to="review", reason=reason)


@transaction.atomic
def approve(item: Item, actor: "User", note: str = "") -> str:
    """決裁 by another person than the reviewer: gives and returns the 保証契約番号, makes the 保証料計算書, mails E3.

    Raises WrongPerson for the reviewer and, above 100,000,000 yen, for anybody below the 本店; Refused when late.
    """
    if item.reviewed_by_id == actor.pk:
        raise WrongPerson("自分が審査した申込みは決裁できません。別の決裁者が決裁してください。")
    if needs_head_office(item.amount) and not actor.has_role("surety.head"):
        raise WrongPerson("保証金額が1億円を超えるため、本店の決裁者が決裁してください。")
    others = Item.objects.filter(pk=item.pk).exclude(reviewed_by=actor)
    now = timezone.now()
    if not move(others, ITEM, "approve", state_at=now, approved_by=actor):
        raise Refused(LATE)
    number = issuing.number_for(item)
    Item.objects.filter(pk=item.pk).update(number=number)
    item.number = number
    try:
        fee = billing.first_fee(item)
    except FeeTable.DoesNotExist:
        raise Refused("今日適用される保証料率表がありません。経理に登録を依頼してください。") from None
    _record("surety.approved", item, actor, number=number, fee=fee.net, note=note)
    billing.tell_fee(fee)
    return number


@transaction.atomic
def send_back(item: Item, actor: "User", reason: str) -> None:
    """差戻し with a reason that the contractor reads (mail E2); raises Refused."""
    _move(item, "return", reason=reason)
    _record("surety.returned", item, actor, to="contractor", reason=reason)
    _mail(
        item,
        "returned",
        "申込内容の確認のお願い",
        "次の保証申込を差し戻しました。内容をご確認のうえ、もう一度お申し込みください。",
        reason,
    )


@transaction.atomic
def refuse(item: Item, actor: "User", reason: str) -> None:
    """謝絶 with a reason that the contractor reads; raises Refused."""
    _move(item, "refuse", reason=reason)
    _record("surety.refused", item, actor, reason=reason)
    lead = "誠に恐れ入りますが、次の保証申込はお引受けできませんでした。"
    _mail(item, "refused", "保証申込の審査結果のお知らせ", lead, reason)


@transaction.atomic
def answer(request: Request, actor: "User", words: str) -> None:
    """弊社からお客様へのお知らせ, which the contractor reads beside the 状況."""
    Request.objects.filter(pk=request.pk).update(answer=words)
    audit.record(
        "surety.answered",
        actor=actor,
        organisation=request.organisation,
        target=request.number,
        detail={"words": words},
    )


def _move(item: Item, event: str, **extra: Any) -> None:
    if not move(Item.objects.filter(pk=item.pk), ITEM, event, state_at=timezone.now(), **extra):
        raise Refused(LATE)


def _record(verb: str, item: Item, actor: "User", **detail: Any) -> None:
    audit.record(
        verb,
        actor=actor,
        organisation=item.request.organisation,
        target=item.request.number,
        detail={"product": item.product, **detail},
    )


def _mail(item: Item, event: str, subject: str, lead: str, reason: str) -> None:
    request, office = item.request, item.request.office
    if not request.email:
        return
    send(
        f"esurety.{event} {request.number} {item.product}",
        request.email,
        subject,
        f"{lead}\n\n受付番号：{request.number}\n保証種類：{item.get_product_display()}\n工事名：{item.facts['work']}\n"
        f"発注者：{request.body}\n理由：{reason}\n\n"
        "申込みの状況は、電子保証ポータルにログインし、「状況」でご確認いただけます。\n"
        f"お問い合わせ先：{office.name}　電話 {office.phone}\n",
    )
