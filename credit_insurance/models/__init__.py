"""What the trade-credit portal stores."""

from credit_insurance.models.cases import Case, Line, Questionnaire
from credit_insurance.models.files import SheetFile
from credit_insurance.models.masters import CalendarDay, CreditClass, MasterPolicy, Member, Union

__all__ = [
    "CalendarDay",
    "Case",
    "CreditClass",
    "Line",
    "MasterPolicy",
    "Member",
    "Questionnaire",
    "SheetFile",
    "Union",
]
