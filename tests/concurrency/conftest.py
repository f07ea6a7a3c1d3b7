"""The exporter portal's fixtures and the sample procedure, for the races."""

from tests.nexi_quota.fixtures import ana, ben, cho, in_days, masters
from tests.portal.wizard.sample import walkable

__all__ = ["ana", "ben", "cho", "in_days", "masters", "walkable"]
