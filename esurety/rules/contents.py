"""What the certificate of one guarantee says, from the works and the values of the item (esurety.md 5.1, 5.2)."""

from esurety.enums import Product
from esurety.rules.facts import Contents, Party, Works
from esurety.rules.periods import guarantee_period


def contents_of(
    product: str,
    works: Works,
    *,
    contractor: Party,
    body_name: str,
    addressee: str,
    amount: int,
    base_amount: int | None = None,
    fiscal_year: int | None = None,
    bank: str = "",
    advance_number: str = "",
    advance_amount: int | None = None,
) -> Contents:
    """Return the contents; what does not belong to the product is left out even when it was given.

    `fiscal_year` only for works of several years; `advance_number` and `advance_amount` (yen) are those of the
    先行する前払金保証.
    """
    is_contract, is_mid = product == Product.CTR, product == Product.MID
    covers_from, due_on = guarantee_period(product, works, fiscal_year)
    return {
        "contractor": contractor,
        "jv_name": works["jv_name"],
        "members": works["members"],
        "body": works["body"],
        "body_name": body_name,
        "addressee": addressee,
        "work": works["name"],
        "work_number": works["number"],
        "work_kind": works["kind"],
        "price": works["price"],
        "contract_on": works["contract_on"],
        "starts_on": works["starts_on"],
        "ends_on": works["ends_on"],
        "amount": amount,
        "base_amount": None if is_contract else base_amount,
        "fiscal_year": None if is_contract or base_amount is None else fiscal_year,
        "covers_from": covers_from,
        "due_on": due_on,
        "bank": "" if is_contract else bank,
        "advance_number": advance_number if is_mid else "",
        "advance_amount": advance_amount if is_mid else None,
        "is_low_bid": works["is_low_bid"],
    }
