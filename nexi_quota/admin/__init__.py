"""Staff pages of the exporter portal: masters, quotas with their ledger, records, decisions by two, CSV import."""

from nexi_quota.admin import buyers, importing, ledger, masters, proposals, quotas, ratings, records

__all__ = ["buyers", "importing", "ledger", "masters", "proposals", "quotas", "ratings", "records"]
