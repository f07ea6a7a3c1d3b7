"""通知の一括取り込み: many 決済通知 and 枠戻通知 from one CSV or Excel file, all of them or none."""

from nexi_quota.bulk.checking import Checker, Problem
from nexi_quota.bulk.columns import COLUMNS
from nexi_quota.bulk.files import MAX_BYTES, MAX_ROWS, TYPES, template_csv, template_xlsx
from nexi_quota.bulk.flow import ENDED, JOB, LONGEST, begin, check, queue, run
from nexi_quota.bulk.kind import KIND, facts_of, page_of, place

__all__ = [
    "COLUMNS",
    "ENDED",
    "JOB",
    "KIND",
    "LONGEST",
    "MAX_BYTES",
    "MAX_ROWS",
    "TYPES",
    "Checker",
    "Problem",
    "begin",
    "check",
    "facts_of",
    "page_of",
    "place",
    "queue",
    "run",
    "template_csv",
    "template_xlsx",
]
