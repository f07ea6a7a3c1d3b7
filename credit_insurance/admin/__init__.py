"""Staff pages of the federation and the insurer."""

from credit_insurance.admin import (
    certificates,
    decisions,
    deposits,
    forms,
    leads,
    masters,
    members,
    money,
    offers,
    papers,
    portfolio,
    refunds,
    review,
)

__all__ = [
    "certificates",
    "decisions",
    "deposits",
    "forms",
    "leads",
    "masters",
    "members",
    "money",
    "offers",
    "papers",
    "portfolio",
    "refunds",
    "review",
]
