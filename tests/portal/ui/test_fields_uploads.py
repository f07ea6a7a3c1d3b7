"""Which files are taken, by what is in them."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.ui import fields, uploads

FIELD = fields.AttachmentField(label="添付書類", max_bytes=4096, types=tuple(uploads.READERS))


def workbook(*more: str, unpacked: int = 10) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml", *more):
            archive.writestr(name, b"x" * unpacked)
    return out.getvalue()


GOOD = {
    "見積書.pdf": b"%PDF-1.7 ...",
    "図.PNG": b"\x89PNG\r\n\x1a\n....",
    "写真.jpg": b"\xff\xd8\xff\xe0....",
    "写真.jpeg": b"\xff\xd8\xff\xe1....",
    "図面.tif": b"II*\0\x08\0\0\0....",
    "図面.TIFF": b"MM\0*\0\0\0\x08....",
    "一覧.xlsx": workbook(),
    "一覧.csv": "支払人,金額\n髙橋,1".encode(),
    "古い一覧.csv": "支払人,金額\n高橋,1".encode("cp932"),
}


def check(name: str, content: bytes, content_type: str = "application/octet-stream") -> str:
    return uploads.check(SimpleUploadedFile(name, content, content_type=content_type), FIELD)


@pytest.mark.parametrize("name", GOOD)
def test_a_file_whose_content_fits_its_name_is_taken(name: str) -> None:
    file = SimpleUploadedFile(name, GOOD[name])
    assert uploads.check(file, FIELD) == ""
    assert file.read() == GOOD[name]  # whoever stores it reads it from the start


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("空.pdf", b"", "は空のファイルです"),
        ("大.pdf", b"%PDF-" + b" " * 4096, "大きすぎます。4KBまでです（いま5KB）"),
        ("道具.exe", b"MZ", "どれかにしてください"),
        ("pdf", b"%PDF-", "どれかにしてください"),
        ("道具.pdf", b"MZ....", "中身が PDF ではありません"),
        ("頁.png", b"<html>", "中身が PNG ではありません"),
        ("図面.tif", b"II+\0\x08\0\0\0", "中身が TIFF ではありません"),
        ("頭.tiff", b"MM\0*\0\0\0\x04", "中身が TIFF ではありません"),
        ("絵.csv", b"\x89PNG\r\n\x1a\n\0\0", "中身が CSV ではありません"),
        ("道具.csv", b"MZ plain text", "中身が CSV ではありません"),
        ("書庫.xlsx", b"PK\x03\x04" + b"x" * 40, "中身が Excel（.xlsx） ではありません"),
        ("マクロ.xlsx", workbook("xl/vbaProject.bin"), "中身が Excel（.xlsx） ではありません"),
        ("鍵.xlsx", uploads.OLD_OFFICE + b"x", "パスワードを外し"),
        ("偽\u202efdp.pdf", b"%PDF-", "ファイル名に使えない文字（U+202E）"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_what_to_do(name: str, content: bytes, part: str) -> None:
    assert part in check(name, content)


def test_what_the_browser_says_about_a_file_changes_nothing() -> None:
    assert check("道具.pdf", b"MZ....", "application/pdf")
    assert not check("見積書.pdf", b"%PDF-1.7", "text/html")


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    big = workbook("xl/sharedStrings.xml", unpacked=30_000)
    assert not check("一覧.xlsx", big)
    monkeypatch.setattr(uploads, "MAX_UNPACKED", 80_000)
    assert check("一覧.xlsx", big)


def test_a_workbook_with_a_long_list_of_members_is_refused_unread() -> None:
    content = bytearray(workbook())
    end = content.rfind(b"PK\x05\x06")
    content[end + 12 : end + 16] = (5_000_000).to_bytes(4, "little")
    assert check("一覧.xlsx", bytes(content))


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1KB"), (340_000, "333KB"), (10_485_760, "10MB"), (12_900_000, "12.3MB")]
)
def test_sizes_read_as_people_say_them(count: int, words: str) -> None:
    assert uploads.size(count) == words
