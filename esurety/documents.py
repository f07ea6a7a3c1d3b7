"""保証証書 and 認証キーのお知らせ as papers: drawn from the frozen payload alone (esurety.md 5)."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from esurety import certificate as evidence
from esurety.enums import Medium, Product
from esurety.models import Certificate, SubmissionRule
from esurety.rules.limits import ratio_text
from esurety.rules.numbers import grouped
from esurety.selectors.bodies import submission_rule
from esurety.services import keys
from esurety.services.issuing import payload_of
from portal.common.eras import wareki
from portal.documents.glyphs import MissingGlyphs
from portal.documents.kinds import Context, DocumentKind, register
from portal.documents.render import render

if TYPE_CHECKING:
    from portal.accounts.models import User

FOR_REVIEW = "確認用"
"""Printed on every certificate: what is handed in is the key sheet, not this paper."""

NOT_TO_HAND_IN = "この証書は提出用ではありません。提出するのは「認証キーのお知らせ」です。"

TEST_AUTHORITY = "試験用の認証局による電子署名です。正式な保証証書ではありません。"

CHANGE_NOTE = "保証契約を変更する場合は、表題の下に「変更」の表示と変更の番号を付記し、変更後の契約内容を表示します。"
PRICE_NOTE = (
    "請負金額のみの変更の場合は、この保証契約の効力に影響を及ぼさないので、保証契約の変更の手続きは必要ありません。"
)
"""Notes 1 and 2 of the seed's certificate."""


def yen(amount: int) -> str:
    return f"{amount:,}円"


def day(iso: str) -> str:
    return wareki(date.fromisoformat(iso)) if iso else ""


def title_of(product: str) -> str:
    return f"保証証書({Product(product).label})"


def rows(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Return label and text of every line of a certificate, in the order of the seed; the same on page and paper."""
    product = Product(payload["product"])
    contractor = payload["contractor"]
    members = [
        f"{member['name']}{'（代表者）' if member['is_representative'] else ''}"
        + (f"　{member['share'] / 100:.2f}%" if member["share"] else "")
        for member in payload["members"]
    ]
    period = f"{day(payload['covers_from'])}〜{day(payload['due_on'])}"
    found = [
        ("保証契約番号", payload["number"]),
        ("保証契約者", f"{contractor['address']}\n{contractor['name']}\n{contractor['representative']}"),
        ("JV名", payload["jv_name"]),
        ("JV構成員", "\n".join(members)),
        ("発注者", payload["addressee"]),
        (_AMOUNT[product], f"{yen(payload['amount'])}（総額）"),
        ("先行する前払金保証", payload["advance_number"]),
        ("前払金額", yen(payload["advance_amount"]) if payload["advance_amount"] else ""),
        ("保証期間", period) if payload["covers_from"] else ("保証期限", day(payload["due_on"])),
        ("工事名", payload["work"]),
        ("請負金額", f"{yen(payload['price'])}（総額）"),
        (
            f"今年度対象額（{payload['fiscal_year']}年度）" if payload["fiscal_year"] else "今年度対象額",
            yen(payload["base_amount"]) if payload["base_amount"] else "",
        ),
        ("工期", f"{day(payload['starts_on'])}〜{day(payload['ends_on'])}"),
        ("請負契約日", day(payload["contract_on"])),
        ("預託金融機関", payload["bank"]),
    ]
    if product == Product.CTR:
        found += [
            ("保証割合", ratio_text(payload["amount"], payload["price"])),
            ("契約の保証の内容", "請負契約の不履行による損害金を、契約保証金額の範囲内で保証します。"),
        ]
    return [(label, text) for label, text in found if text]


_AMOUNT = {Product.ADV: "保証金額", Product.MID: "中間前払金保証金額", Product.CTR: "契約保証金額"}


def certificate_context(made: Certificate) -> Context:
    """Return what the paper of a version says: everything from its payload, the hash and the serial at the foot."""
    payload = payload_of(made)
    surety, office = payload["surety"], payload["office"]
    return {
        "title": title_of(payload["product"]),
        "label": payload["label"],
        "number": payload["number"],
        "number_label": "保証契約番号",
        "issued_at": day(payload["issued_on"]),
        "issuer": surety["name"],
        # A 証書(紙) is handed in itself.
        "is_review": FOR_REVIEW if made.guarantee.medium == Medium.ELECTRONIC else "",
        "warning": NOT_TO_HAND_IN if made.guarantee.medium == Medium.ELECTRONIC else "",
        "rows": [{"label": label, "value": text} for label, text in rows(payload)],
        "clause": f"当社は、{_TERMS[payload['product']]}に基づき上記のとおり保証契約を締結し、その責に任じます。",
        "surety": [surety["address"], surety["name"], surety["title"], surety["president"]],
        "office": f"取扱箇所　{office['name']}　TEL：{office['phone']}　FAX：{office['fax']}",
        "remarks": [CHANGE_NOTE, *([] if payload["product"] == Product.CTR else [PRICE_NOTE])],
        "serial": payload["serial"],
        "sha256": made.payload_sha256,
        "test": TEST_AUTHORITY if evidence.identity().is_test else "",
    }


_TERMS = {
    Product.ADV: "前払金保証約款",
    Product.MID: "中間前払金保証約款",
    Product.CTR: "契約保証約款",
}


def key_sheet_context(made: Certificate, key: str, rule: SubmissionRule | None) -> Context:
    """Return what the 認証キーのお知らせ says; `key` in clear, so the paper is made on demand and never stored."""
    payload = payload_of(made)
    contractor = payload["contractor"]["name"]
    representative = [member["name"] for member in payload["members"] if member["is_representative"]]
    is_joint = bool(payload["members"])
    at = timezone.localtime(made.arrived_at) if made.arrived_at else None
    facts = [
        ("工事名", payload["work"]),
        ("受注者名", (representative or [contractor])[0] + ("（JVの代表者）" if is_joint else "")),
        ("発注者", payload["addressee"]),
        ("商品（保証区分）", Product(payload["product"]).label),
        ("対象", made.target),
        ("電子保証発行日時", f"{at:%Y/%m/%d %H:%M}" if at else ""),
    ]
    secret = [("保証契約番号", payload["number"]), ("認証キー", grouped(key))]
    where = [("提出先", rule.department), ("宛先", rule.address)] if rule else []
    return {
        "title": "電子保証にかかる「認証キー」のお知らせ",
        "number": payload["number"],
        "number_label": "保証契約番号",
        "issued_at": f"{at:%Y/%m/%d %H:%M}" if at else "",
        "issuer": payload["surety"]["name"],
        "target": made.target,
        "highlights": [{"label": label, "value": text} for label, text in secret],
        "facts": [{"label": label, "value": text} for label, text in facts if text],
        "where": [{"label": label, "value": text} for label, text in where if text],
        "qr": code_text(payload["number"], key),
    }


def code_text(number: str, key: str) -> str:
    """Return the text of the QR code: number and key, which /verify/ reads back (esurety.md 4.2)."""
    return f"ESURETY:{number}:{key}"


CERTIFICATE = register(
    DocumentKind(
        "surety-certificate",
        "保証証書",
        "documents/surety_certificate.html",
        lambda context: f"証書_{f'{FOR_REVIEW}_' if context['is_review'] else ''}{context['number']}.pdf",
        variant="pdf/a-2a",
    )
)

KEY_SHEET = register(
    DocumentKind(
        "surety-key-sheet",
        "認証キーのお知らせ",
        "documents/surety_key_sheet.html",
        lambda context: f"認証キー_{context['number']}_{context['target']}.pdf",
    )
)


def key_sheet(made: Certificate, actor: "User", how: str) -> tuple[str, bytes]:
    """Return file name and PDF of the 認証キーのお知らせ of a version that has a key, recorded first (`keys.show`).

    The hash of the paper is recorded nowhere: it would let somebody try keys without our limits.
    """
    key = keys.alive(made)
    if key is None:
        raise ValueError(f"{made}: no key")
    text = keys.show(key, actor, how)
    context = key_sheet_context(made, text, submission_rule(made.guarantee.body, made.guarantee.product))
    try:
        return KEY_SHEET.filename(context), render(KEY_SHEET, context)
    except MissingGlyphs:
        # The certificate could be printed, so it is the address of the 発注者 that paper cannot show.
        return KEY_SHEET.filename(context), render(KEY_SHEET, {**context, "where": []})
