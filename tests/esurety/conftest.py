"""A surety company, two contractors, the bodies of both seeds, their people, and guarantees as far as a test wants."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine

from esurety.models import AcceptanceRule, BankBranch, Body, Contractor, Office, SubmissionRule, Surety
from portal.accounts.models import Organisation
from tests.conftest import LogIn, Person
from tests.esurety.driver import Shop

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
"""10:00 of a Friday in Tokyo."""


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """10:00 on 2026-11-20, Tokyo."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(db: None) -> Office:
    """The surety company with one office."""
    Surety.objects.create(
        name="架空建設業保証株式会社",
        address="東京都架空区見本町1番1号",
        president_title="取締役社長",
        president="保証 一郎",
    )
    return Office.objects.create(
        code="01", name="見本支店", phone="029-000-0001", fax="029-000-0002", email="office@surety.example"
    )


def _contractor(code: str, name: str, office: Office) -> Contractor:
    organisation = Organisation.objects.create(portal="surety", code=code, name=name)
    return Contractor.objects.create(
        organisation=organisation,
        kana="カブシキガイシャ",
        address="茨城県架空市例示1-2",
        phone="029-000-0003",
        representative="代表取締役 建設 太郎",
        licence="08123456",
        licence_until=date(2029, 3, 31),
        statements_on=date(2026, 3, 31),
        office=office,
        online="active",
        pays_monthly=True,
    )


@pytest.fixture
def contractor(office: Office) -> Contractor:
    """Contractor A, who uses 電子保証 and pays monthly."""
    return _contractor("1000000001", "架空建設株式会社", office)


@pytest.fixture
def contractor_b(office: Office) -> Contractor:
    return _contractor("1000000002", "例示工業株式会社", office)


@pytest.fixture
def bank_branch(db: None) -> BankBranch:
    return BankBranch.objects.create(bank_code="9997", branch_code="101", bank_name="架空銀行", branch_name="見本支店")


def _body(code: str, name: str, addressee: str, starts_on: date, kinds: list[str]) -> Body:
    organisation = Organisation.objects.create(portal="verify", code=code, name=name)
    body = Body.objects.create(code=code, name=name, addressee=addressee, organisation=organisation, is_confirmed=True)
    AcceptanceRule.objects.create(
        body=body, products=["ADV", "MID", "CTR"], work_kinds=kinds, starts_on=starts_on, basis="contract"
    )
    SubmissionRule.objects.create(
        body=body,
        products=["ADV", "MID", "CTR"],
        channels=["mail"],
        department="契約課",
        address="keiyaku@body.example",
    )
    return body


@pytest.fixture
def body_a(db: None) -> Body:
    """小美玉市-like: 電子保証 from 2024-08-01 by contract date for works and services."""
    return _body("082368", "架空市", "架空市長", date(2024, 8, 1), ["works", "design"])


@pytest.fixture
def body_b(db: None) -> Body:
    """広島県-like: from 2024-06-01 for works, consulting and 地域維持."""
    return _body("340006", "例示県", "例示県知事", date(2024, 6, 1), ["works", "design", "regional"])


@pytest.fixture
def shop(contractor: Contractor, body_a: Body, bank_branch: BankBranch) -> Shop:
    """Makes requests and guarantees of contractor A for body A, without a browser."""
    return Shop(contractor, body_a)


@pytest.fixture
def user(log_in: LogIn, contractor: Contractor) -> Person:
    """The 申込者 of contractor A."""
    return log_in("a-user", "surety.user", organisation=contractor.organisation, name="申込 春子")


@pytest.fixture
def admin(log_in: LogIn, contractor: Contractor) -> Person:
    """The 管理者 of contractor A."""
    return log_in("a-admin", "surety.admin", organisation=contractor.organisation, name="管理 夏男")


@pytest.fixture
def rival(log_in: LogIn, contractor_b: Contractor) -> Person:
    """The 申込者 of contractor B."""
    return log_in("b-user", "surety.user", organisation=contractor_b.organisation)


@pytest.fixture
def city(log_in: LogIn, body_a: Body) -> Person:
    """契約担当 of body A."""
    return log_in("body-a", "verify.user", organisation=body_a.organisation, name="契約 秋子")


@pytest.fixture
def prefecture(log_in: LogIn, body_b: Body) -> Person:
    """契約担当 of body B."""
    return log_in("body-b", "verify.user", organisation=body_b.organisation)


@pytest.fixture
def clerk(log_in: LogIn, office: Office) -> Person:
    return log_in("clerk", "surety.clerk", is_staff=True)


@pytest.fixture
def reviewer(log_in: LogIn, office: Office) -> Person:
    return log_in("reviewer", "surety.reviewer", is_staff=True)


@pytest.fixture
def approver(log_in: LogIn, office: Office) -> Person:
    return log_in("approver", "surety.approver", is_staff=True)


@pytest.fixture
def fee_clerk(log_in: LogIn, office: Office) -> Person:
    return log_in("fee", "surety.fee", is_staff=True)
