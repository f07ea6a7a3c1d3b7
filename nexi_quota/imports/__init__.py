"""CSV import of the masters: recognised by the header, checked row by row, all or nothing per file."""

from nexi_quota.imports.buyers import branch_problem
from nexi_quota.imports.kinds import Kind, frozen
from nexi_quota.imports.proposed import Refused, approve_file, check_file, propose_file
from nexi_quota.imports.reference import load_reference_data
from nexi_quota.imports.run import KINDS, Report, load, template
from portal.common.tables import MAX_BYTES, MAX_ROWS

__all__ = [
    "KINDS",
    "MAX_BYTES",
    "MAX_ROWS",
    "Kind",
    "Refused",
    "Report",
    "approve_file",
    "branch_problem",
    "check_file",
    "frozen",
    "load",
    "load_reference_data",
    "propose_file",
    "template",
]
