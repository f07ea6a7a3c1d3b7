"""Files for the 一括取り込み: both forms say the same, and what cannot be read is refused fast and in clear words."""

import csv
import io
import re
import time
import zipfile
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from nexi_quota import bulk
from nexi_quota.models import InsuranceContract, Notice, NoticeBatch
from portal.accounts.models import Organisation
from portal.applications.models import Application
from tests.nexi_quota.bulk_files import (
    BULK,
    FIELDS,
    NAMES,
    as_csv,
    as_xlsx,
    chooses,
    lines,
    part,
    repacked,
    row,
    takes_over,
)
from tests.nexi_quota.driver import Exporter, Page
from tests.nexi_quota.holdings import insure

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]
SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture
def contract(ana: Exporter, exporter_a: Organisation) -> InsuranceContract:
    return insure(exporter_a, policy_number="03456789012345")


def notices() -> list[tuple[Any, ...]]:
    names = ("line", "kind", "contract__policy_number", "day", "amount", "manner", "reason", "note")
    return list(Notice.objects.order_by("line").values_list(*names))


def refused(page: Page) -> str:
    """Return what is said about a file that is refused as a whole."""
    assert page.status == 422, page.text
    assert not Application.objects.filter(kind="notice-batch").exists()
    table = re.search(r"<h2 id=\"errors\".*?</table>", page.html, re.S)
    return re.sub("<[^>]+>", "", table[0]) if table else page.text


# --- Both forms ---------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_csv_may_have_any_of_three_encodings(ana: Exporter, contract: InsuranceContract, encoding: str) -> None:
    takes_over(ana, chooses(ana, as_csv([part(contract, "100,000", note="入金①")], encoding)))
    (notice,) = notices()
    assert notice[-1] == "入金①"
    name = "Shift_JIS（CP932）" if encoding == "cp932" else "UTF-8"
    assert NoticeBatch.objects.get().summary["form"] == f"CSV（{name}）"


def test_excel_says_the_same_as_csv(ana: Exporter, contract: InsuranceContract) -> None:
    written = row(contract, extent="一部", amount=100_000.5, day=timezone.localdate(), note="分割①")
    preview = chooses(ana, as_xlsx([written]), "通知.xlsx")
    assert "Excel（シート「通知」）" in preview.text
    takes_over(ana, preview)
    assert notices() == [
        (2, "settlement", "03456789012345", timezone.localdate(), 100_000.5, "01", "", "分割①"),
    ]


TYPED = {
    "full width": {"kind": "決済通知　", "amount": "１００，０００", "extent": "一部", "payer": "３１０‐０００００１"},
    "codes": {"kind": "settlement", "product": "1", "manner": "1", "branch": "0", "extent": "part", "amount": "100000"},
    "no branch": {"branch": None, "extent": "一部", "amount": "100000.00"},
    "names": {"product": "貿易一般保険(個別)", "manner": "期日決済", "extent": "一部", "amount": "10万"},
    "spaced number": {"policy_number": "0345 6789 0123 45", "extent": "一部", "amount": "100 000"},
    "other columns": {"reason": "??", "extent": "一部", "amount": "100,000"},
}


@pytest.mark.parametrize("why", TYPED)
def test_what_people_type_is_understood_as_in_the_forms(ana: Exporter, contract: InsuranceContract, why: str) -> None:
    takes_over(ana, chooses(ana, as_csv([row(contract, **TYPED[why])])))
    assert [notice[:6] for notice in notices()] == [
        (2, "settlement", "03456789012345", timezone.localdate(), 100_000, "01")
    ]


@pytest.mark.parametrize("day", ["{:%Y/%m/%d}", "{:%Y%m%d}", "{:%Y年%m月%d日}"])
def test_a_day_may_be_written_in_several_ways(ana: Exporter, contract: InsuranceContract, day: str) -> None:
    today = timezone.localdate()
    chosen = chooses(ana, as_csv([row(contract, day=day.format(today))]))
    assert chosen.status == 200
    reiwa = f"令和{today.year - 2018}年{today.month}月{today.day}日"
    assert chooses(ana, as_csv([row(contract, day=reiwa)])).status == 200


def test_excel_numbers_and_days_are_read_as_excel_shows_them(ana: Exporter, exporter_a: Organisation) -> None:
    """0.1 + 0.2 is 0.3 to whoever looks at the sheet; a policy number without leading zero may be a number."""
    found = insure(exporter_a, policy_number="13456789012345")
    at = datetime.combine(timezone.localdate(), datetime.min.time()) + timedelta(hours=9)
    typed = row(
        found, extent="一部", amount=0.1 + 0.2, policy_number=13456789012345, branch=0, manner=4, product=1, day=at
    )
    takes_over(ana, chooses(ana, as_xlsx([{**typed, "payer": 310000001}]), "通知.xlsx"))
    assert [str(notice[4]) for notice in notices()] == ["0.30"]


def test_an_excel_sheet_that_lost_a_zero_is_not_guessed_at(ana: Exporter, contract: InsuranceContract) -> None:
    page = chooses(ana, as_xlsx([row(contract, policy_number=3456789012345)]), "通知.xlsx")
    assert "先頭の0が消えたり" in refused(page)


def test_the_sheet_of_the_template_is_read_wherever_it_stands(ana: Exporter, contract: InsuranceContract) -> None:
    workbook = load_workbook(io.BytesIO(as_xlsx([row(contract)])))
    workbook.create_sheet("メモ", 0).append(["取引先への連絡"])
    written = io.BytesIO()
    workbook.save(written)
    assert "シート「通知」" in chooses(ana, written.getvalue(), "通知.xlsx").text


def test_without_it_the_first_visible_sheet_is_read(ana: Exporter, contract: InsuranceContract) -> None:
    workbook = load_workbook(io.BytesIO(as_xlsx([row(contract)], sheet="11月分")))
    hidden = workbook.create_sheet("古いもの", 0)
    hidden.append(["なし"])
    hidden.sheet_state = "hidden"
    written = io.BytesIO()
    workbook.save(written)
    assert "シート「11月分」" in chooses(ana, written.getvalue(), "通知.XLSX").text


# --- The templates --------------------------------------------------------------------------


def template(ana: Exporter, form: str) -> bytes:
    answer = ana.client.get(f"{BULK}template.{form}")
    assert answer["Content-Disposition"] == f'attachment; filename="notices.{form}"'
    return bytes(answer.content)


def test_the_csv_template_can_be_filled_in_and_chosen(ana: Exporter, contract: InsuranceContract) -> None:
    content = template(ana, "csv").decode("utf-8-sig")
    assert content.splitlines()[0] == ",".join(f'"{name}"' for name in NAMES)
    assert "番号の先頭の0" in content
    text = io.StringIO(content)
    text.seek(0, io.SEEK_END)
    csv.writer(text).writerow(lines([row(contract)])[1])
    takes_over(ana, chooses(ana, text.getvalue().encode("utf-8-sig")))
    ((line, *_),) = notices()
    assert line == len(content.splitlines()) + 1, "the number of the line in the file"


def test_an_untouched_template_holds_no_notice(ana: Exporter) -> None:
    for form in ("csv", "xlsx"):
        assert "通知の行がありません" in refused(chooses(ana, template(ana, form), f"notices.{form}"))


def test_the_excel_template_can_be_filled_in_and_chosen(ana: Exporter, contract: InsuranceContract) -> None:
    workbook = load_workbook(io.BytesIO(template(ana, "xlsx")))
    assert workbook.sheetnames == ["通知", "説明"]
    sheet = workbook["通知"]
    assert [cell.value for cell in sheet[1]] == NAMES
    sheet.append(lines([row(contract)])[1])
    assert "枠戻理由" in {cell.value for cell in workbook["説明"]["A"]}
    written = io.BytesIO()
    workbook.save(written)
    takes_over(ana, chooses(ana, written.getvalue(), "notices.xlsx"))
    assert [notice[0] for notice in notices()] == [2]


def test_the_examples_of_the_templates_are_well_formed(ana: Exporter) -> None:
    content = (
        template(ana, "csv")
        .decode("utf-8-sig")
        .replace('"#決済通知"', '"決済通知"')
        .replace('"#枠戻通知"', '"枠戻通知"')
    )
    said = refused(chooses(ana, content.encode()))
    assert said.count("入力された番号の契約または個別保証枠が見つかりません") == 2
    assert "入力してください" not in said


# --- Refused ------------------------------------------------------------------------------


def test_no_file_at_all(ana: Exporter) -> None:
    assert "通知のファイルを選択してください" in refused(ana.post(BULK, {}))


def test_two_files(ana: Exporter, contract: InsuranceContract) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    files = [SimpleUploadedFile(f"{name}.csv", as_csv([row(contract)])) for name in "ab"]
    assert "1件までです" in refused(ana.post(BULK, {"file": files}))


HEAD = ",".join(NAMES).encode()
WRONG = {
    "20 MB": ("通知.csv", HEAD + b"\n" + b"x" * (20 * 1024 * 1024), "5MBまでです（いま20MB）"),
    "empty": ("通知.csv", b"", "空のファイルです"),
    "heading only": ("通知.csv", HEAD + b"\n", "通知の行がありません"),
    "another ending": ("通知.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel（.xlsx）、CSV のどれか"),
    "macros": ("通知.xlsm", b"PK\x03\x04", "Excel（.xlsx）、CSV のどれか"),
    "a password": ("通知.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "パスワードを外し"),
    "renamed csv": ("通知.xlsx", HEAD, "の中身が Excel（.xlsx） ではありません"),
    "renamed program": ("通知.csv", b"MZ\x90\0", "の中身が CSV ではありません"),
    "UTF-16": ("通知.csv", HEAD.decode().encode("utf-16"), "の中身が CSV ではありません"),
    "EUC": ("通知.csv", (HEAD.decode() + "\nあいう\n").encode("euc-jp"), ""),
    "no headings": ("通知.csv", "決済通知,01\n".encode(), "見出しが雛形と異なります"),
    "a column too many": ("通知.csv", HEAD + b"\n", "通知の行がありません"),
    "an unknown column": ("通知.csv", HEAD + ",部署\n決済通知\n".encode(), "列「部署」は使いません"),
    "a column missing": ("通知.csv", HEAD.replace("金額,".encode(), b"") + b"\nx\n", "列「金額」がありません"),
    "the same twice": ("通知.csv", HEAD + ",金額\nx\n".encode(), "同じ列（金額）が2つ"),
    "open quotes": ("通知.csv", HEAD + '\n"決済通知'.encode(), "引用符"),
    "a picture in the name": ("通知😀.csv", HEAD, "ファイル名に使えない文字（😀）"),
}


@pytest.mark.parametrize("why", WRONG)
def test_a_file_that_is_none_is_refused_in_clear_words(ana: Exporter, why: str) -> None:
    name, content, message = WRONG[why]
    assert message in refused(chooses(ana, content, name))


def test_more_than_5000_rows(ana: Exporter, contract: InsuranceContract) -> None:
    assert "5,000行以下に分けて" in refused(chooses(ana, as_csv([row(contract, payer="x")] * 5_001)))


def test_more_mistakes_than_a_page_shows_are_counted(ana: Exporter, contract: InsuranceContract) -> None:
    page = chooses(ana, as_csv([row(contract, payer="x")] * 700))
    assert "700件の誤り" in page.text
    assert "ほかに200件あります" in page.text


# --- Workbooks that are more than they seem ---------------------------------------------------


def sheet(cells: str) -> bytes:
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'.encode()


def workbook(cells: str, **parts: bytes) -> bytes:
    return repacked(as_xlsx([]), {SHEET: sheet(cells), **parts})


def headings() -> str:
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in NAMES) + "</row>"


BOMBS = {
    "a cell at the far end": (headings() + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "XFD1048576"),
    "a row far down": (headings() + '<row r="900000"><c><v>1</v></c></row>', "10,000行目"),
    "a far column without an address": (headings() + "<row>" + "<c><v>1</v></c>" * 60 + "</row>", "50列目"),
    "a prefixed far cell": ('<x:row xmlns:x="y"><x:c r="ZZZ9999999"><x:v>1</x:v></x:c></x:row>', "ZZZ9999999"),
    "no address": ('<row><c r="1A"><v>1</v></c></row>', "Excelファイルとして読み取れません"),
    "six million cells": (headings() + "<row>" + "<c/>" * 3_000_000 + "</row>", "大きすぎます"),
    "cut off": ("<row>", "Excelファイルとして読み取れません"),
    "an error value": (headings() + '<row><c t="e"><v>#REF!</v></c></row>', "エラー値"),
    "a formula without a result": (headings() + '<row r="2"><c r="H2"><f>TODAY()</f></c></row>', "（H2）"),
}


@pytest.mark.parametrize("why", BOMBS)
def test_a_workbook_that_asks_for_too_much_is_refused_at_once(ana: Exporter, why: str) -> None:
    cells, message = BOMBS[why]
    content = workbook(cells)
    ana.get(BULK)
    began = time.process_time()
    page = chooses(ana, content, "通知.xlsx")
    seconds = time.process_time() - began
    assert message in refused(page)
    assert seconds < 5, f"{seconds:.1f} s"


def test_a_part_that_unfolds_to_gigabytes_is_refused(ana: Exporter) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx([]))) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        with new.open("xl/sharedStrings.xml", "w") as part:
            for _ in range(100):
                part.write(b" " * 1024 * 1024)
    assert len(packed.getvalue()) < 1024 * 1024
    assert "大きすぎます" in refused(chooses(ana, packed.getvalue(), "通知.xlsx"))


def test_a_size_that_the_directory_lies_about_is_not_believed(ana: Exporter, contract: InsuranceContract) -> None:
    """The reader gets the bytes that were looked through, not those behind the declared end."""
    honest = as_xlsx([row(contract)])
    with zipfile.ZipFile(io.BytesIO(honest)) as file:
        info = file.getinfo(SHEET)
        size = info.file_size
    lying = honest.replace(size.to_bytes(4, "little"), (size // 2).to_bytes(4, "little"))
    assert lying != honest
    assert "Excelファイルとして読み取れません" in refused(chooses(ana, lying, "通知.xlsx"))


def test_entities_are_refused(ana: Exporter) -> None:
    declared = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + sheet(headings())[21:]
    content = repacked(as_xlsx([]), {SHEET: declared})
    assert "Excelファイルとして読み取れません" in refused(chooses(ana, content, "通知.xlsx"))


def test_macros_behind_another_ending_are_refused(ana: Exporter, contract: InsuranceContract) -> None:
    content = repacked(as_xlsx([row(contract)]), {"xl/vbaProject.bin": b"macro"})
    assert "の中身が Excel（.xlsx） ではありません" in refused(chooses(ana, content, "通知.xlsx"))


def test_only_results_of_formulas_are_read_and_the_preview_says_so(ana: Exporter, contract: InsuranceContract) -> None:
    cells = ""
    for field, text in zip(FIELDS, lines([part(contract, "1")])[1], strict=True):
        if field == "amount":
            cells += "<c><f>SUM(A10:A20)</f><v>250000.5</v></c>"
        elif field == "note":
            cells += '<c t="str"><f>IF(A1="","",A1)</f><v></v></c>'
        else:
            cells += f'<c t="inlineStr"><is><t>{text}</t></is></c>'
    preview = chooses(ana, workbook(headings() + f"<row>{cells}</row>"), "通知.xlsx")
    assert "数式のセルが2個あります" in preview.text
    takes_over(ana, preview)
    assert [notice[4] for notice in notices()] == [250_000.5]


def test_formatted_empty_cells_are_no_rows(ana: Exporter, contract: InsuranceContract) -> None:
    content = as_xlsx([row(contract)])
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        text = file.read(SHEET).decode()
    formatted = "".join(f'<row r="{at}"><c r="A{at}" s="0"/></row>' for at in range(3, 20_000))
    text = text.replace("</sheetData>", f"{formatted}</sheetData>")
    preview = chooses(ana, repacked(content, {SHEET: text.encode()}), "通知.xlsx")
    assert "1件（決済通知 1件）" in preview.text


# --- What goes out again -------------------------------------------------------------------------


def test_no_cell_of_the_result_is_a_formula(ana: Exporter, contract: InsuranceContract) -> None:
    contract.payer.name = "=HYPERLINK(1)"
    contract.payer.save()
    preview = chooses(ana, as_csv([row(contract)]))
    takes_over(ana, preview)
    answer = ana.client.get(f"{preview.path}?format=csv").getvalue().decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(answer)) for cell in line]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_file_name_is_shown_as_text(ana: Exporter, contract: InsuranceContract) -> None:
    preview = chooses(ana, as_csv([row(contract)]), "<b>通知.csv")
    assert "&lt;b&gt;通知.csv" in preview.html


def test_5000_rows_as_excel_are_judged_in_seconds(ana: Exporter, contract: InsuranceContract) -> None:
    content = as_xlsx([part(contract, "1", note="5千行のうちの1行")] * bulk.MAX_ROWS)
    began = time.process_time()
    checker = bulk.check(content, "通知.xlsx", ana.user)
    seconds = time.process_time() - began
    assert (checker.ok, checker.rows) == (True, bulk.MAX_ROWS)
    assert seconds < 15, f"{seconds:.1f} s"
