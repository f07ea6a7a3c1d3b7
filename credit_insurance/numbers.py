"""Series of the numbers of the 貸倒補償制度 (credit_insurance.md 5.2, 5.5, 8.15)."""

from portal.numbering.series import Series, single_day

MOST_REVISIONS = 9

SHEET = Series("credit-sheet", single_day, width=4, prefix="6")
"""受付番号 of a ヒアリングシート and of its case: 6, the day, four digits of the day, check digit."""

FORM = Series("credit-form", single_day, width=4, prefix="7")
"""受付番号 of a 加入依頼書: 7, the day, four digits of the day, check digit."""

MEMBER = Series("credit-member", lambda day: "", width=7, prefix="K", checked=False)
"""加入者番号: K and seven digits."""

QUOTE = Series("credit-quote", lambda day: f"{day:%Y%m}", width=6, prefix="Q", checked=False)
"""見積番号 without its revision: Q, year and month, six digits."""

CERTIFICATE = Series("credit-certificate", lambda day: f"{day:%Y}", width=7, prefix="T", checked=False)
"""証券番号 of a 加入者証: T, year of its first issue, seven digits."""

INVOICE = Series("credit-invoice", lambda day: "", width=6)
"""受付番号 to put before the payer's name: six digits and a check digit, so that a slip names nobody else's premium."""


def quote_number(number: str, revision: int) -> str:
    """Return the number of a revision (1 for the first issue) of the quote `number`; ValueError beyond 9."""
    if not 1 <= revision <= MOST_REVISIONS:
        raise ValueError(f"revision {revision}")
    return f"{number}{revision}"
