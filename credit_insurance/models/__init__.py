"""What the trade-credit portal stores."""

from credit_insurance.models.cases import Case, Line, Questionnaire
from credit_insurance.models.enrolment import (
    Certificate,
    Consent,
    ConsentPaper,
    CoveredDebtor,
    Enrolment,
    EnrolmentForm,
    HandOver,
    LimitHistory,
)
from credit_insurance.models.files import SheetFile
from credit_insurance.models.masters import CalendarDay, CreditClass, MasterPolicy, Member, Union
from credit_insurance.models.money import Allocation, BankFile, Deposit, Invoice, Refund
from credit_insurance.models.review import LimitDecision, Quote

__all__ = [
    "Allocation",
    "BankFile",
    "CalendarDay",
    "Case",
    "Certificate",
    "Consent",
    "ConsentPaper",
    "CoveredDebtor",
    "CreditClass",
    "Deposit",
    "Enrolment",
    "EnrolmentForm",
    "HandOver",
    "Invoice",
    "LimitDecision",
    "LimitHistory",
    "Line",
    "MasterPolicy",
    "Member",
    "Questionnaire",
    "Quote",
    "Refund",
    "SheetFile",
    "Union",
]
