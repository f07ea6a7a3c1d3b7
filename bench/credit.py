"""ヒアリングシート: the grid of 500 debtors against a bare table of the same cells, and a file of 500 debtors.

`credit page` is the time to the first byte. The floor is behind a login and a permission, too, and reads 500 rows with
one query, but their texts lie there ready: nothing is read, judged or added up. `credit upload` is the CPU time of the
three requests that choose a file, look at it and take it over, against the 2 seconds that the issue allows.
"""

import re
import statistics
import time
from collections.abc import Iterator
from functools import partial

from bench import web
from bench.harness import Bench, Child, Result, paired, result
from bench.site.seed import PASSWORD
from bench.web import Browser

PAGE = -3
MOST_QUERIES = 25
MOST_SECONDS = 2.0
MOST_LINES = 500
GETS = 5
"""Pages of one slice, whose median counts."""

LOGIN = "bench-credit"


# --- In a child --------------------------------------------------------------------


def fill(lines: int) -> tuple[str, int, list[tuple[str, list[list[str]]]]]:
    """Make a company with a sheet of `lines` debtors, and who works on it.

    Returns the sheet's page, the queries that it takes, and name and cells (column, class, text) of each row.
    """
    from datetime import date

    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from credit_insurance.bulk.cells import entry, typed_cells
    from credit_insurance.forms.debtor import shown
    from credit_insurance.services.sheets import add_lines
    from credit_insurance.views.debtor_grid import COLUMNS
    from credit_insurance.wizards import HEARING
    from portal.accounts.models import Grant, Organisation, User
    from portal.wizard.services import start
    from tests.credit_insurance.builder import stored
    from tests.credit_insurance.driver import summary
    from tests.credit_insurance.sheet_files import row

    company = Organisation.objects.create(portal="credit", code="K0000001", name="架空商事ベンチマーク株式会社")
    user = User.objects.create_user(LOGIN, PASSWORD, name="担当花子", organisation=company)
    Grant.objects.create(user=user, role="credit.staff", starts_on=date(2020, 1, 1))
    sheet = start(HEARING, user, "summary", stored(summary()))
    cells = ([("", name, text) for name, text in row(place).items()] for place in range(1, lines + 1))
    made = add_lines(sheet, [entry(typed_cells(line)) for line in cells], user)
    page = HEARING.url("step", sheet.number, "debtors")
    client = Client()
    client.force_login(user)
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    ready = [
        (
            line.values["debtor_name"],
            [
                [
                    column.title,
                    "is-numeric" if column.is_number else "is-minor",
                    " ".join(shown(name, line.values) for name in column.names),
                ]
                for column in COLUMNS
            ],
        )
        for line in made
    ]
    return page, len(queries), ready


def fill_floor(rows: list[tuple[str, list[list[str]]]]) -> None:
    """Put the ready rows of one sheet into the floor, and let everybody see them."""
    from django.contrib.auth.models import Permission, User  # noqa: TID251 - the floor has Django's own users

    from bench.floor.models import Debtor

    Debtor.objects.bulk_create(
        Debtor(sheet="1", position=place, name=name, cells=cells) for place, (name, cells) in enumerate(rows, start=1)
    )
    permission = Permission.objects.get(codename="view_debtor")
    for user in User.objects.all():
        user.user_permissions.add(permission)


def files(lines: int) -> dict[str, bytes]:
    """Return a file of `lines` debtors in either form."""
    from tests.credit_insurance.sheet_files import as_csv, as_xlsx, row, table

    cells = table(row(place) for place in range(1, lines + 1))
    return {"csv": as_csv(cells), "xlsx": as_xlsx(cells)}


def uploads(page: str, form: str, lines: int, times: int) -> list[tuple[float, float, float]]:
    """Return CPU seconds of upload, preview and take-over, `times` times: each row meets the debtor that is there."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    from credit_insurance.models import Line
    from portal.accounts.models import Limit, User

    client = Client()
    client.force_login(User.objects.get(login=LOGIN))
    content = files(lines)[form]
    found = []
    for _ in range(times + 1):
        Limit.objects.all().delete()
        start = time.process_time()
        chosen = client.post(f"{page}import/", {"file": SimpleUploadedFile(f"debtors.{form}", content)})
        assert chosen.status_code == 303, chosen.content.decode()
        sent = time.process_time()
        preview = client.get(chosen.headers["Location"])
        seen = time.process_time()
        revision = re.search(r'name="revision" value="(\d+)"', preview.content.decode())
        assert revision
        asked = {"revision": revision[1], "mode": "append"}
        assert client.post(chosen.headers["Location"], asked).status_code == 303
        found.append((sent - start, seen - sent, time.process_time() - seen))
        assert Line.objects.filter(sheet__number=page.split("/")[3]).count() == lines
    return found[1:]


# --- The run ------------------------------------------------------------------------


def first_byte(browser: Browser, path: str) -> float:
    """Return milliseconds until an answer begins: the median of some."""
    waits = []
    for _ in range(GETS):
        browser.get(path)
        waits.append(1000 * browser.waited)
    browser.close()
    return statistics.median(waits)


def run(bench: Bench) -> Iterator[Result]:
    lines = min(MOST_LINES, bench.size.rows // 40)
    for kind in bench.databases:
        child = bench.single if kind == bench.databases[0] else bench.child(bench.portal(kind))
        page, queries, ready = child.call(fill, lines)
        with Child(bench.plain(kind), bench.folder, "bench.floor.settings") as plain:
            plain.call(fill_floor, ready)
        ours = Browser(web.our_site(bench, kind).port)
        web.log_in(ours, "/account/login/", {"login": LOGIN, "password": PASSWORD})
        floor = web.floor_site(bench, kind).browsers[0]
        sizes = [len(side.get(path).body) / 1000 for side, path in ((ours, page), (floor, "/debtors/1/"))]
        pairs = paired(partial(first_byte, ours, page), partial(first_byte, floor, "/debtors/1/"), bench.size.pairs)
        note = f"{lines} debtors, {queries} queries, {sizes[0]:.0f} kB against {sizes[1]:.0f}; time: less is better"
        yield result("credit page", kind, "ms", pairs, goal=PAGE, note=note, failed=queries > MOST_QUERIES)
        for form in ("csv", "xlsx"):
            found = child.call(uploads, page, form, lines, bench.size.pairs)
            parts = [statistics.median(part) for part in zip(*found, strict=True)]
            note = "{} {} lines: upload {:.2f}, preview {:.2f}, saving {:.2f}".format(form, lines, *parts)
            whole = [(sum(one), MOST_SECONDS) for one in found]
            yield result("credit upload", kind, "s CPU", whole, goal=-1, note=note)
