"""取下げ by the contractor against the surety's desks, and one 発注者 imported twice at once."""

import csv
import io
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from esurety.enums import ItemState
from esurety.models import AcceptanceRule, Body, Fee, Guarantee, Item, SubmissionRule
from esurety.services import billing, bodies, body_rules, issuing, requests, review
from esurety.services.fees import load_fee_tables
from esurety.services.issuing import Refused
from portal.accounts.models import User
from portal.audit.models import Event
from tests.concurrency.racing import Meeting, failures, race
from tests.esurety.conftest import bank_branch, body_a, contractor, office, shop
from tests.esurety.driver import Shop

__all__ = ["bank_branch", "body_a", "contractor", "office", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


def tries(act: Callable[[], object]) -> str:
    try:
        act()
    except Refused:
        return "late"
    return "won"


def state_of(item: Item) -> str:
    return Item.objects.get(pk=item.pk).state


# --- 取下げ ---------------------------------------------------------------------------------


def test_what_was_taken_back_is_not_received(shop: Shop) -> None:
    clerk, sender = shop.person("clerk"), shop.person("sender")
    for _ in range(ROUNDS):
        item = shop.item()
        receives, withdraws = partial(review.receive, item, clerk), partial(requests.withdraw, item, sender)
        results = race(partial(tries, receives), partial(tries, withdraws))
        # 受付 may come first and still be taken back; never the other way round.
        assert results[1] == "won"
        assert state_of(item) == ItemState.WITHDRAWN


def test_what_was_taken_back_is_neither_concluded_nor_issued(shop: Shop) -> None:
    load_fee_tables()
    reviewer, approver, clerk, sender = (shop.person(name) for name in ("reviewer", "approver", "fee", "sender"))

    def concludes_and_issues(item: Item, fee: Fee) -> None:
        billing.put_on_bill(fee, clerk)
        issuing.issue(Item.objects.select_related("request").get(pk=item.pk), approver)

    for _ in range(ROUNDS):
        item = shop.item()
        Item.objects.filter(pk=item.pk).update(state="checked", reviewed_by=reviewer)
        item.refresh_from_db()
        review.approve(item, approver)
        fee = Fee.objects.get(item=item)
        results = race(
            partial(tries, partial(concludes_and_issues, item, fee)),
            partial(tries, partial(requests.withdraw, item, sender)),
        )
        assert sorted(map(str, results)) == ["late", "won"]
        is_issued = results[0] == "won"
        assert state_of(item) == (ItemState.ISSUING if is_issued else ItemState.WITHDRAWN)
        assert Guarantee.objects.filter(item=item).exists() == is_issued
        concluded = Event.objects.filter(verb="surety.concluded", target=item.number)
        assert concluded.exists() == is_issued
    assert tries(partial(requests.withdraw, item, sender)) == "late"


def test_control_desks_that_look_before_they_write_receive_what_was_taken_back(shop: Shop) -> None:
    item, meeting = shop.item(), Meeting(2)

    def naive(after: ItemState) -> str:
        is_open = state_of(item) == ItemState.APPLIED
        meeting.wait()
        if is_open:
            Item.objects.filter(pk=item.pk).update(state=after, state_at=timezone.now())
        return "won" if is_open else "late"

    assert race(partial(naive, ItemState.REVIEW), partial(naive, ItemState.WITHDRAWN)) == ["won", "won"]


# --- One 発注者, two files ---------------------------------------------------------------------


def file_of(channel: str) -> io.BytesIO:
    """Return a file with one 発注者, its 電子保証の対応 and its 提出方法."""
    text = io.StringIO(newline="")
    row = {"団体コード": "999903", "名称": f"架空町{channel}", "宛名": "架空町長", "対応する保証種類": "前払、契約"}
    row |= {
        "対応する工事区分": "建設工事",
        "適用開始日": "2026-04-01",
        "提出する保証種類": "契約",
        "提出チャネル": channel,
    }
    writer = csv.DictWriter(text, list(row))
    writer.writeheader()
    writer.writerow(row)
    return io.BytesIO(text.getvalue().encode("utf-8-sig"))


@pytest.mark.parametrize("is_known", [False, True], ids=["new", "known"])
def test_of_two_imports_of_a_body_at_once_the_later_one_knows_of_the_earlier(db: None, is_known: bool) -> None:
    for at in range(ROUNDS):
        Body.objects.filter(code="999903").delete()
        if is_known:
            bodies.load(file_of("電子メール"), "first.csv")
        before = Event.objects.filter(verb="surety.masters_imported").count()
        results = race(*[partial(bodies.load, file_of(way), f"{at}.csv") for way in ("FAX", "持参・書面")])
        assert failures(results) == []
        assert sorted((report.added, report.changed) for report in results) == (  # type: ignore[attr-defined]
            [(0, 1), (0, 1)] if is_known else [(0, 1), (1, 0)]
        )
        body, rule = Body.objects.get(code="999903"), SubmissionRule.objects.get()
        assert AcceptanceRule.objects.count() == 1
        assert body.name == f"架空町{'FAX' if rule.channels == ['fax'] else '持参・書面'}"
        # The log says what each of them found: the later one what the earlier one wrote.
        events = list(Event.objects.filter(verb="surety.masters_imported").order_by("at", "pk")[before:])
        found = [event.detail["bodies"]["999903"] for event in events]
        assert any(one["before"] == other["after"] for one in found for other in found)


def test_control_imports_without_a_lock_do_not_know_of_each_other(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting, look = Meeting(2), bodies._changes
    monkeypatch.setattr(bodies, "_lock", lambda wanted: None)

    def looks(wanted: object) -> object:
        found = look(wanted)  # type: ignore[arg-type]
        meeting.wait()
        return found

    monkeypatch.setattr(bodies, "_changes", looks)
    results = race(*[partial(bodies.load, file_of(way), "x.csv") for way in ("FAX", "持参・書面")])
    added = [getattr(report, "added", None) for report in results]
    # Both find nobody (PostgreSQL); SQLite lets the second one begin only when the first is done.
    assert added.count(1) == (2 if connection.vendor == "postgresql" else 1), results


# --- Two administrators of one body --------------------------------------------------------------


def test_of_two_administrators_at_once_one_adds_the_rule(body_a: Body) -> None:
    people = [User.objects.create(login=f"mayor-{at}", organisation=body_a.organisation) for at in range(2)]

    def adds(actor: User) -> str:
        rule = SubmissionRule(body=body_a, products=["CTR"], channels=["fax"], starts_on=timezone.localdate())
        try:
            body_rules.save(rule, actor, "")
        except body_rules.Refused:
            return "late"
        return "won"

    assert sorted(map(str, race(*[partial(adds, one) for one in people]))) == ["late", "won"]
    assert body_a.submission_rules.count() == 2
