"""個別保証枠 under a rush: the mistake first, then the conditional UPDATE, the table's own net, and scenario 4."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from nexi_quota import services
from nexi_quota.messages import text
from nexi_quota.models import Confirmation, LedgerEntry, Quota
from nexi_quota.services import quota as quota_services
from portal.applications.models import Application, State
from tests.concurrency.racing import Meeting, failures, race
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.test_scenarios import BILL

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="SQLite lets one writer in at a time, so the mistake cannot show inside a transaction",
)


@pytest.fixture
def quota(masters: None) -> Quota:
    return Quota.objects.get(buyer__code="310-000001")


def read_then_write(quota_id: int, amount_jpy: int, meeting: Meeting) -> None:
    """What `services.hold` would be without its guard."""
    found = Quota.objects.get(pk=quota_id)
    if found.held_jpy + amount_jpy > found.limit_jpy:
        raise services.QuotaTaken
    meeting.wait()
    Quota.objects.filter(pk=quota_id).update(held_jpy=F("held_jpy") + amount_jpy)


def test_without_the_guard_the_limit_is_overrun(quota: Quota) -> None:
    meeting = Meeting(2)
    race(*[lambda: read_then_write(quota.pk, 60_000_000, meeting)] * 2)
    quota.refresh_from_db()
    assert quota.held_jpy > quota.limit_jpy


def test_with_the_guard_exactly_what_fits_is_granted(quota: Quota) -> None:
    results = race(*[lambda: [grant(quota.pk) for _ in range(40)]] * 8)
    assert not failures(results)
    granted = sum(sum(result) for result in results)
    quota.refresh_from_db()
    assert granted == 100
    assert quota.held_jpy == quota.limit_jpy


def grant(quota_id: int) -> bool:
    try:
        with transaction.atomic():
            services.hold(quota_id, 1_000_000)
    except services.QuotaTaken:
        return False
    return True


def test_the_table_refuses_to_give_back_more_than_is_held(quota: Quota) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        services.give_back(quota.pk, 1)


def press_together(ana: Exporter, cho: Exporter) -> list[int]:
    """Bring two exporters to ステップ２ for amounts that fit once, and let them press 申込む at the same moment.

    They ask for two products, so that only the quota is common to them, not the series of the 確認管理番号.
    """
    bill = {**BILL, "purchase_date": timezone.localdate() + timedelta(days=20)}
    confirms = [
        (ana, ana.fills_in(contract_amount="400,000")),
        (cho, cho.fills_in(contract_amount="400,000", **bill)),
    ]
    assert all(text("M-OK") in confirm.verdict for _, confirm in confirms)
    answers = race(*(lambda e=exporter, c=confirm: e.presses_apply(c) for exporter, confirm in confirms))
    assert not failures(answers), answers
    return sorted(answer.status for answer in answers)


def test_scenario_4_of_two_exporters_at_once_exactly_one_wins(ana: Exporter, cho: Exporter) -> None:
    assert press_together(ana, cho) == [200, 409]
    assert Confirmation.objects.count() == 1
    assert sorted(Application.objects.values_list("state", flat=True)) == [State.DRAFT, State.SUBMITTED]
    quota = Quota.objects.get(buyer__code="310-000001")
    assert quota.held_jpy == 60_000_000 == sum(LedgerEntry.objects.values_list("amount_jpy", flat=True))


def test_the_loser_sees_that_the_quota_has_changed(ana: Exporter, cho: Exporter) -> None:
    first, second = ana.fills_in(contract_amount="400,000"), cho.fills_in(contract_amount="400,000")
    ana.presses_apply(first)
    lost = cho.presses_apply(second)
    assert lost.status == 409
    assert text("M-Q04") in lost.text
    assert text("M-Q02") in lost.verdict


@on_postgresql
def test_scenario_4_without_the_guard_both_win(ana: Exporter, cho: Exporter, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = Meeting(2)
    guardless = partial(read_then_write, meeting=meeting)
    monkeypatch.setattr(quota_services, "hold", guardless)
    assert press_together(ana, cho) == [200, 200]
    quota = Quota.objects.get(buyer__code="310-000001")
    assert quota.held_jpy > quota.limit_jpy


def test_a_night_that_runs_twice_at_once_gives_the_quota_back_once(ana: Exporter, in_days: object) -> None:
    ana.applies()
    day = in_days(200)  # type: ignore[operator]
    results = race(*[lambda: services.expire(day)] * 4)
    assert sum(results) == 1  # type: ignore[arg-type]
    assert Quota.objects.get(buyer__code="310-000001").held_jpy == 0
    assert sum(LedgerEntry.objects.values_list("amount_jpy", flat=True)) == 0
