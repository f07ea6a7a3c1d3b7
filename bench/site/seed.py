"""Rows that the benchmarks start from."""

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nexi_quota.models import Confirmation, Quota

PASSWORD = "bench-password-2026"
USERS = 16
ROOM = 10**15
"""A limit in yen that no run reaches."""


def people() -> None:
    """Users `bench-0` …, each of whom may apply for the one organisation."""
    from portal.accounts.models import Grant, Organisation, User

    exporter = Organisation.objects.create(portal="nexi", code="900000001", name="株式会社ベンチマーク")
    encoded = hashed_password()
    users = User.objects.bulk_create(
        User(login=f"bench-{place}", password=encoded, name=f"輸出{place}", organisation=exporter)
        for place in range(USERS)
    )
    Grant.objects.bulk_create(Grant(user=user, role="nexi.apply", starts_on=date(2020, 1, 1)) for user in users)


def floor_people() -> None:
    """The same logins in the floor's database."""
    from django.contrib.auth.models import User  # noqa: TID251 - the floor has Django's own users

    encoded = hashed_password()
    User.objects.bulk_create(User(username=f"bench-{place}", password=encoded) for place in range(USERS))


def hashed_password() -> str:
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


def quota(code: str, limit_jpy: int = ROOM) -> "Quota":
    """A buyer of its own with an untouched 個別保証枠 of `limit_jpy` yen."""
    from nexi_quota.models import Buyer, Country, Quota

    country, _ = Country.objects.get_or_create(code="310", defaults={"name": "アメリカ"})
    buyer = Buyer.objects.create(
        code=code, name="PACIFIC TRADING CO., LTD.", address="1 HARBOR STREET, SEATTLE", country=country
    )
    return Quota.objects.create(buyer=buyer, limit_jpy=limit_jpy)


def confirmation(quota: "Quota") -> "Confirmation":
    """A 個別保証枠確認 on `quota` with its submitted application, as 申込む leaves them."""
    from django.utils import timezone

    from nexi_quota.models import Confirmation, Currency
    from nexi_quota.services import NUMBERS
    from portal.accounts.models import User
    from portal.applications.models import Application, ApplicationVersion, State
    from portal.numbering.series import WEB_APPLICATION

    now, user = timezone.now(), User.objects.select_related("organisation").earliest("pk")
    sequence = Application.objects.count() + 1
    currency, _ = Currency.objects.get_or_create(code="USD", defaults={"name": "米ドル"})
    application = Application.objects.create(
        number=WEB_APPLICATION.format("200101", sequence),
        kind="quota-confirmation",
        organisation=user.organisation,
        state=State.SUBMITTED,
        data={"schema": 1, "steps": {}},
        created_by=user,
        saved_by=user,
        submitted_by=user,
        created_at=now,
        saved_at=now,
        submitted_at=now,
    )
    shown = {
        "payment_country": "アメリカ",
        "destination_country": "アメリカ",
        "settlement": "D/A",
        "usance_days": "90日",
        "due": "2027年2月28日（令和9年2月28日）",
    }
    ApplicationVersion.objects.create(
        application=application,
        sequence=1,
        event="submitted",
        answers=[
            {
                "step": "terms",
                "title": "申込内容の入力",
                "sections": [
                    {
                        "title": "決済",
                        "items": [
                            {"name": f"main-{name}", "label": name, "raw": [], "shown": text}
                            for name, text in shown.items()
                        ],
                    }
                ],
            }
        ],
        decision={"verdict": "可能です", "facts": []},
        data=application.data,
        actor=user,
        created_at=now,
    )
    today = timezone.localdate()
    product, series = next(iter(NUMBERS.items()))
    return Confirmation.objects.create(
        number=series.format("20", sequence),
        application=application,
        organisation=user.organisation,
        product=product,
        payer=quota.buyer,
        quota=quota,
        rating="EE",
        contract_number="EX-2026-0042",
        reference="A-17",
        contact="輸出花子",
        currency=currency,
        amount=Decimal(400_000),
        amount_jpy=60_000_000,
        unused=Decimal(400_000),
        unused_jpy=60_000_000,
        rate=Decimal(150),
        rate_date=today,
        confirmed_on=today,
        expires_on=today + timedelta(days=180),
    )


EACH = 1_000
"""個別保証枠確認 of one exporter in `holdings`."""


def holdings(rows: int) -> None:
    """`rows` buyers with a quota and a confirmation each, two ledger entries to each, a contract to every second.

    PostgreSQL makes them itself; the first exporter is the one of `people`.
    """
    from django.db import connection
    from django.utils import timezone

    from nexi_quota.models import Country, Currency

    Country.objects.get_or_create(code="310", defaults={"name": "ニカラグア"})
    Currency.objects.get_or_create(code="USD", defaults={"name": "米ドル"})
    given = {"rows": rows, "exporters": max(rows // EACH, 1), "today": timezone.localdate(), "now": timezone.now()}
    with connection.cursor() as cursor:
        for statement in HOLDINGS.split(";"):
            cursor.execute(statement, given)


HOLDINGS = """
INSERT INTO accounts_organisation (portal, code, name, name_en, address, phone, is_active, strict_sessions, four_eyes)
SELECT 'nexi', to_char(100000000 + n, 'FM000000000'), 'EXPORTER ' || n, '', '', '', true, false, false
FROM generate_series(1, %(exporters)s - 1) n;
INSERT INTO nexi_quota_buyer (code, name, address, country_id, branch_kind, state)
SELECT (310 + n / 1000000) || '-' || to_char(n %% 1000000, 'FM000000'), 'BUYER ' || n || ' S.A.', 'MANAGUA', '310',
    'head', 'active'
FROM generate_series(1, %(rows)s) n;
INSERT INTO nexi_quota_quota (buyer_id, limit_jpy, held_jpy) SELECT id, 100000000, 15000000 FROM nexi_quota_buyer;
INSERT INTO nexi_quota_confirmation (number, origin, organisation_id, product, payer_id, quota_id, rating,
    contract_number, reference, contact, currency_id, amount, amount_jpy, unused, unused_jpy, rate, rate_date,
    confirmed_on, expires_on, state)
SELECT '203' || to_char(q.id, 'FM0000000000'), 'request', o.id, '03', q.buyer_id, q.id, 'EF', 'EX-' || q.id,
    'REF-' || q.id / %(exporters)s, '', 'USD', 100000, 15000000, 100000, 15000000, 150, %(today)s,
    %(today)s, %(today)s + (q.id %% 90)::int, CASE WHEN q.id / %(exporters)s %% 2 = 0 THEN 'valid' ELSE 'insured' END
FROM nexi_quota_quota q
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM accounts_organisation) o
    ON o.place = q.id %% %(exporters)s;
INSERT INTO nexi_quota_insurancecontract (policy_number, branch, history, organisation_id, product, origin,
    confirmation_id, payer_id, currency_id, amount, balance, shipped_on, due_on, concluded_on, reference, state)
SELECT to_char(id, 'FM00000000000000'), '00', '00', organisation_id, '01', 'web', id, payer_id, 'USD', 100000, 100000,
    %(today)s, %(today)s + (id %% 120)::int, %(today)s, reference, 'open'
FROM nexi_quota_confirmation WHERE state = 'insured';
INSERT INTO nexi_quota_ledgerentry (quota_id, confirmation_id, kind, amount_jpy, at)
SELECT quota_id, id, 'hold', 15000000, %(now)s FROM nexi_quota_confirmation;
INSERT INTO nexi_quota_ledgerentry (quota_id, confirmation_id, kind, amount_jpy, at)
SELECT quota_id, id, 'attach', 0, %(now)s FROM nexi_quota_confirmation;
ANALYZE
"""


FIRST_CUSTOMER = 100_000_000
STEP = 7
"""Numbers of customers follow each other in steps that nobody takes for counting up."""

FIGURES = [["無担保・一般", "58,646,000", "21,354,000"]] * 6


def customer_number(place: int) -> str:
    return str(FIRST_CUSTOMER + place * STEP)


def floor_customers(rows: int) -> None:
    """`rows` customers of the bare view."""
    from bench.floor.models import Customer

    for start in range(0, rows, 10_000):
        places = range(start, min(start + 10_000, rows))
        Customer.objects.bulk_create(Customer(number=customer_number(place), figures=FIGURES) for place in places)


def customers(rows: int) -> None:
    """A serving generation of `rows` customers with three guarantees and two settlements each, and who looks them up.

    Every tenth customer more is a blocked one, numbered after the others.
    """
    from datetime import date as day

    from django.db import connection
    from django.utils import timezone

    from guarantee_lookup import tables, vault
    from guarantee_lookup.enums import NumberKind, SnapshotState
    from guarantee_lookup.models import Institution, ServiceRules, Snapshot, TermsAcceptance
    from guarantee_lookup.rules.terms import VERSION
    from guarantee_lookup.services.reference import load_masters
    from portal.accounts.models import Grant, Organisation, User
    from portal.common.calendar import previous_business_day

    load_masters()
    bank = Organisation.objects.create(portal="lookup", code="9997", name="架空銀行ベンチマーク")
    Institution.objects.create(organisation=bank)
    User.objects.update(organisation=bank)
    Grant.objects.bulk_create(
        Grant(user=user, role="lookup.user", starts_on=day(2020, 1, 1)) for user in User.objects.all()
    )
    TermsAcceptance.objects.bulk_create(
        TermsAcceptance(user=user, version=VERSION, at=timezone.now()) for user in User.objects.all()
    )
    most = 10**9
    ServiceRules.objects.create(
        valid_from=day(2020, 1, 1), opens_at="00:00", closes_at="00:00", every_day=True, user_hour=most, user_day=most,
        institution_day=most, none_in_a_row=most, none_hour=most, none_day=most,
    )  # fmt: skip
    as_of = previous_business_day(timezone.localdate())
    made = Snapshot.objects.create(as_of=as_of, state=SnapshotState.CURRENT, received_at=timezone.now())
    tables.create(made.pk)
    digests = [vault.digest(NumberKind.CUSTOMER, customer_number(place)) for place in range(rows + rows // 10)]
    lines = {
        "customer": ((digest, "2", False, "2024-12-25", place >= rows) for place, digest in enumerate(digests)),
        "guarantee": (
            (vault.digest(NumberKind.GUARANTEE, f"{place}-{code}"), digest, "9997", code, 10_000_000)
            for place, digest in enumerate(digests)
            for code in ("MUTAN_G", "MUTAN_SN", "KIKI_M")
        ),
        "settlement": (
            (digest, period, "5", "2025-06-30", 0) for digest in digests for period in ("2025-03", "2024-03")
        ),
    }
    with connection.cursor() as cursor:
        for kind, rows_of in lines.items():
            columns = ", ".join([*tables.COLUMNS[kind]][:5])  # what a look-up reads; the rest is for the import
            with cursor.copy(f"COPY {tables.table(kind, made.pk)} ({columns}) FROM STDIN") as copy:
                for row in rows_of:
                    copy.write_row(row)
    tables.index(made.pk)
