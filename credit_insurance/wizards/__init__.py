"""The procedures of the trade-credit portal; each module is one declaration."""

from credit_insurance.wizards.hearing import HEARING

__all__ = ["HEARING"]
