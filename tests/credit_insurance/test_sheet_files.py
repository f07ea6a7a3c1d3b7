"""取引先のExcel・CSV取込, 雛形 and 出力: what goes out comes in again, and nothing comes in that was not looked at."""

import csv
import io
import time
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from openpyxl import load_workbook

from credit_insurance.forms.debtor import COLUMNS
from credit_insurance.models import Line, SheetFile
from credit_insurance.rules.facts import LABELS
from portal.audit.models import Event
from portal.outbox.nightly import run_job
from tests.conftest import Person
from tests.credit_insurance.driver import Sheet, corporate_number, words
from tests.credit_insurance.sheet_files import (
    TITLES,
    as_csv,
    as_xlsx,
    chooses,
    follow,
    lines,
    names,
    row,
    table,
    takes_over,
)
from tests.support import pages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "policy")]


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


# --- 雛形 ------------------------------------------------------------------------


def test_the_templates_have_the_columns_of_the_sheet_and_offer_the_allowed_words(staff: Person):
    sheet = Sheet(staff)
    csv_file = staff.get(f"{sheet.url}template.csv")
    assert csv_file.content.startswith(b"\xef\xbb\xbf")
    assert rows_of(csv_file.content) == [TITLES]
    workbook = load_workbook(io.BytesIO(staff.get(f"{sheet.url}template.xlsx").content))
    page, explained = workbook.worksheets
    assert [cell.value for cell in page[1]] == TITLES
    offered = {str(rule.sqref).partition("2:")[0]: rule.formula1 for rule in page.data_validations.dataValidation}
    kind = page.cell(1, COLUMNS.index("kind") + 1).column_letter
    assert offered[kind].startswith('"法人,個人事業主')
    assert all(len(rule) <= 257 for rule in offered.values())
    said = {line[0].value: line[1].value for line in explained.iter_rows()}
    assert "振込、約束手形、でんさい" in said["決済方法"]
    assert "2026年10月31日" in said["残高の基準日"]
    assert staff.get(f"{sheet.url}template.pdf").status_code == 404


def test_a_filled_template_comes_in_as_typed_lines_of_the_grid(staff: Person):
    sheet = Sheet(staff)
    workbook = load_workbook(io.BytesIO(staff.get(f"{sheet.url}template.xlsx").content))
    for place in range(1, 13):
        filled = row(place, balance_date=date(2026, 10, 31), balance_now=8_000_000, trade_since="平成27年4月")
        workbook.worksheets[0].append([filled.get(name) for name in COLUMNS])
    saved = io.BytesIO()
    workbook.save(saved)
    preview = chooses(sheet, saved.getvalue(), "取引先.xlsx")
    text = words(preview)
    assert "Excel（シート「取引先」）" in text
    assert "いま 0社 0円 0円" in text
    assert "置換のあと 12社 96,000,000円 96,000,000円" in text
    assert "誤りのある欄" not in text
    done = takes_over(preview, staff, mode="append")
    assert done.headers["Location"] == sheet.url
    assert "12社を追加" in words(staff.get(sheet.url))
    first = lines(sheet)[0]
    assert first.typed["annual_sales"] == ["32,000,000円"]
    assert first.values["trade_since"] == "2015-04-01"
    expected = {
        "kind": "corp", "pref_code": "13", "continuous": True, "closing_day": 99, "pay_month_offset": 1,
        "known_adverse": False, "requested_limit": 8_000_000, "balance_date": "2026-10-31", "postal_code": "1000001",
    }  # fmt: skip
    assert {name: first.values[name] for name in expected} == expected
    assert sheet.go_on().headers["Location"] == sheet.confirm
    event = Event.objects.get(verb="credit.lines_imported")
    assert (event.target, event.detail["added"]) == (sheet.number, 12)
    assert not SheetFile.objects.exists()


# --- Reading -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp932", "Shift_JIS（CP932）")]
)
def test_the_encoding_is_found_and_shown_with_the_first_rows(staff: Person, encoding: str, shown: str):
    preview = chooses(Sheet(staff), as_csv(table([row(1, debtor_name="髙橋㈱")]), encoding))
    assert f"CSV（{shown}）" in words(preview)
    assert "髙橋㈱" in words(preview)


def test_unknown_headings_are_asked_for_with_the_nearest_column_proposed(staff: Person):
    sheet = Sheet(staff)
    titles = {
        "debtor_name": "お取引先の企業名",
        "annual_sales": "年間販売高（千円）",
        "address": "本店所在地",
        "x": "担当部署",
    }
    page = chooses(sheet, as_csv(table([row(1, annual_sales="32,000", x="営業一課")], titles)))
    asked = pages.read(page.content.decode()).controls
    assert "担当部署 任意 内容：営業一課" in words(page)
    assert asked["column-0"] == ["debtor_name"]
    assert asked[f"column-{len(TITLES)}"] == [""]
    path = page.request["PATH_INFO"]
    twice = staff.post(path, {**asked, f"column-{len(TITLES)}": "debtor_name"})
    assert twice.status_code == 422
    assert "同じ欄が、ほかの列でも選ばれています" in words(twice)
    preview = follow(staff, staff.post(path, asked))
    assert takes_over(preview, staff, mode="append").status_code == 303
    (line,) = lines(sheet)
    assert "担当部署" not in str(line.typed)
    assert line.values["debtor_name"] == "架空取引先1株式会社"
    assert line.values["annual_sales"] == 32_000_000
    assert line.values["address"] == "架空区見本町1-1"


def test_mistakes_are_named_by_row_and_column_and_the_saved_file_can_be_corrected(staff: Person):
    sheet = Sheet(staff)
    bad = row(2, corporate_number="1234567890123", balance_now="ひみつ", note="=1+1")
    preview = chooses(sheet, as_csv(table([row(1), bad, row(3, requested_limit="8,050,000")])))
    text = words(preview)
    assert "3行目・債権残高 ひみつ 債権残高を読み取れませんでした" in text
    assert "3行目・法人番号 1234567890123 法人番号の数字の組み合わせが正しくありません" in text
    assert "4行目・希望限度額 8,050,000 希望限度額は100,000円単位で入力してください" in text
    assert "置換のあと（読み取れない欄のある行を除く） 2社" in text
    saved = staff.get(f"{preview.request['PATH_INFO']}errors.csv").content
    header, second, third = rows_of(saved)
    assert header == [*TITLES, "エラーの内容"]
    assert second[TITLES.index("債権残高")] == "ひみつ"
    assert second[TITLES.index("備考")] == "'=1+1"
    assert "債権残高を読み取れませんでした" in second[-1]
    assert "100,000円単位" in third[-1]
    again = words(chooses(sheet, saved.replace("ひみつ".encode(), b"8000000")))
    assert "債権残高を読み取れませんでした" not in again


@pytest.mark.parametrize(("choice", "kept"), [("keep", 2), ("skip", 1)])
def test_rows_with_unreadable_cells_come_in_unfinished_or_stay_out(staff: Person, choice: str, kept: int):
    sheet = Sheet(staff)
    preview = chooses(sheet, as_csv(table([row(1), row(2, balance_now="ひみつ")])))
    undecided = takes_over(preview, staff, mode="append")
    assert undecided.status_code == 422
    assert "読み取れない欄のある行を選択してください" in words(undecided)
    takes_over(preview, staff, mode="append", unread=choice)
    assert len(lines(sheet)) == kept
    grid = words(staff.get(sheet.url))
    assert ("債権残高を読み取れませんでした" in grid) == (choice == "keep")
    assert ("取り込まなかった行は1行です" in grid) == (choice == "skip")


# --- Taking over --------------------------------------------------------------------


def test_append_merges_the_same_debtor_and_replace_puts_the_file_in_its_place(staff: Person):
    sheet = Sheet(staff).fill(2)
    assert sheet.add(3, corporate_number=None, kind="sole", trade_name="屋号", owner_name="氏名").status_code == 303
    update = {"corporate_number": corporate_number(1), "requested_limit": "9,000,000", "balance_date": "R8.11.1"}
    by_name = {"debtor_name": "架空取引先３（株）", "address": "架空区見本町３－１", "rep_name": "代表 花子"}
    content = as_csv(table([update, by_name, row(4), {**row(4), "note": "二度目"}]))
    preview = chooses(sheet, content)
    text = words(preview)
    assert "いま 3社 24,000,000円 24,000,000円" in text
    assert "追記のあと 4社 33,000,000円" in text
    assert "置換のあと 4社" in text
    assert "2行目 （企業名なし） No.1" in text
    assert "3行目 架空取引先３（株） No.3" in text
    assert "5行目 架空取引先4株式会社 4行目" in text
    takes_over(preview, staff, mode="append")
    first, _, third, fourth = lines(sheet)
    assert first.values["requested_limit"] == 9_000_000
    assert first.values["balance_date"] == "2026-11-01"
    assert first.values["address"] == "架空区見本町1-1"
    assert (first.revision, first.typed.get("balance_date-m")) == (2, None)
    assert third.values["rep_name"] == "代表 花子"
    assert fourth.values["note"] == "二度目"
    replacing = chooses(sheet, as_csv(table([row(9)])))
    takes_over(replacing, staff, mode="replace")
    assert names(sheet) == ["架空取引先9株式会社"]


def test_a_sheet_that_somebody_changed_meanwhile_is_not_overwritten(staff: Person, colleague: Person):
    sheet = Sheet(staff).fill(1)
    preview = chooses(sheet, as_csv(table([row(5)])))
    assert colleague.post(f"{sheet.url}new/", {"debtor_name": "同僚の取引先", "action": "save"}).status_code == 303
    conflict = takes_over(preview, staff, mode="replace")
    assert conflict.status_code == 409
    assert "ほかの方がこのヒアリングシートを変更したため、取り込んでいません" in words(conflict)
    assert "いま 2社" in words(conflict)
    assert len(lines(sheet)) == 2
    assert takes_over(conflict, staff, mode="replace").status_code == 303
    assert names(sheet) == ["架空取引先5株式会社"]
    assert takes_over(conflict, staff, mode="replace").status_code == 404


def test_no_more_than_500_debtors_and_a_full_file_in_time(staff: Person):
    sheet = Sheet(staff)
    full = [row(place, note="備考", trade_since="2015/4") for place in range(1, 501)]
    content = as_xlsx(table(full))
    staff.get(f"{sheet.url}import/")
    began = time.process_time()
    preview = chooses(sheet, content, "取引先.xlsx")
    seconds = time.process_time() - began
    assert "置換のあと 500社 4,000,000,000円" in words(preview)
    assert seconds < 4, f"{seconds:.2f} s"  # about 1.2 s on a quiet machine: the limit is for a busy one
    assert takes_over(preview, staff, mode="append").status_code == 303
    assert Line.objects.count() == 500
    more = takes_over(chooses(sheet, as_csv(table([row(501)]))), staff, mode="append")
    assert more.status_code == 422
    assert "取引先は500社までです" in words(more)
    assert Line.objects.count() == 500


# --- What goes out -------------------------------------------------------------------


def test_an_export_neutralises_formulas_and_comes_in_again_unchanged(staff: Person):
    sheet = Sheet(staff).fill(1)
    openers = ["=1+1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠x"]
    for place, opener in enumerate(openers, start=2):
        assert sheet.add(place, note=opener, debtor_name=f"{opener}商会").status_code == 303
    sheet.add(10, action="save", balance_now="ひみつ")
    before = [(line.values, line.unread.keys()) for line in lines(sheet)]
    for form in ("csv", "xlsx"):
        answer = staff.get(f"{sheet.url}export.{form}")
        if form == "csv":
            cells = [cell for line in rows_of(answer.content) for cell in line]
        else:
            page = load_workbook(io.BytesIO(answer.content)).worksheets[0]
            assert {cell.data_type for line in page.iter_rows() for cell in line} <= {"s", "n"}
            cells = [str(cell.value) for line in page.iter_rows() for cell in line if cell.value is not None]
        assert [cell for cell in cells if cell.startswith(tuple("=+-@＝＋－＠"))] == []
        assert "ひみつ" in cells
        preview = chooses(sheet, answer.content, f"取引先.{form}")
        takes_over(preview, staff, mode="replace", unread="keep")
        assert [(line.values, line.unread.keys()) for line in lines(sheet)] == before
    assert Event.objects.filter(verb="credit.lines_csv").count() == 2


# --- Whose files --------------------------------------------------------------------


def test_files_belong_to_the_company_and_to_who_may_enter(staff: Person, stranger: Person, viewer: Person, rival: Any):
    sheet, theirs = Sheet(staff), Sheet(stranger)
    path = chooses(sheet, as_csv(table([row(1)]))).request["PATH_INFO"]
    pk = path.rstrip("/").rpartition("/")[2]
    for url in (path, f"{path}errors.csv", f"{sheet.url}export.csv", f"{sheet.url}import/", f"{sheet.url}copy/"):
        assert stranger.get(url).status_code == 404, url
        assert viewer.get(url).status_code == 403, url
    assert stranger.get(f"{theirs.url}import/{pk}/").status_code == 404
    assert stranger.post(f"{theirs.url}import/{pk}/", {"mode": "append", "revision": "1"}).status_code == 404
    assert staff.get(f"{sheet.url}import/{'0' * 8}-0000-0000-0000-{'0' * 12}/").status_code == 404


def test_files_that_nobody_takes_over_go_after_the_second_night(staff: Person, clock: time_machine.Traveller):
    chooses(Sheet(staff), as_csv(table([row(1)])))
    today = timezone.localdate()
    assert run_job("credit.sheet_files", today + timedelta(days=1)) == {"discarded": 0}
    assert run_job("credit.sheet_files", today + timedelta(days=2)) == {"discarded": 1}


def test_a_submitted_sheet_takes_no_file(staff: Person, approver: Person):
    sheet = Sheet(staff)
    takes_over(chooses(sheet, as_csv(table([row(place) for place in range(1, 13)]))), staff, mode="append")
    page = chooses(sheet, as_csv(table([row(1)])))
    assert sheet.go_on().status_code == 303
    assert sheet.submit(approver).status_code == 303
    assert takes_over(page, staff, mode="replace").headers["Location"] == f"/credit/cases/{sheet.number}/"
    assert staff.get(f"{sheet.url}import/").status_code == 302
    assert len(lines(sheet)) == 12
    assert LABELS["debtor_name"] in staff.get(f"{sheet.url}export.csv").content.decode()
