"""The exporter portal's fixtures, for its own tests."""

from tests.nexi_quota.fixtures import ana, ben, cho, draft, in_days, masters

__all__ = ["ana", "ben", "cho", "draft", "in_days", "masters"]
