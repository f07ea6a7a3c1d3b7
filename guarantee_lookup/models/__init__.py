"""What the portal stores; the customers of a snapshot lie in tables of their own (see guarantee_lookup.tables)."""

from guarantee_lookup.models.applications import UsageApplication
from guarantee_lookup.models.files import LookupFile, LookupLine
from guarantee_lookup.models.institutions import Announcement, Branch, Clerk, Institution, TermsAcceptance
from guarantee_lookup.models.lookups import Canary, Lookup, LookupLock
from guarantee_lookup.models.masters import CapacityPool, InsuranceCode, ServiceRules
from guarantee_lookup.models.snapshots import Snapshot

__all__ = [
    "Announcement",
    "Branch",
    "Canary",
    "CapacityPool",
    "Clerk",
    "Institution",
    "InsuranceCode",
    "Lookup",
    "LookupFile",
    "LookupLine",
    "LookupLock",
    "ServiceRules",
    "Snapshot",
    "TermsAcceptance",
    "UsageApplication",
]
