"""保証料: 保証料計算書, 入金 and 一括納付, which conclude the guarantee contract (esurety.md 7, 8.2)."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from esurety.enums import FeeKind, ItemState, Payment
from esurety.models import Certificate, Fee, Guarantee, Invoice, Item, Surety
from esurety.rules.fees import Quote, quote
from esurety.selectors.fees import table_on
from esurety.services import issuing
from esurety.services.issuing import Refused
from portal import audit
from portal.accounts.models import Organisation
from portal.accounts.permissions import holders
from portal.common.calendar import add_months, is_business_day, next_business_day
from portal.common.eras import seireki
from portal.common.money import yen
from portal.outbox.mail import send

if TYPE_CHECKING:
    from portal.accounts.models import User

DUE_DAYS = 14
"""Days between a 保証料計算書 and its お支払期限; a day on which banks are closed moves to the next."""

PAYABLE = (Payment.TRANSFER, Payment.CASH, Payment.CHEQUE)
SETTLED = "この保証料はすでに処理されています。画面を開き直して確認してください。"
BILLED_STATES = (ItemState.CONCLUDED, ItemState.ISSUING, ItemState.ISSUED)


def month_end(day: date) -> date:
    """Return the last day of the month."""
    return add_months(day.replace(day=1), 1) - timedelta(days=1)


def due_on(payment: str, today: date) -> date:
    """Return お支払期限: the end of the next month for 一括納付, else 14 days, on a day when banks are open."""
    day = month_end(add_months(today, 1)) if payment == Payment.MONTHLY else today + timedelta(days=DUE_DAYS)
    return day if is_business_day(day) else next_business_day(day)


# --- 保証料計算書 ------------------------------------------------------------------


def first_fee(item: Item) -> Fee:
    """Write the 保証料計算書 of an item that is being approved, in the caller's transaction.

    FeeTable.DoesNotExist where no 保証料率表 applies today. Every application comes online: the discount counts.
    """
    today = timezone.localdate()
    found = quote(table_on(item.product, today), item.amount, online=True)
    return _write(item, found, kind=FeeKind.FIRST, gross=found.gross, discount=found.discount, net=found.net)


def difference_fee(guarantee: Guarantee, made: Certificate | None, new: Quote, net: int) -> None:
    """Write the 追加 or 返還 of a later version in the caller's transaction, and mail it.

    `new` is the 保証料 of the new amount, `net` what is paid (negative: paid back) in yen.
    """
    kind = FeeKind.MORE if net > 0 else FeeKind.BACK
    fee = _write(guarantee.item, new, kind=kind, gross=new.gross, net=net, guarantee=guarantee, certificate=made)
    tell_fee(fee)


def _write(item: Item, found: Quote, **fields: object) -> Fee:
    now = timezone.now()
    made: Fee = Fee.objects.create(
        number=f"F{item.number}-{item.fees.count() + 1:02d}",
        item=item,
        basis=found.basis,
        lines=found.lines_json(),
        made_at=now,
        due_on=due_on(item.payment, timezone.localdate(now)),
        **fields,
    )
    return made


def tell_fee(fee: Fee) -> None:
    """保証料のご案内 (mail E3), also for 追加 and 返還: amount, day and account."""
    item = fee.item
    request, office = item.request, item.request.office
    if not request.email:
        return
    if fee.kind == FeeKind.BACK:
        subject, what = "保証料返還のご案内", f"返還額：{yen(-fee.net)}\n"
    else:
        subject, what = "保証料のご案内", f"お支払額：{yen(fee.net)}\nお支払期限：{_day(fee)}\n"
    send(
        f"esurety.fee {fee.number}",
        request.email,
        subject,
        f"保証料計算書番号：{fee.number}\n保証種類：{item.get_product_display()}\n工事名：{item.facts['work']}\n"
        f"{what}お支払方法：{item.get_payment_display()}\n{_how(fee)}\n"
        "保証料計算書は、電子保証ポータルにログインし、「保証料計算書一覧」でご確認ください。\n"
        f"お問い合わせ先：{office.name}　電話 {office.phone}\n",
    )


def _day(fee: Fee) -> str:
    return seireki(fee.due_on) if fee.due_on else ""


def _how(fee: Fee) -> str:
    if fee.kind == FeeKind.BACK:
        return "返還の方法は、取扱箇所からご連絡します。\n"
    if fee.item.payment == Payment.MONTHLY:
        return "翌月1日に、ひと月分をまとめてご請求します。\n"
    account = Surety.objects.get().account
    where = f"お振込先：{account}\n" if account and fee.item.payment == Payment.TRANSFER else ""
    return f"{where}ご入金を確認した後、保証契約を締結し、証書を発行します。\n"


# --- 入金 and 一括納付 ---------------------------------------------------------------


@transaction.atomic
def pay(fee: Fee, actor: "User", paid_on: date, how: str) -> None:
    """入金 (返還 for a negative fee) of one 保証料計算書; the first one concludes the contract. Raises Refused.

    `how` is 振込, 現金 or 小切手 (`Payment`).
    """
    if paid_on > timezone.localdate():
        raise Refused("入金日は今日以前の日付にしてください。")
    won = Fee.objects.filter(pk=fee.pk, paid_on=None, invoice=None).update(paid_on=paid_on, paid_how=how)
    if not won:
        raise Refused(SETTLED)
    detail = {"paid_on": paid_on, "how": how, "net": fee.net}
    _record("surety.paid", fee.number, fee.item.request.organisation, actor, **detail)
    if fee.kind == FeeKind.FIRST:
        issuing.conclude(fee.item, actor)


@transaction.atomic
def put_on_bill(fee: Fee, actor: "User") -> None:
    """一括納付: conclude now, the fee goes onto the month's 請求書; raises Refused without such an agreement."""
    item = fee.item
    if item.payment != Payment.MONTHLY or not item.request.organisation.contractor.pays_monthly:
        raise Refused("一括納付の契約がないため、入金を確認してから締結してください。")
    if fee.kind != FeeKind.FIRST or not Fee.objects.filter(pk=fee.pk, paid_on=None, invoice=None).exists():
        raise Refused(SETTLED)
    _record("surety.billed", fee.number, item.request.organisation, actor, net=fee.net)
    issuing.conclude(item, actor)


def make_invoices(day: date) -> int:
    """請求書発行 on the first of a month for the month before, also later in the month; returns how many were made.

    A month of a contractor is billed once; what was concluded after that goes onto the next bill.
    """
    first = day.replace(day=1)
    before = timezone.make_aware(datetime.combine(first, time.min))
    month = add_months(first, -1)
    open_fees = Fee.objects.filter(
        item__payment=Payment.MONTHLY,
        item__state__in=BILLED_STATES,
        invoice=None,
        paid_on=None,
        made_at__lt=before,
    )
    owing = Organisation.objects.filter(pk__in=open_fees.order_by().values("item__request__organisation"))
    billed = Invoice.objects.filter(month=month).values("organisation")
    made = 0
    for organisation in owing.exclude(pk__in=billed).order_by("pk"):
        with transaction.atomic():
            invoice, is_new = Invoice.objects.get_or_create(
                organisation=organisation, month=month, defaults={"total": 0, "made_at": timezone.now()}
            )
            if not is_new:
                continue
            own = open_fees.filter(item__request__organisation=organisation)
            Fee.objects.filter(pk__in=own.order_by().values("pk"), invoice=None, paid_on=None).update(invoice=invoice)
            total = invoice.fees.order_by().aggregate(total=Sum("net"))["total"] or 0
            Invoice.objects.filter(pk=invoice.pk).update(total=total)
            detail = {"month": month, "total": total}
            _record("surety.billed", f"{month:%Y-%m}", organisation, None, **detail)
            _tell_invoice(organisation, month, total, day)
            made += 1
    return made


def _tell_invoice(organisation: Organisation, month: date, total: int, day: date) -> None:
    for person in holders(["surety.admin"], organisation.pk, day).order_by("pk"):
        if person.email:
            send(
                f"esurety.invoice {organisation.pk} {month:%Y-%m} {person.pk}",
                person.email,
                "保証料（一括納付）のご請求",
                f"{organisation} 御中\n\n{month:%Y年%-m月}分の保証料をご請求します。\n\nご請求額：{yen(total)}\n"
                f"お支払期限：{seireki(due_on(Payment.MONTHLY, month))}\n\n"
                "内訳は、電子保証ポータルにログインし、「保証料計算書一覧」でご確認ください。\n",
            )


@transaction.atomic
def book(invoice: Invoice, actor: "User", paid_on: date) -> None:
    """消込: the whole 請求書 is paid, and with it every fee on it; raises Refused."""
    if paid_on > timezone.localdate():
        raise Refused("入金日は今日以前の日付にしてください。")
    if not Invoice.objects.filter(pk=invoice.pk, paid_on=None).update(paid_on=paid_on):
        raise Refused("この請求書はすでに消し込まれています。")
    invoice.fees.update(paid_on=paid_on, paid_how=Payment.MONTHLY)
    detail = {"paid_on": paid_on, "total": invoice.total, "how": Payment.MONTHLY}
    _record("surety.paid", f"{invoice.month:%Y-%m}", invoice.organisation, actor, **detail)


def _record(verb: str, target: str, organisation: Organisation, actor: "User | None", **detail: object) -> None:
    audit.record(verb, actor=actor, organisation=organisation, target=target, detail=detail)
