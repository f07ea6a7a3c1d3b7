"""The sample procedure is known to every test of the engine."""

from tests.portal.wizard.sample import walkable

__all__ = ["walkable"]
