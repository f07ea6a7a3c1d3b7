"""The exporter portal's procedures: what is asked, in which order, and what happens at the end."""

from nexi_quota.wizards.confirmation import QUOTA_CONFIRMATION, amount_text, find_buyers
from nexi_quota.wizards.notice import NOTICE

__all__ = ["NOTICE", "QUOTA_CONFIRMATION", "amount_text", "find_buyers"]
