"""The portal's papers: 個別保証枠確認証 on demand, 申込内容の控え stored; and the facts that pages share with them."""

from collections.abc import Iterable, Mapping

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from nexi_quota.models import Confirmation
from portal.applications.models import ApplicationVersion
from portal.common.eras import seireki
from portal.common.money import group, money
from portal.documents.kinds import Context, DocumentKind, register
from portal.documents.marks import verification_code

TEMPLATE = "documents/base.html"
CERTIFICATE_TITLE = "個別保証枠確認証"
RECEIPT_TITLE = "申込内容の控え"
CERTIFICATE_NOTES = [
    "この確認証は、個別保証枠の残高を確認し、確保したことを証するものです。保険契約ではありません。",
    "保証枠有効期限までに、保険の申込み（輸出手形保険では手形の買取り）を行ってください。有効期限を過ぎると個別保証枠は解放されます。",
    "使わなくなった個別保証枠は、枠戻通知によりお戻しください。",
]


def facts_of(confirmation: Confirmation) -> list[dict[str, str]]:
    """Return label and text of everything a 確認 says of itself, for pages and papers."""
    pairs = [
        ("確認管理番号", confirmation.number),
        ("保険種", confirmation.get_product_display()),
        ("支払人", f"{confirmation.payer.code} {confirmation.payer.name}"),
        ("支払人の住所", confirmation.payer.address),
        ("支払人の格付（確認時）", confirmation.rating),
        ("国", confirmation.payer.country.name),
        ("輸出契約等番号", confirmation.contract_number),
        ("確認金額", money(confirmation.amount, confirmation.currency_id)),
        ("未使用額", money(confirmation.unused, confirmation.currency_id)),
        (
            "換算率",
            f"1 {confirmation.currency_id} = {confirmation.rate.normalize():f}円（{seireki(confirmation.rate_date)}）",
        ),
        ("円換算額", f"{group(confirmation.amount_jpy)}円"),
        ("確認日", seireki(confirmation.confirmed_on)),
        ("保証枠有効期限", seireki(confirmation.expires_on)),
        ("状態", confirmation.get_state_display()),
        ("お客様整理番号", confirmation.reference),
        ("担当者", confirmation.contact),
    ]
    return [{"label": label, "shown": shown} for label, shown in pairs]


def _answered(version: ApplicationVersion) -> dict[str, str]:
    """Return what each field of the version showed, by html name."""
    return {
        item["name"]: item["shown"]
        for step in version.answers
        for section in step["sections"]
        for item in section["items"]
    }


CERTIFICATE_ANSWERS = {
    "main-payment_country": "支払国",
    "main-destination_country": "仕向国",
    "main-settlement": "決済方法",
    "main-usance_days": "ユーザンス日数",
    "main-due": "最終決済予定日",
}


def certificate_context(confirmation: Confirmation) -> Context:
    """Return what 個別保証枠確認証 shows (nexi.md 7.4), from the frozen confirmation and its submitted version."""
    application = confirmation.application
    if application is None or application.submitted_at is None:
        raise ValueError("only a confirmation that was applied for has a certificate")
    version = application.versions.get(sequence=1)
    answers = _answered(version)
    submitted = timezone.localtime(application.submitted_at)
    facts = {row["label"]: row["shown"] for row in facts_of(confirmation)}
    organisation = confirmation.organisation
    groups = {
        "申込み": [
            ("Web申込番号", application.number),
            ("Web申込日時", f"{seireki(submitted.date())} {submitted:%H:%M}"),
            ("保険利用者", f"{organisation.code} {organisation.name}"),
            ("保険種", facts["保険種"]),
            ("輸出契約等番号", facts["輸出契約等番号"]),
        ],
        "支払人": [(label, facts[label]) for label in ("支払人", "支払人の住所", "支払人の格付（確認時）", "国")],
        "決済": [(label, answers.get(name, "")) for name, label in CERTIFICATE_ANSWERS.items()],
        "個別保証枠": [(label, facts[label]) for label in ("換算率", "円換算額", "確認日")],
    }
    agreed: dict[str, object] = {
        "number": confirmation.number,
        "application": application.number,
        "amount": str(confirmation.amount),
        "currency": confirmation.currency_id,
        "expires": confirmation.expires_on.isoformat(),
    }
    code = verification_code(agreed)
    return {
        "title": CERTIFICATE_TITLE,
        "number": confirmation.number,
        "number_label": "確認管理番号",
        "organisation": organisation.name,
        "issued_at": f"{seireki(submitted.date())} {submitted:%H:%M}",
        "lead": "次のとおり、個別保証枠の残高を確認し、個別保証枠を確保しました。",
        "highlights": [{"label": label, "value": facts[label]} for label in ("確認金額", "保証枠有効期限")],
        "sections": [_section(heading, rows) for heading, rows in groups.items()],
        "notes": CERTIFICATE_NOTES,
        "verification": {
            "code": code,
            "qr": f"{confirmation.number} {code}",
            "text": "確認管理番号と検証コードにより、この確認証の記載内容を事務局で確認できます。",
        },
    }


def _section(heading: str, rows: Iterable[tuple[str, str]]) -> dict[str, object]:
    return {"heading": heading, "rows": [{"label": label, "value": value} for label, value in rows]}


def receipt_context(version: ApplicationVersion) -> Context:
    """Return what 申込内容の控え shows: the submitted answers and the verdict, from the version alone."""
    application = version.application
    submitted = timezone.localtime(version.created_at)
    verdict = [
        ("申込みの可否", version.decision["verdict"]),
        *version.decision["facts"],
        ("申込者", version.actor.name),
    ]
    answers = [
        _section(section["title"], [(item["label"], item["shown"]) for item in section["items"]])
        for step in version.answers
        for section in step["sections"]
        if section["items"]
    ]
    return {
        "title": RECEIPT_TITLE,
        "number": application.number,
        "number_label": "Web申込番号",
        "organisation": application.organisation.name,
        "issued_at": f"{seireki(submitted.date())} {submitted:%H:%M}",
        "lead": f"{application.kind_title}を、次の内容で受け付けました。",
        "sections": [_section("申込確認結果", verdict), *answers],
    }


def _certificate_name(context: Mapping[str, object]) -> str:
    return f"{CERTIFICATE_TITLE}_{context['number']}.pdf"


def _receipt_name(context: Mapping[str, object]) -> str:
    return f"{RECEIPT_TITLE}_{context['number']}.pdf"


CERTIFICATE = register(DocumentKind("nexi.certificate", CERTIFICATE_TITLE, TEMPLATE, _certificate_name))
RECEIPT = register(DocumentKind("nexi.receipt", RECEIPT_TITLE, TEMPLATE, _receipt_name, context_of=receipt_context))


# --- Cells of lists ---------------------------------------------------------


def chip(text: str, note: str, kind: str) -> SafeString:
    """Return a text with a status chip beside it."""
    return format_html('<span class="nowrap">{}</span> <span class="chip chip--{}">{}</span>', text, kind, note)


def paper_link(url: str, label: str, description: str) -> SafeString:
    """Return the link to a PDF, in words, described for who does not see the list."""
    return format_html('<a class="paper-link" href="{}" aria-label="{}">{}</a>', url, description, label)
