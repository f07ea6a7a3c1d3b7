"""Requests to judge: buyer X of the acceptance scenarios (nexi.md 12), and small changes of it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings

from nexi_quota.enums import (
    COUNTRIES,
    POLICY_SAMPLES,
    RATING_RULES,
    SETTLEMENT_METHODS,
    Attitude,
    Guarantee,
    Product,
    Rating,
)
from nexi_quota.rules import Exporter, Facts, Judgement, Party, Payer, Policy, Quota

# A busy machine is slow, not wrong.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SHIPMENT = date(2026, 12, 1)
POSSIBLE = [("D20", "M-OK")]
SIGHT_LC = SETTLEMENT_METHODS["10"]
ADVANCE = SETTLEMENT_METHODS["60"]
CONDITIONAL: dict[str, Any] = {"attitude": Attitude.CONDITIONAL, "case_limit_jpy": 60_000_000, "usance_months": 12}
LC: dict[str, Any] = {"guarantee": Guarantee.LETTER_OF_CREDIT}
LG: dict[str, Any] = {"guarantee": Guarantee.LETTER_OF_GUARANTEE}


def payer(rating: Rating | None = Rating.EF, product: Product = Product.EQUIPMENT, **changes: Any) -> Payer:
    """A registered payer in Nicaragua with the need of the default table."""
    need = RATING_RULES[rating, product] if rating else None
    return replace(Payer(code="310-000001", country="310", rating=rating, need=need), **changes)


def bank(rating: Rating | None = Rating.SA, country: str = "304", **changes: Any) -> Party:
    """A bank in the United States."""
    return Party(code="304-000007", country=country, rating=rating, **changes)


def policies(product: Product, day: date) -> dict[str, Policy]:
    """The sample policies of a product in force on `day`: for each country the latest row on or before it."""
    rows = sorted((s for s in POLICY_SAMPLES if s.product == product), key=lambda s: s.effective_from)
    return {
        row.country: Policy(
            country=row.country,
            name=COUNTRIES[row.country].name_ja,
            attitude=row.attitude,
            case_limit_jpy=row.case_limit_jpy,
            usance_months=row.usance_months,
        )
        for row in rows
        if row.effective_from <= day
    }


def nicaragua(**changes: Any) -> dict[str, Policy]:
    """A policy of the payer's country."""
    return {"310": Policy(country="310", name="ニカラグア", **changes)}


def request(product: Product = Product.EQUIPMENT, *, days: int = 90, **changes: Any) -> Facts:
    """Scenario 1: USD 400,000, D/A 90 days after B/L, buyer X rated EF with 100,000,000 yen, rate 150.00."""
    facts = Facts(
        today=date(2026, 11, 21),
        exporter=Exporter(permitted=frozenset(Product)),
        product=product,
        settlement=SETTLEMENT_METHODS["20"],
        currency="USD",
        contract_amount=Decimal("400000.00"),
        requested_amount=Decimal("400000.00"),
        last_shipment=SHIPMENT,
        due=SHIPMENT + timedelta(days=days),
        payment_country="310",
        destination_country="310",
        special_reason="01" if product.is_automatic else "",
        payer=payer(product=product),
        policies=policies(product, date(2026, 11, 21)),
        rate=Decimal("150.00"),
        quota=Quota(limit_jpy=100_000_000, held_jpy=0),
    )
    return replace(facts, **changes)


def yen_request(product: Product, amount: int, **changes: Any) -> Facts:
    """The same in yen, of a payer whose quota is never short."""
    plenty = {"currency": "JPY", "rate": None, "quota": Quota(limit_jpy=10**14, held_jpy=0)}
    amounts = {"contract_amount": Decimal(amount), "requested_amount": Decimal(amount)}
    return request(product, **(plenty | amounts | changes))


def found(judgement: Judgement) -> list[tuple[str, str]]:
    """Rule and message of every finding, in order."""
    return [(finding.rule, finding.message) for finding in judgement.findings]
