"""A whole run of three steps with fifteen fields against django-formtools' session wizard.

Ours: three pages saved one by one as a durable draft with a number, confirmation, submission, receipt (9 requests).
Floor: three pages kept in the database session, validated again and written once at the end (7 requests).
"""

from collections.abc import Iterator
from functools import partial

from bench import web
from bench.fields import STEPS, typed
from bench.harness import Bench, Result, paired, result
from bench.web import Browser

GOAL = 1.5
OUR_REQUESTS, FLOOR_REQUESTS = 9, 7


def our_run(browser: Browser) -> Iterator[None]:
    while True:
        path = "/bench/requests/new/steps/contract/"
        for _, questions in STEPS.values():
            page = browser.get(path)
            yield
            fields = page.hidden() | typed(questions, "main") | {"action": "continue"}
            path = browser.post(path, fields, 303).location
            yield
        page = browser.get(path)
        yield
        path = browser.post(path, page.hidden(), 303).location
        yield
        assert "お申込みを受け付けました".encode() in browser.get(path).body
        yield


def floor_run(browser: Browser) -> Iterator[None]:
    while True:
        path = "/wizard/contract/"
        for slug, (_, questions) in STEPS.items():
            page = browser.get(path)
            yield
            fields = page.hidden() | {f"{slug}-{question.name}": question.sample for question in questions}
            path = browser.post(path, fields, 302).location
            yield
        assert "受け付けました".encode() in browser.get(path).body
        yield


def run(bench: Bench) -> Iterator[Result]:
    for database in bench.databases:
        ours = web.our_site(bench, database).load(our_run, OUR_REQUESTS)
        floor = web.floor_site(bench, database).load(floor_run, FLOOR_REQUESTS)
        seconds = bench.size.seconds
        pairs = paired(partial(ours.slice, seconds), partial(floor.slice, seconds), bench.size.pairs)
        cpu = f"{ours.cpu_ms:.0f} ms CPU a run against {floor.cpu_ms:.0f}"
        yield result("wizard", database, "runs/s", pairs, goal=GOAL, note=cpu)
