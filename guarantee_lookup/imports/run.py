"""One delivery from its folder to the lookup: read, judged, loaded, checked, then switched, held or refused."""

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from guarantee_lookup import tables, vault
from guarantee_lookup.enums import NumberKind, SnapshotState
from guarantee_lookup.imports import checks, store
from guarantee_lookup.imports.checks import Listed
from guarantee_lookup.imports.crew import Crew
from guarantee_lookup.imports.files import Control, Refused, Source, compare, newest, read_control, refuse
from guarantee_lookup.imports.layout import KINDS, Insurance, Problem, Terms
from guarantee_lookup.imports.rows import MOST_LISTED
from guarantee_lookup.models import Snapshot
from guarantee_lookup.rules.arrivals import Totals, reasons_to_hold
from guarantee_lookup.selectors.masters import masters_on
from guarantee_lookup.selectors.snapshots import core_insurances, current
from guarantee_lookup.services import snapshots

if TYPE_CHECKING:
    from portal.accounts.models import User

COUNTS = {"CUS": "customers", "GUA": "guarantees", "SET": "settlements"}
BUSY = "ほかの取り込みが動いています。終わってから、もう一度取り込んでください。"


@dataclass
class Report:
    """What came of a delivery; numbers in it are masked. `errors` are all that is wrong, counted, the first 500 listed.

    `quality` are the lists of guarantee_lookup.md 6.4 that keep nobody from being shown (I08 to I10).
    """

    state: str = SnapshotState.REJECTED.value
    snapshot: str = ""
    message: str = ""
    files: dict[str, Any] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    previous: dict[str, int] = field(default_factory=dict)
    held_for: list[str] = field(default_factory=list)
    errors: Listed = field(default_factory=Listed)
    quality: dict[str, Listed] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True when the delivery was taken over, or waits only for an approval."""
        return self.state != SnapshotState.REJECTED.value

    def as_json(self) -> dict[str, Any]:
        return {"ok": self.ok, **asdict(self)}

    def add(self, problems: list[Problem], count: int | None = None) -> None:
        """Note problems; all of them are counted, the first ones listed."""
        self.errors.count += len(problems) if count is None else count
        self.errors.problems += problems[: max(MOST_LISTED - len(self.errors.problems), 0)]


def import_snapshot(folder: Path, actor: "User | None" = None) -> Report:
    """Take over the newest delivery in `folder`; the serving generation goes on until a checked one takes its place."""
    report = Report()
    with tables.exclusive() as won:
        if not won:
            report.message = BUSY
            return report
        snapshots.clear_interrupted()
        snapshot = None
        try:
            control = read_control(newest(folder), settings.ASSOCIATION_CODE)
            _check_turn(control)
            report.files = {kind: asdict(stated) for kind, stated in control.files.items()}
            snapshot = snapshots.begin(control.as_of, control.sequence, report.files, actor)
            report.snapshot = snapshot.name
            _load(snapshot, control, folder, report)
        except Refused as refused:
            _reject(snapshot, report, refused, actor)
            return report
        except Exception:
            if snapshot is not None:
                _give_up(snapshot)
            raise
        _finish(snapshot, report)
        return report


def _give_up(snapshot: Snapshot) -> None:
    """Leave no tables behind when the program itself fails; what cannot be cleared now, the next import clears."""
    snapshots.reject(snapshot, {"state": SnapshotState.REJECTED.value, "message": snapshots.INTERRUPTED})


def _check_turn(control: Control) -> None:
    """Refuse a delivery that is not newer than what serves or waits, or of a day that is not over (I02)."""

    def wrong(column: str, message: str) -> None:
        refuse(control.file, message, line=2, column=column, code="I02")

    if control.as_of > timezone.localdate() - timedelta(days=1):
        wrong("as_of_date", "基準日が昨日より後です。")
    serving = current()
    if serving is not None and control.as_of < serving.as_of:
        wrong("as_of_date", f"基準日が、現在のデータ（{serving.name}）より前です。")
    if serving is not None and control.as_of == serving.as_of and control.sequence <= serving.sequence:
        wrong("sequence", f"同じ基準日の再送は、連番を現在のデータ（{serving.name}）より大きくしてください。")
    waiting = Snapshot.objects.filter(state=SnapshotState.HELD, as_of=control.as_of, sequence__gte=control.sequence)
    if waiting.exists():
        wrong("sequence", "同じ基準日と連番のデータが承認を待っています。")


def _terms(control: Control) -> Terms:
    return Terms(
        as_of=control.as_of.isoformat(),
        customer_pattern=settings.CUSTOMER_NO_PATTERN,
        guarantee_pattern=settings.GUARANTEE_NO_PATTERN,
        insurances={core: Insurance(*known) for core, known in core_insurances(control.as_of).items()},
        customer_key=vault.digest_key(NumberKind.CUSTOMER),
        guarantee_key=vault.digest_key(NumberKind.GUARANTEE),
    )


def _load(snapshot: Snapshot, control: Control, folder: Path, report: Report) -> None:
    """Fill the tables of the generation and write what was found into it and the report; raises Refused."""
    sources = {kind: Source(folder / control.files[kind].file, kind) for kind in KINDS}
    if missing := [source.path.name for source in sources.values() if not source.path.is_file()]:
        problems = [Problem("I01", name, 0, "", "ファイルがありません。") for name in missing]
        raise Refused(problems)
    doubtful: set[bytes] = set()
    counted = unread = 0
    aged = Listed()
    refused: list[Problem] = []
    size = sum(source.path.stat().st_size for source in sources.values())
    with Crew(_terms(control), store.is_binary(), size) as crew:
        for kind, source in sources.items():
            for block in store.store(kind, snapshot.pk, crew.judged(source.blocks())):
                if block.refused:
                    raise Refused(block.refused)
                report.add(block.problems, block.errors)
                doubtful |= block.doubtful
                counted += block.counted
                unread += block.unread
                aged.count += block.aged_count
                aged.problems += block.aged[: max(MOST_LISTED - len(aged.problems), 0)]
            refused += compare(control, source)
    stated = control.files["GUA"]
    if stated.counted != counted and not unread:  # an amount that is no number is its customer's trouble (I03)
        message = f"利用額の合計が異なります（CTL {stated.counted:,}円、{stated.file} {counted:,}円）。"
        refused.append(Problem("I01", control.file, stated.line, "sum_counted", message))
    if refused:
        raise Refused(refused)
    paths = {kind: source.path for kind, source in sources.items()}
    store.quarantine(snapshot.pk, doubtful)
    if duplicates := checks.index(snapshot.pk, paths):
        raise Refused(duplicates)
    found = checks.check(snapshot.pk, masters_on(control.as_of), paths)
    report.add(found.sums.problems, found.sums.count)
    report.add(found.orphans.problems, found.orphans.count)
    report.quality = {"I08": found.free, "I09": aged, "I10": found.over}
    for kind, source in sources.items():
        setattr(snapshot, COUNTS[kind], source.rows)
    snapshot.counted, snapshot.quarantined = counted, store.quarantined(snapshot.pk)


def _finish(snapshot: Snapshot, report: Report) -> None:
    """Switch to the new generation, or let it wait when there is a reason (I06 to I08)."""
    now, serving = _totals(snapshot), current()
    before = _totals(serving) if serving else None
    report.totals = asdict(now)
    report.previous = asdict(before) if before else {}
    report.held_for = reasons_to_hold(now, before, report.quality["I08"].count)
    report.state = (SnapshotState.HELD if report.held_for else SnapshotState.CURRENT).value
    report.message = (
        "承認を待っています。承認されるまで、これまでのデータで回答します。" if report.held_for else "切り替えました。"
    )
    snapshot.report = report.as_json()
    if report.held_for:
        snapshots.hold(snapshot, report.held_for)
        return
    snapshot.save()
    snapshots.switch(snapshot, snapshot.received_by)


def _totals(snapshot: Snapshot) -> Totals:
    return Totals(snapshot.customers, snapshot.guarantees, snapshot.settlements, snapshot.quarantined, snapshot.counted)


def _reject(snapshot: Snapshot | None, report: Report, refused: Refused, actor: "User | None") -> None:
    report.add(list(refused.problems))
    report.message = "取り込みませんでした。これまでのデータで回答します。"
    if snapshot is None:
        snapshots.record_rejection(report.errors.problems[-1].file, report.as_json(), actor)
    else:
        snapshots.reject(snapshot, report.as_json(), actor)
