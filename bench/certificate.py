"""A 個別保証枠確認証 from its frozen data to the PDF against bare WeasyPrint on the same HTML with everything reused.

CPU time of one process, one document after the other. Ours also fills the template and checks every character.
"""

import time
from collections.abc import Callable, Iterator
from functools import cache

from bench.harness import Bench, Result, paired, result

GOAL = -1.05
Measure = Callable[[], float]


@cache
def sides() -> tuple[Callable[[], bytes], Callable[[], bytes]]:
    """In a child: return our way and the bare way to the same document."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from bench.site import seed
    from nexi_quota.documents import CERTIFICATE, certificate_context
    from portal.documents import render

    context = certificate_context(seed.confirmation(seed.quota("310-300001")))
    page = render.html(CERTIFICATE, context)
    fonts = FontConfiguration()
    style = CSS(string=render.source(render.STYLE), font_config=fonts)

    def bare() -> bytes:
        pdf: bytes = HTML(string=page).write_pdf(stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1")
        return pdf

    return lambda: render.render(CERTIFICATE, context), bare


def pairs_of_ms(count: int, repeats: int) -> list[tuple[float, float]]:
    """In a child: return pairs of CPU milliseconds a document."""
    ours, bare = sides()
    return paired(_measure(ours, repeats), _measure(bare, repeats), count)


def _measure(side: Callable[[], bytes], repeats: int) -> Measure:
    def measure() -> float:
        start = time.process_time()
        for _ in range(repeats):
            assert side().startswith(b"%PDF")
        return 1000 * (time.process_time() - start) / repeats

    return measure


def run(bench: Bench) -> Iterator[Result]:
    pairs = bench.single.call(pairs_of_ms, 2 * bench.size.pairs, bench.size.documents)
    yield result("certificate", "", "ms CPU", pairs, goal=GOAL, note="time: less is better")
