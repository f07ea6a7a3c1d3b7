"""Reads of the e-surety portal, scoped by the contractor or the body that asks."""
