"""Demo data of the exporter portal: two exporters, the insurer's staff, buyers with quotas, what exporter A holds.

Every person, company, address and number is invented; all goes through the import and the wizard, as in daily use.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from nexi_quota import bulk, imports, services
from nexi_quota.enums import (
    POLICY_SAMPLES,
    RATING_RULES,
    Extent,
    NoticeKind,
    Product,
    ReleaseReason,
    SettlementManner,
)
from nexi_quota.models import Buyer, Confirmation, ExchangeRate, InsuranceContract, InsuredParty, LedgerEntry
from nexi_quota.rules.arithmetic import VALIDITY_MONTHS
from nexi_quota.wizards import QUOTA_CONFIRMATION
from portal.accounts.models import Organisation, User
from portal.applications.models import Application, ApplicationVersion
from portal.common.calendar import add_months
from portal.demo.accounts import Account, create
from portal.demo.registry import register
from portal.numbering.series import single_day
from portal.wizard import services as wizard
from portal.wizard.declaration import StoredStep

EXPORTERS = {
    "100000001": ("輸出者A株式会社", "EXPORTER A CO., LTD.", "東京都架空区見本町1丁目2番3号", "03-0000-0001"),
    "100000002": ("輸出者B株式会社", "EXPORTER B CO., LTD.", "大阪府架空市例示町4丁目5番6号", "06-0000-0002"),
}


def _member(login: str, name: str, kana: str, role: str, code: str, at: int) -> Account:
    details = {
        "kana": kana,
        "department": "輸出管理部",
        "phone": f"03-0000-{at:04d}",
        "email": f"{login}@example.com",
    }
    return Account(login, name, role, code, details)


def _staff(login: str, name: str, kana: str) -> Account:
    return Account(
        login, name, "nexi.staff", details={"kana": kana, "department": "審査部", "email": f"{login}@example.jp"}
    )


APPLICANT = _member("nexi-a-apply", "輸出 花子", "ユシュツ ハナコ", "nexi.apply", "100000001", 13)
ACCOUNTS = (
    _member("nexi-a-view", "照会 一郎", "ショウカイ イチロウ", "nexi.view", "100000001", 11),
    _member("nexi-a-input", "入力 次郎", "ニュウリョク ジロウ", "nexi.input", "100000001", 12),
    APPLICANT,
    _member("nexi-a-admin", "管理 三郎", "カンリ サブロウ", "nexi.admin", "100000001", 14),
    _member("nexi-b-apply", "別社 梅子", "ベッシャ ウメコ", "nexi.apply", "100000002", 21),
    _staff("staff-nexi", "事務 正", "ジム タダシ"),
    _staff("staff-nexi-2", "確認 誠", "カクニン マコト"),
)

RATED_SINCE, REVIEWED_ON = "2026-04-01", "2026-03-31"
# 海外商社コード|名称|住所|登録状態|格付|個別保証枠（円）
BUYERS = """
310-000001|DEMO PUMPS DE NICARAGUA S.A.|Calle Ficticia 12, Managua, Nicaragua|有効|EF|100000000
310-000002|EJEMPLO INDUSTRIAL S.A.|Avenida Imaginaria 345, Managua, Nicaragua|有効|EE|500000000
304-000001|SAMPLE MACHINERY CORP.|1 Example Street, Springfield, USA|有効|EA|300000000
123-000001|NAMUNA ENGINEERING PVT. LTD.|7 Sample Road, Mumbai, India|有効|EM|50000000
123-000002|UDAHARAN TRADERS PVT. LTD.|88 Specimen Nagar, Chennai, India|有効|EM|
304-000003|FICTITIOUS GOODS INC.|22 Nowhere Avenue, Columbus, USA|有効|EC|
304-000004|OVERDUE SAMPLE LLC|33 Late Lane, Dover, USA|有効|ER|
304-000005|BANKRUPT EXAMPLE INC.|44 Closed Court, Albany, USA|有効|EB|
304-000006|EXAMPLE STATE TREASURY|5 Public Square, Example City, USA|有効|GS|
304-000007|FIRST SPECIMEN BANK N.A.|6 Vault Street, New York, USA|有効|SA|
105-000001|SHANGHAI YANGPIN TRADING CO., LTD.|99 Shili Road, Shanghai, China|スリーピング候補|EF|80000000
"""
RATES = (("USD", "150.00"), ("EUR", "160.00"))
RATE_AGE_DAYS = 30

# 保険証券番号|保険種|申込みの方法|支払人コード|契約金額|days from the first load: 締結, 船積, 決済期限|お客様整理番号
CONTRACTS = """
20260000000001|01|Web|310-000002|20000|-25|-20|70|DEMO-3
20260000000002|01|Web|310-000002|20000|-29|-27|-10|DEMO-4
20260000000003|01|書面|304-000001|20000|-25|-15|45|DEMO-5
20260000000004|03|組合|123-000001|20000|0|0|90|DEMO-6
"""
ON_CONFIRMATION = {"20260000000004": "DEMO-6"}
"""The one that uses a 確認 of its own (お客様整理番号); the others take the quota by themselves."""
OVERDUE, LOSS_DAY = "20260000000002", -1
"""損失等発生通知 of the sample file, to be tried; `load` leaves it alone."""


def load() -> None:
    """Load everything that is not there yet, in one transaction, and write the sample files for every upload."""
    today = timezone.localdate()
    files = master_files(today)
    with transaction.atomic():
        imports.load_reference_data(samples=True)
        _organisations()
        for account in ACCOUNTS:
            create(account)
        if Buyer.objects.filter(code__in=[row[0] for row in _buyer_rows()]).count() < len(_buyer_rows()):
            _import(files["buyers"], today)
        if not ExchangeRate.objects.filter(currency__in=[code for code, _ in RATES]).exists():
            _import(files["rates"], today)
        # The portal keeps its choices for a minute; they were just loaded.
        cache.clear()
        _confirmations(today)
        files |= contract_files(today)
        if InsuranceContract.objects.filter(policy_number__in=[row[0] for row in _contract_rows()]).count() < 4:
            _import(files["contracts"], today)
    samples = {f"{slug}.csv": content for slug, content in files.items()} | notice_files(today)
    folder = Path(settings.DATA_DIR) / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in samples.items():
        (folder / name).write_bytes(content)


def _organisations() -> None:
    for code, (name, name_en, address, phone) in EXPORTERS.items():
        organisation, _ = Organisation.objects.get_or_create(
            portal="nexi", code=code, defaults={"name": name, "name_en": name_en, "address": address, "phone": phone}
        )
        InsuredParty.objects.get_or_create(
            organisation=organisation, defaults={"products": " ".join(Product.values), "is_sme": True}
        )


# --- Masters, through the import -------------------------------------------


def _buyer_rows() -> list[list[str]]:
    return [line.split("|") for line in BUYERS.strip().splitlines()]


def master_files(today: date) -> dict[str, bytes]:
    """Return a file for each kind of master, by the slug of its import; after `load` the tables hold the same."""
    buyers = _buyer_rows()
    rows: dict[str, list[list[object]]] = {
        "buyers": [
            [code, name, address, code[:3], "本店", "", state, REVIEWED_ON, rating, RATED_SINCE, limit]
            for code, name, address, state, rating, limit in buyers
        ],
        "ratings": [[code, rating, RATED_SINCE] for code, _, _, _, rating, _ in buyers],
        "limits": [[code, limit] for code, *_, limit in buyers if limit],
        "policies": [
            [
                *(row.country, row.product.value, row.attitude.label, row.case_limit_jpy, row.usance_months),
                *("無", row.effective_from, row.note),
            ]
            for row in POLICY_SAMPLES
        ],
        "rates": [[code, today - timedelta(days=RATE_AGE_DAYS), rate] for code, rate in RATES],
        "rating-rules": [[rating.value, product.value, need.label] for (rating, product), need in RATING_RULES.items()],
    }
    return _files(rows)


def _files(rows: Mapping[str, list[list[object]]]) -> dict[str, bytes]:
    kinds = {kind.slug: kind for kind in imports.KINDS}
    return {slug: _csv([column.name for column in kinds[slug].columns], cells) for slug, cells in rows.items()}


def _csv(header: list[str], rows: list[list[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode("utf-8-sig")


def _import(content: bytes, today: date) -> None:
    report = imports.load(io.BytesIO(content), "demo", today)
    if not report.ok:
        raise RuntimeError(f"the demo's own file is refused: {report.problems}")


# --- 保有契約, through the import ----------------------------------------------


def _contract_rows() -> list[list[str]]:
    return [line.split("|") for line in CONTRACTS.strip().splitlines()]


def contract_files(today: date) -> dict[str, bytes]:
    """Return the files of 保有契約 (after `load` the tables hold the same) and of a 損失等発生通知 to be tried."""
    loaded, numbers = _loaded_on(today), _numbers()

    def day(after: str | int) -> date:
        return loaded + timedelta(days=int(after))

    rows: list[list[object]] = []
    for policy, product, origin, payer, amount, concluded, shipped, due, reference in _contract_rows():
        used = numbers[ON_CONFIRMATION[policy]] if policy in ON_CONFIRMATION else ""
        days_of = (day(shipped), day(due), day(concluded))
        head = [policy, "00", "00", APPLICANT.organisation, product, origin, "", used]
        rows.append([*head, payer, "USD", amount, *days_of, f"EX-{reference}", reference])
    return _files({"contracts": rows, "losses": [[OVERDUE, "00", day(LOSS_DAY)]]})


def _loaded_on(today: date) -> date:
    """Return the day of the first load, whose days the files keep."""
    found = InsuranceContract.objects.filter(policy_number=OVERDUE).values_list("due_on", flat=True).first()
    days = {row[0]: int(row[7]) for row in _contract_rows()}
    return found - timedelta(days=days[OVERDUE]) if found else today


def _numbers() -> dict[str, str]:
    """Return the 確認管理番号 by お客様整理番号; of several, as 別の申込みへ makes them, the first."""
    requested = Confirmation.objects.filter(application__isnull=False).order_by("-pk")
    return dict(requested.values_list("reference", "number"))


def notice_files(today: date) -> dict[str, bytes]:
    """Return a file of notices about what exporter A holds, as CSV and as Excel, to be tried."""
    day, numbers = f"{_loaded_on(today):%Y-%m-%d}", _numbers()
    settlement = {"kind": NoticeKind.SETTLEMENT.label, "branch": "00", "day": day}
    rows: list[dict[str, str]] = [
        {
            **settlement, "product": "01", "policy_number": "20260000000001", "payer": "310-000002",
            "extent": Extent.PART.label, "amount": "5,000.00", "manner": SettlementManner.INSTALMENT.value,
        },
        {
            **settlement, "product": "01", "policy_number": "20260000000003", "payer": "304-000001",
            "extent": Extent.FULL.label, "manner": SettlementManner.EARLY.value,
        },
        {
            **settlement, "product": "03", "policy_number": "20260000000004", "payer": "123-000001",
            "confirmation_number": numbers["DEMO-6"], "extent": Extent.PART.label, "amount": "8,000.00",
            "manner": SettlementManner.EARLY.value,
        },
        {
            "kind": NoticeKind.RELEASE.label, "product": "04", "confirmation_number": numbers["DEMO-1"],
            "payer": "310-000002", "extent": Extent.PART.label, "day": day, "amount": "20,000.00",
            "reason": ReleaseReason.AMOUNT_REDUCED.value, "note": "数量の変更による減額",
        },
    ]  # fmt: skip
    return {"notices.csv": bulk.template_csv(rows), "notices.xlsx": bulk.template_xlsx(rows)}


# --- 確認, through the wizard ------------------------------------------------


def _confirmations(today: date) -> None:
    """Exporter A's valid 確認, the one whose 保証枠有効期限 was yesterday, and the one that an insurance will use."""
    yesterday = today - timedelta(days=1)
    shipment = today + timedelta(days=30)
    _confirm(
        "DEMO-1",
        today,
        {
            "product": Product.BILL.value,
            "payer_code": "310-000002",
            "contract_amount": "100,000",
            "goods": "産業用ポンプ",
            "purchase_date": today + timedelta(days=45),
            "purchase_bank": "9999",
            "purchase_branch": "999",
            "purchase_name": "見本銀行 架空支店",
        },
        shipment,
    )
    _confirm(
        "DEMO-2",
        add_months(yesterday, -VALIDITY_MONTHS),
        {
            "product": Product.EQUIPMENT.value,
            "counterparty_code": "310-000001",
            "same_payer": "on",
            "contract_number": "EX-DEMO-2",
            "contract_date": today,
            "contract_amount": "200,000",
            "goods": "工作機械",
        },
        shipment,
        expires_on=yesterday,
    )
    _confirm(
        "DEMO-6",
        today,
        {
            "product": Product.EQUIPMENT.value,
            "counterparty_code": "123-000001",
            "same_payer": "on",
            "destination_country": "123",
            "contract_number": "EX-DEMO-6",
            "contract_date": today,
            "contract_amount": "20,000",
            "goods": "搬送設備",
        },
        today,
    )
    services.expire(today)


def _confirm(
    reference: str, confirmed: date, terms: Mapping[str, str | date], shipment: date, *, expires_on: date | None = None
) -> None:
    """Apply as exporter A would, once for each `reference`; an earlier `confirmed` moves the rows there afterwards."""
    actor = User.objects.select_related("organisation").get(login=APPLICANT.login)
    if Confirmation.objects.visible_to(actor).filter(reference=reference).exists():
        return
    # The day is part of the Web申込番号.
    series = replace(QUOTA_CONFIRMATION.series, period=lambda _: single_day(confirmed))
    procedure = replace(QUOTA_CONFIRMATION, series=series)
    stored = _stored({**COMMON, **terms, "reference": reference, "first_shipment": shipment, "last_shipment": shipment})
    application = wizard.start(procedure, actor, "terms", stored)
    reading = wizard.read(procedure, application, actor)
    if problems := reading.problems():
        raise RuntimeError(f"the demo's own application is refused: {problems}")
    digest = wizard.decide(reading).digest(reading.stored_steps())
    wizard.submit(procedure, application.number, actor, revision=application.revision, digest=digest)
    if expires_on:
        _move(application, confirmed, expires_on)


COMMON = {
    "contract_form": "11",
    "destination_country": "310",
    "settlement": "20",
    "usance_days": "90",
    "guarantee": "none",
    "currency": "USD",
}


def _stored(terms: Mapping[str, str | date]) -> StoredStep:
    """Return ステップ１ as the browser would have sent it."""
    typed: StoredStep = {}
    for name, value in terms.items():
        if isinstance(value, date):
            typed |= {f"main-{name}-{part}": [f"{getattr(value, unit)}"] for part, unit in DATE_PARTS}
        else:
            typed[f"main-{name}"] = [value]
    contact = {"name": APPLICANT.name, **{key: APPLICANT.details[key] for key in ("department", "phone", "email")}}
    return typed | {f"contact-{name}": [value] for name, value in contact.items()}


DATE_PARTS = (("y", "year"), ("m", "month"), ("d", "day"))


def _move(application: Application, confirmed: date, expires_on: date) -> None:
    """Let an application and its 確認 have happened on an earlier day."""
    at = timezone.make_aware(datetime.combine(confirmed, time(10, 30)))
    Application.objects.filter(pk=application.pk).update(created_at=at, saved_at=at, submitted_at=at)
    ApplicationVersion.objects.filter(application=application).update(created_at=at)
    Confirmation.objects.filter(application=application).update(
        confirmed_on=confirmed, expires_on=expires_on, rate_date=confirmed
    )
    LedgerEntry.objects.filter(confirmation__application=application).update(at=at)


register("nexi", load, ACCOUNTS)
