"""The exporter portal's fixtures, for the races."""

from tests.nexi_quota.fixtures import ana, ben, cho, in_days, masters

__all__ = ["ana", "ben", "cho", "in_days", "masters"]
