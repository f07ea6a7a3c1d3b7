"""Masters that every installation begins with: countries, currencies, 格付別の扱い; policies only as samples."""

from django.db import transaction

from nexi_quota.enums import COUNTRIES, CURRENCIES, POLICY_SAMPLES, RATING_RULES
from nexi_quota.models import Country, CountryPolicy, Currency, RatingRule


@transaction.atomic
def load_reference_data(*, samples: bool = False) -> dict[str, int]:
    """Add what is missing and return how many rows of each table were added; what staff changed stays as it is.

    `samples` adds the dated 国別引受方針 of 2017 to 2020 (nexi.md 5.3), which are not the policy of today.
    """
    tables = (
        (Country, [Country(code=row.code, name=row.name_ja, name_en=row.name_en) for row in COUNTRIES.values()]),
        (
            Currency,
            [
                Currency(code=row.code, name=row.name_ja, decimals=row.decimals, position=position * 10)
                for position, row in enumerate(CURRENCIES.values())
            ],
        ),
        (
            RatingRule,
            [RatingRule(rating=rating, product=product, need=need) for (rating, product), need in RATING_RULES.items()],
        ),
        (CountryPolicy, _policies() if samples else []),
    )
    added = {}
    for model, rows in tables:
        before = model._default_manager.count()
        model._default_manager.bulk_create(rows, ignore_conflicts=True)  # type: ignore[arg-type]  # rows are of `model`
        added[model._meta.model_name or ""] = model._default_manager.count() - before
    return added


def _policies() -> list[CountryPolicy]:
    return [
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
    ]
