"""Staff pages of the exporter portal: masters, quotas with their ledger, confirmations, CSV import."""

from nexi_quota.admin import buyers, importing, masters, quotas

__all__ = ["buyers", "importing", "masters", "quotas"]
