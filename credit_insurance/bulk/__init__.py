"""取引先の取り込み: a CSV or Excel file, or an earlier sheet, as lines of a sheet (credit_insurance.md 5.4)."""

from credit_insurance.bulk.columns import headings_left, suggested
from credit_insurance.bulk.copying import EMPTIED, copied
from credit_insurance.bulk.files import errors_csv, export, parsed, template
from credit_insurance.bulk.preview import Preview, previewed

__all__ = [
    "EMPTIED",
    "Preview",
    "copied",
    "errors_csv",
    "export",
    "headings_left",
    "parsed",
    "previewed",
    "suggested",
    "template",
]
