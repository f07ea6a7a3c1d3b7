"""Demo data of the trade-credit portal: two companies of a 組合, the scheme's parameters, what company A may hand in.

Every person, company, address and number is invented; the sheet goes through the procedure and the services.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from credit_insurance.demo import bank, cover, papers
from credit_insurance.enums import Membership
from credit_insurance.forms.debtor import DebtorForm, entry_of
from credit_insurance.models import CreditClass, MasterPolicy, Member, Union
from credit_insurance.rules.deadlines import period, period_year
from credit_insurance.rules.timers import calendar_of
from credit_insurance.selectors.masters import starts
from credit_insurance.services.sheets import add_lines
from credit_insurance.wizards import HEARING
from portal.accounts.models import Organisation, User
from portal.applications.models import Application
from portal.common.checkdigit import corporate_number_of
from portal.demo.accounts import Account, create
from portal.demo.registry import register
from portal.wizard import services as wizard
from portal.wizard.declaration import StoredStep

MEMBER_A, MEMBER_B, UNION, AGENT = "K0000001", "K0000002", "U0000001", "AG000001"

MEMBERS = {
    MEMBER_A: ("架空商事A株式会社", "カクウショウジエー", 1, "東京都架空区見本町1-1"),
    MEMBER_B: ("架空食品B株式会社", "カクウショクヒンビー", 2, "東京都架空区例示町2-2"),
}
"""加入者番号 → name, reading, base of the 法人番号, address."""

CLASSES = (
    (1, 100_000_000, "0.006", "優良"),
    (2, 60_000_000, "0.008", "良好"),
    (3, 30_000_000, "0.010", "標準"),
    (4, 10_000_000, "0.015", "やや注意"),
    (5, 3_000_000, "0.025", "注意"),
    (6, 0, None, "引受対象外"),
)
"""区分, ceiling in yen, base rate and meaning (credit_insurance.md 6.10)."""

DEBTORS = (
    ("見本電機", 20), ("見本部品", 15), ("見本樹脂", 15), ("見本金属", 10), ("見本機械", 10), ("見本化工", 8),
    ("見本運送", 7), ("見本食品", 6), ("見本紙業", 5), ("見本繊維", 2), ("見本工具", 1), ("見本包装", 1),
)  # fmt: skip
"""Name and 債権残高 in millions of yen: 100 in all, as in the example of the pamphlet."""

DEBTORS_B = (
    ("見本電機", 20), ("見本部品", 18), ("例示青果", 14), ("例示水産", 10), ("例示乳業", 9), ("例示製菓", 8),
    ("例示酒造", 7), ("例示製粉", 6), ("例示茶園", 4), ("例示製油", 2), ("例示缶詰", 2),
)  # fmt: skip
"""The first two are debtors of company A as well: what the insurer has on them adds up."""


def _person(login: str, name: str, kana: str, role: str, code: str, department: str, at: int) -> Account:
    details = {"kana": kana, "department": department, "phone": f"03-0000-{at:04d}", "email": f"{login}@example.com"}
    return Account(login, name, role, code, details)


def _staff(login: str, name: str, kana: str, role: str, department: str) -> Account:
    return Account(login, name, role, details={"kana": kana, "department": department, "email": f"{login}@example.jp"})


STAFF_A = _person("credit-a-staff", "経理 花子", "ケイリ ハナコ", "credit.staff", MEMBER_A, "経理部", 31)
APPROVER_B = _person("credit-b-approve", "別社 次郎", "ベッシャ ジロウ", "credit.approver", MEMBER_B, "管理本部", 33)
PEOPLE = cover.People("credit-b-approve", "staff-credit-fed", "staff-credit-uw", "staff-credit-uwmgr")
ACCOUNTS = (
    STAFF_A,
    _person("credit-a-approve", "責任 太郎", "セキニン タロウ", "credit.approver", MEMBER_A, "管理本部", 32),
    APPROVER_B,
    _person("credit-org", "組合 三子", "クミアイ ミツコ", "credit.union", UNION, "事務局", 34),
    _person("credit-agent", "代理 四郎", "ダイリ シロウ", "credit.agent", AGENT, "営業部", 35),
    _staff("staff-credit-fed", "団体 和子", "ダンタイ カズコ", "credit.fed", "共済事業部"),
    _staff("staff-credit-fedmgr", "団体 正", "ダンタイ タダシ", "credit.fed_manager", "共済事業部"),
    _staff("staff-credit-uw", "引受 望", "ヒキウケ ノゾミ", "credit.uw", "信用保険部"),
    _staff("staff-credit-uwmgr", "引受 誠", "ヒキウケ マコト", "credit.uw_manager", "信用保険部"),
    _staff("staff-credit-claim", "損害 実", "ソンガイ ミノル", "credit.claim", "損害サービス部"),
    _staff("staff-credit-claimmgr", "損害 学", "ソンガイ マナブ", "credit.claim_manager", "損害サービス部"),
)


@transaction.atomic
def load() -> None:
    """Load everything that is not there yet."""
    today = timezone.localdate()
    for year in (period_year(today), period_year(today) + 1):
        _policy(year)
    papers.load(period(period_year(today))[0])
    union = _union()
    Organisation.objects.get_or_create(portal="credit", code=AGENT, defaults={"name": "架空代理店"})
    for number in MEMBERS:
        _member(number, union)
    for account in ACCOUNTS:
        create(account)
    if not Application.objects.filter(kind=HEARING.slug, organisation__code=MEMBER_A).exists():
        _sheet(today, STAFF_A.login, DEBTORS, 100)
    if not cover.is_covered(MEMBER_B, today):
        cover.cover(_sheet(today, APPROVER_B.login, DEBTORS_B, 70), PEOPLE, today)
    folder = Path(settings.DATA_DIR) / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "credit_deposits.txt").write_bytes(bank.sample(today))


# --- Masters --------------------------------------------------------------------------


def _policy(year: int) -> None:
    times = calendar_of(year)
    policy, is_new = MasterPolicy.objects.get_or_create(
        year=year,
        defaults={
            "policy_no": f"DEMO-{year}",
            "insurer": "架空海上火災保険株式会社",
            "branch": "見本支社",
            "agent": "架空代理店",
            "campaign_open": times.campaign_open,
            "campaign_close": date(year, 2, 17),
            "bank_name": "架空中央金庫",
            "bank_branch": "本店",
            "account_no": "0000001",
            "account_holder": "架空中小企業団体中央会",
        },
    )
    if is_new:
        for number, ceiling, rate, meaning in CLASSES:
            CreditClass.objects.create(
                policy=policy, number=number, ceiling=ceiling, base_rate=rate and Decimal(rate), meaning=meaning
            )


def _union() -> Union:
    name = "架空卸売商業協同組合"
    organisation, _ = Organisation.objects.get_or_create(portal="credit", code=UNION, defaults={"name": name})
    union, _ = Union.objects.get_or_create(
        code=UNION, defaults={"name": name, "prefecture": "13", "organisation": organisation}
    )
    return union


def _member(number: str, union: Union) -> None:
    name, kana, place, address = MEMBERS[number]
    organisation, _ = Organisation.objects.get_or_create(
        portal="credit", code=number, defaults={"name": name, "address": address}
    )
    Member.objects.get_or_create(
        number=number,
        defaults={
            "organisation": organisation,
            "name": name,
            "name_kana": kana,
            "payer_kana": "ｶｸｳｼﾖｳｼﾞ",
            "corporate_number": corporate_number_of(f"{990_000_000_000 + place}"),
            "postal_code": "100-0001",
            "prefecture": "13",
            "address": address,
            "rep_title": "代表取締役",
            "rep_name": "架空 太郎",
            "contact_dept": "経理部",
            "contact_name": "経理 花子",
            "phone": "03-0000-0030",
            "email": "keiri@example.com",
            "industry_code": "52",
            "products": "部品・原材料の卸売",
            "annual_sales": 400_000_000,
            "fiscal_month": 3,
            "employees": 18,
            "union": union,
            "membership": Membership.CONFIRMED,
            "membership_at": timezone.now(),
        },
    )


# --- What a company may hand in -----------------------------------------------------------


def _sheet(today: date, login: str, debtors: Sequence[tuple[str, int]], used: int) -> Application:
    """A ヒアリングシート that passes, both steps filled in; `used` per cent of what is asked for is the 債権残高."""
    actor = User.objects.select_related("organisation").get(login=login)
    draft = wizard.start(HEARING, actor, "summary", _summary(today))
    typed = [_debtor(name, millions, used, today) for name, millions in debtors]
    add_lines(draft, [entry_of(DebtorForm(one)) for one in typed], actor)
    draft.refresh_from_db()
    draft = wizard.save_step(HEARING, draft, actor, "debtors", {}, draft.revision)
    if problems := wizard.read(HEARING, draft, actor).problems():
        raise RuntimeError(f"the demo's own sheet is refused: {problems}")
    return draft


def _summary(today: date) -> StoredStep:
    main = {
        "intended_start": starts(today)[0].isoformat(),
        "selection_method": "S0",
        "declares_complete": "on",
        "total_sales": "400,000",
        "credit_sales": "400,000",
        "ar_total": "100,000",
        "owner": "finance",
        "has_rules": "on",
        "has_reports": "on",
        "overdue_now": "no",
    }
    stored = {f"main-{name}": [value] for name, value in main.items()}
    stored |= {"losses-TOTAL_FORMS": ["3"], "losses-INITIAL_FORMS": ["0"]}
    for row in range(3):
        given = {"year": str(today.year - 1 - row), "cases": "0", "amount": "0"}
        stored |= {f"losses-{row}-{name}": [value] for name, value in given.items()}
    return stored


def _debtor(name: str, millions: int, used: int, today: date) -> dict[str, str]:
    place = [*dict(DEBTORS), *dict(DEBTORS_B)].index(name)
    day = today - timedelta(days=20)
    asked = str(millions * 1_000_000)
    return {
        "debtor_name": f"{name}株式会社",
        "kind": "corp",
        "corporate_number": corporate_number_of(f"{980_000_000_000 + place}"),
        "postal_code": "100-0001",
        "pref_code": "13",
        "address": f"架空区見本町{place + 1}-1",
        "rep_name": "見本 太郎",
        "country": "JP",
        "trade_since": "2015年4月",
        "contract_type": "K1",
        "continuous": "yes",
        "annual_sales": str(millions * 4_000_000),
        "trend": "same",
        "balance_now": str(millions * used * 10_000),
        "balance_date-y": str(day.year),
        "balance_date-m": str(day.month),
        "balance_date-d": str(day.day),
        "balance_max12": asked,
        "closing_day": "99",
        "pay_month_offset": "2",
        "pay_day": "99",
        "pay_method": "transfer",
        "collateral_flag": "no",
        "counterdebt_flag": "no",
        "capital_tie": "none",
        "public_body": "no",
        "overdue_flag": "no",
        "known_adverse": "no",
        "requested_limit": asked,
    }


register("credit", load, ACCOUNTS)
