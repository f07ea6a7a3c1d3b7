"""The exporter portal's world of a test: masters, buyers with quotas, exporters that may use every product."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import COUNTRIES, CURRENCIES, POLICY_SAMPLES, RATING_RULES, BuyerState, Rating
from nexi_quota.models import (
    Buyer,
    Country,
    CountryPolicy,
    Currency,
    ExchangeRate,
    InsuredParty,
    RatingRule,
)
from portal.accounts.models import Organisation
from tests.conftest import Person
from tests.nexi_quota.driver import Exporter, Page

BEGINNING = date(2010, 1, 1)
BUYERS = [
    ("310-000001", Rating.EF, 100_000_000),
    ("310-000002", Rating.EE, 500_000_000),
    ("304-000001", Rating.EA, 300_000_000),
    ("123-000001", Rating.EM, 50_000_000),
    ("123-000002", Rating.EM, None),
    ("304-000003", Rating.EC, None),
    ("304-000004", Rating.ER, None),
    ("304-000005", Rating.EB, None),
    ("304-000006", Rating.GS, None),
    ("304-000007", Rating.SA, None),
    ("105-000001", Rating.EF, 80_000_000),
]


@pytest.fixture
def masters(db: None) -> None:
    """Countries, currencies, rates, rules and policies as the portal starts with them; the buyers of the demo data."""
    cache.clear()
    Country.objects.bulk_create(Country(code=c.code, name=c.name_ja, name_en=c.name_en) for c in COUNTRIES.values())
    Currency.objects.bulk_create(
        Currency(code=c.code, name=c.name_ja, decimals=c.decimals, position=at)
        for at, c in enumerate(CURRENCIES.values())
    )
    for code, rate in (("USD", "150"), ("EUR", "160")):
        ExchangeRate.objects.create(currency_id=code, date=BEGINNING, jpy_per_unit=Decimal(rate))
    RatingRule.objects.bulk_create(
        RatingRule(rating=rating, product=product, need=need) for (rating, product), need in RATING_RULES.items()
    )
    CountryPolicy.objects.bulk_create(
        CountryPolicy(
            country_id=row.country,
            product=row.product,
            attitude=row.attitude,
            case_limit_jpy=row.case_limit_jpy,
            usance_months=row.usance_months,
            effective_from=row.effective_from,
            note=row.note,
        )
        for row in POLICY_SAMPLES
    )
    for code, rating, limit in BUYERS:
        state = BuyerState.SLEEPING if code == "105-000001" else BuyerState.ACTIVE
        add_buyer(code, rating, limit, state=state)
    cache.clear()


def add_buyer(code: str, rating: Rating, limit: int | None = None, **fields: Any) -> Buyer:
    """Register a buyer with its rating and, for yen, its quota."""
    buyer = Buyer.objects.create(code=code, name=f"BUYER {code} LTD.", country_id=code[:3], **fields)
    services.set_rating(buyer, rating, None, BEGINNING)
    if limit is not None:
        services.set_limit(buyer, limit, None, BEGINNING)
    return buyer


def _insure(organisation: Organisation) -> None:
    InsuredParty.objects.get_or_create(organisation=organisation, defaults={"products": "01 02 03 04"})


@pytest.fixture
def ana(alice: Person, exporter_a: Organisation, masters: None) -> Exporter:
    """Alice at the pages of the request."""
    _insure(exporter_a)
    return Exporter(alice)


@pytest.fixture
def ben(bob: Person, exporter_a: Organisation, masters: None) -> Exporter:
    """Bob, who may only enter."""
    _insure(exporter_a)
    return Exporter(bob)


@pytest.fixture
def cho(charlie: Person, exporter_b: Organisation, masters: None) -> Exporter:
    """Charlie of another exporter."""
    _insure(exporter_b)
    return Exporter(charlie)


@pytest.fixture
def draft(ana: Exporter) -> Page:
    """ステップ１ of a complete draft of Alice's."""
    return ana.get(f"/nexi/requests/{ana.fills_in().number}/steps/terms/")


@pytest.fixture
def in_days() -> Callable[[int], date]:
    """Return a day that many days from today (JST)."""
    return lambda days: timezone.localdate() + timedelta(days=days)
