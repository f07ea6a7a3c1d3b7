"""Papers of the 加入手続: D05 加入依頼書, kept from its version, and D06 払込のご案内 (credit_insurance.md 11)."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from credit_insurance.enums import CaseState
from credit_insurance.models import EnrolmentForm, Invoice
from portal.applications.models import ApplicationVersion
from portal.common.eras import seireki
from portal.common.money import yen
from portal.documents.kinds import Context, DocumentKind, register

TEMPLATE = "documents/base.html"

FORM_NOTES = [
    "★または☆の付いた事項は告知事項です。お答えが事実と異なるときは、ご契約が解除されることや、保険金をお支払い"
    "できないことがあります。",
    "☆の付いた事項は通知事項でもあります。加入後に変更が生じるときは、すみやかにご連絡ください。",
    "補償の開始は、加入依頼書の提出とお振込みの両方が締切に間に合うことが条件です。",
]


def _section(heading: str, rows: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {"heading": heading, "rows": [{"label": label, "value": text} for label, text in rows]}


def _moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{seireki(local.date())} {local:%H:%M}"


def fingerprint(version: ApplicationVersion) -> str:
    """Return the SHA-256 of what was agreed to: answers and decision of the version, as JSON with sorted keys."""
    agreed = {"number": version.application.number, "answers": version.answers, "decision": version.decision}
    plain = json.dumps(agreed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


# --- D05 ----------------------------------------------------------------------------------


def form_context(version: ApplicationVersion) -> Context:
    """Return what the 加入依頼書 of a submitted version says, to the 契約者 that the 保険契約 of that day names."""
    application = version.application
    form = EnrolmentForm.objects.select_related("case__policy", "case__member").get(application=application)
    member, at = form.case.member, timezone.localtime(version.created_at)
    answers = [
        _section(section["title"], [(item["label"], item["shown"]) for item in section["items"]])
        for step in version.answers
        for section in step["sections"]
        if section["items"]
    ]
    stamp = [
        ("承認した方", f"{application.organisation.name}　{version.actor.name}"),
        ("承認日時", f"{seireki(at.date())} {at:%H:%M:%S}"),
        ("内容の識別（SHA-256）", fingerprint(version)),
    ]
    return {
        "title": "加入依頼書",
        "number": application.number,
        "number_label": "受付番号",
        "issued_at": _moment(version.created_at),
        "organisation": form.case.policy.account_holder,
        "issuer": application.organisation.name,
        "contact": f"加入者番号 {member.number}",
        "lead": "貸倒補償制度に、次の内容で加入を依頼します。",
        "sections": [_section("加入の内容", version.decision["facts"]), *answers, _section("電子承認", stamp)],
        "notes": [*version.decision["reasons"], *FORM_NOTES],
    }


# --- D06 ----------------------------------------------------------------------------------


def payer_text(form: EnrolmentForm, invoice: Invoice) -> str:
    """Return the 振込依頼人名 to write: the 受付番号 first."""
    return f"{invoice.number} {form.case.member.payer_kana or form.case.member.name}"


def account_rows(form: EnrolmentForm) -> list[tuple[str, str]]:
    """Return the account of the premium."""
    policy = form.case.policy
    return [
        ("金融機関", f"{policy.bank_name}　{policy.bank_branch}"),
        ("口座番号", f"{policy.account_kind} {policy.account_no}"),
        ("口座名義人", policy.account_holder),
        ("振込依頼人名", "受付番号に続けて、振込名義を入力してください。"),
        ("振込手数料", "加入者様のご負担です。保険料から差し引かないでください。"),
    ]


def due_text(invoice: Invoice) -> str:
    """Return the money's 締切 with the rule of the bank holidays."""
    return f"{seireki(invoice.due_on)}まで（17日が金融機関の休業日のときは前営業日）"


LATE_NOTE = (
    "締切を過ぎると、補償の開始が翌月以後になり、保険料が変わります。変更後の内容をご確認いただいてから、多くお振込みの"
    "分は返金します。"
)


def invoice_context(form: EnrolmentForm, invoice: Invoice) -> Context:
    """Return what the 払込のご案内 says of the invoice as it stands: the sum, what has come, where to, until when."""
    is_ended = form.case.state in {CaseState.EXPIRED_QUOTE, CaseState.NOT_TAKEN}
    if is_ended:
        lead = "この加入手続は終わりました。保険料をお振込みにならないでください。"
    elif invoice.missing:
        lead = "加入依頼書を受け付けました。保険料を、次のとおりお振込みください。"
    else:
        lead = "保険料のお振込みを確認しました。これ以上のお振込みは要りません。"
    due = [
        {"label": "不足額" if invoice.received else "お振込み金額", "value": yen(invoice.missing)},
        {"label": "振込依頼人名の先頭に入れる番号", "value": invoice.number},
    ]
    received = [("ご入金済み", yen(invoice.received)), ("不足額", yen(invoice.missing))] if invoice.received else []
    return {
        "title": "払込のご案内",
        "number": invoice.number,
        "number_label": "受付番号",
        "issued_at": _moment(timezone.now()),
        "organisation": form.case.member.name,
        "issuer": form.case.policy.account_holder,
        "lead": lead,
        "highlights": due if invoice.missing and not is_ended else [],
        "sections": [
            _section(
                "保険料",
                [
                    ("加入依頼書の受付番号", form.application.number),
                    ("保険料（一時払）", yen(invoice.amount)),
                    *received,
                    ("お振込み締切", due_text(invoice)),
                ],
            ),
            _section("お振込先", [*account_rows(form), ("ご記入例", payer_text(form, invoice))]),
        ],
        "notes": [LATE_NOTE, "お振込みは1回で、保険料の全額をお願いします（一時払のみ）。"],
    }


ENROLMENT_FORM = register(
    DocumentKind(
        "credit-enrolment-form",
        "加入依頼書",
        TEMPLATE,
        lambda context: f"加入依頼書_{context['number']}.pdf",
        context_of=form_context,
    )
)

INVOICE = register(
    DocumentKind("credit-invoice", "払込のご案内", TEMPLATE, lambda context: f"払込のご案内_{context['number']}.pdf")
)
