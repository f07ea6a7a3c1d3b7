"""The procedures of the trade-credit portal; each module is one declaration, the first is what lists offer to begin."""

from credit_insurance.wizards.hearing import HEARING

# isort: split
from credit_insurance.wizards.enrolment import ENROLMENT

__all__ = ["ENROLMENT", "HEARING"]
