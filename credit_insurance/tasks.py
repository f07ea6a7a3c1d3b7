"""What happens to the trade-credit portal every night."""

from datetime import date

from credit_insurance.services import sheet_files
from portal.outbox.nightly import nightly_job


@nightly_job("credit.sheet_files")
def discard_sheet_files(day: date) -> dict[str, object]:
    """Delete files of debtors that nobody took over."""
    return {"discarded": sheet_files.discard_old(day)}
