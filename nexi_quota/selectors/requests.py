"""The facts of a 個別保証枠確認申込み: what the tables say about validated answers."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from nexi_quota.enums import (
    SETTLEMENT_METHODS,
    Attitude,
    BuyerState,
    ConfirmationState,
    Guarantee,
    Need,
    Product,
    Rating,
    SustainableLending,
)
from nexi_quota.models import Buyer, Confirmation, Country, ExchangeRate, InsuredParty, RatingRule
from nexi_quota.rules.facts import Exporter, Facts, Party, Payer, Policy, Quota

if TYPE_CHECKING:
    from portal.accounts.models import Organisation


@dataclass(frozen=True)
class Request:
    """A request as understood, with what the tables say about it: the judgement's facts and the rows behind them."""

    facts: Facts
    buyers: dict[str, Any]
    rate: Decimal
    rate_date: date


def request_of(terms: dict[str, Any], organisation: "Organisation", today: date) -> Request:
    """Return the facts for the validated answers `terms`; two queries.

    The rate of yen is 1; without a stored rate `rate` is 0 and the facts say None (D16).
    """
    product = Product(terms["product"])
    buyers = _buyers(terms, product, organisation, today)
    payer = buyers.get(terms["payer_code"])
    bank, confirming = (_party(buyers.get(terms[name] or "")) for name in ("bank_code", "confirming_code"))
    counterparty = buyers.get(terms["counterparty_code"] or "")
    codes = {terms["payment_country"], terms["destination_country"]}
    codes.update(buyer.country_id for buyer in buyers.values())
    rows = _countries(codes, product, organisation, terms["currency"], today)
    known = next(iter(rows.values()))
    is_yen = terms["currency"] == "JPY"
    facts = Facts(
        today=today,
        exporter=Exporter(
            permitted=frozenset(Product(code) for code in known["products"].split()),
            suspended=known["suspended_on"] is not None and known["suspended_on"] <= today,
        ),
        product=product,
        settlement=SETTLEMENT_METHODS[terms["settlement"]],
        currency=terms["currency"],
        contract_amount=terms["contract_amount"],
        requested_amount=terms["requested_amount"],
        last_shipment=terms["last_shipment"],
        due=terms["due"],
        payment_country=terms["payment_country"],
        destination_country=terms["destination_country"],
        counterparty_country=counterparty.country_id if counterparty else "",
        special_reason=terms["special_reason"],
        guarantee=Guarantee(terms["guarantee"]),
        prior_consent=terms["consent_number"],
        payer=_payer(payer),
        bank=bank,
        confirming_bank=confirming,
        policies={code: _policy(row) for code, row in rows.items()},
        rate=None if is_yen else known["rate"],
        quota=_quota(payer),
        duplicate=(payer.duplicate or "") if payer else "",
    )
    rate, rate_date = (Decimal(1), today) if is_yen else (known["rate"] or Decimal(0), known["rate_date"] or today)
    return Request(facts, buyers, rate, rate_date)


def _buyers(terms: dict[str, Any], product: Product, organisation: "Organisation", today: date) -> dict[str, Any]:
    wanted = {terms[name] for name in ("payer_code", "counterparty_code", "bank_code", "confirming_code")} - {None, ""}
    needs = RatingRule.objects.filter(rating=OuterRef("rating_now"), product=product).values("need")[:1]
    same = Confirmation.objects.filter(
        Q(state=ConfirmationState.VALID, expires_on__gte=today) | Q(state=ConfirmationState.INSURED),
        organisation=organisation,
        payer=OuterRef("pk"),
        contract_number=terms["contract_number"] or None,
    )
    found = (
        Buyer.objects.rated(today)
        .filter(code__in=wanted)
        .annotate(need=Subquery(needs), duplicate=Subquery(same.values("number")[:1]))
        .annotate(
            quota_id=Coalesce(F("head_office__quota__pk"), F("quota__pk")),
            limit_jpy=Coalesce(F("head_office__quota__limit_jpy"), F("quota__limit_jpy")),
            held_jpy=Coalesce(F("head_office__quota__held_jpy"), F("quota__held_jpy")),
        )
    )
    return {buyer.code: buyer for buyer in found}


def _countries(
    codes: set[str], product: Product, organisation: "Organisation", currency: str, today: date
) -> dict[str, dict[str, Any]]:
    """Return per country the policy row in force; each row also carries the exporter's terms and the rate."""
    exporter = InsuredParty.objects.filter(pk=organisation.pk)
    rates = ExchangeRate.objects.filter(currency=currency, date__lte=today).order_by("-date")
    rows = (
        Country.objects.filter(code__in=codes)
        .annotate(
            row=FilteredRelation(
                "policies", condition=Q(policies__product=product, policies__effective_from__lte=today)
            ),
            products=Coalesce(Subquery(exporter.values("products")[:1]), Value("")),
            suspended_on=Subquery(exporter.values("suspended_on")[:1]),
            rate=Subquery(rates.values("jpy_per_unit")[:1]),
            rate_date=Subquery(rates.values("date")[:1]),
        )
        .order_by("code", F("row__effective_from").desc(nulls_last=True))
        .values(
            "code", "name", "sustainable_lending", "products", "suspended_on", "rate", "rate_date",
            "row__attitude", "row__case_limit_jpy", "row__usance_months", "row__lc_required",
        )
    )  # fmt: skip
    latest: dict[str, dict[str, Any]] = {}
    for row in rows:
        latest.setdefault(row["code"], dict(row))
    return latest


def _policy(row: dict[str, Any]) -> Policy:
    return Policy(
        country=row["code"],
        name=row["name"],
        attitude=Attitude(row["row__attitude"] or Attitude.OPEN),
        case_limit_jpy=row["row__case_limit_jpy"],
        usance_months=row["row__usance_months"],
        lc_required=bool(row["row__lc_required"]),
        sustainable_lending=SustainableLending(row["sustainable_lending"]),
    )


def _party(buyer: Any) -> Party | None:
    if buyer is None:
        return None
    return Party(
        code=buyer.code,
        country=buyer.country_id,
        rating=Rating(buyer.rating_now) if buyer.rating_now else None,
        state=BuyerState(buyer.state),
    )


def _payer(buyer: Any) -> Payer | None:
    if buyer is None:
        return None
    return Payer(
        code=buyer.code,
        country=buyer.country_id,
        rating=Rating(buyer.rating_now) if buyer.rating_now else None,
        state=BuyerState(buyer.state),
        need=Need(buyer.need) if buyer.need else None,
    )


def _quota(buyer: Any) -> Quota | None:
    if buyer is None or buyer.quota_id is None:
        return None
    return Quota(limit_jpy=buyer.limit_jpy, held_jpy=buyer.held_jpy)
