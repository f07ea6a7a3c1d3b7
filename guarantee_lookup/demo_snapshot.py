"""The demo's delivery: the acceptance customer of the seed, the worked examples E2 to E12, and one that is blocked.

Every customer, guarantee and amount is invented, apart from the figures that the seed prints.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from guarantee_lookup.imports.layout import COLUMNS
from guarantee_lookup.imports.run import import_snapshot
from guarantee_lookup.imports.writing import write_delivery
from guarantee_lookup.models import Snapshot
from guarantee_lookup.rules.settlements import NEW_MODEL_FROM
from guarantee_lookup.selectors.masters import masters_on
from guarantee_lookup.selectors.snapshots import current
from guarantee_lookup.services.reference import SN_INSURANCES, load_masters
from portal.common.calendar import previous_business_day

MILLION = 1_000_000
ACCEPTANCE, GUARANTEE, BLOCKED = "123459816", 1234567890, "900000099"


@dataclass(frozen=True)
class Held:
    """One guarantee: counted yen, the 極度額 when something is `drawn` of it; a decided one is not disbursed yet."""

    insurance: str
    counted: int
    status: str = "E"
    bank: str = "9997"
    drawn: int = -1
    decided_on: str = "2023-06-20"


@dataclass(frozen=True)
class Sample:
    """One customer of the demo."""

    number: str
    held: Sequence[Held] = ()
    entity: str = "2"
    has_addition: bool = False
    blocked: bool = False


def _of(number: int, *held: Held, coop: bool = False) -> Sample:
    return Sample(f"{900000000 + number}", held, "4" if coop else "2", coop)


def samples(as_of: date) -> list[Sample]:
    """Return the customers of `as_of` (guarantee_lookup.md 1.1 and 3.5)."""
    decided = (as_of - timedelta(days=10)).isoformat()
    general, sn, ordinary, crisis = "MUTAN_G", "MUTAN_SN", "FUTSU_G", "KIKI_M"
    return [
        Sample(
            ACCEPTANCE,
            [
                Held(general, 28_646_000, decided_on="2022-06-20"),
                Held(general, 30 * MILLION, decided_on="2024-12-25"),
                Held(sn, 13_970_000, bank="9998", decided_on="2020-05-11"),
                Held(crisis, 32_578_000, bank="9998", decided_on="2020-07-03"),
            ],
        ),
        _of(2),
        _of(3, Held(ordinary, 150 * MILLION), Held(general, 30 * MILLION), coop=True),
        _of(4, Held(ordinary, 310 * MILLION), Held(general, 80 * MILLION), coop=True),
        _of(5, Held(ordinary, 450 * MILLION), coop=True),
        _of(6, Held(general, 82_500_000)),
        _of(7, Held(general, 50 * MILLION), Held("SOGYO", 15 * MILLION)),
        _of(8, Held(general, 45 * MILLION), Held("TOKU_G", 12 * MILLION)),
        _of(9, Held(general, 20 * MILLION), Held(ordinary, 60 * MILLION), Held("SHASAI", 400 * MILLION)),
        _of(10, Held(sn, 40 * MILLION), Held(crisis, 80 * MILLION), Held("SHINSAI_M", 30 * MILLION)),
        _of(11, Held(general, 20 * MILLION, drawn=3 * MILLION)),
        # Another case of E12 is only applied for, and such cases are never delivered.
        _of(12, Held(general, 30 * MILLION, status="D", decided_on=decided)),
        Sample(BLOCKED, [Held(general, 10 * MILLION)], blocked=True),
    ]


def write(folder: Path, as_of: date, sequence: int = 1) -> dict[str, Path]:
    """Write the delivery of `as_of` and return its files."""
    customers = samples(as_of)
    lines: dict[str, list[str]] = {"CUS": [], "GUA": [], "SET": []}
    rows = {code: insurance.row for code, insurance in masters_on(as_of).insurances.items()}
    number = GUARANTEE
    for sample in customers:
        sums = [0] * 5
        for held in sample.held:
            lines["GUA"].append(_guarantee(f"{number}", sample.number, held))
            sums[rows[held.insurance] - 1] += held.counted
            number += 7  # no two numbers in a row: who tries the next one is counting
        newest = max((held.decided_on for held in sample.held), default="")
        flags = (sample.entity, f"{sample.has_addition:d}", newest, f"{sample.blocked:d}")
        lines["CUS"].append(",".join([sample.number, *flags, *map(str, sums), "", "", "", "", ""]))
        for period, registered in (("2025-03", "2025-06-30"), ("2024-03", "2024-06-28")):
            model = "OLD" if period < NEW_MODEL_FROM else "NEW"
            lines["SET"].append(f"{sample.number},{period},5,1,{model},{registered}")
    counted = sum(held.counted for sample in customers for held in sample.held)
    return write_delivery(folder, as_of, sequence, settings.ASSOCIATION_CODE, lines, counted)


def _guarantee(number: str, customer: str, held: Held) -> str:
    disbursed, revolving = held.status == "E", held.drawn >= 0
    values = {
        "guarantee_no": number,
        "customer_no": customer,
        "fi_code": held.bank,
        "branch_code": "101",
        "insurance_code": held.insurance,
        "sn_item": "4" if held.insurance in SN_INSURANCES else "",
        "status": held.status,
        "guarantee_date": held.decided_on,
        "certificate_date": held.decided_on,
        "executed_date": held.decided_on if disbursed else "",
        "end_date": f"{int(held.decided_on[:4]) + 10}-03-31",
        "guarantee_amount": f"{held.counted if revolving or not disbursed else held.counted + 5 * MILLION}",
        "revolving": f"{revolving:d}",
        "outstanding_guaranteed": f"{held.drawn if revolving else held.counted if disbursed else 0}",
        "counted_amount": f"{held.counted}",
        "responsibility_sharing": "1",
    }
    return ",".join(values[name] for name in COLUMNS["GUA"])


def load_snapshot() -> None:
    """Write and import the delivery of the business day before today; the same day again changes nothing.

    The files stay below DATA_DIR/demo as a sample.
    """
    load_masters()
    as_of, serving = previous_business_day(timezone.localdate()), current()
    if serving is not None and serving.as_of >= as_of:
        return
    last = Snapshot.objects.filter(as_of=as_of).aggregate(last=Max("sequence"))["last"] or 0
    folder = Path(settings.DATA_DIR) / "demo" / "snapshot"
    for old in folder.glob("ZK_*.csv"):
        old.unlink()
    write(folder, as_of, last + 1)
    report = import_snapshot(folder)
    if report.held_for or not report.ok:
        raise RuntimeError(f"the demo's delivery was not taken over: {report.message} {report.errors.problems}")
