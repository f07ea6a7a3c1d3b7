"""100,000 reservations by 16 workers on PostgreSQL, at the limit all the time: none may get past it.

Four buyers with room for 200 reservations each. Whoever is refused gives the oldest of its own back, so that the
quotas stay full and every further reservation is a race for what has just been freed. After each hold the worker
reads the row, which it has locked: more held than the limit counts as over. Commits do not wait for the disk, since
here it is rows that are counted.
"""

import random
import time
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from django.utils import timezone

from bench.harness import Bench, Result
from bench.quota import ENTER
from bench.workers import PROCESSES, crew, in_threads

WORKERS = 16
QUOTAS = 4
UNIT_JPY = 1_000_000
LIMIT_JPY = 600 * UNIT_JPY


class Count(NamedTuple):
    """What the workers of a process saw."""

    granted: int
    refused: int
    over: int


def start() -> list[tuple[int, int]]:
    """In a child: make the quotas, and a confirmation each for their entries; returns their keys."""
    from bench.site import seed

    quotas = [seed.quota(f"310-20000{place}", LIMIT_JPY) for place in range(QUOTAS)]
    return [(quota.pk, seed.confirmation(quota).pk) for quota in quotas]


def reserve(targets: list[tuple[int, int]], attempts: int) -> Count:
    """In a child: let every thread try `attempts` reservations of one to five million yen."""
    found = in_threads(lambda: _reserve(targets, attempts), WORKERS // PROCESSES)
    return Count(*map(sum, zip(*found, strict=True)))


def _reserve(targets: list[tuple[int, int]], attempts: int) -> Count:
    from django.db import connection, transaction

    from nexi_quota import services

    def enter(quota: int, kind: str, amount_jpy: int) -> None:
        cursor.execute(ENTER, [quota, confirmations[quota], kind, amount_jpy, timezone.now()])

    confirmations = dict(targets)
    own: dict[int, deque[int]] = {quota: deque() for quota in confirmations}
    granted = over = 0
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        for quota in random.choices(list(confirmations), k=attempts):
            amount = random.randint(1, 5) * UNIT_JPY
            try:
                with transaction.atomic():
                    services.hold(quota, amount)
                    enter(quota, "hold", amount)
                    cursor.execute("SELECT held_jpy > limit_jpy FROM nexi_quota_quota WHERE id = %s", [quota])
                    over += cursor.fetchone()[0]
            except services.QuotaTaken:
                if own[quota]:
                    amount = own[quota].popleft()
                    with transaction.atomic():
                        services.give_back(quota, amount)
                        enter(quota, "expire", -amount)
            else:
                granted += 1
                own[quota].append(amount)
        cursor.execute("SET synchronous_commit TO on")
    return Count(granted, attempts - granted, over)


def differences() -> int:
    """In a child: return how many quotas are over their limit or differ from the sum of their ledger."""
    from django.db.models import F, Q, Sum

    from nexi_quota.models import Quota

    own = Quota.objects.filter(buyer__code__startswith="310-2").annotate(entered=Sum("entries__amount_jpy"))
    return own.filter(Q(held_jpy__gt=F("limit_jpy")) | ~Q(held_jpy=F("entered"))).count()


def run(bench: Bench) -> Iterator[Result]:
    team = crew(bench, "PostgreSQL")
    targets = team.children[0].call(start)
    begun = time.monotonic()
    counts = team.each(reserve, targets, bench.size.reservations // WORKERS)
    seconds = time.monotonic() - begun
    total = Count(*map(sum, zip(*counts, strict=True)))
    wrong = total.over + team.children[0].call(differences)
    tried = total.granted + total.refused
    note = f"{tried:,} tried, {total.granted:,} granted, {total.over} over the limit"
    note += ", held = sum of the ledger" if not wrong else f", {wrong} WRONG"
    yield Result(
        "reservations",
        "PostgreSQL",
        "tried/s",
        ours=tried / seconds,
        floor=0,
        ratio=0,
        lowest=0,
        highest=0,
        pairs=0,
        note=note,
        failed=bool(wrong),
    )
