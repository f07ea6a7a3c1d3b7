"""一括照会 (S10): files of numbers, each line a look-up of its own, and what is said about a wrong file."""

import io

import pytest
from openpyxl import load_workbook

from guarantee_lookup import bulk
from guarantee_lookup.enums import Channel, Outcome
from guarantee_lookup.models import Lookup, LookupFile, LookupLine, Snapshot
from portal import outbox
from portal.audit.models import Event
from portal.outbox.models import Message
from tests.guarantee_lookup.batch_files import (
    BATCH,
    KNOWN,
    NONE,
    as_csv,
    asks_all,
    chooses,
    may_send_files,
    misses,
    presses,
    saved,
)
from tests.guarantee_lookup.driver import ACCEPTANCE, GUARANTEE, Teller, add_customer, quarantine


@pytest.fixture
def batch(user: Teller, colleague: Teller, other: Teller) -> None:
    """All 照会者 of these tests may send files."""
    may_send_files(user, colleague, other)


# --- The way of a file -------------------------------------------------------------------


def test_every_line_is_a_look_up_of_its_own_with_its_receipt(user: Teller, batch: None, snapshot: Snapshot) -> None:
    quarantine(snapshot, "900000020")
    preview = chooses(
        user,
        as_csv(KNOWN, ("保証番号", GUARANTEE, "2", "あり"), *misses(1), ("顧客番号", "900000020", "1", "")),
    )
    assert "まだ照会していません。" in preview.text
    assert not Lookup.objects.exists()
    running = presses(user, preview)
    assert "4件中 0件を照会しました。" in running.text
    assert 'data-hx-trigger="every 2s"' in running.html
    outbox.drain()
    result = user.opens(preview.path)
    for words in ("表示 2件", "該当なし 1件", "データ確認中 1件", "21,354,000", NONE, "照会していません 0件"):
        assert words in result.text
    kept = [*Lookup.objects.order_by("pk").values_list("channel", "kind", "outcome", "basis", "consent")]
    assert kept == [
        (Channel.FILE, "customer", Outcome.FOUND, "1", False),
        (Channel.FILE, "guarantee", Outcome.FOUND, "2", True),
        (Channel.FILE, "customer", Outcome.NONE, "1", False),
        (Channel.FILE, "customer", Outcome.DATA, "1", False),
    ]
    receipt = Lookup.objects.order_by("pk")[0].receipt
    assert f'href="/lookup/history/{receipt}/"' in result.html
    assert Event.objects.filter(verb="lookup.made").count() == 4


def test_the_result_file_has_all_figures_of_the_screen_and_no_whole_number(user: Teller, batch: None) -> None:
    result = asks_all(user, KNOWN, *misses(1))
    found, missing = saved(user, result)
    lookup = Lookup.objects.get(outcome=Outcome.FOUND)
    expected = {
        "照会番号": "*****9816",
        "結果": "表示",
        "照会受付番号": lookup.receipt,
        "基準日": "2026/03/18",
        "直近決算・区分": "2025/03・5",
        "前期決算・区分": "2024/03・5",
        "直近保証日": "2024/12/25",
        "利用残高（無担保・一般）": "58,646,000",
        "空き枠（無担保・一般）": "21,354,000",
        "空き枠（普通・SN）": "200,000,000",
        "利用残高（その他）": "32,578,000",
        "空き枠（その他）": "—",
        "利用残高（合計）": "105,194,000",
        "SHA-256": lookup.sha256,
    }
    assert {key: found[key] for key in expected} == expected
    assert (missing["結果"], missing["内容"], missing["空き枠（無担保・一般）"]) == ("該当なし", NONE, "")
    assert missing["照会受付番号"] == Lookup.objects.get(outcome=Outcome.NONE).receipt
    assert ACCEPTANCE not in f"{found}"
    verbs = Event.objects.filter(verb__in=("lookup.file_shown", "lookup.file_csv")).values_list("verb", flat=True)
    assert sorted(verbs) == ["lookup.file_csv", "lookup.file_shown"]


def test_a_cooperative_over_its_limit_is_no_formula_in_a_spreadsheet(
    user: Teller, batch: None, snapshot: Snapshot
) -> None:
    add_customer(snapshot, "900000004", {"FUTSU_G": 310_000_000}, entity="4", has_addition=True)
    (line,) = saved(user, asks_all(user, ("顧客番号", "900000004", "1", "")))
    assert (line["空き枠（普通・一般）"], line["組合の場合（普通・一般）"]) == ("△110,000,000", "90,000,000")


def test_the_marks_of_the_screen_and_its_notes_stand_beside_the_figures(
    user: Teller, batch: None, snapshot: Snapshot
) -> None:
    add_customer(snapshot, "900000006", {"MUTAN_G": 82_500_000})
    add_customer(snapshot, "900000017", {"MUTAN_G": 50_000_000, "SOGYO": 15_000_000})
    page = asks_all(user, ("顧客番号", "900000006", "1", ""), ("顧客番号", "900000017", "1", ""))
    assert "0 超" in page.text
    assert "15,000,000 ※" in page.text
    assert "表示された金額に2億円を加えた金額となります。" in page.text


def test_no_number_stands_anywhere_in_clear(user: Teller, batch: None) -> None:
    preview = chooses(user, as_csv(KNOWN), name=f"{ACCEPTANCE}.csv")
    stored = [f"{[*model.objects.values()]}" for model in (LookupFile, LookupLine, Message, Event)]
    assert [text for text in stored if ACCEPTANCE in text] == []
    assert ACCEPTANCE not in preview.html
    assert LookupLine.objects.get().sealed
    presses(user, preview)
    outbox.drain()
    result = user.opens(preview.path)
    assert ACCEPTANCE not in result.html
    assert LookupLine.objects.get().sealed == ""
    stored = [f"{[*model.objects.values()]}" for model in (LookupFile, LookupLine, Message, Event, Lookup)]
    assert [text for text in stored if ACCEPTANCE in text] == []


def test_an_excel_file_and_both_encodings_say_the_same(user: Teller, batch: None) -> None:
    rows = [KNOWN, ("保証番号", "0123456789", "本人から番号の提供を受けた", "はい")]
    contents = {
        "a.xlsx": bulk.template_xlsx(rows),
        "b.csv": as_csv(*rows),
        "c.csv": as_csv(*rows, encoding="cp932"),
        "d.csv": bulk.template_csv(rows),
    }
    read = []
    for name, content in contents.items():
        page = chooses(user, content, name)
        assert page.status == 200, page.text
        read.append([*LookupLine.objects.filter(file__number=page.path.split("/")[3]).values_list("last", "consent")])
    assert read == [[("9816", False), ("6789", True)]] * 4


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_template_is_downloaded_and_asks_nothing_by_itself(user: Teller, batch: None, form: str) -> None:
    assert f'href="{BATCH}template.{form}"' in user.opens(BATCH).html
    answer = user.client.get(f"{BATCH}template.{form}")
    assert answer["Content-Disposition"] == f'attachment; filename="lookups.{form}"'
    page = chooses(user, answer.content, f"x.{form}")
    assert (page.status, "照会する行がありません。" in page.text) == (422, True)
    if form == "xlsx":
        assert load_workbook(io.BytesIO(answer.content)).sheetnames == ["一括照会", "説明"]


def test_the_sample_files_are_faultless(user: Teller, batch: None) -> None:
    for name, content in bulk.demo_files().items():
        assert chooses(user, content, name).status == 200


# --- What is wrong with a file -------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("番号", ACCEPTANCE, "1", ""), "「顧客番号」または「保証番号」を入力してください。"),
        (("", ACCEPTANCE, "1", ""), "番号の種類を入力してください。"),
        (("顧客番号", "12345", "1", ""), "番号の桁数または形式が正しくありません。"),
        (("顧客番号", "", "1", ""), "番号を入力してください。"),
        (("保証番号", ACCEPTANCE, "1", ""), "番号の桁数または形式が正しくありません。"),
        (("顧客番号", ACCEPTANCE, "", ""), "照会の根拠を入力してください。"),
        (("顧客番号", ACCEPTANCE, "3", ""), "照会の根拠"),
        (("顧客番号", ACCEPTANCE, "2", ""), "「同意」に「あり」を入力してください。"),
        (("顧客番号", ACCEPTANCE, "2", "?"), "同意"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_kept(
    user: Teller, batch: None, row: tuple[str, ...], message: str
) -> None:
    page = chooses(user, as_csv(*misses(1), row))
    assert page.status == 422
    assert "3行目" in page.text
    assert message in page.text
    assert ACCEPTANCE not in page.html
    assert not LookupFile.objects.exists()


def test_a_number_that_comes_twice_is_named_with_its_first_line(user: Teller, batch: None) -> None:
    page = chooses(user, as_csv(KNOWN, *misses(1), ("顧客番号", "１２３－４５９－８１６", "1", "")))
    assert (page.status, "2行目と同じ番号です。" in page.text, "4行目" in page.text) == (422, True, True)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "a.csv", "空"),
        (b"\x00\x01", "a.csv", "CSV"),
        (as_csv(KNOWN, encoding="utf-16"), "a.csv", "CSV"),
        (as_csv(KNOWN).replace(b"\xe5", b"\xff"), "a.csv", "CSV"),
        (as_csv(KNOWN, heading=("a", "b", "c", "d")), "a.csv", "見出しが雛形と異なります。"),
        (as_csv(KNOWN, heading=("番号の種類", "番号", "番号", "同意")), "a.csv", "同じ列"),
        (as_csv((*KNOWN, "x")), "a.csv", "列が見出しより多くあります"),
        (as_csv(KNOWN) + b'"', "a.csv", "引用符"),
        (as_csv(*misses(51)), "a.csv", "行が多すぎます。50行以下に"),
        (as_csv(KNOWN), "a.xlsx", "Excel"),
        (b"PK\x03\x04 no archive", "a.xlsx", "Excel"),
        (as_csv(KNOWN), "a.pdf", "選べません"),
        (as_csv(*misses(1)) + b"x" * 1_048_576, "a.csv", "大きすぎます"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words(
    user: Teller, batch: None, content: bytes, name: str, message: str
) -> None:
    page = chooses(user, content, name)
    assert (page.status, message in page.text) == (422, True), page.text
    assert not LookupFile.objects.exists()


def test_fifty_lines_are_a_file(user: Teller, batch: None) -> None:
    assert chooses(user, as_csv(*misses(50))).status == 200
