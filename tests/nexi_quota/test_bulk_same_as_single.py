"""A file does exactly what its rows would do one by one through `services.notify`: random files, compared both ways."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexi_quota import bulk, selectors, services
from nexi_quota.enums import ContractOrigin, Extent, NoticeKind, Product, Route
from nexi_quota.models import Confirmation, InsuranceContract, LedgerEntry, Notice, Quota
from nexi_quota.rules.notices import NoticeFacts, amount_of, faults_of
from nexi_quota.services.bulk import Plan
from portal.accounts.models import Organisation
from portal.applications.models import Application
from tests.nexi_quota.bulk_files import Target, as_csv, row
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.holdings import insure

pytestmark = pytest.mark.django_db

AMOUNTS = ("0.01", "0.99", "1", "333.33", "500", "667", "999.99", "1000", "1500.50", "2000", "2500")
TARGETS = 14
LINE = st.tuples(
    st.integers(0, TARGETS - 1),
    st.sampled_from(["full", "full with amount", "part", "part", "part"]),
    st.sampled_from(AMOUNTS),
)
"""Which target, how much of it."""


@pytest.fixture
def application(ana: Exporter) -> Application:
    return Application.objects.create(
        number="000000000000",
        kind=bulk.KIND.slug,
        organisation=ana.user.organisation,
        created_by=ana.user,
        saved_by=ana.user,
        created_at=timezone.now(),
        saved_at=timezone.now(),
    )


@pytest.fixture
def targets(ana: Exporter, exporter_a: Organisation, exporter_b: Organisation) -> list[Target]:
    """Confirmations with no, one and several contracts, rates with fractions, two quotas, one lost and one run out."""
    rate = Decimal("150.333333")
    alone = insure(exporter_a, amount="1000", rate=rate)
    first = insure(exporter_a, amount="2500.50", rate=rate)
    shared = first.confirmation
    assert shared is not None
    more = [
        insure(exporter_a, amount=amount, confirmation=shared, product=Product.EQUIPMENT, origin=ContractOrigin.PAPER)
        for amount in ("1000.49", "333.33")
    ]
    other = insure(exporter_a, "310-000002", "2000", rate=Decimal("0.765432"), currency="EUR")
    free = insure(exporter_a, amount="500", quota_id=None)
    lost = insure(exporter_a, amount="500")
    services.report_loss(lost, timezone.localdate())
    for amount in ("1,500.50", "1,000", "2,000"):
        ana.applies(contract_amount=amount, contract_number=amount)
    used, run_out, wide = Confirmation.objects.filter(origin="request").order_by("pk")
    # Less insured than confirmed: its last settlement frees more than its own amount.
    small = insure(exporter_a, amount="667", confirmation=wide, product=Product.EQUIPMENT)
    Confirmation.objects.filter(pk=run_out.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
    held = [alone.confirmation, shared, other.confirmation, used, run_out, wide]
    found = [alone, first, *more, other, free, lost, small, *held]
    assert len(found) == TARGETS
    return [target for target in found if target is not None]


def single(ana: Exporter, rows: Sequence[dict[str, Any]], application: Application) -> list[tuple[int, str]]:
    """Judge and notify row by row, as the wizard does; returns line and message of the rows that cannot be."""
    today, wrong = timezone.localdate(), []
    for line, typed in enumerate(rows, start=2):
        kind = NoticeKind.RELEASE if typed["kind"] == "枠戻通知" else NoticeKind.SETTLEMENT
        number = typed.get("confirmation_number") or typed["policy_number"]
        found = selectors.notice_target(ana.user, kind, number, typed.get("branch", ""))
        facts = NoticeFacts(
            today,
            kind,
            Route.DIRECT,
            Product(typed["product"]),
            selectors.target_of(found, today) if found else None,
            typed["payer"],
            Extent.FULL if typed["extent"] == "全額" else Extent.PART,
            today,
            Decimal(typed["amount"]) if typed.get("amount") else None,
        )
        faults = faults_of(facts)
        wrong += [(line, f"{fault.message}。") for fault in faults]
        amount = amount_of(facts)
        if faults or found is None or amount is None:
            continue
        single_line = services.Line(
            kind, Route.DIRECT, found, today, amount, typed.get("manner", ""), typed.get("reason", "")
        )
        services.notify(single_line, application, ana.user, place=line)
    return wrong


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Return all that a notice may change, without keys and times."""
    return {
        "contracts": list(InsuranceContract.objects.order_by("pk").values_list("pk", "balance", "state")),
        "confirmations": list(Confirmation.objects.order_by("pk").values_list("pk", "unused", "unused_jpy", "state")),
        "quotas": list(Quota.objects.order_by("pk").values_list("pk", "held_jpy")),
        "notices": list(
            Notice.objects.order_by("line").values_list(
                *("line", "kind", "route", "confirmation", "contract", "day", "amount", "manner", "reason", "note"),
                *("organisation", "application"),
            )
        ),
        "entries": list(
            LedgerEntry.objects.order_by("pk").values_list(
                *("quota", "confirmation", "contract", "notice__line", "kind", "amount_jpy", "actor")
            )
        ),
    }


def in_bulk(ana: Exporter, rows: Sequence[dict[str, Any]], application: Application) -> list[tuple[int, str]]:
    """Do the same with the file; what is faultless of it is written even when other rows are not."""
    checker = bulk.check(as_csv(rows), "x.csv", ana.user)
    checker.plan.write(application, ana.user)
    return [(problem.line, problem.message) for problem in checker.problems]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(chosen=st.lists(LINE, min_size=1, max_size=14))
def test_a_file_does_what_its_rows_would_do_one_by_one(
    ana: Exporter, targets: list[Target], application: Application, chosen: list[tuple[int, str, str]]
) -> None:
    rows = []
    for at, extent, amount in chosen:
        typed = row(targets[at])
        if extent == "part":
            typed |= {"extent": "一部", "amount": amount}
        elif extent == "full with amount":
            typed |= {"amount": amount}
        rows.append(typed)
    outcomes = []
    for way in (single, in_bulk):
        with transaction.atomic():
            wrong = way(ana, rows, application)
            outcomes.append((wrong, everything()))
            transaction.set_rollback(True)
    (wrong, one_by_one), (wrong_in_bulk, together) = outcomes
    assert wrong_in_bulk == wrong
    assert together == one_by_one
    assert sum(amount for *_, amount, _ in together["entries"]) == sum(held for _, held in together["quotas"])


def test_nothing_is_written_when_a_row_has_moved(
    ana: Exporter, targets: list[Target], application: Application
) -> None:
    """The guard: every UPDATE must find its row as it was judged, else the whole file is called off."""
    moved = (
        lambda: InsuranceContract.objects.filter(pk=targets[0].pk).update(balance=Decimal("999.99")),
        lambda: Confirmation.objects.filter(pk=targets[8].pk).update(unused_jpy=1),
        lambda: InsuranceContract.objects.filter(pk=targets[0].pk).update(state="loss", loss_reported_on="2026-01-01"),
        lambda: insure(targets[0].organisation, amount="10", confirmation=targets[8]),
    )
    for move in moved:
        with transaction.atomic():
            checker = bulk.check(as_csv([row(targets[4]), row(targets[0])]), "x.csv", ana.user)
            assert checker.ok
            move()
            before = everything()
            with pytest.raises(services.Overtaken), transaction.atomic():
                checker.plan.write(application, ana.user)
            assert everything() == before
            transaction.set_rollback(True)


def test_an_empty_plan_writes_nothing(ana: Exporter, application: Application) -> None:
    checker = bulk.check(b"", "x.csv", ana.user)
    assert isinstance(checker.plan, Plan)
    checker.plan.write(application, ana.user)
    assert not Notice.objects.exists()
