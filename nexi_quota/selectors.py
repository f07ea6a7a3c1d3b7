"""Reads: choices for forms, the registry of buyers, the facts of a request, the exporter's confirmations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404

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
from nexi_quota.models import (
    Buyer,
    BuyerQuerySet,
    BuyerRating,
    Confirmation,
    ConfirmationQuerySet,
    Country,
    Currency,
    ExchangeRate,
    InsuredParty,
    RatingRule,
)
from nexi_quota.rules.facts import Exporter, Facts, Party, Payer, Policy, Quota

if TYPE_CHECKING:
    from portal.accounts.models import Organisation, User

CHOICES_SECONDS = 60
"""How long a process may offer yesterday's choices; rules always read the tables themselves."""

BUYER_LIMIT = 20
"""Rows of a buyer search; more ask for a narrower one."""


@dataclass(frozen=True)
class Choices:
    """What the selects and radios of the request offer."""

    countries: tuple[tuple[str, str], ...]
    currencies: tuple[tuple[str, str], ...]
    decimals: dict[str, int]


def choices() -> Choices:
    """Return countries and currencies as choices; kept for a minute, since every step page needs them."""
    found: Choices | None = cache.get("nexi.choices")
    if found is None:
        currencies = list(Currency.objects.all())
        found = Choices(
            countries=tuple((country.code, str(country)) for country in Country.objects.all()),
            currencies=tuple((currency.code, str(currency)) for currency in currencies),
            decimals={currency.code: currency.decimals for currency in currencies},
        )
        cache.set("nexi.choices", found, CHOICES_SECONDS)
    return found


def permitted_products(organisation: "Organisation") -> list[Product]:
    """Return the products that the form offers to an exporter; kept for a minute, D01 reads the table itself."""
    key = f"nexi.products.{organisation.pk}"
    codes: list[str] | None = cache.get(key)
    if codes is None:
        codes = next(
            iter(InsuredParty.objects.filter(pk=organisation.pk).values_list("products", flat=True)), ""
        ).split()
        cache.set(key, codes, CHOICES_SECONDS)
    return [product for product in Product if product.value in codes]


def department_of(organisation: "Organisation") -> str:
    """Return the 部門 that an exporter has registered, empty without one."""
    return next(iter(InsuredParty.objects.filter(pk=organisation.pk).values_list("department", flat=True)), "")


# --- 海外商社名簿 ------------------------------------------------------------


def search_buyers(text: str, day: date) -> BuyerQuerySet:
    """Return buyers whose code begins with, or whose name contains, `text`, or whose country is named so.

    Deleted entries are left out; nothing for an empty text.
    """
    if not text:
        return Buyer.objects.none()
    named = Q(code__startswith=text) | Q(name__icontains=text) | Q(country__name__contains=text) | Q(country__code=text)
    found: BuyerQuerySet = Buyer.objects.rated(day).filter(named).exclude(state=BuyerState.DELETED)
    return found.select_related("country").order_by("name", "code")


def buyer_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the registered names of 海外商社 by code; no query when there is no code."""
    wanted = [code for code in codes if code]
    return dict(Buyer.objects.filter(code__in=wanted).values_list("code", "name")) if wanted else {}


def rating_of(buyer_id: int, day: date) -> str:
    """Return the rating of a buyer on `day`, empty when there is none yet."""
    ratings = BuyerRating.objects.filter(buyer=buyer_id, effective_from__lte=day).order_by("-effective_from")
    return next(iter(ratings.values_list("rating", flat=True)[:1]), "")


# --- The facts of a request ------------------------------------------------


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


# --- 個別保証枠一覧 -----------------------------------------------------------


def listed_confirmations(user: "User", wanted: dict[str, Any], today: date) -> ConfirmationQuerySet:
    """Return the organisation's confirmations that are on 個別保証枠一覧 on `today` and fit the filter `wanted`.

    On the list are quotas with a certificate still within validity (nexi.md 7.1).
    """
    rows: ConfirmationQuerySet = Confirmation.objects.visible_to(user).usable(today)
    rows = rows.select_related("payer__country", "currency", "application")
    if wanted.get("product"):
        rows = rows.filter(product=wanted["product"])
    if wanted.get("country"):
        rows = rows.filter(payer__country=wanted["country"])
    if text := wanted.get("q"):
        rows = rows.filter(Q(payer__name__icontains=text) | Q(number__startswith=text) | Q(reference__icontains=text))
    if wanted.get("since"):
        rows = rows.filter(expires_on__gte=wanted["since"])
    if wanted.get("until"):
        rows = rows.filter(expires_on__lte=wanted["until"])
    if wanted.get("whose") == "own":
        rows = rows.filter(application__submitted_by=user)
    return rows


def own_confirmation(user: "User", number: str) -> Confirmation:
    """Return the organisation's confirmation; Http404 for any other number."""
    found = Confirmation.objects.visible_to(user).filter(number=number)
    confirmation: Confirmation | None = found.select_related("payer__country", "currency", "application").first()
    if confirmation is None:
        raise Http404
    return confirmation
