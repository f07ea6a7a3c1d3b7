"""Procedures of the e-surety portal."""

from esurety.wizards.application import APPLICATION

__all__ = ["APPLICATION"]
