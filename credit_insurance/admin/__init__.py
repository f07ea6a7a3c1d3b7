"""Staff pages of the federation and the insurer."""

from credit_insurance.admin import leads, masters, members, review

__all__ = ["leads", "masters", "members", "review"]
