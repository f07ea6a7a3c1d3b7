"""Papers of the surety's staff: 保証料計算書, 請求書 of 一括納付, 審査票; made on demand from frozen rows."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from esurety.enums import FeeKind, Light, Payment
from esurety.models import Fee, Invoice, Item, Surety
from esurety.rules.fees import rate_text
from esurety.rules.numbers import displayed
from portal.common.eras import wareki
from portal.common.money import yen
from portal.documents.kinds import Context, DocumentKind, register


def _section(heading: str, rows: list[tuple[str, str]]) -> dict[str, Any]:
    return {"heading": heading, "rows": [{"label": label, "value": text} for label, text in rows]}


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y/%m/%d %H:%M}"


def _exact(millionths: int) -> str:
    whole, rest = divmod(millionths, 1_000_000)
    return f"{whole:,}" + (f".{rest:06d}".rstrip("0") if rest else "")


_FEE_TITLE = {FeeKind.FIRST: "保証料計算書", FeeKind.MORE: "保証料計算書（追加）", FeeKind.BACK: "保証料返還計算書"}


def fee_context(fee: Fee) -> Context:
    """Return what a 保証料計算書 says: the band lines as kept, the difference for a later version."""
    item, surety = fee.item, Surety.objects.get()
    request = item.request
    bands = [
        (
            f"{yen(line['lower'])}を超え{yen(line['upper'])}まで"
            if line["upper"]
            else f"{yen(line['lower'])}を超える額",
            f"{yen(line['amount'])} × {rate_text(line['ppm'])}% ＝ {_exact(line['millionths'])}円",
        )
        for line in fee.lines
    ]
    if fee.kind == FeeKind.FIRST:
        result = [("保証料", yen(fee.gross)), ("インターネット割引", f"△{yen(fee.discount)}" if fee.discount else "")]
    else:
        result = [("変更後の保証料", yen(fee.gross)), ("変更前の保証料との差額", yen(fee.net))]
    is_back = fee.kind == FeeKind.BACK
    how = [("お支払方法", item.get_payment_display()), ("お支払期限", wareki(fee.due_on) if fee.due_on else "")]
    account = [("お振込先", surety.account)] if surety.account and item.payment == Payment.TRANSFER else []
    facts = [
        ("保証種類", item.get_product_display()),
        ("保証契約番号", displayed(item.number)),
        ("対象", fee.certificate.target if fee.certificate else ""),
        ("工事名", item.facts["work"]),
        ("発注者", request.body.name),
        ("保証金額", yen(fee.basis)),
    ]
    return {
        "title": _FEE_TITLE[FeeKind(fee.kind)],
        "number": fee.number,
        "number_label": "保証料計算書番号",
        "issued_at": _moment(fee.made_at),
        "organisation": request.organisation.name,
        "issuer": surety.name,
        "contact": f"{request.office.name}　TEL：{request.office.phone}",
        "highlights": [{"label": "返還額" if is_back else "お支払額", "value": yen(abs(fee.net))}],
        "sections": [
            _section("保証契約", [row for row in facts if row[1]]),
            _section("計算の内訳", [*bands, *(row for row in result if row[1])]),
            *([] if is_back else [_section("お支払い", [row for row in (*how, *account) if row[1]])]),
        ],
        "notes": ["保証料に消費税はかかりません。", "計算の端数は、合計で1円未満を切り捨てます。"],
    }


def invoice_context(invoice: Invoice) -> Context:
    """Return what the 請求書 of 一括納付 says: every fee of the month."""
    surety = Surety.objects.get()
    fees = [
        (fee.number, f"{fee.item.get_product_display()}　{fee.item.facts['work']}　{yen(fee.net)}")
        for fee in invoice.fees.select_related("item").order_by("pk")
    ]
    account = [_section("お支払い", [("お振込先", surety.account)])] if surety.account else []
    return {
        "title": "保証料請求書（一括納付）",
        "number": f"{invoice.organisation.code}-{invoice.month:%Y%m}",
        "number_label": "請求書番号",
        "issued_at": _moment(invoice.made_at),
        "organisation": invoice.organisation.name,
        "issuer": surety.name,
        "lead": f"{invoice.month:%Y年%-m月}分の保証料をご請求します。",
        "highlights": [{"label": "ご請求額", "value": yen(invoice.total)}],
        "sections": [_section("内訳", fees), *account],
        "notes": ["保証料に消費税はかかりません。"],
    }


def review_context(item: Item, facts: list[tuple[str, str]]) -> Context:
    """Return what a 審査票 says: the facts of the page and every check with value, words and reason."""
    checked = [
        (
            f"{line['title']}　{Light(line['light']).label}",
            "\n".join(text for text in (line["value"], line["message"], _because(line)) if text),
        )
        for line in item.review
    ]
    return {
        "title": "審査票",
        "number": item.request.number,
        "number_label": "受付番号",
        "issued_at": _moment(timezone.now()),
        "sections": [_section("申込み", facts), _section("審査の結果", checked)],
    }


def _because(line: dict[str, Any]) -> str:
    return f"承認へ進める理由：{line['override']}" if line["override"] else ""


FEE_STATEMENT = register(
    DocumentKind(
        "surety-fee-statement",
        "保証料計算書",
        "documents/base.html",
        lambda context: f"{context['title']}_{context['number']}.pdf",
    )
)

INVOICE = register(
    DocumentKind(
        "surety-invoice",
        "保証料請求書（一括納付）",
        "documents/base.html",
        lambda context: f"保証料請求書_{context['number']}.pdf",
    )
)

REVIEW_SHEET = register(
    DocumentKind(
        "surety-review-sheet",
        "審査票",
        "documents/base.html",
        lambda context: f"審査票_{context['number']}.pdf",
    )
)
