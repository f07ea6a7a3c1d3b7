"""Staff pages of the surety company."""

from esurety.admin import billing, bodies, fees, guarantees, masters, registrations, requests, revisions

__all__ = ["billing", "bodies", "fees", "guarantees", "masters", "registrations", "requests", "revisions"]
