"""Files of notices taken over at the same moment: what one of them frees, no other frees again."""

from functools import partial

import pytest
from django.core.management import call_command
from django.db.models import Sum

from nexi_quota import bulk
from nexi_quota.enums import BatchState
from nexi_quota.models import InsuranceContract, LedgerEntry, Notice, NoticeBatch, Quota
from portal.accounts.models import Organisation
from portal.outbox.models import Message
from tests.concurrency.racing import failures, race
from tests.nexi_quota.bulk_files import Row, as_csv, chooses, part, row, takes_over
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.holdings import insure

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stores_files]
MANY = 4


@pytest.fixture
def contracts(ana: Exporter, exporter_a: Organisation) -> list[InsuranceContract]:
    """Ten contracts over USD 10,000 on one quota."""
    return [insure(exporter_a, amount="10000") for _ in range(10)]


def run_together(ana: Exporter, files: list[list[Row]]) -> None:
    """Choose the files one after the other, press 取り込む on each, then let all jobs begin at once."""
    for rows in files:
        takes_over(ana, chooses(ana, as_csv(rows)), run=False, is_meant="on")
    jobs = Message.objects.filter(topic=bulk.JOB).order_by("created_at")
    runners = [partial(bulk.run, job.payload["application"], job.payload["actor"]) for job in jobs]
    assert len(runners) == len(files)
    assert not failures(race(*runners))


def assert_the_ledger_adds_up() -> None:
    held = Quota.objects.get(buyer__code="310-000001").held_jpy
    assert LedgerEntry.objects.aggregate(total=Sum("amount_jpy"))["total"] == held
    call_command("verify_quota")


def test_of_several_files_about_the_same_contracts_one_is_taken_over(
    ana: Exporter, contracts: list[InsuranceContract]
) -> None:
    run_together(ana, [[row(contract) for contract in contracts]] * MANY)
    states = sorted(NoticeBatch.objects.values_list("state", flat=True))
    assert states == [BatchState.DONE, *[BatchState.FAILED] * (MANY - 1)]
    assert Notice.objects.count() == len(contracts)
    assert_the_ledger_adds_up()


def test_files_whose_parts_fit_together_are_all_taken_over_in_the_end(
    ana: Exporter, contracts: list[InsuranceContract]
) -> None:
    """Each that loses the race reads again and finds that it still fits."""
    run_together(ana, [[part(contract, "1000") for contract in order] for order in (contracts, contracts[::-1])])
    assert set(NoticeBatch.objects.values_list("state", flat=True)) == {BatchState.DONE}
    assert Notice.objects.count() == 2 * len(contracts)
    assert set(InsuranceContract.objects.values_list("balance", flat=True)) == {8000}
    assert_the_ledger_adds_up()
