"""Two checkers at once: one decides. A rating and an exporter at once: what was shown is what happens, or nothing."""

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import Rating
from nexi_quota.models import Buyer, Confirmation, LedgerEntry, LimitProposal, Quota, QuotaLimit
from nexi_quota.selectors import rating_effects
from portal.accounts.models import User
from tests.concurrency.racing import Meeting, failures, race
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.staff import buyer, limit_of, today

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="SQLite lets one writer in at a time, so the mistake cannot show inside a transaction",
)


@pytest.fixture
def people(masters: None) -> list[User]:
    """Who proposes, and four who may decide."""
    return [User.objects.create_user(f"staff-{at}", "test-password", name=f"担当{at}") for at in range(5)]


def approve(proposal: LimitProposal, checker: User) -> str:
    try:
        services.approve_limit(
            LimitProposal.objects.select_related("buyer", "proposed_by").get(pk=proposal.pk), checker
        )
    except services.AlreadyDecided:
        return "late"
    return "won"


def limits_set(code: str = "310-000001") -> int:
    return QuotaLimit.objects.filter(quota__buyer__code=code, limit_jpy=80_000_000).count()


def test_without_the_guard_a_decision_is_carried_out_twice(people: list[User]) -> None:
    proposal = services.propose_limit(buyer(), 80_000_000, today(), "見直し", people[0])
    meeting = Meeting(2)

    def look_then_write(checker: User) -> None:
        found = LimitProposal.objects.get(pk=proposal.pk)
        assert found.is_open
        meeting.wait()
        LimitProposal.objects.filter(pk=found.pk).update(state="applied", decided_by=checker, decided_at=timezone.now())
        services.set_limit(buyer(), found.limit_jpy, checker, today())

    assert not failures(race(*[lambda checker=checker: look_then_write(checker) for checker in people[1:3]]))
    assert limits_set() == 2


def test_of_four_checkers_at_once_one_decides(people: list[User]) -> None:
    proposal = services.propose_limit(buyer(), 80_000_000, today(), "見直し", people[0])
    results = race(*[lambda checker=checker: approve(proposal, checker) for checker in people[1:]])
    assert sorted(map(str, results)) == ["late", "late", "late", "won"]
    proposal.refresh_from_db()
    winner = people[1:][results.index("won")]
    assert (proposal.state, proposal.decided_by) == ("applied", winner)
    assert (limits_set(), limit_of()) == (1, 80_000_000)


def test_of_an_approval_and_a_refusal_at_once_one_counts(people: list[User]) -> None:
    proposal = services.propose_limit(buyer(), 80_000_000, today(), "見直し", people[0])

    def refuse() -> str:
        try:
            services.decide(LimitProposal.objects.get(pk=proposal.pk), "refuse", people[2], "不要")
        except services.AlreadyDecided:
            return "late"
        return "won"

    results = race(lambda: approve(proposal, people[1]), refuse)
    assert sorted(map(str, results)) == ["late", "won"]
    assert limit_of() == (80_000_000 if results[0] == "won" else 100_000_000)


def test_of_four_proposals_at_once_one_waits(people: list[User]) -> None:
    def propose(maker: User) -> str:
        try:
            services.propose_limit(Buyer.objects.get(code="310-000001"), 80_000_000, today(), "見直し", maker)
        except services.AlreadyProposed:
            return "late"
        return "won"

    results = race(*[lambda maker=maker: propose(maker) for maker in people[:4]])
    assert sorted(map(str, results)) == ["late", "late", "late", "won"]
    assert LimitProposal.objects.count() == 1


def test_a_night_that_runs_twice_at_once_applies_a_limit_once(people: list[User]) -> None:
    proposal = services.propose_limit(buyer(), 80_000_000, today(), "見直し", people[0])
    LimitProposal.objects.filter(pk=proposal.pk).update(
        state="approved", decided_by=people[1], decided_at=timezone.now()
    )
    results = race(*[lambda: services.apply_due_limits(today())] * 4)
    assert not failures(results), results
    assert sum(map(int, map(str, results))) == 1
    assert limits_set() == 1


@on_postgresql
def test_a_rating_does_not_end_what_it_did_not_show(
    ana: Exporter, people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exporter gets a confirmation after the last look and before the rating: nothing of the rating is written."""
    shown = rating_effects(buyer(), Rating.ER, today(), today()).digest
    set_rating = services.masters.set_rating  # type: ignore[attr-defined]

    def late(*given: Any) -> None:
        assert not failures(race(ana.applies))
        set_rating(*given)

    monkeypatch.setattr("nexi_quota.services.masters.set_rating", late)
    with pytest.raises(services.EffectsChanged):
        services.set_rating_as_shown(shown, buyer(), Rating.ER, people[0], today())
    assert Confirmation.objects.get().state == "valid"
    assert Quota.objects.get(buyer=buyer()).held_jpy == 60_000_000
    assert LedgerEntry.objects.count() == 1
