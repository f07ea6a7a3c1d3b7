"""Tables of the exporter portal (nexi.md section 2)."""

from nexi_quota.models.bulk import NoticeBatch
from nexi_quota.models.contracts import ContractQuerySet, InsuranceContract, Notice
from nexi_quota.models.masters import (
    Buyer,
    BuyerQuerySet,
    BuyerRating,
    Country,
    CountryPolicy,
    Currency,
    ExchangeRate,
    InsuredParty,
    RatingRule,
    rating_on,
)
from nexi_quota.models.proposals import FileProposal, LimitProposal, Proposal
from nexi_quota.models.quota import Confirmation, ConfirmationQuerySet, LedgerEntry, Quota, QuotaLimit

__all__ = [
    "Buyer",
    "BuyerQuerySet",
    "BuyerRating",
    "Confirmation",
    "ConfirmationQuerySet",
    "ContractQuerySet",
    "Country",
    "CountryPolicy",
    "Currency",
    "ExchangeRate",
    "FileProposal",
    "InsuranceContract",
    "InsuredParty",
    "LedgerEntry",
    "LimitProposal",
    "Notice",
    "NoticeBatch",
    "Proposal",
    "Quota",
    "QuotaLimit",
    "RatingRule",
    "rating_on",
]
