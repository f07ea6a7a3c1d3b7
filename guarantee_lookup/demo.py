"""Demo data of the bank portal: two banks with their people, the association's staff, hours around the clock.

Every person, bank, address and number is invented; 9997 and 9998 are no 金融機関コード of a bank.
"""

from datetime import time
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from guarantee_lookup.bulk import demo_files
from guarantee_lookup.demo_snapshot import load_snapshot
from guarantee_lookup.models import Branch, Clerk, Institution, ServiceRules
from guarantee_lookup.services.people import accept_terms
from guarantee_lookup.services.reference import SINCE, load_masters
from portal.accounts.models import Organisation
from portal.demo.accounts import Account, create
from portal.demo.registry import register

MIDNIGHT = time(0)

BANKS = {
    "9997": ("架空銀行A", (("101", "見本支店"), ("102", "例示支店"))),
    "9998": ("架空信用金庫B", (("012", "仮設支店"),)),
}
"""金融機関コード → name, branches."""

BRANCHES = {"bank-a-user": "101", "bank-b-user": "012"}
"""Who works at a branch; the others at the head office."""


def _member(login: str, name: str, kana: str, role: str, code: str, at: int) -> Account:
    details = {"kana": kana, "department": "融資部", "phone": f"048-000-{at:04d}", "email": f"{login}@example.com"}
    return Account(login, name, role, code, details)


def _staff(login: str, name: str, kana: str) -> Account:
    details = {"kana": kana, "department": "企画課", "email": f"{login}@example.jp"}
    return Account(login, name, "lookup.staff", details=details)


MEMBERS = (
    _member("bank-a-user", "照会 春子", "ショウカイ ハルコ", "lookup.user", "9997", 1),
    _member("bank-a-master", "管理 夏男", "カンリ ナツオ", "lookup.master", "9997", 2),
    _member("bank-b-user", "別行 秋江", "ベッコウ アキエ", "lookup.user", "9998", 3),
)
STAFF = (
    _staff("staff-lookup", "協会 冬樹", "キョウカイ フユキ"),
    _staff("staff-lookup-2", "審査 望", "シンサ ノゾミ"),
)


def load() -> None:
    """Load everything that is not there yet."""
    with transaction.atomic():
        load_masters()
        ServiceRules.objects.get_or_create(
            valid_from=SINCE, defaults={"opens_at": MIDNIGHT, "closes_at": MIDNIGHT, "every_day": True}
        )
        for code, (name, branches) in BANKS.items():
            _bank(code, name, branches)
        for account in (*MEMBERS, *STAFF):
            _person(account)
    load_snapshot()
    folder = Path(settings.DATA_DIR) / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in demo_files().items():
        (folder / name).write_bytes(content)


def _bank(code: str, name: str, branches: tuple[tuple[str, str], ...]) -> None:
    organisation, _ = Organisation.objects.get_or_create(
        portal="lookup", code=code, defaults={"name": name, "strict_sessions": True}
    )
    institution, _ = Institution.objects.get_or_create(
        organisation=organisation, defaults={"contract_on": timezone.localdate()}
    )
    for branch, shop in branches:
        Branch.objects.get_or_create(institution=institution, code=branch, defaults={"name": shop})


def _person(account: Account) -> None:
    """Create the account; a member is confirmed today and has accepted the terms."""
    user = create(account)
    if user.organisation_id is None:
        return
    shop = Branch.objects.filter(
        institution__organisation=user.organisation_id, code=BRANCHES.get(account.login, "")
    ).first()
    Clerk.objects.get_or_create(user=user, defaults={"branch": shop})
    accept_terms(user)


register("lookup", load, (*MEMBERS, *STAFF))
