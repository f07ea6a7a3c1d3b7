"""Reads: choices for forms, the registry of buyers, the facts of a request, what an exporter holds."""

from nexi_quota.selectors.api import application_for, applications_for, confirmations_for, contracts_for
from nexi_quota.selectors.effects import RatingEffects, rating_effects, replaced_by
from nexi_quota.selectors.holdings import (
    contract_products,
    contracts_on,
    listed_confirmations,
    listed_contracts,
    notice_target,
    notices_about,
    own_confirmation,
    own_contract,
)
from nexi_quota.selectors.ledger import LedgerFilter, balances, ledger_lines, ledger_page, with_records
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
from nexi_quota.selectors.notices import is_chosen_from_list, target_of
from nexi_quota.selectors.reminders import (
    SOON_DAYS,
    applicants_of,
    expiring,
    overdue,
    own_drafts,
    own_expiring,
    own_overdue,
    own_use,
)
from nexi_quota.selectors.requests import Request, request_of

__all__ = [
    "BUYER_LIMIT",
    "SOON_DAYS",
    "Choices",
    "LedgerFilter",
    "RatingEffects",
    "Request",
    "applicants_of",
    "application_for",
    "applications_for",
    "balances",
    "buyer_names",
    "choices",
    "confirmations_for",
    "contract_products",
    "contracts_for",
    "contracts_on",
    "department_of",
    "expiring",
    "is_chosen_from_list",
    "ledger_lines",
    "ledger_page",
    "listed_confirmations",
    "listed_contracts",
    "notice_target",
    "notices_about",
    "overdue",
    "own_confirmation",
    "own_contract",
    "own_drafts",
    "own_expiring",
    "own_overdue",
    "own_use",
    "permitted_products",
    "rating_effects",
    "rating_of",
    "replaced_by",
    "request_of",
    "search_buyers",
    "target_of",
    "with_records",
]
