"""電子保証: issuing a certificate, the page that shows it to its 発注者, and what two refusals of a key cost.

`surety issue` is rendering, signing and storing against bare WeasyPrint and bare pyHanko on the same HTML, in CPU time
of one process. `surety workers` is two processes that issue at once against one of them. `surety page` is 証書詳細,
recomputed and recorded each time, against the bare view of one query. `surety refusals` is a wrong number against a
wrong key, one after the other.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from io import BytesIO
from itertools import count

from bench import web
from bench.harness import Bench, Child, Result, paired, prepare, result
from bench.site.seed import customer_number
from bench.web import Browser

ISSUE = -1.2
WORKERS = 1.8
"""Two workers share two cores with the database server: twice the rate but for what that takes."""
PAGE = 1 / 3
SHOWN = "改ざんなし".encode()
PAIRS = 1_000
"""Pairs of refusals; fewer, as in a first look, say nothing."""


# --- In a child --------------------------------------------------------------------


def fill(waiting: int) -> int:
    """Make a body, whose people log in, and `waiting` versions that wait to be issued; returns a registration's id."""
    from datetime import date

    from esurety.enums import RegistrationSource
    from esurety.models import Body, Certificate, Contractor, Office, Surety
    from esurety.services import issuing, registering
    from esurety.tasks import make_certificate
    from portal.accounts.models import Grant, Organisation, User
    from tests.esurety.driver import Shop, key_of

    Surety.objects.create(name="架空保証株式会社", address="東京都", president_title="取締役社長", president="保証一郎")
    office = Office.objects.create(code="01", name="見本支店", phone="029-000-0001", fax="029-000-0002")
    company = Organisation.objects.create(portal="surety", code="1000000001", name="架空建設株式会社")
    contractor = Contractor.objects.create(
        organisation=company,
        kana="カブシキガイシャ",
        address="架空市1-2",
        phone="029",
        representative="建設太郎",
        office=office,
    )
    city = Organisation.objects.create(portal="verify", code="082368", name="架空市")
    body = Body.objects.create(code="082368", name="架空市", addressee="架空市長", organisation=city)
    User.objects.update(organisation=city)
    Grant.objects.bulk_create(
        Grant(user=user, role="verify.user", starts_on=date(2020, 1, 1)) for user in User.objects.all()
    )
    clerk = User.objects.earliest("pk")
    shop = Shop(contractor, body)
    for _ in range(waiting + 1):
        issuing.issue(shop.concluded(), shop.person("approver"))
    made = Certificate.objects.earliest("pk")
    make_certificate("first", {"certificate": made.pk})
    number = made.guarantee.number
    answer = registering.register(clerk, number, key_of(made), RegistrationSource.TYPED, "127.0.0.1")
    assert answer.registration
    return answer.registration.pk


@cache
def sides() -> tuple[Callable[[], None], Callable[[], None]]:
    """Return our way and the bare way to a stored and to a signed certificate."""
    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives import serialization
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from esurety.certificate import identity
    from esurety.documents import CERTIFICATE, certificate_context
    from esurety.models import Certificate
    from esurety.tasks import make_certificate
    from portal.documents import render

    waiting = iter([*Certificate.objects.filter(state="pending").order_by("pk").values_list("pk", flat=True)])
    page = render.html(CERTIFICATE, certificate_context(Certificate.objects.earliest("pk")))
    fonts = FontConfiguration()
    style = CSS(string=render.source(render.STYLE), font_config=fonts)
    own = identity()
    key = own.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    der = own.certificate.public_bytes(serialization.Encoding.DER)
    signer = signers.SimpleSigner(
        x509.Certificate.load(der), keys.PrivateKeyInfo.load(key), SimpleCertificateStore(), embed_roots=False
    )
    metadata = signers.PdfSignatureMetadata(
        field_name="Certificate",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )

    def ours() -> None:
        make_certificate("bench", {"certificate": next(waiting)})

    def bare() -> None:
        pdf = HTML(string=page).write_pdf(stylesheets=[style], font_config=fonts, pdf_variant=CERTIFICATE.variant)
        out = signers.PdfSigner(metadata, signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)))
        assert out.getbuffer()[:5] == b"%PDF-"

    return ours, bare


def issues(pairs: int, repeats: int) -> list[tuple[float, float]]:
    """Return pairs of CPU milliseconds a certificate."""

    def measure(side: Callable[[], None]) -> float:
        start = time.process_time()
        for _ in range(repeats):
            side()
        return 1000 * (time.process_time() - start) / repeats

    ours, bare = sides()
    return paired(partial(measure, ours), partial(measure, bare), pairs)


def waiting() -> list[int]:
    """Return the ids of the versions that wait for their job."""
    from esurety.models import Certificate

    return [*Certificate.objects.filter(state="pending").order_by("pk").values_list("pk", flat=True)]


def make(ids: list[int]) -> None:
    """Do the jobs of these versions."""
    from esurety.tasks import make_certificate

    for pk in ids:
        make_certificate("bench", {"certificate": pk})


def rate(ids: Iterator[int], share: int, *workers: Child) -> float:
    """In the parent: certificates a second while each of the workers makes `share` of them."""
    shares = [[next(ids) for _ in range(share)] for _ in workers]
    start = time.perf_counter()
    for job in [worker.submit(make, one) for worker, one in zip(workers, shares, strict=True)]:
        job.result()
    return share * len(workers) / (time.perf_counter() - start)


def refusals(pairs: int) -> list[tuple[float, float]]:
    """Return milliseconds of the answer to an unknown number and to a wrong key, in pairs; nobody is locked."""
    from django.test import Client

    from esurety.models import Guarantee
    from portal.accounts.models import Limit, User

    client = Client()
    client.force_login(User.objects.filter(login__startswith="bench-").earliest("pk"))
    known = Guarantee.objects.earliest("pk").number

    def ask(number: str) -> float:
        Limit.objects.all().delete()
        start = time.perf_counter()
        answer = client.post("/verify/", {"number": number, "key": "Zz23456789ab"})
        assert answer.status_code == 422, answer
        return 1000 * (time.perf_counter() - start)

    sides = (partial(ask, "99999999999"), partial(ask, known))
    found = []
    for place in range(pairs + 20):
        if place % 2:
            later = sides[1]()
            found.append((sides[0](), later))
        else:
            found.append((sides[0](), sides[1]()))
    return found[20:]


# --- The run ------------------------------------------------------------------------


def our_page(registration: int, browser: Browser) -> Iterator[None]:
    while True:
        assert SHOWN in browser.get(f"/verify/certificates/{registration}/").body
        yield


def floor_page(browser: Browser) -> Iterator[None]:
    hidden = browser.get("/customer/").hidden()
    for place in count(id(browser)):
        asked = {"number": customer_number(place * 31 % 100)}
        assert "利用残高".encode() in browser.post("/customer/", hidden | asked, 200).body
        yield


def fill_floor() -> None:
    from bench.site import seed

    seed.floor_customers(100)


def run(bench: Bench) -> Iterator[Result]:
    kind = bench.databases[-1]
    size = bench.size
    url, plain = bench.database("surety", kind), bench.database("surety_floor", kind)
    pairs = 2 * size.pairs
    with Child(url, bench.folder) as child:
        child.call(prepare, "people")
        share = 4 * size.documents
        jobs = 3 * (size.pairs + 1) * share + 2
        registration = child.call(fill, (pairs + 1) * size.documents + jobs)
        issued = child.call(issues, pairs, size.documents)
        with Child(url, bench.folder) as second:
            ids = iter(child.call(waiting))
            for worker in (child, second):
                worker.call(make, [next(ids)])
            both = paired(partial(rate, ids, share, child, second), partial(rate, ids, share, child), size.pairs)
        refused = child.call(refusals, min(PAIRS, size.rows // 100))
    yield result("surety issue", kind, "ms CPU", issued, goal=ISSUE, note="render, sign, store; time: less is better")
    yield result("surety workers", kind, "certificates/s", both, goal=WORKERS, note="two processes against one")
    with Child(plain, bench.folder, "bench.floor.settings") as child:
        child.call(prepare, "floor_people")
        child.call(fill_floor)
    ours = web.site_on(bench, url).load(partial(our_page, registration), 1)
    floor = web.floor_on(bench, plain).load(floor_page, 1)
    shown = paired(partial(ours.slice, size.seconds), partial(floor.slice, size.seconds), size.pairs)
    note = f"{ours.cpu_ms:.1f} ms CPU a page against {floor.cpu_ms:.1f}"
    yield result("surety page", kind, "pages/s", shown, goal=PAGE, note=note)
    unknown, wrong = (statistics.median(side) for side in zip(*refused, strict=True))
    apart = abs(unknown / wrong - 1)
    note = f"{len(refused):,} pairs, medians {apart:.1%} apart; wrong number against wrong key; time: less is better"
    yield result(
        "surety refusals", kind, "ms", refused, goal=-1.05, note=note, failed=len(refused) == PAIRS and apart > 0.05
    )
