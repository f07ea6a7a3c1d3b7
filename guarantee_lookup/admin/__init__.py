"""The association's pages."""

from guarantee_lookup.admin import applications, institutions, lookups, masters, people, reports, snapshots

__all__ = ["applications", "institutions", "lookups", "masters", "people", "reports", "snapshots"]
