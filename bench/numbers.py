"""Taking numbers with 32 workers: every one wants the next of the same series, one transaction in twenty is aborted.

`numbers`: atomic(), allocate() and a model's create(), against BEGIN, the statement, INSERT, COMMIT of the bare driver.
`numbers in Django`: both sides inside atomic() on Django's connection with the same bare INSERT, so that only
allocate() and its statement differ.
"""

from collections.abc import Iterator
from datetime import date
from functools import partial

from bench.harness import Bench, Result, paired, result
from bench.workers import crew, in_transaction, raw

GOAL = 0.8
TAKE = """
    INSERT INTO numbering_counter (series, period, last) VALUES (%s, %s, 1)
    ON CONFLICT (series, period) DO UPDATE SET last = numbering_counter.last + 1
    RETURNING last
"""
BEAR = "INSERT INTO bench_bearer (number) VALUES (%s)"


def one_year(day: date) -> str:
    return f"{day:%y}"


@in_transaction
def ours() -> None:
    from bench.site.models import Bearer
    from portal.numbering.series import Series, allocate

    Bearer.objects.create(number=allocate(Series("bench", one_year, 7)))


@in_transaction
def ours_bare() -> None:
    from django.db import connection

    from portal.numbering.series import Series, allocate

    number = allocate(Series("bench", one_year, 7))
    with connection.cursor() as cursor:
        cursor.execute(BEAR, [number])


@in_transaction
def floor_bare() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(TAKE, ["floor", "26"])
        (last,) = cursor.fetchone()
    with connection.cursor() as cursor:
        cursor.execute(BEAR, [f"F{last}"])


def floor(aborted: bool) -> None:
    connection = raw()
    connection.begin()
    (last,) = connection.run(TAKE, "floor", "26").fetchone()
    connection.run(BEAR, f"F{last}")
    connection.end(aborted)


def wrong_numbers() -> str:
    """In a child: say how the numbers taken differ from one after the other without gap, "" for not at all."""
    from bench.site.models import Bearer
    from portal.numbering.models import Counter

    found = []
    for series, bearers in (
        ("bench", Bearer.objects.exclude(number__startswith="F")),
        ("floor", Bearer.objects.filter(number__startswith="F")),
    ):
        taken, borne = Counter.objects.get(series=series).last, bearers.count()
        if taken != borne:
            found.append(f"{series}: {taken} taken, {borne} borne")
    return "; ".join(found)


def run(bench: Bench) -> Iterator[Result]:
    for database in bench.databases:
        team = crew(bench, database)
        for name, our_side, their_side in (("numbers", ours, floor), ("numbers in Django", ours_bare, floor_bare)):
            seconds = bench.size.seconds
            pairs = paired(
                partial(team.rate, our_side, seconds), partial(team.rate, their_side, seconds), bench.size.pairs
            )
            wrong = team.children[0].call(wrong_numbers)
            note = wrong or "no number twice, no gap"
            yield result(name, database, "numbers/s", pairs, goal=GOAL, note=note, failed=bool(wrong))
