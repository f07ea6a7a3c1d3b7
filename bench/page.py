"""One step page with fifteen fields against a plain logged-in Django page with the same fields in Django's widgets.

Both have session, CSRF and the user; ours also reads the draft and fills in what was typed. 8 connections, GET only.
"""

from collections.abc import Iterator
from functools import partial

from bench import web
from bench.fields import QUESTIONS, typed
from bench.harness import Bench, Result, paired, result
from bench.web import Browser

GOAL = 1.0


def our_page(browser: Browser) -> Iterator[None]:
    """A draft of its own for every browser, saved once, then shown again and again."""
    first = "/bench/pages/new/steps/page/"
    fields = browser.get(first).hidden() | typed(QUESTIONS, "main") | {"action": "save"}
    path = browser.post(first, fields, 303).location
    while True:
        assert QUESTIONS[0].sample.encode() in browser.get(path).body
        yield


def floor_page(browser: Browser) -> Iterator[None]:
    while True:
        assert QUESTIONS[0].sample.encode() in browser.get("/page/").body
        yield


def run(bench: Bench) -> Iterator[Result]:
    for database in bench.databases:
        ours = web.our_site(bench, database).load(our_page)
        floor = web.floor_site(bench, database).load(floor_page)
        seconds = bench.size.seconds
        pairs = paired(partial(ours.slice, seconds), partial(floor.slice, seconds), bench.size.pairs)
        cpu = f"{ours.cpu_ms:.1f} ms CPU a page against {floor.cpu_ms:.1f}"
        yield result("page", database, "pages/s", pairs, goal=GOAL, note=cpu)
