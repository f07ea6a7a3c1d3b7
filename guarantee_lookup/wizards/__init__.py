"""The procedures of the bank portal."""

from guarantee_lookup.wizards.usage import USAGE

__all__ = ["USAGE"]
