"""Files that are no table of debtors, or ask for too much: refused at once and in clear words, and nothing is kept."""

import io
import time
import zipfile

import pytest

from credit_insurance.models import Line, SheetFile
from tests.conftest import Person
from tests.credit_insurance.driver import Sheet, words
from tests.credit_insurance.sheet_files import TITLES, as_csv, as_xlsx, chooses, row, table, takes_over
from tests.nexi_quota.bulk_files import repacked
from tests.nexi_quota.hostile import HOSTILE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "policy")]
HEAD = ",".join(TITLES).encode()
PART = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(cells: str) -> bytes:
    heads = "<row>" + "".join(f'<c t="inlineStr"><is><t>{title}</t></is></c>' for title in TITLES) + "</row>"
    sheet = f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{heads}{cells}</sheetData></worksheet>'
    return repacked(as_xlsx([]), {PART: sheet.encode()})


def bomb() -> bytes:
    """A workbook below 1 MB that unfolds to six million cells."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx([]))) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != PART:
                new.writestr(name, old.read(name))
        with new.open(PART, "w", force_zip64=True) as part:
            part.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            line = b"<row>" + b"<c><v>1</v></c>" * 1_000 + b"</row>"
            for _ in range(600):
                part.write(line * 10)
            part.write(b"</sheetData></worksheet>")
    assert len(packed.getvalue()) < 1024 * 1024
    return packed.getvalue()


def mixed() -> bytes:
    """A file in CP932 with a line in UTF-8 that CP932 reads as other characters without complaint."""
    return as_csv(table([row(1)]), "cp932") + "架空,法人\r\n".encode()


BAD = {
    "20 MB": ("取引先.csv", lambda: HEAD + b"\n" + b"x" * 20 * 1024 * 1024, "20MBまでです"),
    "six million cells": ("取引先.xlsx", bomb, "大きすぎます"),
    "macros": ("取引先.xlsm", lambda: b"PK\x03\x04", "Excel（.xlsx）、CSV のどれか"),
    "hidden macros": ("取引先.xlsx", lambda: repacked(workbook(""), {"xl/vbaProject.bin": b"x"}), "の中身が Excel"),
    "renamed program": ("取引先.csv", lambda: b"MZ\x90\0", "の中身が CSV ではありません"),
    "renamed csv": ("取引先.xlsx", lambda: HEAD, "の中身が Excel（.xlsx） ではありません"),
    "no result": (
        "取引先.xlsx",
        lambda: workbook('<row r="2"><c r="C2"><f>A1</f></c></row>'),
        "数式のセルがあります（C2）",
    ),
    "UTF-16": ("取引先.csv", lambda: HEAD.decode().encode("utf-16"), "の中身が CSV ではありません"),
    "UTF-8 in CP932": ("取引先.csv", mixed, "の行が混ざっています"),
    "CP932 in UTF-8": ("取引先.csv", lambda: HEAD + b"\n" + "髙橋商会".encode("cp932"), "の中身が CSV ではありません"),
    "other table": ("取引先.csv", lambda: b"a,b\n1,2\n", "取引先の列が1つも見つかりません"),
    "100,000 columns": ("取引先.csv", lambda: b",".join(b"c%d" % at for at in range(10**5)), "列が多すぎます"),
    "501 rows": ("取引先.csv", lambda: HEAD + b"\nx" * 501, "取引先は500社までです"),
    "long texts": ("取引先.csv", lambda: HEAD + (b"\n" + b",".join([b"x" * 1_900] * 41)) * 20, "文字が多すぎます"),
    "no rows": ("取引先.csv", lambda: HEAD + b"\n", "取引先の行がありません"),
    "open quotes": ("取引先.csv", lambda: HEAD + '\n"架空'.encode(), "引用符"),
}


@pytest.mark.parametrize("why", BAD)
def test_a_file_that_cannot_be_taken_is_refused_fast_and_in_clear_words(staff: Person, why: str):
    sheet = Sheet(staff)
    name, made, message = BAD[why]
    content = made()
    staff.get(f"{sheet.url}import/")
    began = time.process_time()
    page = chooses(sheet, content, name)
    seconds = time.process_time() - began
    assert page.status_code == 422
    assert message in words(page)
    assert not SheetFile.objects.exists()
    assert seconds < 4, f"{seconds:.1f} s"


def test_hostile_texts_in_every_column_are_kept_or_refused_but_never_break_a_page(staff: Person):
    sheet = Sheet(staff)
    titles = [title for title in TITLES if title != "企業名カナ"]
    rows = [[f"架空{place}", *[text] * (len(titles) - 1)] for place, text in enumerate(HOSTILE)]
    preview = chooses(sheet, as_csv([titles, *rows]))
    assert preview.status_code == 200
    assert "<script>alert" not in preview.content.decode()
    saved = staff.get(f"{preview.request['PATH_INFO']}errors.csv").content.decode()
    assert "1つの欄に2,000文字を超える文字があります" in saved
    assert takes_over(preview, staff, mode="append", unread="keep").status_code == 303
    assert Line.objects.count() == len(HOSTILE) - 1
    for url in ("", "export.csv", "export.xlsx", f"{Line.objects.order_by('pk')[8].pk}/"):
        assert staff.get(f"{sheet.url}{url}").status_code == 200
