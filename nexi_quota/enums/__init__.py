"""Code tables of the portal: choices as TextChoices, tables as frozen data that seeds the database."""

from nexi_quota.enums.bulk import BatchState
from nexi_quota.enums.choices import (
    Attitude,
    BranchKind,
    BuyerState,
    ConfirmationState,
    ContractForm,
    Guarantee,
    LedgerKind,
    Origin,
    Product,
    ReleaseReason,
    SpecialReason,
    SustainableLending,
    Verdict,
)
from nexi_quota.enums.notices import (
    NOTICE_WAYS,
    ContractOrigin,
    ContractState,
    Extent,
    NoticeKind,
    Route,
    SettlementManner,
    Way,
    open_routes,
)
from nexi_quota.enums.places import COUNTRIES, CURRENCIES, IRAN, IRAQ, Country, Currency
from nexi_quota.enums.policies import POLICY_SAMPLES, PolicySample
from nexi_quota.enums.proposals import ProposalState
from nexi_quota.enums.ratings import RATING_RULES, Need, Rating
from nexi_quota.enums.settlement import (
    SETTLEMENT_METHODS,
    Days,
    SettlementGroup,
    SettlementMethod,
    allowed_methods,
)

__all__ = [  # noqa: RUF022 - reads as a table of contents
    # the application
    "Product",
    "SpecialReason",
    "ContractForm",
    "Guarantee",
    "Verdict",
    # settlement
    "SettlementMethod",
    "SettlementGroup",
    "Days",
    "SETTLEMENT_METHODS",
    "allowed_methods",
    # buyers and their ratings
    "BuyerState",
    "BranchKind",
    "Rating",
    "Need",
    "RATING_RULES",
    # countries and currencies
    "Country",
    "COUNTRIES",
    "IRAN",
    "IRAQ",
    "Currency",
    "CURRENCIES",
    "Attitude",
    "SustainableLending",
    "PolicySample",
    "POLICY_SAMPLES",
    # the confirmation and its ledger
    "ConfirmationState",
    "Origin",
    "LedgerKind",
    "ReleaseReason",
    # what waits for a second person
    "ProposalState",
    # a file of notices
    "BatchState",
    # contracts and notices
    "ContractOrigin",
    "ContractState",
    "NoticeKind",
    "Route",
    "Extent",
    "SettlementManner",
    "Way",
    "NOTICE_WAYS",
    "open_routes",
]
