"""Drawing a form of fifteen fields with portal.ui.render against Django's widgets; CPU time, form object included."""

import time
from collections.abc import Callable, Iterator

from bench.harness import Bench, Result, paired, result

REPEATS = 20


def pairs_of_ms(count: int) -> list[tuple[float, float]]:
    """In a child: return pairs of CPU milliseconds a form."""
    from django.template import engines

    from bench.fields import QUESTIONS, typed
    from bench.floor.forms import SAMPLES
    from bench.floor.forms import PageForm as FloorForm
    from bench.site.forms import PageForm
    from portal.ui.render import render_form

    sent = typed(QUESTIONS, "main")
    template = engines["django"].from_string("{{ form.as_div }}")
    ours = _measure(lambda: render_form(PageForm(typed=sent, prefix="main")))
    floor = _measure(lambda: template.render({"form": FloorForm(initial=SAMPLES)}))
    return paired(ours, floor, count)


def _measure(draw: Callable[[], str]) -> Callable[[], float]:
    def measure() -> float:
        start = time.process_time()
        for _ in range(REPEATS):
            assert "EX-2026-0042" in draw()
        return 1000 * (time.process_time() - start) / REPEATS

    return measure


def run(bench: Bench) -> Iterator[Result]:
    pairs = bench.single.call(pairs_of_ms, 2 * bench.size.pairs)
    yield result("render", "", "ms CPU", pairs, note="time: less is better")
