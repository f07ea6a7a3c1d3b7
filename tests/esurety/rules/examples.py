"""A works contract as the seed has it, for the worked examples of esurety.md 18."""

from typing import Any

from esurety.rules.contents import contents_of
from esurety.rules.facts import Contents, Works

PARTY = {"name": "株式会社架空建設", "address": "茨城県架空市1-1", "representative": "代表取締役 架空 太郎"}


def works(**changes: Any) -> Works:
    """Return 請負金額 50,000,000 in one year, with `changes`."""
    return {
        "body": "082368",
        "department": "契約課",
        "number": "6-12",
        "name": "市道１号線改良工事",
        "place": "架空市",
        "kind": "works",
        "price": 50_000_000,
        "tax": None,
        "contract_on": "2024-08-01",
        "notice_on": "",
        "nomination_on": "",
        "award_on": "",
        "bid_on": "",
        "case_number": "",
        "spec_number": "",
        "starts_on": "2024-08-02",
        "ends_on": "2025-02-28",
        "order_form": "single",
        "jv_name": "",
        "members": [],
        "has_advance": True,
        "is_low_bid": False,
        "years": [],
        **changes,
    }  # type: ignore[return-value,typeddict-item]


def contents(product: str = "ADV", *, works_changes: dict[str, Any] | None = None, **changes: Any) -> Contents:
    """Return the contents of a certificate over 20,000,000 yen (契約保証: 5,000,000)."""
    values: dict[str, Any] = {
        "contractor": PARTY,
        "body_name": "架空市",
        "addressee": "架空市長",
        "amount": 5_000_000 if product == "CTR" else 20_000_000,
        "bank": "架空銀行　本店",
    }
    return contents_of(product, works(**(works_changes or {})), **{**values, **changes})
