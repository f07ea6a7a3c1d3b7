"""Choices for forms, and the 海外商社名簿."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db.models import Q

from nexi_quota.enums import BuyerState, Product
from nexi_quota.models import Buyer, BuyerQuerySet, BuyerRating, Country, Currency, InsuredParty

if TYPE_CHECKING:
    from portal.accounts.models import Organisation

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
