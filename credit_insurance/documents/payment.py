"""払込確認のお知らせ (D07): amount, day and start of cover, made on demand from invoice and enrolment (11)."""

from django.utils import timezone

from credit_insurance.models import Enrolment, Invoice
from portal.common.eras import seireki
from portal.common.money import yen
from portal.documents.kinds import Context, DocumentKind, register


def payment_context(invoice: Invoice) -> Context:
    """Return what the paper of a paid invoice says; the receipts stand in the order of their 起算日."""
    case = invoice.case
    enrolment = Enrolment.objects.get(case=case)
    live = invoice.allocations.filter(undone_at=None).select_related("deposit").order_by("deposit__value_on", "pk")
    receipts = [
        (seireki(one.deposit.value_on), f"{yen(one.amount)}（振込依頼人名 {one.deposit.payer}）") for one in live
    ]
    start = f"{seireki(enrolment.starts_on)} 午前0時"
    cover = [
        ("補償開始日", start if enrolment.completed_at else f"{start}（加入依頼書の受付後に確定します）"),
        ("補償終了日", f"{seireki(enrolment.ends_on)} 午後12時"),
    ]
    facts = [
        ("加入者番号", case.member.number),
        ("加入手続の受付番号", case.number),
        ("払込のご案内の受付番号", invoice.number),
        ("請求額", yen(invoice.amount)),
        ("入金完了日（起算日）", seireki(invoice.money_day) if invoice.money_day else ""),
    ]
    return {
        "title": "払込確認のお知らせ",
        "number": invoice.number,
        "number_label": "受付番号",
        "issued_at": seireki(timezone.localdate()),
        "organisation": case.member.name,
        "issuer": case.policy.account_holder,
        "lead": "次のとおり保険料の入金を確認しました。",
        "highlights": [{"label": "入金額", "value": yen(invoice.received)}, {"label": "補償開始日", "value": start}],
        "sections": [_section("払込み", facts), _section("入金の明細", receipts), _section("補償", cover)],
    }


def _section(heading: str, rows: list[tuple[str, str]]) -> dict[str, object]:
    return {"heading": heading, "rows": [{"label": label, "value": text} for label, text in rows]}


PAYMENT_NOTICE = register(
    DocumentKind(
        "credit-payment-notice",
        "払込確認のお知らせ",
        "documents/base.html",
        lambda context: f"払込確認のお知らせ_{context['number']}.pdf",
    )
)
