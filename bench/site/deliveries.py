"""A delivery of the look-up of any size, the same every time: no random numbers, no list that grows with it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

EACH = 3
"""Guarantees of a customer, and settlements."""

BANKS = 50
KINDS = (
    ("MUTAN_G", "", 1),
    ("FUTSU_G", "", 2),
    ("MUTAN_G", "", 1),
    ("MUTAN_SN", "4", 3),
    ("MUTAN_G", "", 1),
    ("FUTSU_SN", "5", 4),
    ("KIKI_M", "", 5),
    ("MUTAN_G", "", 1),
    ("SOGYO", "", 5),
)
"""保険, the SNの号 and the row of one guarantee after the other."""


def customer_number(place: int) -> str:
    return f"{100_000_000 + place}"


def guarantee(place: int) -> tuple[str, str, int, int]:
    """Return 保険, SNの号, row and counted yen of a guarantee."""
    insurance, sn, row = KINDS[place * 5 % len(KINDS)]
    return insurance, sn, row, 1_000_000 + place * 37 % 9_000_000


def customers(count: int) -> Iterator[str]:
    for place in range(count):
        rows, free = [0] * 5, [80_000_000, 200_000_000, 80_000_000, 200_000_000]
        for one in range(place * EACH, (place + 1) * EACH):
            insurance, _, row, counted = guarantee(one)
            rows[row - 1] += counted
            if insurance == "SOGYO":
                free[0] -= counted
            elif row < 5:
                free[row - 1] -= counted
        sums = ",".join(map(str, [*rows, *free]))
        yield f"{customer_number(place)},{place % 3 + 1},0,2025-{place % 12 + 1:02d}-15,0,{sums},"


def guarantees(count: int) -> Iterator[str]:
    for place in range(count * EACH):
        insurance, sn, _, counted = guarantee(place)
        owner, bank = place // EACH, 9_000 + place % BANKS
        day = f"20{place % 8 + 16}-{place % 12 + 1:02d}-{place % 27 + 1:02d}"
        yield (
            f"{2_000_000_000 + place},{customer_number(owner)},{bank},{place % 90 + 101},{insurance},{sn},E,{day},"
            f"{day},{day},2033-03-31,{counted + 5_000_000},0,{counted},{counted},{place % 2}"
        )


def settlements(count: int) -> Iterator[str]:
    for place in range(count):
        for year in (2025, 2024, 2023):
            month = place % 12 + 1
            category = (place + year) % 9 + 1
            yield f"{customer_number(place)},{year}-{month:02d},{category},1,OLD,{year + 1}-01-20"


def write(folder: Path, as_of: date, count: int, sequence: int = 1) -> dict[str, Path]:
    """Write the delivery of `count` customers; a customer's guarantees follow each other, as in the sample of 6.3."""
    from django.conf import settings

    from guarantee_lookup.imports.writing import write_delivery

    counted = sum(guarantee(place)[3] for place in range(count * EACH))
    lines = {"CUS": customers(count), "GUA": guarantees(count), "SET": settlements(count)}
    return write_delivery(folder, as_of, sequence, settings.ASSOCIATION_CODE, lines, counted)
