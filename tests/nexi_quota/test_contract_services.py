"""What happens to the quota when a contract is insured, released by the night, or lost (nexi.md 6.2)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import ConfirmationState, ContractState, LedgerKind
from nexi_quota.models import Confirmation, InsuranceContract, LedgerEntry, Quota
from portal.accounts.models import Organisation
from tests.nexi_quota.holdings import insure

pytestmark = pytest.mark.django_db


@pytest.fixture
def due_long_ago(masters: None, exporter_a: Organisation) -> InsuranceContract:
    return insure(exporter_a, shipped_on=timezone.localdate() - timedelta(days=90), due_on=days_ago(61))


def days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def held() -> int:
    return Quota.objects.get(buyer__code="310-000001").held_jpy


def test_an_insurance_takes_the_quota_by_itself(masters: None, exporter_a: Organisation) -> None:
    contract = insure(exporter_a, amount="400000")
    assert held() == 60_000_000
    assert contract.confirmation is not None
    assert contract.confirmation.entries.order_by("pk").values_list("kind", "amount_jpy")[:].count() == 2
    assert Confirmation.objects.get().state == ConfirmationState.INSURED


def test_an_insurance_that_finds_no_room_leaves_nothing(masters: None, exporter_a: Organisation) -> None:
    with pytest.raises(services.QuotaTaken):
        insure(exporter_a, amount="800000")
    assert (held(), InsuranceContract.objects.count(), LedgerEntry.objects.count()) == (0, 0, 0)


def test_61_days_after_the_due_date_the_quota_comes_back_by_itself(due_long_ago: InsuranceContract) -> None:
    assert services.auto_release(timezone.localdate()) == 1
    assert services.auto_release(timezone.localdate()) == 0
    due_long_ago.refresh_from_db()
    assert (held(), due_long_ago.state, due_long_ago.balance) == (0, ContractState.AUTO_RELEASED, Decimal(400_000))
    assert Confirmation.objects.get().state == ConfirmationState.AUTO_RELEASED
    assert LedgerEntry.objects.latest("pk").kind == LedgerKind.AUTO_RELEASE


def test_60_days_after_the_due_date_it_is_still_held(masters: None, exporter_a: Organisation) -> None:
    insure(exporter_a, shipped_on=days_ago(90), due_on=days_ago(60))
    assert services.auto_release(timezone.localdate()) == 0
    assert held() == 60_000_000


def test_a_loss_notice_freezes_the_quota(due_long_ago: InsuranceContract) -> None:
    assert services.report_loss(due_long_ago, days_ago(30))
    assert not services.report_loss(due_long_ago, days_ago(30))
    assert services.auto_release(timezone.localdate()) == 0
    assert (held(), Confirmation.objects.get().state) == (60_000_000, ConfirmationState.LOSS)


def test_of_two_branches_the_last_one_returns_the_rest_to_the_yen(masters: None, exporter_a: Organisation) -> None:
    first = insure(exporter_a, amount="100.01", due_on=days_ago(61), rate=Decimal("149.123456"))
    second = insure(
        exporter_a,
        amount="50.01",
        policy_number=first.policy_number,
        branch="01",
        confirmation=first.confirmation,
        due_on=days_ago(70),
    )
    assert services.auto_release(timezone.localdate()) == 2
    second.refresh_from_db()
    assert (held(), second.state) == (0, ContractState.AUTO_RELEASED)
