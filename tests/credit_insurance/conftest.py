"""The scheme with two insured periods, two companies of a 組合, and their people."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from credit_insurance.enums import Membership
from credit_insurance.models import CreditClass, MasterPolicy, Member, Union
from portal.accounts.models import Organisation
from tests.conftest import LogIn, Person

NOW = datetime(2026, 11, 10, 3, 0, tzinfo=UTC)
"""12:00 of a Tuesday in Tokyo: both 締切 for 1 December lie ahead."""

CLASSES = (
    (1, 100_000_000, "0.006", "優良"),
    (2, 60_000_000, "0.008", "良好"),
    (3, 30_000_000, "0.010", "標準"),
    (4, 10_000_000, "0.015", "やや注意"),
    (5, 3_000_000, "0.025", "注意"),
    (6, 0, None, "引受対象外"),
)
"""区分, ceiling, base rate and meaning (credit_insurance.md 6.10)."""


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """12:00 on 2026-11-10, Tokyo."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def _policy(year: int) -> MasterPolicy:
    made = MasterPolicy.objects.create(
        year=year,
        policy_no=f"TC-{year}",
        insurer="架空海上火災保険株式会社",
        branch="見本支社",
        agent="架空代理店",
        campaign_open=date(year - 1, 11, 24),
        campaign_close=date(year, 2, 17),
        bank_name="架空中央金庫",
        bank_branch="本店",
        account_no="0000001",
        account_holder="架空中央会",
    )
    for number, ceiling, rate, meaning in CLASSES:
        CreditClass.objects.create(
            policy=made, number=number, ceiling=ceiling, base_rate=rate and Decimal(rate), meaning=meaning
        )
    return made


@pytest.fixture
def policy(db: None) -> MasterPolicy:
    """The running period (from March 2026) and the next one, whose 募集期間 begins on 2026-11-24."""
    _policy(2027)
    return _policy(2026)


@pytest.fixture
def union(db: None) -> Union:
    """所属組合 of both companies."""
    organisation = Organisation.objects.create(portal="credit", code="U0001", name="架空卸売協同組合")
    return Union.objects.create(organisation=organisation, code="U0001", name="架空卸売協同組合", prefecture="13")


def _member(number: str, name: str, union: Union) -> Member:
    organisation = Organisation.objects.create(portal="credit", code=number, name=name)
    return Member.objects.create(
        organisation=organisation, number=number, name=name, union=union, membership=Membership.CONFIRMED
    )


@pytest.fixture
def member(union: Union) -> Member:
    """Company A."""
    return _member("K0000001", "架空商事A株式会社", union)


@pytest.fixture
def rival(union: Union) -> Member:
    """Company B of the same 組合, a stranger to A."""
    return _member("K0000002", "架空商事B株式会社", union)


@pytest.fixture
def staff(log_in: LogIn, member: Member) -> Person:
    """担当者 of company A."""
    return log_in("a-staff", "credit.staff", organisation=member.organisation, name="担当 一子")


@pytest.fixture
def colleague(log_in: LogIn, member: Member) -> Person:
    """Another 担当者 of company A."""
    return log_in("a-staff-2", "credit.staff", organisation=member.organisation, name="同僚 二郎")


@pytest.fixture
def approver(log_in: LogIn, member: Member) -> Person:
    """責任者 of company A."""
    return log_in("a-approve", "credit.approver", organisation=member.organisation, name="責任 三郎")


@pytest.fixture
def viewer(log_in: LogIn, member: Member) -> Person:
    """閲覧 of company A."""
    return log_in("a-view", "credit.view", organisation=member.organisation, name="閲覧 四子")


@pytest.fixture
def stranger(log_in: LogIn, rival: Member) -> Person:
    """責任者 of company B."""
    return log_in("b-approve", "credit.approver", organisation=rival.organisation, name="他社 五郎")


@pytest.fixture
def union_clerk(log_in: LogIn, union: Union) -> Person:
    """事務局 of the 所属組合."""
    return log_in("union", "credit.union", organisation=union.organisation, name="組合 六子")


@pytest.fixture
def agent(log_in: LogIn, db: None) -> Person:
    """取扱代理店."""
    organisation = Organisation.objects.create(portal="credit", code="AG001", name="架空代理店")
    return log_in("agent", "credit.agent", organisation=organisation, name="代理 七子")
