"""Demo data of the e-surety portal: contractors, bodies, the surety's staff, what A may apply for and B and C hold.

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

from esurety.enums import RegistrationSource, RevisionKind
from esurety.forms.guarantee import SHARES
from esurety.forms.works import MEMBERS, YEARS
from esurety.models import BankBranch, Body, Certificate, Contractor, Guarantee, Item, Office, Registration, Surety
from esurety.services import billing, bodies, issuing, keys, receiving, review, revisions
from esurety.services.fees import load_fee_tables
from esurety.services.registering import register as hand_in
from esurety.wizards import APPLICATION
from portal.accounts.models import Organisation, User
from portal.applications.models import Application
from portal.demo.accounts import Account, create
from portal.demo.registry import register
from portal.outbox.models import Message
from portal.outbox.relay import execute
from portal.wizard import services as wizard
from portal.wizard.declaration import StoredStep

CONTRACTOR_A, CONTRACTOR_B, CONTRACTOR_C = "1000000001", "1000000002", "1000000003"
BODY_A, BODY_B = "999901", "999902"
OFFICE = "01"

CONTRACTORS = {
    CONTRACTOR_A: ("架空建設A株式会社", "カクウケンセツエー", "茨城県架空市見本町1-2", "代表取締役 建設 太郎"),
    CONTRACTOR_B: ("架空工業B株式会社", "カクウコウギョウビー", "広島県架空市例示町3-4", "代表取締役 工業 次郎"),
    CONTRACTOR_C: ("架空土木C株式会社", "カクウドボクシー", "茨城県架空市仮設町5-6", "代表取締役 土木 三郎"),
}
"""顧客番号 → name, reading, address, representative."""

BANKS = (
    ("9997", "101", "架空銀行A", "見本支店", True),
    ("9997", "102", "架空銀行A", "例示支店", True),
    ("9998", "012", "架空信用金庫B", "仮設支店", True),
    ("9996", "001", "架空銀行C", "委託外支店", False),
)
"""金融機関コード, 支店コード, names, whether there is 委託契約."""

DRAFT, ISSUED, HANDED_IN = "DEMO-A-1", "DEMO-B-1", "DEMO-C-1"
"""工事番号 of what A may send, of what B holds, and of what C holds and body A has registered."""


def _person(login: str, name: str, kana: str, role: str, code: str, department: str, at: int) -> Account:
    details = {"kana": kana, "department": department, "phone": f"029-000-{at:04d}", "email": f"{login}@example.com"}
    return Account(login, name, role, code, details)


def _staff(login: str, name: str, kana: str, role: str, department: str) -> Account:
    return Account(login, name, role, details={"kana": kana, "department": department, "email": f"{login}@example.jp"})


USER_A = _person("surety-a-user", "申込 春子", "モウシコミ ハルコ", "surety.user", CONTRACTOR_A, "工務部", 11)
USER_C = _person("surety-c-user", "提出 夏美", "テイシュツ ナツミ", "surety.user", CONTRACTOR_C, "総務部", 51)
"""Nobody logs in as this person: C is there for what its body looks at."""
USER_B = _person("surety-b-user", "別社 秋江", "ベッシャ アキエ", "surety.user", CONTRACTOR_B, "総務部", 21)
BODY_USER_A = _person("body-a-user", "契約 冬子", "ケイヤク フユコ", "verify.user", BODY_A, "財政課", 31)
CLERK = _staff("staff-surety-clerk", "受付 正", "ウケツケ タダシ", "surety.clerk", "見本支店")
REVIEWER = _staff("staff-surety-review", "審査 望", "シンサ ノゾミ", "surety.reviewer", "見本支店")
APPROVER = _staff("staff-surety-approve", "決裁 誠", "ケッサイ マコト", "surety.approver", "見本支店")
FEE_CLERK = _staff("staff-surety-fee", "経理 実", "ケイリ ミノル", "surety.fee", "経理部")
ACCOUNTS = (
    USER_A,
    _person("surety-a-admin", "管理 夏男", "カンリ ナツオ", "surety.admin", CONTRACTOR_A, "総務部", 12),
    USER_B,
    BODY_USER_A,
    _person("body-a-admin", "管理 秋人", "カンリ アキト", "verify.admin", BODY_A, "財政課", 32),
    _person("body-b-user", "担当 梅子", "タントウ ウメコ", "verify.user", BODY_B, "契約担当課", 41),
    CLERK,
    REVIEWER,
    APPROVER,
    FEE_CLERK,
)


def load() -> None:
    """Load everything that is not there yet; the certificates of contractors B and C are made at once."""
    today = timezone.localdate()
    with transaction.atomic():
        _masters()
        for account in ACCOUNTS:
            create(account)
        User.objects.filter(pk=create(USER_C).pk).update(is_active=False)
        if not _applied(DRAFT):
            _fill(USER_A, DRAFT, "見本道路改良工事", BODY_A, today, ("adv", "ctr"))
    if not _applied(ISSUED):
        with transaction.atomic():
            _revised_twice(today)
    if not _applied(HANDED_IN):
        with transaction.atomic():
            _registered(today)
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


# --- The guarantees of contractors B and C, through the services ---------------------------


def _revised_twice(today: date) -> None:
    """One 前払金保証 with its 変更 (the 工期 is longer) and the 訂正 of it (the name of the works)."""
    (guarantee,) = _issue(USER_B, ISSUED, "例示橋梁補修工事", BODY_B, today, ("adv",))
    longer = (today + timedelta(days=180)).isoformat()
    _revise(guarantee, RevisionKind.CHANGE, {"ends_on": longer, "due_on": longer}, "工期の延長")
    _revise(guarantee, RevisionKind.CORRECTION, {"work": "例示橋梁補強工事"}, "工事名の誤り")


def _registered(today: date) -> None:
    """前払金保証 and 契約保証 that body A has registered; it accepted the former, whose 変更 is not handed in yet."""
    advance, contract = _issue(USER_C, HANDED_IN, "仮設水路改修工事", BODY_A, today, ("adv", "ctr"))
    holder, user = _user(USER_C), _user(BODY_USER_A)
    for pk in (advance, contract):
        guarantee, current = _in_force(pk)
        key = keys.show(current.keys.get(), holder, "sheet")
        if hand_in(user, guarantee.number, key, RegistrationSource.SHEET, "127.0.0.1").registration is None:
            raise RuntimeError("the demo's own key is refused")
    receiving.accept(Registration.objects.get(certificate__guarantee=advance), user)
    longer = (today + timedelta(days=240)).isoformat()
    _revise(advance, RevisionKind.CHANGE, {"ends_on": longer, "due_on": longer}, "工期の延長")


def _issue(account: Account, number: str, name: str, body: str, today: date, products: tuple[str, ...]) -> list[int]:
    """Apply, decide and issue; returns the ids of the 保証契約."""
    draft, actor = _fill(account, number, name, body, today, products)
    reading = wizard.read(APPLICATION, draft, actor)
    if problems := reading.problems():
        raise RuntimeError(f"the demo's own application is refused: {problems}")
    digest = wizard.decide(reading).digest(reading.stored_steps())
    wizard.submit(APPLICATION, draft.number, actor, revision=draft.revision, digest=digest)

    clerk, reviewer, approver, fee_clerk = (_user(account) for account in (CLERK, REVIEWER, APPROVER, FEE_CLERK))
    items = list(Item.objects.filter(request__application=draft).order_by("pk").values_list("pk", flat=True))
    review.receive(_item(items[0]), clerk)
    found = []
    for pk in items:
        review.check(_item(pk), reviewer)
        review.approve(_item(pk), approver)
        billing.put_on_bill(_item(pk).fees.get(), fee_clerk)
        found.append(issuing.issue(_item(pk), approver).guarantee_id)
        _arrive(found[-1])
    return found


def _user(account: Account) -> User:
    return User.objects.select_related("organisation").get(login=account.login)


def _item(pk: int) -> Item:
    """Return the item as it is now: every decision reads it afresh."""
    return Item.objects.select_related("request__organisation__contractor").get(pk=pk)


def _in_force(pk: int) -> tuple[Guarantee, Certificate]:
    """Return the 保証契約 as it is now, and its certificate in force."""
    guarantee = Guarantee.objects.select_related("current", "item").get(pk=pk)
    if guarantee.current is None:
        raise RuntimeError("the certificate of the demo has not arrived")
    return guarantee, guarantee.current


def _revise(pk: int, kind: RevisionKind, changed: Mapping[str, str], reason: str) -> None:
    guarantee, current = _in_force(pk)
    payload = issuing.payload_of(current)
    facts: Any = {**{name: payload[name] for name in guarantee.item.facts}, **changed}
    revisions.release(revisions.prepare(guarantee, kind, _user(CLERK), reason, facts), _user(APPROVER))
    _arrive(pk)


def _arrive(guarantee: int) -> None:
    """Run the job that makes the newest certificate now; everything else waits for the worker."""
    made = Guarantee.objects.get(pk=guarantee).certificates.select_related("guarantee").latest("sequence")
    job = Message.objects.get(topic=issuing.TOPIC, key=f"{made.guarantee.number}-{made.sequence}")
    if not execute(job.pk):
        raise RuntimeError("the certificate of the demo could not be made")


register("surety", load, ACCOUNTS)
