"""What the trade-credit portal stores."""

from credit_insurance.models.cases import Case, Line, Questionnaire
from credit_insurance.models.files import SheetFile
from credit_insurance.models.masters import CalendarDay, CreditClass, MasterPolicy, Member, Union
from credit_insurance.models.review import LimitDecision, Quote

__all__ = [
    "CalendarDay",
    "Case",
    "CreditClass",
    "LimitDecision",
    "Line",
    "MasterPolicy",
    "Member",
    "Questionnaire",
    "Quote",
    "SheetFile",
    "Union",
]
