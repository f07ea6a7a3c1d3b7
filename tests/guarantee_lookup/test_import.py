"""The nightly delivery: what is taken over, who is left out, what waits, and what the lookup then says."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from guarantee_lookup import vault
from guarantee_lookup.enums import NumberKind
from guarantee_lookup.imports import crew, files
from guarantee_lookup.imports.rows import digester
from guarantee_lookup.models import InsuranceCode, ServiceRules
from guarantee_lookup.rules.result import result_of
from guarantee_lookup.selectors.masters import masters_on
from guarantee_lookup.selectors.snapshots import current
from portal.audit.models import Event
from tests.guarantee_lookup.deliveries import CUSTOMER, Delivery, balances, clear_tables, known

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day(rules: ServiceRules) -> None:
    """10:00 on 2026-03-19, with the masters that every installation begins with, and no generation."""
    clear_tables()


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery(tmp_path)


def codes(report: object) -> list[str]:
    return [problem.code for problem in report.errors.problems]  # type: ignore[attr-defined]


# --- A good delivery ----------------------------------------------------------------


def test_the_sample_of_the_specification_yields_the_printed_screen(delivery: Delivery) -> None:
    report = delivery.imported()
    assert (report.state, report.errors.count, report.held_for) == ("current", 0, [])
    customer = known().customer
    assert customer is not None
    shown = result_of(
        customer, masters_on(delivery.as_of), as_of="2026-03-18", snapshot=report.snapshot, masked="*****9816"
    )
    assert [(one["balance"], one["free"]) for one in shown["figures"]] == [
        (58_646_000, 21_354_000),
        (0, 200_000_000),
        (13_970_000, 66_030_000),
        (0, 200_000_000),
        (32_578_000, None),
    ]
    assert shown["settlements"] == ["2025/03・5", "2024/03・5"]
    assert (shown["guaranteed_on"], shown["total"]) == ("2024-12-25", 105_194_000)


def test_a_guarantee_number_leads_to_the_same_customer(delivery: Delivery) -> None:
    delivery.imported()
    assert known("2020004003", "guarantee") == known()


def test_the_command_prints_the_report_and_ends_with_0(delivery: Delivery) -> None:
    delivery.write()
    out = StringIO()
    call_command("import_snapshot", delivery.folder, stdout=out)
    report = json.loads(out.getvalue())
    assert (report["ok"], report["state"], report["snapshot"]) == (True, "current", "20260318-01")
    assert report["totals"] == {
        "customers": 1_101,
        "guarantees": 4,
        "settlements": 2,
        "quarantined": 0,
        "counted": 105_194_000,
    }
    assert current().report == report  # type: ignore[union-attr]


def test_neither_the_report_nor_the_tables_nor_the_log_know_a_number(delivery: Delivery) -> None:
    delivery.change("GUA", 2, "insurance_code", "UNKNOWN")
    delivery.customer("300000001", ctl_r1="5")
    report = delivery.imported()
    written = json.dumps(report.as_json()) + json.dumps(list(Event.objects.order_by("pk").values("target", "detail")))
    assert "*****9816" in written
    assert not [number for number in (CUSTOMER, "2022001001", "300000001") if number in written]


def test_lines_in_any_order_quotes_and_windows_line_breaks_are_as_good(delivery: Delivery) -> None:
    for lines in delivery.lines.values():
        lines.reverse()
    delivery.lines["GUA"][0] = [f'"{cell}"' for cell in delivery.lines["GUA"][0]]
    for path in delivery.write().values():
        if "CTL" not in path.name:
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    report = _restated(delivery)
    assert (report.state, report.errors.count) == ("current", 0)
    assert balances() == {"MUTAN_G": 58_646_000, "MUTAN_SN": 13_970_000, "KIKI_M": 32_578_000}


def _restated(delivery: Delivery):  # type: ignore[no-untyped-def]
    """Import the files as they are now, with a CTL that has their hashes."""
    import hashlib

    from guarantee_lookup.imports.run import import_snapshot

    control = next(delivery.folder.glob("*_CTL.csv"))
    lines = [line.split(",") for line in control.read_text().splitlines()]
    for line in lines[1:]:
        line[7] = hashlib.sha256((delivery.folder / line[5]).read_bytes()).hexdigest()
    control.write_text("\n".join(",".join(line) for line in lines) + "\n")
    return import_snapshot(delivery.folder)


def test_the_newest_delivery_of_a_folder_is_taken(tmp_path: Path) -> None:
    older, newer = Delivery(tmp_path, "2026-03-17"), Delivery(tmp_path, "2026-03-18")
    older.folder = newer.folder
    older.write()
    assert newer.imported().snapshot == "20260318-01"


def test_codes_of_the_core_system_are_mapped_to_ours(delivery: Delivery) -> None:
    InsuranceCode.objects.filter(code="MUTAN_G").update(core_codes=["0301", "0302"])
    for line, core in ((2, "0301"), (3, "0302")):
        delivery.change("GUA", line, "insurance_code", core)
    assert delivery.imported().state == "current"
    assert balances()["MUTAN_G"] == 58_646_000


def test_masters_are_those_of_the_as_of_date(delivery: Delivery) -> None:
    InsuranceCode.objects.filter(code="KIKI_M").update(valid_to=date(2026, 3, 17))
    report = delivery.imported()
    assert [(one.line, one.column) for one in report.errors.problems] == [(5, "insurance_code")]
    assert known().is_quarantined


def test_blocked_customers_are_nothing_even_with_a_bad_line(delivery: Delivery) -> None:
    delivery.customer("300000001", lookup_block="1")
    delivery.customer("300000002", lookup_block="1", entity_type="7")
    report = delivery.imported()
    assert (report.state, report.errors.count) == ("current", 1)
    for number in ("300000001", "300000002"):
        assert known(number) == known("999999999")


def test_of_two_settlements_of_a_period_the_later_registered_is_kept_apart(delivery: Delivery) -> None:
    delivery.add("SET", CUSTOMER, "2025-03", "7", "1", "OLD", "2025-09-30")
    delivery.imported()
    customer = known().customer
    assert customer is not None
    shown = result_of(customer, masters_on(delivery.as_of), as_of="", snapshot="", masked="")
    assert shown["settlements"] == ["2025/03・7", "2024/03・5"]


# --- One bad line: the customer is left out, whole (I03, I05, T18, T32) --------------------

BAD = [
    ("CUS", 2, "entity_type", "7"),
    ("CUS", 2, "entity_type", ""),
    ("CUS", 2, "coop_addition_eligible", "1"),
    ("CUS", 2, "latest_guarantee_date", "2024-12-32"),
    ("CUS", 2, "latest_guarantee_date", "2026-03-19"),
    ("CUS", 2, "lookup_block", ""),
    ("CUS", 2, "ctl_r1", "-1"),
    ("CUS", 2, "ctl_r5", ""),
    ("CUS", 2, "core_free_r4", "1.5"),
    ("CUS", 2, "name_kana_head", "カブシキガイシャア"),
    ("GUA", 3, "guarantee_no", "202400100"),
    ("GUA", 3, "guarantee_no", "２０２４００１００２"),
    ("GUA", 3, "fi_code", "997"),
    ("GUA", 3, "branch_code", "10A"),
    ("GUA", 3, "insurance_code", "NONE"),
    ("GUA", 3, "sn_item", "4"),
    ("GUA", 4, "sn_item", ""),
    ("GUA", 4, "sn_item", "9"),
    ("GUA", 3, "status", "A"),
    ("GUA", 3, "guarantee_date", "2026-03-19"),
    ("GUA", 3, "guarantee_date", "2023-02-29"),
    ("GUA", 3, "executed_date", ""),
    ("GUA", 3, "end_date", "20311226"),
    ("GUA", 3, "guarantee_amount", "0"),
    ("GUA", 3, "guarantee_amount", "29999999"),
    ("GUA", 3, "revolving", "2"),
    ("GUA", 3, "outstanding_guaranteed", "29999999"),
    ("GUA", 3, "counted_amount", "30000001"),
    ("GUA", 3, "counted_amount", "30,000"),
    ("GUA", 3, "counted_amount", "1e7"),
    ("GUA", 3, "responsibility_sharing", ""),
    ("SET", 2, "period_ym", "2025-13"),
    ("SET", 2, "period_ym", "2026-04"),
    ("SET", 2, "category", "0"),
    ("SET", 2, "basis", "5"),
    ("SET", 2, "basis", "9"),
    ("SET", 2, "model_version", "NEW"),
    ("SET", 2, "registered_date", ""),
    ("SET", 2, "registered_date", "2026-03-19"),
]


@pytest.mark.parametrize(("kind", "line", "column", "cell"), BAD)
def test_a_bad_cell_is_named_and_its_customer_is_not_shown_at_all(
    delivery: Delivery, kind: str, line: int, column: str, cell: str
) -> None:
    delivery.change(kind, line, column, f'"{cell}"' if "," in cell else cell)
    report = delivery.imported()
    assert report.state == "current", report.as_json()
    found = [(one.code, one.file, one.line, one.number) for one in report.errors.problems]
    assert ("I03", f"ZK_20260318_01_{kind}.csv", line, "*****9816") in found
    assert known().is_quarantined
    assert known("2020004003", "guarantee").is_quarantined
    assert (report.totals["quarantined"], known("200000000").is_quarantined) == (1, False)


@pytest.mark.parametrize(("kind", "line"), [("CUS", 2), ("GUA", 3), ("SET", 3)])
def test_a_repaid_and_a_revolving_guarantee_count_as_they_should(delivery: Delivery, kind: str, line: int) -> None:
    if kind == "CUS":
        delivery.guarantee("2020009001", CUSTOMER, "MUTAN_G", 0, status="P", guarantee_amount="5000000")
    elif kind == "GUA":
        delivery.guarantee(
            "2020009001", CUSTOMER, "FUTSU_G", 9, revolving="1", guarantee_amount="9", outstanding_guaranteed="2"
        )
        delivery.change("CUS", 2, "ctl_r2", "9")
        delivery.change("CUS", 2, "core_free_r2", "199999991")
    else:
        delivery.guarantee("2020009001", CUSTOMER, "FUTSU_G", 9, status="D", executed_date="", guarantee_amount="9")
        delivery.change("CUS", 2, "ctl_r2", "9")
        delivery.change("CUS", 2, "core_free_r2", "")
    report = delivery.imported()
    assert (report.state, report.errors.count) == ("current", 0), report.as_json()
    assert balances().get("FUTSU_G", 0) == (0 if kind == "CUS" else 9)


@pytest.mark.parametrize(
    ("column", "cell"),
    [("ctl_r1", "58646001"), ("ctl_r2", "1"), ("ctl_r5", "0"), ("latest_guarantee_date", "2024-12-24")],
)
def test_control_figures_that_disagree_with_the_guarantees_keep_the_customer_out(
    delivery: Delivery, column: str, cell: str
) -> None:
    delivery.change("CUS", 2, column, cell)
    report = delivery.imported()
    assert [(one.code, one.line, one.column, one.number) for one in report.errors.problems] == [
        ("I04", 2, column, "*****9816")
    ]
    assert known().is_quarantined


def test_a_guarantee_that_is_missing_shows_in_the_control_figures(delivery: Delivery) -> None:
    del delivery.lines["GUA"][2]
    assert codes(delivery.imported()) == ["I04"]
    assert known().is_quarantined


@pytest.mark.parametrize("kind", ["GUA", "SET"])
def test_lines_of_a_customer_that_is_not_delivered_are_listed(delivery: Delivery, kind: str) -> None:
    if kind == "GUA":
        delivery.guarantee("2020009001", "300000001", "FUTSU_G", 5)
    else:
        delivery.add("SET", "300000001", "2025-03", "5", "1", "OLD", "2025-06-30")
    report = delivery.imported()
    line = len(delivery.lines[kind]) + 1
    assert [(one.code, one.file[-7:], one.line, one.column, one.number) for one in report.errors.problems] == [
        ("I05", f"{kind}.csv", line, "customer_no", "*****0001")
    ]
    assert known("300000001").is_quarantined
    assert balances()["MUTAN_G"] == 58_646_000


# --- What makes a delivery wait (I06 to I08), what is only listed (I09, I10) -----------------


def test_too_many_customers_in_quarantine_hold_the_delivery(tmp_path: Path) -> None:
    Delivery(tmp_path, "2026-03-17").imported()
    delivery = Delivery(tmp_path)
    for line in (3, 4):
        delivery.change("CUS", line, "entity_type", "7")
    report = delivery.imported()
    assert (report.ok, report.state, report.held_for) == (
        True,
        "held",
        ["I06 隔離した顧客が多すぎます（2件、全1,101件）。"],
    )
    assert current().name == "20260317-01"  # type: ignore[union-attr]
    assert Event.objects.filter(verb="lookup.import_held", target="20260318-01").exists()


@pytest.mark.parametrize(("more", "held"), [(5_259_700, False), (5_259_701, True)])
def test_a_total_that_changes_by_more_than_5_percent_holds_it(tmp_path: Path, more: int, held: bool) -> None:
    Delivery(tmp_path, "2026-03-17").imported()
    delivery = Delivery(tmp_path)
    delivery.guarantee("2020009001", CUSTOMER, "FUTSU_G", more)
    delivery.change("CUS", 2, "ctl_r2", f"{more}")
    delivery.change("CUS", 2, "core_free_r2", "")
    assert bool(delivery.imported().held_for) == held


@pytest.mark.parametrize(("filler", "held"), [(1_122, False), (1_123, True), (1_077, True), (1_078, False)])
def test_a_number_of_customers_that_changes_by_more_than_2_percent_holds_it(
    tmp_path: Path, filler: int, held: bool
) -> None:
    Delivery(tmp_path, "2026-03-17").imported()
    assert bool(Delivery(tmp_path, filler=filler).imported().held_for) == held


@pytest.mark.parametrize(("different", "held"), [(10, False), (11, True)])
def test_free_figures_of_the_core_that_differ_are_listed_and_hold_it_when_many(
    delivery: Delivery, different: int, held: bool
) -> None:
    for line in range(3, 3 + different):
        delivery.change("CUS", line, "core_free_r2", "1")
    report = delivery.imported()
    found = report.quality["I08"]
    assert (found.count, found.problems[0].line, found.problems[0].column) == (different, 3, "core_free_r2")
    assert bool(report.held_for) == held


@pytest.mark.parametrize(("decided", "listed"), [("2026-01-17", 0), ("2026-01-16", 1)])
def test_a_decided_case_of_61_days_still_counts_and_is_listed(delivery: Delivery, decided: str, listed: int) -> None:
    cells = {"status": "D", "executed_date": "", "guarantee_date": decided, "guarantee_amount": "7"}
    delivery.guarantee("2020009001", CUSTOMER, "FUTSU_G", 7, **cells)
    delivery.change("CUS", 2, "ctl_r2", "7")
    delivery.change("CUS", 2, "core_free_r2", "199999993")
    delivery.change("CUS", 2, "latest_guarantee_date", decided)
    report = delivery.imported()
    assert (report.state, report.errors.count, report.quality["I08"].count) == ("current", 0, 0)
    assert [(one.line, one.number) for one in report.quality["I09"].problems] == [(6, "*****9001")] * listed
    assert balances()["FUTSU_G"] == 7


def test_a_pool_over_its_limit_is_only_listed(delivery: Delivery) -> None:
    delivery.guarantee("2020009001", "300000001", "MUTAN_G", 82_500_000)
    delivery.customer("300000001", ctl_r1="82500000", core_free_r1="0", latest_guarantee_date="2022-06-20")
    delivery.change("CUS", 2, "ctl_r1", "58646000")
    report = delivery.imported()
    assert [(one.code, one.line, one.number) for one in report.quality["I10"].problems] == [("I10", 1_103, "*****0001")]
    assert (report.errors.count, report.quality["I08"].count, balances("300000001")) == (0, 0, {"MUTAN_G": 82_500_000})


# --- By whatever way ---------------------------------------------------------------------


def test_helper_processes_come_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BLOCK", 4_000)
    first = Delivery(tmp_path, "2026-03-17")
    first.change("SET", 2, "category", "X")
    alone = first.imported()
    monkeypatch.setattr(crew, "SMALL", 0)
    second = Delivery(tmp_path, "2026-03-18")
    second.change("SET", 2, "category", "X")
    together = second.imported()
    assert (together.state, together.totals) == ("current", alone.totals)
    assert [(one.line, one.column) for one in together.errors.problems] == [(2, "category")]
    assert known().is_quarantined
    assert known("200001000").customer is not None


def test_the_hash_of_the_import_is_the_vaults() -> None:
    for kind in NumberKind:
        digest = digester(vault.digest_key(kind), vault.DIGEST_BYTES)
        for number in (CUSTOMER, "0", "1" * 70):
            assert digest(number.encode()) == vault.digest(kind, number)
