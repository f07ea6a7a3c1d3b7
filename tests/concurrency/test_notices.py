"""Many notices about one quota at the same moment: the mistake first, then the guard that lets one of them through."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import LedgerKind, NoticeKind, Route
from nexi_quota.messages import text
from nexi_quota.models import Confirmation, InsuranceContract, LedgerEntry, Notice, Quota
from portal.accounts.models import Organisation
from portal.applications.models import Application, State
from tests.concurrency.racing import Meeting, failures, race
from tests.nexi_quota.driver import Exporter, Page
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.notices import enters, presses, release, settlement

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 32
Line = services.Line


@pytest.fixture
def contract(masters: None, exporter_a: Organisation) -> InsuranceContract:
    """A contract over USD 400,000 beside another one, so that giving back twice stays above zero."""
    insure(exporter_a, amount="200000")
    return insure(exporter_a, amount="400000")


def held() -> int:
    return Quota.objects.get(buyer__code="310-000001").held_jpy


def drafts(ana: Exporter, count: int) -> list[Application]:
    """Return as many drafts, each of which could become a notice."""
    return [
        Application.objects.get(number=enters(ana, {"main-kind": "release"}, action="save").number)
        for _ in range(count)
    ]


def line_of(target: Confirmation | InsuranceContract, amount: str) -> Line:
    kind = NoticeKind.RELEASE if isinstance(target, Confirmation) else NoticeKind.SETTLEMENT
    return Line(kind, Route.DIRECT, target, timezone.localdate(), Decimal(amount))


def notify_all(ana: Exporter, read: Callable[[], Confirmation | InsuranceContract], amount: str) -> list[object]:
    """Let 32 callers notify of the same target, each having read it before any of them wrote."""
    found = [read() for _ in range(MANY)]

    def notifier(application: Application, target: Confirmation | InsuranceContract) -> Callable[[], bool]:
        def notify() -> bool:
            try:
                with transaction.atomic():
                    services.notify(line_of(target, amount), application, ana.user)
            except services.Overtaken:
                return False
            return True

        return notify

    return race(*(notifier(a, t) for a, t in zip(drafts(ana, MANY), found, strict=True)))


@pytest.mark.parametrize("amount", ["400000", "300000"], ids=["whole", "part"])
def test_of_32_releases_at_once_one_gives_the_quota_back(
    ana: Exporter, contract: InsuranceContract, amount: str
) -> None:
    results = notify_all(ana, lambda: Confirmation.objects.get(pk=contract.confirmation_id), amount)
    assert not failures(results), failures(results)
    assert sum(map(bool, results)) == Notice.objects.count() == 1
    assert held() == 90_000_000 - int(amount) * 150
    assert sum(LedgerEntry.objects.values_list("amount_jpy", flat=True)) == held()


@pytest.mark.parametrize("amount", ["400000", "300000"], ids=["whole", "part"])
def test_of_32_settlements_at_once_one_gives_the_quota_back(
    ana: Exporter, contract: InsuranceContract, amount: str
) -> None:
    results = notify_all(
        ana, lambda: InsuranceContract.objects.select_related("confirmation").get(pk=contract.pk), amount
    )
    assert not failures(results), failures(results)
    assert sum(map(bool, results)) == Notice.objects.count() == 1
    contract.refresh_from_db()
    assert (contract.balance, held()) == (400_000 - int(amount), 90_000_000 - int(amount) * 150)


def test_without_the_guard_the_quota_comes_back_twice(ana: Exporter, contract: InsuranceContract) -> None:
    """What `services.release` would be if it trusted what it had read."""
    meeting = Meeting(2)

    def look_then_write() -> None:
        found = Confirmation.objects.get(pk=contract.confirmation_id)
        amount, yen = Decimal(100_000), 15_000_000
        assert found.unused >= amount
        meeting.wait()
        Confirmation.objects.filter(pk=found.pk).update(unused=found.unused - amount, unused_jpy=found.unused_jpy - yen)
        Quota.objects.filter(pk=found.quota_id).update(held_jpy=F("held_jpy") - yen)

    assert not failures(race(look_then_write, look_then_write))
    left = sum(Confirmation.objects.values_list("unused_jpy", flat=True))
    assert held() == 90_000_000 - 2 * 15_000_000
    assert left == 90_000_000 - 15_000_000, "one of the two returns was overwritten, so the quota is not covered"


# --- Through the pages --------------------------------------------------------------


def press_together(ana: Exporter, confirms: list[Page]) -> list[Page]:
    answers = race(*(lambda c=confirm: presses(ana, c) for confirm in confirms))
    assert not failures(answers), answers
    return [answer for answer in answers if isinstance(answer, Page)]


def test_of_8_presses_on_drafts_about_one_confirmation_one_wins_and_the_others_see_why(
    ana: Exporter, contract: InsuranceContract
) -> None:
    quota = Confirmation.objects.get(pk=contract.confirmation_id)
    confirms = [enters(ana, release(quota)) for _ in range(8)]
    answers = press_together(ana, confirms)
    assert sorted(answer.status for answer in answers) == [200, *[409] * 7]
    for lost in answers:
        if lost.status == 409:
            assert text("M-N13") in lost.text or text("M-N06") in lost.text
    assert Notice.objects.count() == 1
    assert Application.objects.filter(state=State.SUBMITTED).count() == 1
    assert held() == 30_000_000


def test_a_settlement_and_a_release_at_once_never_free_more_than_was_held(
    ana: Exporter, contract: InsuranceContract
) -> None:
    quota = Confirmation.objects.get(pk=contract.confirmation_id)
    confirms = [enters(ana, settlement(contract)), enters(ana, release(quota))]
    answers = press_together(ana, confirms)
    assert sorted(answer.status for answer in answers) == [200, 409]
    released = LedgerEntry.objects.filter(kind=LedgerKind.RELEASE).values_list("amount_jpy", flat=True)
    assert (list(released), held()) == ([-60_000_000], 30_000_000)


@pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="SQLite lets one writer in at a time, so the mistake cannot show inside a transaction",
)
def test_without_the_guard_both_presses_are_submitted(
    ana: Exporter, contract: InsuranceContract, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota = Confirmation.objects.get(pk=contract.confirmation_id)
    confirms = [enters(ana, release(quota, extent="part", returned_amount="100,000")) for _ in range(2)]
    meeting = Meeting(2)

    def trusting(line: Line, application: Application, actor: object) -> None:
        meeting.wait()
        Quota.objects.filter(pk=quota.quota_id).update(held_jpy=F("held_jpy") - 15_000_000)

    monkeypatch.setattr(services, "notify", trusting)
    answers = press_together(ana, confirms)
    assert [answer.status for answer in answers] == [200, 200]
    assert held() == 90_000_000 - 2 * 15_000_000
    assert sum(LedgerEntry.objects.values_list("amount_jpy", flat=True)) == 90_000_000
