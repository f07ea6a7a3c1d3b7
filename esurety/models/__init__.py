"""What the e-surety portal stores."""

from esurety.models.fees import Fee, FeeBand, FeeTable, Invoice
from esurety.models.guarantees import AuthKey, Certificate, Guarantee, Revision
from esurety.models.handing import Registration, Submission
from esurety.models.masters import (
    AcceptanceRule,
    BankBranch,
    Body,
    Contractor,
    Office,
    SubmissionRule,
    Surety,
    Suspension,
)
from esurety.models.requests import Item, Request

__all__ = [
    "AcceptanceRule",
    "AuthKey",
    "BankBranch",
    "Body",
    "Certificate",
    "Contractor",
    "Fee",
    "FeeBand",
    "FeeTable",
    "Guarantee",
    "Invoice",
    "Item",
    "Office",
    "Registration",
    "Request",
    "Revision",
    "Submission",
    "SubmissionRule",
    "Surety",
    "Suspension",
]
