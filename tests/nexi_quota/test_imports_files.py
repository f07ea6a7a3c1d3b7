"""CSV files as files: encodings, headers, sizes, several at once, the examples of the documentation."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from nexi_quota import imports
from nexi_quota.models import Buyer
from portal.accounts.models import Organisation
from portal.common import tables
from tests.nexi_quota.importing import BUYERS, FULL, Loader, counts, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("masters")]


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


# --- Files ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp932", "Shift_JIS（CP932）")]
)
def test_the_encoding_is_found(load: Loader, encoding: str, shown: str) -> None:
    report = load(f"{BUYERS},住所", "310-000008,X,310,ニカラグア①", encoding=encoding)
    assert (report["errors"], report["encoding"]) == (0, shown)
    assert Buyer.objects.get(code="310-000008").address == "ニカラグア①"


@pytest.mark.parametrize("content", ["海外商社コード".encode("utf-16"), b"\x82\xa0\xff\xfe\x81", b"PK\x03\x04\0\0"])
def test_another_encoding_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    assert "UTF-8またはShift_JIS（CP932）で保存し直して" in run(path)["files"][0]["problems"][0]


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("海外商社コード,名称", "見出しが海外商社名簿の形式と異なります。列「国コード」がありません。"),
        (f"{BUYERS},電話", "見出しが海外商社名簿の形式と異なります。列「電話」は使いません。"),
        (f"{BUYERS},名称", "見出しに同じ列（名称）が2つあります。"),
        ("a,b,c", "見出しからファイルの種類が分かりません。取り込めるのは、海外商社名簿、"),
        ('"海外商社コード', "1行目に見出しがありません。"),
        (",,", "1行目に見出しがありません。"),
    ],
)
def test_a_wrong_header_is_explained(load: Loader, header: str, problem: str) -> None:
    report = load(header, "310-000008,X,310")
    assert report["problems"][0].startswith(problem), report["problems"]


def test_a_header_in_other_widths_order_and_with_trailing_commas_is_known(load: Loader) -> None:
    assert load(
        "Ｌ／Ｃ条件,保険種,国コード,引受態度,案件枠(円),ユーザンス(月数),基準適用日,,",
        "無,01,304,引受可能,,,2030-01-01",
    )["ok"]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([], "ファイルが空です。"),
        ([BUYERS], "データの行がありません。"),
        ([BUYERS, '310-000008,"X"Y,310'], "2行目：引用符"),
        ([BUYERS, '310-000008,"X,310', "310-000009,X,310"], "2行目：引用符"),
    ],
)
def test_a_file_without_readable_rows_is_refused(load: Loader, lines: list[str], problem: str) -> None:
    report = load(*lines)
    assert report["problems"][0].startswith(problem), report["problems"]
    assert not Buyer.objects.filter(code="310-000008").exists()


def test_too_large_and_too_long_files_are_refused(load: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"310-{number:06d},X,310" for number in range(500, 504)]
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    assert load(BUYERS, *rows)["problems"] == ["行が多すぎます。3行以下に分けて取り込んでください。"]
    assert load(BUYERS, *rows[:3])["ok"]
    monkeypatch.setattr(tables, "MAX_BYTES", 20)
    assert load(BUYERS, *rows[:1])["problems"][0].startswith("ファイルが大きすぎます")


def test_each_file_is_all_or_nothing_by_itself(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(f"{BUYERS}\n310-000008,X,310\n", encoding="utf-8")
    bad.write_text(f"{BUYERS}\n310-000009,X,310\nx,X,310\n", encoding="utf-8")
    report = run(bad, good)
    assert [file["ok"] for file in report["files"]] == [False, True]
    assert list(Buyer.objects.filter(code__in=["310-000008", "310-000009"]).values_list("code", flat=True)) == [
        "310-000008"
    ]
    with pytest.raises(CommandError, match="ファイルがありません"):
        call_command("import_buyers", str(tmp_path / "none.csv"))


def test_a_long_file_takes_a_number_of_queries_for_each_batch_only(
    load: Loader, django_assert_max_num_queries: Any
) -> None:
    rows = [f"304-{number:06d},BUYER {number},304,,,,,,EF,,1000000" for number in range(1000, 2200)]
    with django_assert_max_num_queries(120):
        report = load(FULL, *rows)
    assert counts(report) == (1200, 0, 0, 0)
    with django_assert_max_num_queries(20):
        assert counts(load(FULL, *rows)) == (0, 0, 1200, 0)


def test_more_problems_than_anybody_reads_are_counted(load: Loader) -> None:
    report = load(BUYERS, *["x,X,310"] * 600)
    assert (report["errors"], len(report["problems"])) == (600, 500)


def test_every_template_can_be_imported_as_it_is(tmp_path: Path) -> None:
    for kind in imports.KINDS:
        path = tmp_path / f"{kind.slug}.csv"
        path.write_bytes(imports.template(kind))
        assert run(path)["files"][0]["kind"] == kind.slug


def test_every_example_of_the_documentation_is_taken(tmp_path: Path, exporter_a: Organisation) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "imports.md").read_text(encoding="utf-8")
    own = text.partition("## Snapshots of the look-up")[0]
    examples = re.findall(r"```csv\n(.*?)```", own, flags=re.DOTALL)
    kinds = []
    for number, example in enumerate(examples):
        path = tmp_path / f"{number}.csv"
        path.write_text(example, encoding="utf-8")
        report = run(path)["files"][0]
        assert report["ok"], report["problems"]
        kinds.append(report["kind"])
    assert kinds == [kind.slug for kind in imports.KINDS]
