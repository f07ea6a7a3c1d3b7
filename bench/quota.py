"""Reserving 個別保証枠 with 32 workers: all take from one quota with room for all, one in twenty is aborted.

`quota`: atomic(), services.hold() and the ledger entry's create(), against BEGIN, UPDATE, INSERT, COMMIT of the
bare driver.
`quota in Django`: both sides inside atomic() on Django's connection with the same bare INSERT, so that only
services.hold() and its statement differ.
"""

from collections.abc import Iterator
from functools import partial

from django.utils import timezone

from bench.harness import Bench, Result, paired, result
from bench.workers import crew, in_transaction, raw

GOAL = 0.8
AMOUNT_JPY = 1_000_000
HOLD = """
    UPDATE nexi_quota_quota SET held_jpy = held_jpy + %s WHERE id = %s AND held_jpy <= limit_jpy - %s
"""
ENTER = """
    INSERT INTO nexi_quota_ledgerentry (quota_id, confirmation_id, kind, amount_jpy, actor_id, at)
    VALUES (%s, %s, %s, %s, NULL, %s)
"""
_target = (0, 0)


def start() -> tuple[int, int]:
    """In a child: make a quota and a confirmation for the entries; returns their keys."""
    from bench.site import seed

    found = seed.quota("310-100001")
    return found.pk, seed.confirmation(found).pk


def aim(quota: int, confirmation: int) -> None:
    """In a child: take from this quota from now on."""
    global _target
    _target = (quota, confirmation)


@in_transaction
def ours() -> None:
    from nexi_quota import services
    from nexi_quota.enums import LedgerKind
    from nexi_quota.models import LedgerEntry

    quota, confirmation = _target
    services.hold(quota, AMOUNT_JPY)
    LedgerEntry.objects.create(
        quota_id=quota,
        confirmation_id=confirmation,
        kind=LedgerKind.HOLD,
        amount_jpy=AMOUNT_JPY,
        at=timezone.now(),
    )


@in_transaction
def ours_bare() -> None:
    from django.db import connection

    from nexi_quota import services

    services.hold(_target[0], AMOUNT_JPY)
    with connection.cursor() as cursor:
        cursor.execute(ENTER, entry())


@in_transaction
def floor_bare() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(HOLD, [AMOUNT_JPY, _target[0], AMOUNT_JPY])
        assert cursor.rowcount == 1
    with connection.cursor() as cursor:
        cursor.execute(ENTER, entry())


def floor(aborted: bool) -> None:
    connection = raw()
    connection.begin()
    assert connection.run(HOLD, AMOUNT_JPY, _target[0], AMOUNT_JPY).rowcount == 1
    connection.run(ENTER, *entry())
    connection.end(aborted)


def entry() -> tuple[int, int, str, int, str]:
    """Return the columns of a ledger entry of now."""
    return *_target, "hold", AMOUNT_JPY, timezone.now().isoformat(" ")


def wrong_balance() -> str:
    """In a child: say how held and ledger differ, "" for not at all."""
    from django.db.models import Sum

    from nexi_quota.models import LedgerEntry, Quota

    held = Quota.objects.get(pk=_target[0]).held_jpy
    entered = LedgerEntry.objects.filter(quota_id=_target[0]).aggregate(sum=Sum("amount_jpy"))["sum"]
    return "" if held == entered else f"held {held:,}, ledger {entered:,}"


def run(bench: Bench) -> Iterator[Result]:
    for database in bench.databases:
        team = crew(bench, database)
        team.each(aim, *team.children[0].call(start))
        for name, our_side, their_side in (("quota", ours, floor), ("quota in Django", ours_bare, floor_bare)):
            seconds = bench.size.seconds
            pairs = paired(
                partial(team.rate, our_side, seconds), partial(team.rate, their_side, seconds), bench.size.pairs
            )
            wrong = team.children[0].call(wrong_balance)
            note = wrong or "held = sum of the ledger"
            yield result(name, database, "holds/s", pairs, goal=GOAL, note=note, failed=bool(wrong))
