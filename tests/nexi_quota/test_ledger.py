"""The ledger of a quota: what goes out comes back exactly once, and the checker finds every figure that was touched."""

import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import ConfirmationState, LedgerKind
from nexi_quota.models import Buyer, Confirmation, InsuranceContract, LedgerEntry, Quota, QuotaLimit
from portal.audit.models import Event
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.notices import notifies, settlement

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(ana: Exporter) -> Confirmation:
    """60,000,000 yen of 100,000,000 held by Alice."""
    ana.applies()
    return Confirmation.objects.get()


def quota() -> Quota:
    return Quota.objects.get(buyer__code="310-000001")


def verify() -> dict[str, Any]:
    out = StringIO()
    try:
        call_command("verify_quota", stdout=out)
        status = 0
    except SystemExit as end:
        status = int(str(end.code))
    report: dict[str, Any] = json.loads(out.getvalue())
    assert status == (0 if report["ok"] else 1)
    return report


def found(name: str) -> list[dict[str, Any]]:
    """Return what the checker says under `name`; nothing else may be wrong."""
    report = verify()
    assert {key for key, part in report["differences"].items() if part["count"]} == {name}
    rows: list[dict[str, Any]] = report["differences"][name]["first"]
    return rows


def expire(day: date) -> int:
    return services.expire(day)


def test_an_expired_confirmation_gives_its_quota_back_exactly_once(taken: Confirmation) -> None:
    day = taken.expires_on + timedelta(days=1)
    assert (expire(taken.expires_on), quota().held_jpy) == (0, 60_000_000)
    assert (expire(day), quota().held_jpy) == (1, 0)
    assert (expire(day), quota().held_jpy) == (0, 0)
    assert expire(day + timedelta(days=400)) == 0
    taken.refresh_from_db()
    assert (taken.state, taken.unused, taken.unused_jpy) == (ConfirmationState.EXPIRED, 0, 0)
    rows = LedgerEntry.objects.order_by("pk").values_list("kind", "amount_jpy")
    assert list(rows) == [(LedgerKind.HOLD, 60_000_000), (LedgerKind.EXPIRE, -60_000_000)]
    assert Event.objects.filter(verb="nexi.expired", target=taken.number).count() == 1


def test_the_nightly_run_expires_and_may_be_repeated(taken: Confirmation) -> None:
    day = taken.expires_on + timedelta(days=1)
    for expected in (1, 0):
        out = StringIO()
        call_command("nightly", "--date", f"{day}", stdout=out)
        job = json.loads(out.getvalue())["jobs"]["nexi.expire"]
        assert job == {"ok": True, "result": {"expired": expected}}
    assert quota().held_jpy == 0
    assert verify()["ok"]


def test_one_more_fits_after_the_first_has_expired(taken: Confirmation, cho: Exporter) -> None:
    assert "残高を超えています" in cho.fills_in(contract_amount="300,000").verdict
    expire(taken.expires_on + timedelta(days=1))
    assert cho.applies(contract_amount="300,000").status == 200
    assert quota().held_jpy == 45_000_000


def test_the_ledger_adds_up_to_what_is_held(taken: Confirmation, cho: Exporter) -> None:
    cho.applies(contract_amount="200,000")
    total = LedgerEntry.objects.filter(quota=quota()).aggregate(total=Sum("amount_jpy"))["total"]
    assert total == quota().held_jpy == 90_000_000
    assert verify() == {
        "ok": True,
        "checked": {"quotas": Quota.objects.count(), "confirmations": 2, "contracts": 0},
        "differences": {
            name: {"count": 0, "first": []}
            for name in ("held", "unused", "ended_holds", "balance", "entry_of_another_quota", "limit_without_history")
        },
    }


def test_branches_take_from_the_quota_of_their_head_office(ana: Exporter) -> None:
    head = Buyer.objects.get(code="310-000001")
    branch = Buyer.objects.create(
        code="310-000011", name="BRANCH", country_id="310", branch_kind="branch", head_office=head
    )
    services.set_rating(branch, head.ratings.get().rating, None, date(2010, 1, 1))
    ana.applies(payer_code="310-000011", counterparty_code="310-000011")
    assert quota().held_jpy == 60_000_000
    assert Confirmation.objects.get().payer == branch
    assert verify()["ok"]
    with pytest.raises(ValueError, match="head office"):
        services.set_limit(branch, 1, None, timezone.localdate())


def test_a_changed_counter_is_found(taken: Confirmation) -> None:
    Quota.objects.filter(pk=taken.quota_id).update(held_jpy=1)
    assert found("held") == [{"buyer__code": "310-000001", "held_jpy": 1, "ledger": 60_000_000}]


def test_a_counter_without_any_entry_is_found(taken: Confirmation) -> None:
    Quota.objects.filter(buyer__code="304-000001").update(held_jpy=7)
    assert found("held") == [{"buyer__code": "304-000001", "held_jpy": 7, "ledger": 0}]


def test_a_changed_confirmation_is_found(taken: Confirmation) -> None:
    Confirmation.objects.update(unused_jpy=F("unused_jpy") - 1)
    assert found("unused") == [{"number": taken.number, "unused_jpy": 59_999_999, "ledger": 60_000_000}]


def test_a_changed_or_lost_entry_is_found(taken: Confirmation) -> None:
    LedgerEntry.objects.update(amount_jpy=59_000_000)
    assert {name for name, part in verify()["differences"].items() if part["count"]} == {"held", "unused"}
    LedgerEntry.objects.all().delete()
    assert verify()["differences"]["held"]["first"][0]["ledger"] == 0


def test_an_ended_confirmation_that_holds_something_is_found(taken: Confirmation) -> None:
    expire(taken.expires_on + timedelta(days=1))
    Confirmation.objects.update(unused=1)
    (row,) = found("ended_holds")
    assert row == {"number": taken.number, "state": "expired", "unused": "1.00", "unused_jpy": 0}


def test_a_balance_that_is_not_what_was_settled_is_found(ana: Exporter) -> None:
    contract = insure(ana.user.organisation, amount="100")
    notifies(ana, settlement(contract, extent="part", settled_amount="30"))
    assert verify()["ok"]
    InsuranceContract.objects.update(balance=71)
    (row,) = found("balance")
    assert (row["policy_number"], Decimal(row["balance"]), Decimal(row["settled"])) == (contract.policy_number, 71, 30)


def test_an_entry_booked_on_another_quota_is_found(taken: Confirmation) -> None:
    other = Quota.objects.get(buyer__code="304-000001")
    Quota.objects.filter(pk=taken.quota_id).update(held_jpy=0)
    Quota.objects.filter(pk=other.pk).update(held_jpy=60_000_000)
    LedgerEntry.objects.update(quota=other)
    assert found("entry_of_another_quota")[0]["confirmation__number"] == taken.number


def test_a_limit_set_past_the_service_is_found(taken: Confirmation) -> None:
    Quota.objects.filter(pk=taken.quota_id).update(limit_jpy=999)
    assert found("limit_without_history") == [{"buyer__code": "310-000001", "limit_jpy": 999, "history": 100_000_000}]
    QuotaLimit.objects.filter(quota=taken.quota_id).delete()
    assert found("limit_without_history")[0]["history"] is None


def test_the_checker_asks_the_same_number_of_questions_however_many_quotas_there_are(
    taken: Confirmation, django_assert_num_queries: Any
) -> None:
    buyers = [Buyer(code=f"304-{n:06d}", name="X", country_id="304") for n in range(500, 560)]
    Buyer.objects.bulk_create(buyers)
    Quota.objects.bulk_create(
        Quota(buyer=buyer, limit_jpy=1, held_jpy=1)
        for buyer in Buyer.objects.filter(code__gte="304-000500", code__lt="304-9")
    )
    with django_assert_num_queries(9):
        report = verify()
    assert report["differences"]["held"]["count"] == 60


@pytest.mark.parametrize(
    "change",
    [{"unused_jpy": -1}, {"unused_jpy": 60_000_001}, {"unused": -1}, {"state": "expired"}, {"amount_jpy": 0}],
)
def test_the_database_refuses_impossible_confirmations(taken: Confirmation, change: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Confirmation.objects.update(**change)


def test_the_database_refuses_a_negative_counter(taken: Confirmation) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        services.give_back(taken.quota_id, 60_000_001)
    assert quota().held_jpy == 60_000_000
