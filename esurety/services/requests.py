"""送信 and 取下げ of a 保証申込 (esurety.md 8.1, 8.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from esurety.enums import Product
from esurety.models import Body, Item, Office, Request
from esurety.rules.facts import Contents, Works
from esurety.services.issuing import Refused
from esurety.states import ITEM
from portal import audit
from portal.common.states import move
from portal.numbering.series import Series, allocate
from portal.outbox.mail import send

if TYPE_CHECKING:
    from portal.accounts.models import User
    from portal.applications.models import Application

SERIES = Series("surety-request", lambda day: f"{day:%Y%m%d}", width=5, prefix="A", checked=False)
"""受付番号 `Ayyyymmdd-NNNNN` (esurety.md 4.3), here without its hyphen."""

DAY_ENDS = 9


@dataclass(frozen=True)
class Guaranteed:
    """One guarantee as it was applied for; `details` are plain values that only the surety reads.

    They are: bank (金融機関コード-支店コード), account_kind, account_number, account_kana, redeposit (bool), shares
    (rows of 再預託), certified_on (認定調書, ISO text), fiscal_year.
    """

    product: Product
    contents: Contents
    medium: str
    payment: str
    bill_to: str
    wants_paper_statement: bool
    details: Mapping[str, Any]


def receive(
    application: "Application",
    works: Works,
    body: Body,
    office: Office,
    wanted: Sequence[Guaranteed],
    *,
    contact: Mapping[str, str],
    wants_mail: bool,
    email: str,
    message: str,
    is_urgent: bool,
    actor: "User",
) -> Request:
    """Freeze what was sent as 受付番号 with its items, and confirm by mail (E1); in the caller's transaction."""
    now = application.submitted_at or timezone.now()
    taken = allocate(SERIES)
    request = Request.objects.create(
        application=application,
        number=f"{taken[:DAY_ENDS]}-{taken[DAY_ENDS:]}",
        organisation=application.organisation,
        body=body,
        office=office,
        works=works,
        contact=dict(contact),
        wants_mail=wants_mail,
        email=email,
        message=message,
        is_urgent=is_urgent,
        sent_at=now,
    )
    Item.objects.bulk_create(
        Item(
            request=request,
            product=one.product,
            medium=one.medium,
            amount=one.contents["amount"],
            base_amount=one.contents["base_amount"],
            facts=one.contents,
            payment=one.payment,
            bill_to=one.bill_to,
            wants_paper_statement=one.wants_paper_statement,
            details=dict(one.details),
            state_at=now,
        )
        for one in wanted
    )
    products = [one.product.label for one in wanted]
    audit.record(
        "surety.applied",
        actor=actor,
        organisation=request.organisation,
        target=request.number,
        detail={"application": application.number, "products": [one.product for one in wanted]},
    )
    send(
        f"esurety.applied {request.number}",
        email,
        f"保証申込を受け付けました（{request.number}）",
        f"保証申込を受け付けました。\n\n受付番号：{request.number}\n申込み：{'、'.join(products)}\n"
        f"工事名：{works['name']}\n発注者：{body}\n申込送信先：{office.name}　電話 {office.phone}\n\n"
        "手続きの状況は、電子保証ポータルにログインし、「状況」でご確認いただけます。\n",
    )
    return request


@transaction.atomic
def withdraw(item: Item, actor: "User") -> None:
    """取下げ by the contractor before the guarantee is concluded; raises Refused when that is too late."""
    if not move(Item.objects.filter(pk=item.pk), ITEM, "withdraw", state_at=timezone.now()):
        raise Refused("この申込みは手続きが進んだため取り下げられません。取扱支店へお問い合わせください。")
    request = item.request
    audit.record(
        "surety.withdrawn",
        actor=actor,
        organisation=request.organisation,
        target=request.number,
        detail={"product": item.product},
    )


def may_withdraw(item: Item) -> bool:
    """Return True while 取下げ is possible."""
    return item.state in ITEM.sources("withdraw")
