"""Pages of the exporter portal (ux.md 5.4)."""
