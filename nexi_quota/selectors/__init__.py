"""Reads: choices for forms, the registry of buyers, the facts of a request, what an exporter holds."""

from nexi_quota.selectors.holdings import (
    listed_confirmations,
    listed_contracts,
    notice_target,
    own_confirmation,
    own_contract,
)
from nexi_quota.selectors.masters import (
    BUYER_LIMIT,
    Choices,
    buyer_names,
    choices,
    department_of,
    permitted_products,
    rating_of,
    search_buyers,
)
from nexi_quota.selectors.requests import Request, request_of

__all__ = [
    "BUYER_LIMIT",
    "Choices",
    "Request",
    "buyer_names",
    "choices",
    "department_of",
    "listed_confirmations",
    "listed_contracts",
    "notice_target",
    "own_confirmation",
    "own_contract",
    "permitted_products",
    "rating_of",
    "request_of",
    "search_buyers",
]
