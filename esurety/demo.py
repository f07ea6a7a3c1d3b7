"""Demo data of the e-surety portal: two contractors, two bodies, the surety's staff, what A may apply for and B holds.

Every person, company, body, bank, address and number is invented; all goes through the import, the procedure and the
services, as in daily use.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from esurety.enums import RevisionKind
from esurety.forms.guarantee import SHARES
from esurety.forms.works import MEMBERS, YEARS
from esurety.models import BankBranch, Body, Contractor, Guarantee, Item, Office, Surety
from esurety.services import billing, bodies, issuing, review, revisions
from esurety.services.fees import load_fee_tables
from esurety.wizards import APPLICATION
from portal.accounts.models import Organisation, User
from portal.applications.models import Application
from portal.demo.accounts import Account, create
from portal.demo.registry import register
from portal.outbox.models import Message
from portal.outbox.relay import execute
from portal.wizard import services as wizard
from portal.wizard.declaration import StoredStep

CONTRACTOR_A, CONTRACTOR_B = "1000000001", "1000000002"
BODY_A, BODY_B = "999901", "999902"
OFFICE = "01"

CONTRACTORS = {
    CONTRACTOR_A: ("架空建設A株式会社", "カクウケンセツエー", "茨城県架空市見本町1-2", "代表取締役 建設 太郎"),
    CONTRACTOR_B: ("架空工業B株式会社", "カクウコウギョウビー", "広島県架空市例示町3-4", "代表取締役 工業 次郎"),
}
"""顧客番号 → name, reading, address, representative."""

BANKS = (
    ("9997", "101", "架空銀行A", "見本支店", True),
    ("9997", "102", "架空銀行A", "例示支店", True),
    ("9998", "012", "架空信用金庫B", "仮設支店", True),
    ("9996", "001", "架空銀行C", "委託外支店", False),
)
"""金融機関コード, 支店コード, names, whether there is 委託契約."""

DRAFT, ISSUED = "DEMO-A-1", "DEMO-B-1"
"""工事番号 of what A may send and of what B holds."""


def _person(login: str, name: str, kana: str, role: str, code: str, department: str, at: int) -> Account:
    details = {"kana": kana, "department": department, "phone": f"029-000-{at:04d}", "email": f"{login}@example.com"}
    return Account(login, name, role, code, details)


def _staff(login: str, name: str, kana: str, role: str, department: str) -> Account:
    return Account(login, name, role, details={"kana": kana, "department": department, "email": f"{login}@example.jp"})


USER_A = _person("surety-a-user", "申込 春子", "モウシコミ ハルコ", "surety.user", CONTRACTOR_A, "工務部", 11)
USER_B = _person("surety-b-user", "別社 秋江", "ベッシャ アキエ", "surety.user", CONTRACTOR_B, "総務部", 21)
CLERK = _staff("staff-surety-clerk", "受付 正", "ウケツケ タダシ", "surety.clerk", "見本支店")
REVIEWER = _staff("staff-surety-review", "審査 望", "シンサ ノゾミ", "surety.reviewer", "見本支店")
APPROVER = _staff("staff-surety-approve", "決裁 誠", "ケッサイ マコト", "surety.approver", "見本支店")
FEE_CLERK = _staff("staff-surety-fee", "経理 実", "ケイリ ミノル", "surety.fee", "経理部")
ACCOUNTS = (
    USER_A,
    _person("surety-a-admin", "管理 夏男", "カンリ ナツオ", "surety.admin", CONTRACTOR_A, "総務部", 12),
    USER_B,
    _person("body-a-user", "契約 冬子", "ケイヤク フユコ", "verify.user", BODY_A, "財政課", 31),
    _person("body-b-user", "担当 梅子", "タントウ ウメコ", "verify.user", BODY_B, "契約担当課", 41),
    CLERK,
    REVIEWER,
    APPROVER,
    FEE_CLERK,
)


def load() -> None:
    """Load everything that is not there yet; the certificates of contractor B are made at once."""
    today = timezone.localdate()
    with transaction.atomic():
        _masters()
        for account in ACCOUNTS:
            create(account)
        if not _applied(DRAFT):
            _fill(USER_A, DRAFT, "見本道路改良工事", BODY_A, today, ("adv", "ctr"))
    if not _applied(ISSUED):
        with transaction.atomic():
            _issue(today)
    folder = Path(settings.DATA_DIR) / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bodies.csv").write_bytes(bodies.template())


def _applied(number: str) -> bool:
    return Application.objects.filter(kind=APPLICATION.slug, reference=number).exists()


# --- Masters -------------------------------------------------------------------------


def _masters() -> None:
    load_fee_tables()
    if not Surety.objects.exists():
        Surety.objects.create(
            name="架空建設業保証株式会社",
            address="東京都架空区見本町1番1号",
            president_title="取締役社長",
            president="保証 一郎",
        )
    office, _ = Office.objects.get_or_create(
        code=OFFICE,
        defaults={
            "name": "見本支店",
            "phone": "029-000-0001",
            "fax": "029-000-0002",
            "email": "office@surety.example.jp",
        },
    )
    for bank, branch, bank_name, branch_name, has_agency in BANKS:
        BankBranch.objects.get_or_create(
            bank_code=bank,
            branch_code=branch,
            defaults={"bank_name": bank_name, "branch_name": branch_name, "has_agency": has_agency},
        )
    for code, (name, kana, address, representative) in CONTRACTORS.items():
        _contractor(code, name, kana, address, representative, office)
    if Body.objects.filter(code__in=[BODY_A, BODY_B]).count() < 2:
        for file in ("bodies.csv", "demo_bodies.csv"):
            report = bodies.load_packaged(file)
            if not report.ok:
                raise RuntimeError(f"the demo's own file is refused: {report.problems}")
    for code in (BODY_A, BODY_B):
        body = Body.objects.get(code=code)
        organisation, _ = Organisation.objects.get_or_create(portal="verify", code=code, defaults={"name": body.name})
        Body.objects.filter(pk=body.pk, organisation=None).update(organisation=organisation, is_confirmed=True)


def _contractor(code: str, name: str, kana: str, address: str, representative: str, office: Office) -> None:
    organisation, _ = Organisation.objects.get_or_create(
        portal="surety", code=code, defaults={"name": name, "address": address}
    )
    Contractor.objects.get_or_create(
        organisation=organisation,
        defaults={
            "kana": kana,
            "address": address,
            "phone": "029-000-0010",
            "representative": representative,
            "licence": "08123456",
            "licence_until": timezone.localdate() + timedelta(days=4 * 365),
            "statements_on": timezone.localdate() - timedelta(days=120),
            "office": office,
            "online": "active",
            "pays_monthly": True,
        },
    )


# --- Applications, through the procedure ------------------------------------------------


def _day(name: str, day: date) -> StoredStep:
    return {f"{name}-y": [str(day.year)], f"{name}-m": [str(day.month)], f"{name}-d": [str(day.day)]}


def _rows(prefix: str, count: int) -> StoredStep:
    return {f"{prefix}-TOTAL_FORMS": [str(count)], f"{prefix}-INITIAL_FORMS": ["0"]}


def _block(prefix: str, given: Mapping[str, str]) -> StoredStep:
    return {f"{prefix}-{name}": [value] for name, value in given.items()}


def _contract(number: str, name: str, body: str, today: date) -> StoredStep:
    works = {
        "body": body,
        "number": number,
        "name": name,
        "kind": "works",
        "price": "50,000,000",
        "order_form": "single",
        "has_advance": "yes",
        "is_low_bid": "no",
        "is_multi_year": "no",
    }
    dates = {"contract_on": -3, "starts_on": 1, "ends_on": 150}
    found = _block("main", works) | _rows("jv", MEMBERS) | _rows("years", YEARS)
    for field, days in dates.items():
        found |= _day(f"main-{field}", today + timedelta(days=days))
    return found


def _guarantee(products: tuple[str, ...]) -> StoredStep:
    common = {"apply": "on", "medium": "electronic", "payment": "monthly", "bill_to": "head", "statement": "no"}
    given = {
        "adv": {**common, "amount": "20,000,000", "bank": "架空銀行A 見本支店", "redeposit": "no"},
        "ctr": {**common, "amount": "5,000,000"},
    }
    found = _rows("advshares", SHARES) | _rows("midshares", SHARES)
    for prefix in products:
        found |= _block(prefix, given[prefix])
    return found


def _other(account: Account) -> StoredStep:
    contact = {name: account.details[name] for name in ("email", "department", "phone")}
    return _block("main", {"office": OFFICE, "wants_mail": "yes", "person": account.name, **contact})


def _fill(
    account: Account, number: str, name: str, body: str, today: date, products: tuple[str, ...]
) -> tuple[Application, User]:
    """Fill in all three tabs; returns the draft and whose it is."""
    actor = User.objects.select_related("organisation").get(login=account.login)
    draft = wizard.start(APPLICATION, actor, "contract", _contract(number, name, body, today))
    for slug, stored in (("guarantee", _guarantee(products)), ("other", _other(account))):
        draft = wizard.save_step(APPLICATION, draft, actor, slug, stored, draft.revision)
    return draft, actor


# --- The guarantee of contractor B, through the services -----------------------------------


def _issue(today: date) -> None:
    """One 前払金保証 with its 変更 (the 工期 is longer) and the 訂正 of it (the name of the works)."""
    draft, actor = _fill(USER_B, ISSUED, "例示橋梁補修工事", BODY_B, today, ("adv",))
    reading = wizard.read(APPLICATION, draft, actor)
    if problems := reading.problems():
        raise RuntimeError(f"the demo's own application is refused: {problems}")
    digest = wizard.decide(reading).digest(reading.stored_steps())
    wizard.submit(APPLICATION, draft.number, actor, revision=draft.revision, digest=digest)

    clerk, reviewer, approver, fee_clerk = (
        User.objects.get(login=account.login) for account in (CLERK, REVIEWER, APPROVER, FEE_CLERK)
    )
    review.receive(_item(draft), clerk)
    review.check(_item(draft), reviewer)
    review.approve(_item(draft), approver)
    billing.put_on_bill(_item(draft).fees.get(), fee_clerk)
    _arrive(issuing.issue(_item(draft), approver).guarantee_id)

    longer = (today + timedelta(days=180)).isoformat()
    _revise(draft, RevisionKind.CHANGE, {"ends_on": longer, "due_on": longer}, "工期の延長", clerk, approver)
    _revise(draft, RevisionKind.CORRECTION, {"work": "例示橋梁補強工事"}, "工事名の誤り", clerk, approver)


def _item(draft: Application) -> Item:
    """Return the item as it is now: every decision reads it afresh."""
    return Item.objects.select_related("request__organisation__contractor").get(request__application=draft)


def _revise(
    draft: Application, kind: RevisionKind, changed: Mapping[str, str], reason: str, clerk: User, approver: User
) -> None:
    guarantee = Guarantee.objects.select_related("current").get(item__request__application=draft)
    if guarantee.current is None:
        raise RuntimeError("the certificate of the demo has not arrived")
    payload = issuing.payload_of(guarantee.current)
    facts: Any = {**{name: payload[name] for name in _item(draft).facts}, **changed}
    revisions.release(revisions.prepare(guarantee, kind, clerk, reason, facts), approver)
    _arrive(guarantee.pk)


def _arrive(guarantee: int) -> None:
    """Run the job that makes the newest certificate now; everything else waits for the worker."""
    made = Guarantee.objects.get(pk=guarantee).certificates.select_related("guarantee").latest("sequence")
    job = Message.objects.get(topic=issuing.TOPIC, key=f"{made.guarantee.number}-{made.sequence}")
    if not execute(job.pk):
        raise RuntimeError("the certificate of the demo could not be made")


register("surety", load, ACCOUNTS)
