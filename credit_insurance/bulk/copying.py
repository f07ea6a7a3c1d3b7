"""前年から複写: the debtors of an earlier sheet without what has to be stated anew (credit_insurance.md 8.16)."""

from collections.abc import Iterable

from credit_insurance.bulk.cells import entry
from credit_insurance.bulk.preview import Known, Slot
from credit_insurance.forms.debtor import field_of
from credit_insurance.models import Line
from credit_insurance.services.sheets import Entry

EMPTIED = (
    *("annual_sales", "balance_now", "balance_date", "balance_max12", "balance_forecast"),
    *("overdue_flag", "overdue_amount", "oldest_due", "known_adverse", "known_adverse_note"),
)
"""The columns that hold for a day or a year only."""


def copied(lines: Iterable[Line], present: Iterable[Line]) -> tuple[list[Entry], int]:
    """Return the lines to add to the `present` ones, and how many were left out because they are there already."""
    known = Known()
    for line in present:
        known.add(Slot(Entry(line.typed, line.values, line.unread, line.debtor_key)))
    emptied = {part for name in EMPTIED for part in field_of(name).html_names(name)}
    added, left_out = [], 0
    for line in lines:
        if known.find(line.values):
            left_out += 1
        else:
            added.append(entry({name: texts for name, texts in line.typed.items() if name not in emptied}))
    return added, left_out
