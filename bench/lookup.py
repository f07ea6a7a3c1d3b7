"""照会: counted, recorded, computed and shown, against a bare view behind a login with one indexed query and a table.

One look-up is two requests, the POST and the page of its result; the floor answers with one. In `lookup both by
redirect` the same floor answers a POST with a redirect to the page of that query and table, as is prescribed for ours.
`lookup growth` is the same look-up among the larger and the smaller number of customers. `lookup misses` is what
unknown and blocked numbers cost, one after the other, without the waiting that hides the rest of the difference.
"""

import logging
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count

from bench import web
from bench.harness import Bench, Child, Result, paired, prepare, result
from bench.site.seed import customer_number
from bench.web import Browser

GOAL = 1 / 3
SAME = 1 / 1.2
"""Look-ups a second among a hundred times the customers: 1.2 times the time is allowed."""

SHOWN = "利用残高".encode()
PAIRS = 1_000
"""Pairs of misses; fewer, as in a first look, say nothing."""


def our_lookup(customers: int, browser: Browser) -> Iterator[None]:
    hidden = browser.get("/lookup/").hidden()
    for place in count(id(browser)):
        asked = {"kind": "customer", "number": customer_number(place * 31 % customers), "basis": "1"}
        path = browser.post("/lookup/", hidden | asked, 303).location
        assert SHOWN in browser.get(path).body
        yield


def floor_lookup(customers: int, browser: Browser) -> Iterator[None]:
    hidden = browser.get("/customer/").hidden()
    for place in count(id(browser)):
        asked = {"number": customer_number(place * 31 % customers)}
        assert SHOWN in browser.post("/customer/", hidden | asked, 200).body
        yield


def floor_redirect(customers: int, browser: Browser) -> Iterator[None]:
    hidden = browser.get("/lookup/").hidden()
    for place in count(id(browser)):
        path = browser.post("/lookup/", hidden | {"number": customer_number(place * 31 % customers)}, 302).location
        assert SHOWN in browser.get(path).body
        yield


def fill(seed: str, rows: int) -> None:
    """In a child: the customers of one side."""
    from bench.site import seed as seeds

    getattr(seeds, seed)(rows)


def misses(customers: int, pairs: int) -> list[tuple[float, float]]:
    """In a child: milliseconds of an answer to an unknown and to a blocked number, in pairs."""
    from django.conf import settings
    from django.test import Client

    from portal.accounts.models import User

    settings.LOOKUP_NONE_SECONDS = 0
    logging.getLogger("django.request").setLevel(logging.ERROR)  # every answer here is a 422
    client = Client()
    client.force_login(User.objects.earliest("pk"))

    def ask(number: str) -> float:
        start = time.perf_counter()
        answer = client.post("/lookup/", {"kind": "customer", "number": number, "basis": "1"})
        assert answer.status_code == 422, answer
        return 1000 * (time.perf_counter() - start)

    def unknown(place: int) -> Callable[[], float]:
        return partial(ask, str(800_000_000 + place * 97))

    def blocked(place: int) -> Callable[[], float]:
        return partial(ask, customer_number(customers + place * 13 % (customers // 10)))

    found = []
    for place in range(pairs + 20):
        sides = (unknown(place), blocked(place))
        if place % 2:
            later = sides[1]()
            found.append((sides[0](), later))
        else:
            found.append((sides[0](), sides[1]()))
    return found[20:]


def run(bench: Bench) -> Iterator[Result]:
    if "PostgreSQL" not in bench.databases:
        return
    ours, floors, redirects = {}, {}, {}
    sizes = (bench.size.rows // 100, bench.size.rows)
    for size in sizes:
        url = bench.database(f"lookup_{size}", "PostgreSQL")
        with Child(url, bench.folder) as child:
            child.call(prepare, "people")
            child.call(fill, "customers", size)
            if size == sizes[0]:
                found = child.call(misses, size, min(PAIRS, size))
        ours[size] = web.site_on(bench, url).load(partial(our_lookup, size), 1)
        plain = bench.database(f"lookup_floor_{size}", "PostgreSQL")
        with Child(plain, bench.folder, "bench.floor.settings") as child:
            child.call(prepare, "floor_people")
            child.call(fill, "floor_customers", size)
        floors[size] = web.floor_on(bench, plain).load(partial(floor_lookup, size), 1)
        redirects[size] = web.floor_on(bench, plain).load(partial(floor_redirect, size), 1)
    seconds = bench.size.seconds
    for name, others in (("lookup", floors), ("lookup both by redirect", redirects)):
        for size in sizes:
            pairs = paired(partial(ours[size].slice, seconds), partial(others[size].slice, seconds), bench.size.pairs)
            note = f"{size:,} customers, {ours[size].cpu_ms:.1f} ms CPU a look-up against {others[size].cpu_ms:.1f}"
            yield result(name, "PostgreSQL", "look-ups/s", pairs, goal=GOAL, note=note)
    small, large = (ours[size] for size in sizes)
    pairs = paired(partial(large.slice, seconds), partial(small.slice, seconds), bench.size.pairs)
    note = f"{sizes[1]:,} against {sizes[0]:,} customers"
    yield result("lookup growth", "PostgreSQL", "look-ups/s", pairs, goal=SAME, note=note)
    unknown, blocked = (statistics.median(side) for side in zip(*found, strict=True))
    apart = abs(unknown / blocked - 1)
    note = f"{len(found):,} pairs, medians {apart:.1%} apart; unknown against blocked, time: less is better"
    yield result(
        "lookup misses", "PostgreSQL", "ms", found, goal=-1.05, note=note, failed=len(found) == PAIRS and apart > 0.05
    )
