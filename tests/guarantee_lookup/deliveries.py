"""Deliveries of the core system for tests: the sample of guarantee_lookup.md 6.3, changed as a test wants."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from guarantee_lookup import tables, vault
from guarantee_lookup.enums import NumberKind
from guarantee_lookup.imports.layout import COLUMNS, KINDS
from guarantee_lookup.imports.run import Report, import_snapshot
from guarantee_lookup.imports.writing import write_delivery
from guarantee_lookup.models import Snapshot
from guarantee_lookup.selectors.snapshots import current
from guarantee_lookup.tables import Found, find

CUSTOMER = "100009816"
FILLER = 1_100
"""Customers without a guarantee: one in quarantine is then no more than 0.1 %."""

SAMPLE = {
    "CUS": [
        "100009816,2,0,2024-12-25,0,58646000,0,13970000,0,32578000,21354000,200000000,66030000,200000000,",
    ],
    "GUA": [
        "2022001001,100009816,9997,101,MUTAN_G,,E,2022-06-20,2022-06-20,2022-06-30,2029-06-30,"
        "40000000,0,28646000,28646000,1",
        "2024001002,100009816,9997,101,MUTAN_G,,E,2024-12-25,2024-12-25,2024-12-27,2031-12-26,"
        "33000000,0,30000000,30000000,1",
        "2020004003,100009816,9998,012,MUTAN_SN,4,E,2020-05-11,2020-05-11,2020-05-15,2030-05-15,"
        "30000000,0,13970000,13970000,0",
        "2020004004,100009816,9998,012,KIKI_M,,E,2020-07-03,2020-07-03,2020-07-10,2030-07-10,"
        "50000000,0,32578000,32578000,0",
    ],
    "SET": ["100009816,2025-03,5,1,OLD,2025-06-30", "100009816,2024-03,5,1,OLD,2024-06-28"],
}


class Delivery:
    """Four files in a folder of their own; `lines` are those below the headings, as lists of cells."""

    def __init__(self, folder: Path, as_of: str = "2026-03-18", sequence: int = 1, *, filler: int = FILLER) -> None:
        self.folder = folder / f"{as_of}-{sequence}"
        self.as_of, self.sequence = date.fromisoformat(as_of), sequence
        self.lines = {kind: [line.split(",") for line in SAMPLE[kind]] for kind in KINDS}
        for place in range(filler):
            self.add("CUS", f"{200_000_000 + place}", "1", "0", "", "0", *"00000", "", "", "", "", "")

    def add(self, kind: str, *cells: str) -> None:
        self.lines[kind].append(list(cells))

    def customer(self, number: str, **cells: str) -> None:
        """Add a customer without guarantees."""
        plain = dict(zip(COLUMNS["CUS"], [number, "2", "0", "", "0", *["0"] * 5, *[""] * 5], strict=True))
        self.add("CUS", *(plain | cells).values())

    def guarantee(self, number: str, customer: str, insurance: str, counted: int, **cells: str) -> None:
        """Add a disbursed guarantee; what it counts must be in the control sums of its customer."""
        plain = dict(zip(COLUMNS["GUA"], SAMPLE["GUA"][0].split(","), strict=True))
        amounts = {"guarantee_amount": f"{counted + 1}", "outstanding_guaranteed": f"{counted}"}
        named = {"guarantee_no": number, "customer_no": customer, "insurance_code": insurance}
        self.add("GUA", *(plain | named | amounts | {"counted_amount": f"{counted}"} | cells).values())

    def change(self, kind: str, line: int, column: str, cell: str) -> None:
        """Put `cell` into a line, which is counted from 2 as in the file."""
        self.lines[kind][line - 2][COLUMNS[kind].index(column)] = cell

    def write(self) -> dict[str, Path]:
        at = COLUMNS["GUA"].index("counted_amount")
        amounts = [cells[at].strip(chr(34)) for cells in self.lines["GUA"] if len(cells) > at]
        counted = sum(int(amount) for amount in amounts if amount.isascii() and amount.isdigit())
        lines = {kind: [",".join(cells) for cells in rows] for kind, rows in self.lines.items()}
        return write_delivery(self.folder, self.as_of, self.sequence, "11", lines, counted)

    def imported(self, actor: Any = None) -> Report:
        """Write the files and import them."""
        self.write()
        return import_snapshot(self.folder, actor)


def damaged(delivery: Delivery, kind: str, change: Callable[[bytes], bytes], *, is_stated: bool = True) -> Path:
    """Write the files with one of them changed as bytes; CTL agrees with the changed file if `is_stated`."""
    import hashlib

    path = delivery.write()[kind]
    before = path.read_bytes()
    after = change(before)
    path.write_bytes(after)
    if is_stated:
        control = next(delivery.folder.glob("*_CTL.csv"))
        text = control.read_text().replace(hashlib.sha256(before).hexdigest(), hashlib.sha256(after).hexdigest())
        control.write_text(text)
    return path


def known(number: str = CUSTOMER, kind: str = NumberKind.CUSTOMER, snapshot: Snapshot | None = None) -> Found:
    """Return what the serving generation says of a number."""
    serving = snapshot or current()
    assert serving is not None
    return find(serving.pk, kind, vault.digest(kind, number), "9997")


def balances(number: str = CUSTOMER) -> dict[str, int]:
    customer = known(number).customer
    assert customer is not None
    return dict(customer.balances)


def left_tables() -> set[int]:
    return tables.numbers()


def clear_tables() -> None:
    """Drop the tables of every generation: a flush after a test with real transactions does not know them."""
    for number in tables.numbers():
        tables.drop(number)
