"""The rules of a quota request in plain Python: facts in, judgement out; no database, no settings, no clock."""

from nexi_quota.enums import Verdict
from nexi_quota.rules.arithmetic import (
    confirmable,
    expires_on,
    is_valid,
    months_after,
    part_to_free,
    proposed_due,
    released_yen,
    to_yen,
    usance_days,
)
from nexi_quota.rules.facts import Exporter, Facts, Party, Payer, Policy, Quota
from nexi_quota.rules.judgement import Finding, Judgement, judge, takes_quota

__all__ = [  # noqa: RUF022 - reads as a table of contents
    # what is known
    "Facts",
    "Exporter",
    "Payer",
    "Party",
    "Policy",
    "Quota",
    # what is decided
    "judge",
    "Judgement",
    "Finding",
    "Verdict",
    "takes_quota",
    # money
    "to_yen",
    "confirmable",
    "released_yen",
    "part_to_free",
    # dates
    "months_after",
    "proposed_due",
    "usance_days",
    "expires_on",
    "is_valid",
]
