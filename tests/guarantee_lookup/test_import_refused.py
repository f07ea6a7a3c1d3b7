"""Malformed deliveries of every kind: refused with file, line and column; what serves is untouched, nothing is left."""

import json
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from guarantee_lookup.imports import files, layout, rows
from guarantee_lookup.imports.crew import Judge
from guarantee_lookup.imports.layout import COLUMNS, KINDS, Insurance, Terms
from guarantee_lookup.imports.run import Report, import_snapshot
from guarantee_lookup.models import ServiceRules, Snapshot
from guarantee_lookup.selectors.snapshots import current
from portal.audit.models import Event
from tests.guarantee_lookup.deliveries import CUSTOMER, SAMPLE, Delivery, clear_tables, damaged, known, left_tables

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day(rules: ServiceRules) -> None:
    """10:00 on 2026-03-19, with the masters that every installation begins with, and no generation."""
    clear_tables()


@pytest.fixture
def serving(tmp_path: Path) -> Snapshot:
    """The generation of the day before."""
    Delivery(tmp_path, "2026-03-17", filler=3).imported()
    found = current()
    assert found is not None
    return found


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery(tmp_path, filler=3)


def check_refused(report: Report, serving: Snapshot, *, code: str = "I01") -> None:
    """Fail unless the delivery was refused and the generation before answers as before, alone."""
    assert (report.ok, report.state, {one.code for one in report.errors.problems}) == (False, "rejected", {code})
    assert current() == serving
    assert known().customer is not None
    assert left_tables() == {serving.pk}
    assert Event.objects.filter(verb="lookup.import_rejected").count() == 1


Change = Callable[[bytes], bytes]


def header(change: Callable[[list[str]], list[str]]) -> Change:
    def apply(data: bytes) -> bytes:
        first, _, rest = data.partition(b"\n")
        return ",".join(change(first.decode().split(","))).encode() + b"\n" + rest

    return apply


def line(at: int, change: Change) -> Change:
    def apply(data: bytes) -> bytes:
        lines = data.split(b"\n")
        lines[at - 1] = change(lines[at - 1])
        return b"\n".join(lines)

    return apply


DAMAGES = {
    "Shift_JIS": ("CUS", line(3, lambda b: b[:-1] + ",ｶﾌﾞ".encode("cp932")), 3, "name_kana_head"),
    "UTF-16": ("GUA", lambda data: data.decode().encode("utf-16"), 1, "guarantee_no"),
    "a broken character": ("SET", line(3, lambda b: b.replace(b",5,", b",\xff,")), 3, "category"),
    "BOM": ("CUS", lambda data: b"\xef\xbb\xbf" + data, 1, "customer_no"),
    "NUL": ("GUA", line(4, lambda b: b + b"\0"), 4, ""),
    "nothing": ("SET", lambda data: b"", 1, ""),
    "no heading": ("SET", lambda data: data.partition(b"\n")[2], 1, None),
    "a missing column": ("GUA", header(lambda names: names[:-1]), 1, "responsibility_sharing"),
    "an unknown column": ("GUA", header(lambda names: [*names, "rate"]), 1, "rate"),
    "swapped columns": ("CUS", header(lambda names: [names[1], names[0], *names[2:]]), 1, "customer_no"),
    "a column twice": ("SET", header(lambda names: [*names[:-1], "category"]), 1, "category"),
    "a cell too few": ("GUA", line(3, lambda b: b.rpartition(b",")[0]), 3, "responsibility_sharing"),
    "a cell too many": ("SET", line(2, lambda b: b + b",1"), 2, "7列目"),
    "an open quote": ("GUA", line(3, lambda b: b.replace(b",MUTAN_G", b',"MUTAN_G')), 3, ""),
    "a blank line": ("SET", line(3, lambda b: b"\n" + b), 3, None),
    "a customer number of letters": ("GUA", line(3, lambda b: b.replace(b"100009816", b"10000981X")), 3, "customer_no"),
    "a customer number too short": ("CUS", line(2, lambda b: b[1:]), 2, "customer_no"),
    "full-width digits": ("SET", line(2, lambda b: "１００００９８１６".encode() + b[9:]), 2, "customer_no"),
    "a line without an end": ("GUA", lambda data: data + b"x" * 20_000, 6, None),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_malformed_file_is_refused_by_file_line_and_column(name: str, delivery: Delivery, serving: Snapshot) -> None:
    kind, change, at, column = DAMAGES[name]
    path = damaged(delivery, kind, change)
    report = import_snapshot(delivery.folder)
    check_refused(report, serving)
    first = next(one for one in report.errors.problems if one.file == path.name)
    assert (first.line, first.message != "") == (at, True)
    assert column is None or first.column == column
    assert CUSTOMER not in json.dumps(report.as_json())


@pytest.mark.parametrize(
    ("kind", "copied", "at", "column"),
    [("CUS", 2, 6, "customer_no"), ("GUA", 3, 6, "guarantee_no"), ("SET", 2, 4, "period_ym")],
)
def test_what_is_there_twice_is_refused(
    kind: str, copied: int, at: int, column: str, delivery: Delivery, serving: Snapshot
) -> None:
    delivery.lines[kind].append(delivery.lines[kind][copied - 2])
    report = delivery.imported()
    check_refused(report, serving)
    found = [(one.file[-7:-4], one.line, one.column) for one in report.errors.problems]
    assert found == [(kind, at, column)]
    assert f"{copied}行目と重複" in report.errors.problems[0].message


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_half_a_file_is_refused(kind: str, part: float, delivery: Delivery, serving: Snapshot) -> None:
    damaged(delivery, kind, lambda data: data[: int(len(data) * part)], is_stated=False)
    check_refused(import_snapshot(delivery.folder), serving)


def test_one_changed_digit_is_refused_by_the_hash(delivery: Delivery, serving: Snapshot) -> None:
    damaged(delivery, "SET", lambda data: data.replace(b",5,1,", b",6,1,", 1), is_stated=False)
    report = import_snapshot(delivery.folder)
    check_refused(report, serving)
    assert [(one.file[-7:], one.line, one.column) for one in report.errors.problems] == [("CTL.csv", 4, "sha256")]


# --- CTL -------------------------------------------------------------------------------

CONTROL = [
    (2, "layout_version", "002", "I01"),
    (3, "association_code", "12", "I01"),
    (2, "as_of_date", "2026/03/18", "I01"),
    (2, "as_of_date", "20260318", "I01"),
    (3, "as_of_date", "2026-03-16", "I01"),
    (2, "sequence", "0", "I01"),
    (2, "sequence", "100", "I01"),
    (2, "sequence", "+1", "I01"),
    (3, "sequence", "2", "I01"),
    (4, "kind", "XYZ", "I01"),
    (4, "kind", "GUA", "I01"),
    (3, "file_name", "ZK_20260318_01_CUS.csv", "I01"),
    (3, "file_name", "../ZK_20260318_01_GUA.csv", "I01"),
    (2, "row_count", "3", "I01"),
    (2, "row_count", "", "I01"),
    (2, "sha256", "0" * 64, "I01"),
    (2, "sha256", "abc", "I01"),
    (3, "sum_counted", "105194001", "I01"),
    (3, "sum_counted", "", "I01"),
    (2, "sum_counted", "1", "I01"),
]


def restated(delivery: Delivery, at: int, column: str, cell: str) -> Report:
    """Import with one cell of CTL changed."""
    delivery.write()
    control = next(delivery.folder.glob("*_CTL.csv"))
    lines = [record.split(",") for record in control.read_text().splitlines()]
    lines[at - 1][COLUMNS["CTL"].index(column)] = cell
    control.write_text("\n".join(",".join(cells) for cells in lines) + "\n")
    return import_snapshot(delivery.folder)


@pytest.mark.parametrize(("at", "column", "cell", "code"), CONTROL)
def test_a_wrong_cell_of_the_control_file_is_refused(
    at: int, column: str, cell: str, code: str, delivery: Delivery, serving: Snapshot
) -> None:
    report = restated(delivery, at, column, cell)
    check_refused(report, serving, code=code)
    assert report.errors.problems[0].file == "ZK_20260318_01_CTL.csv"
    assert report.errors.problems[0].line >= 2
    assert report.errors.problems[0].column


def test_the_line_and_column_of_a_wrong_cell_are_its_own(delivery: Delivery, serving: Snapshot) -> None:
    report = restated(delivery, 3, "association_code", "12")
    assert [(one.line, one.column) for one in report.errors.problems] == [(3, "association_code")]


@pytest.mark.parametrize("damage", ["heading", "missing line", "extra line", "BOM", "huge", "other day in its name"])
def test_a_malformed_control_file_is_refused(damage: str, delivery: Delivery, serving: Snapshot) -> None:
    path = delivery.write()["CTL"]
    data = path.read_bytes()
    lines = data.splitlines(keepends=True)
    changed = {
        "heading": data.replace(b"sha256", b"hash", 1),
        "missing line": b"".join(lines[:-1]),
        "extra line": data + lines[-1],
        "BOM": b"\xef\xbb\xbf" + data,
        "huge": data + b"x" * 200_000,
        "other day in its name": data,
    }
    path.write_bytes(changed[damage])
    if damage == "other day in its name":
        path.rename(path.with_name("ZK_20260319_01_CTL.csv"))
    check_refused(import_snapshot(delivery.folder), serving)


@pytest.mark.parametrize("kind", ["CTL", *KINDS])
def test_a_missing_file_is_refused(kind: str, delivery: Delivery, serving: Snapshot) -> None:
    delivery.write()[kind].unlink()
    check_refused(import_snapshot(delivery.folder), serving)


def test_a_folder_that_is_not_there_is_refused_with_status_1(tmp_path: Path) -> None:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("import_snapshot", tmp_path / "nowhere", stdout=out)
    assert ended.value.code == 1
    assert json.loads(out.getvalue())["ok"] is False


@pytest.mark.parametrize(
    ("as_of", "sequence", "column"),
    [
        ("2026-03-16", 9, "as_of_date"),
        ("2026-03-17", 1, "sequence"),
        ("2026-03-19", 1, "as_of_date"),
        ("2026-03-20", 1, "as_of_date"),
    ],
)
def test_a_day_that_is_older_or_not_over_or_the_same_delivery_again_is_refused(
    as_of: str, sequence: int, column: str, tmp_path: Path, serving: Snapshot
) -> None:
    again = Delivery(tmp_path / "again", as_of, sequence, filler=3)
    report = again.imported()
    check_refused(report, serving, code="I02")
    assert [(one.line, one.column) for one in report.errors.problems] == [(2, column)]


def test_a_day_is_delivered_again_with_a_higher_sequence(tmp_path: Path, serving: Snapshot) -> None:
    report = Delivery(tmp_path, "2026-03-17", 2, filler=3).imported()
    assert (report.state, report.snapshot) == ("current", "20260317-02")


def test_what_waits_already_is_not_taken_a_second_time(tmp_path: Path, serving: Snapshot) -> None:
    waiting = Snapshot.objects.create(as_of=date(2026, 3, 18), state="held", received_at=timezone.now())
    report = Delivery(tmp_path, filler=3).imported()
    assert [one.code for one in report.errors.problems] == ["I02"]
    waiting.refresh_from_db()
    assert waiting.state == "held"


# --- The quick tests agree with the exact ones -------------------------------------------------

TERMS = Terms(
    as_of="2026-03-18",
    customer_pattern="[0-9]{9}",
    guarantee_pattern="[0-9]{10}",
    insurances={"MUTAN_G": Insurance("MUTAN_G", False), "MUTAN_SN": Insurance("MUTAN_SN", True)},
    customer_key=b"c" * 32,
    guarantee_key=b"g" * 32,
)
CELLS = (
    "",
    "0",
    "1",
    "4",
    "5",
    "9",
    "-1",
    "+1",
    "1_0",
    "１",
    "²",
    "007",
    "1" * 15,
    "1" * 16,
    "2026-03-18",
    "2026-03-19",
)
CELLS += (
    "2024-02-30",
    "2025-03",
    "NEW",
    "OLD",
    "D",
    "E",
    "P",
    "X",
    "S",
    "A",
    "MUTAN_SN",
    "100009816",
    " 5",
    "5 ",
    '"5"',
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_is_judged_the_same_quickly_and_exactly(kind: str) -> None:
    """Every cell of every column, alone and with every other value of the short columns."""
    judge = Judge(TERMS, binary=False)
    warm = [*SAMPLE[kind][:3]]
    judge.judge((kind, "f", 2, "\n".join(warm).encode()))
    reader = rows.Reader(kind, "f", TERMS, judge._packing)
    tried = 0
    for sample in warm:
        for at in range(len(COLUMNS[kind])):
            for cell in CELLS:
                cells = sample.split(",")
                cells[at] = cell
                record = ",".join(cells)
                block = judge.judge((kind, "f", 2, f"{record}\n".encode()))
                exact = rows.Block()
                reader._slow(record.encode(), 2, exact)
                assert (block.errors, len(block.refused)) == (exact.errors, len(exact.refused)), record
                assert (block.rows, block.counted, block.aged_count) == (exact.rows, exact.counted, exact.aged_count)
                tried += 1
    assert tried > 150


def test_every_column_has_a_place_in_the_layout() -> None:
    assert {kind: len(columns) for kind, columns in COLUMNS.items()} == {"CTL": 9, "CUS": 15, "GUA": 16, "SET": 6}
    assert layout.DAYS["2026-03-18"] == date(2026, 3, 18).toordinal()


def test_a_file_larger_than_a_block_is_read_whole_and_counted_by_its_own_lines(
    delivery: Delivery, serving: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BLOCK", 100)
    delivery.change("SET", 3, "category", "X")
    for at in range(200):
        delivery.customer(f"{300000000 + at}")
    delivery.change("CUS", 150, "entity_type", "X")
    report = delivery.imported()
    assert [(one.file[-7:-4], one.line) for one in report.errors.problems] == [("CUS", 150), ("SET", 3)]
    assert report.totals["customers"] == 204
