"""Lists of an exporter among a million: the same pages over 10,000 and over 1,000,000 個別保証枠 on PostgreSQL.

Every exporter has 1,000 confirmations in both databases, half of them insured, with two ledger entries each; what
grows is everybody else's. The floor is the small database; what the planner does with the large one is written to
`lists-plans.txt` in DATA_DIR.
"""

from collections.abc import Iterator
from functools import partial

from bench import web
from bench.harness import Bench, Child, Result, paired, prepare, result
from bench.web import Browser

GOAL = 1 / 1.5
"""Answers a second over the large database, for each over the small one: 1.5 times the time is allowed."""

PAGES = {
    "個別保証枠一覧": "/nexi/quotas/",
    "整理番号で検索": "/nexi/quotas/?q=REF-500",
    "保有契約一覧": "/nexi/contracts/",
}


def look(path: str, browser: Browser) -> Iterator[None]:
    while True:
        assert b"REF-" in browser.get(path).body
        yield


def fill(rows: int) -> None:
    """In a child: the tables of `rows` confirmations."""
    from bench.site import seed

    seed.holdings(rows)


def plans() -> str:
    """In a child: what PostgreSQL does for the lists of the first exporter."""
    from django.utils import timezone

    from nexi_quota import selectors
    from portal.accounts.models import User

    user, today = User.objects.select_related("organisation").earliest("pk"), timezone.localdate()
    sets = {
        "個別保証枠一覧": selectors.listed_confirmations(user, {}, today).order_by("expires_on", "pk")[:20],
        "整理番号で検索": selectors.listed_confirmations(user, {"q": "REF-500"}, today).order_by("expires_on", "pk")[
            :20
        ],
        "保有契約一覧": selectors.listed_contracts(user, {}).order_by("due_on", "pk")[:20],
    }
    return "\n\n".join(f"{name}\n{found.explain(analyze=True, costs=False)}" for name, found in sets.items())


def run(bench: Bench) -> Iterator[Result]:
    if "PostgreSQL" not in bench.databases:
        return
    sites = {}
    for size in (bench.size.rows // 100, bench.size.rows):
        url = bench.database(f"lists_{size}", "PostgreSQL")
        with Child(url, bench.folder) as child:
            child.call(prepare, "people")
            child.call(fill, size)
            found = child.call(plans)
        sites[size] = web.site_on(bench, url)
    (bench.folder.parent / "lists-plans.txt").write_text(found + "\n")
    small, large = sites.values()
    for name, path in PAGES.items():
        seconds = bench.size.seconds
        ours, floor = large.load(partial(look, path)), small.load(partial(look, path))
        pairs = paired(partial(ours.slice, seconds), partial(floor.slice, seconds), bench.size.pairs)
        note = f"{name}: {bench.size.rows:,} against {bench.size.rows // 100:,} rows"
        yield result("lists", "PostgreSQL", "pages/s", pairs, goal=GOAL, note=note)
