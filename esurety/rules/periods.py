"""Half of the 工期 and the 保証期限 (esurety.md 6.2, 6.4); days count from first to last, both included."""

from datetime import date, timedelta

from esurety.enums import Product
from esurety.rules.facts import Works


def half_period(starts_on: date, ends_on: date) -> tuple[int, date]:
    """Return the days of a 工期 and the first day on which half of it has passed; an odd number is rounded up."""
    days = (ends_on - starts_on).days + 1
    return days, starts_on + timedelta(days=-(-days // 2))


def period_of(works: Works, fiscal_year: int | None = None) -> tuple[date, date]:
    """Return the 工期, or 工事実施期間 of the year for works of several years."""
    for year in works["years"]:
        if year["year"] == fiscal_year and year["starts_on"] and year["ends_on"]:
            return date.fromisoformat(year["starts_on"]), date.fromisoformat(year["ends_on"])
    return date.fromisoformat(works["starts_on"]), date.fromisoformat(works["ends_on"])


def earliest_mid(works: Works, fiscal_year: int | None = None) -> date:
    """Return the earliest day of a 認定請求 for 中間前払金."""
    return half_period(*period_of(works, fiscal_year))[1]


def year_end(fiscal_year: int) -> date:
    """Return 31 March, the last day of a 会計年度."""
    return date(fiscal_year + 1, 3, 31)


def guarantee_period(product: str, works: Works, fiscal_year: int | None = None) -> tuple[str, str]:
    """Return 保証期間 as (first day, last day), ISO text: the first is "" but for 契約保証, the last is the 保証期限.

    In works of several years a year that is not the last ends with 31 March.
    """
    if product == Product.CTR:
        return works["contract_on"], works["ends_on"]
    if works["years"] and fiscal_year is not None:
        return "", min(works["ends_on"], year_end(fiscal_year).isoformat())
    return "", works["ends_on"]
