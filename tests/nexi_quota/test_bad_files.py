"""添付書類 that cannot be taken: refused by name, while everything else that was typed or attached stays."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.applications.models import Application, Attachment
from tests.nexi_quota.driver import NEW, Exporter, Page, terms
from tests.support import pages

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]
FIELD = "main-attachments"
PDF = b"%PDF-1.7\n%%EOF\n"


def file(name: str = "契約書.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def sends(ana: Exporter, *files: SimpleUploadedFile, path: str = NEW, **more: object) -> Page:
    return ana.post(path, {**terms(goods="髙﨑ポンプ"), FIELD: list(files), **more})


def shown(page: Page) -> list[str]:
    """Return the names of the attachments that the page lists."""
    return re.findall('<span class="attachments__name">([^<]*)</span>', page.html)


REFUSED = {
    "over 10 MB": (file("大きい.pdf", PDF + b"0" * (10 * 1024 * 1024)), "「大きい.pdf」は大きすぎます。10MBまでです"),
    "another type": (file("setup.exe", b"MZ\x90\0"), "「setup.exe」は選べません"),
    "a renamed program": (file("契約書.pdf", b"MZ\x90\0" + PDF), "「契約書.pdf」の中身が PDF ではありません"),
    "a page as picture": (file("logo.png", b"<script>alert(1)</script>"), "「logo.png」の中身が PNG ではありません"),
    "a drawing": (file("logo.svg", b"<svg onload='alert(1)'/>"), "「logo.svg」は選べません"),
    "nothing in it": (file("空.pdf", b""), "「空.pdf」は空のファイルです"),
    "no workbook": (file("表.xlsx", b"PK\x03\x04 nothing more"), "「表.xlsx」の中身が Excel（.xlsx） ではありません"),
    "a picture in the name": (file("契約😀.pdf"), "ファイル名に使えない文字（😀）があります"),
    "no ending": (file("契約書"), "「契約書」は選べません"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_file_that_cannot_be_taken_is_named_and_all_that_was_typed_stays(ana: Exporter, why: str) -> None:
    upload, message = REFUSED[why]
    upload.seek(0)
    page = sends(ana, upload, file("good.pdf"))
    sheet = pages.read(page.html)
    assert page.status == 422
    assert sheet.title.startswith("エラー")
    assert [anchor for anchor, _ in sheet.errors] == [f"id_{FIELD}"]
    assert "添付書類" in sheet.errors[0][1]
    assert message in sheet.errors[0][1]
    sent = terms(goods="髙﨑ポンプ")
    assert {name: text for name, text in sent.items() if sheet.controls.get(name) != [text]} == {}
    assert shown(page) == ["good.pdf"]
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("fdp.\u202eexe.pdf", "fdp.exe.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\temp\\契約書.pdf", "契約書.pdf"),
        ("<b>.pdf", "&lt;b&gt;.pdf"),
    ],
)
def test_a_name_loses_its_path_and_what_nobody_sees(ana: Exporter, name: str, kept: str) -> None:
    confirm = sends(ana, file(name))
    assert shown(ana.get(f"/nexi/requests/{confirm.number}/steps/terms/")) == [kept]
    stored = Attachment.objects.get()
    assert stored.file.name == f"attachments/{stored.pk}"
    answer = ana.client.get(f"/nexi/applications/attachments/{stored.pk}/")
    assert answer.getvalue() == PDF
    assert answer["Content-Disposition"].startswith("attachment")


def test_saving_for_later_refuses_a_bad_file_too(ana: Exporter) -> None:
    page = sends(ana, file("setup.exe", b"MZ"), action="save")
    assert page.status == 422
    assert page.value("main-goods") == "髙﨑ポンプ"
    assert not Application.objects.exists()


def test_of_six_files_five_are_kept_and_the_sixth_is_told_about(ana: Exporter) -> None:
    page = sends(ana, *[file(f"{at}.pdf") for at in range(1, 7)])
    assert page.status == 422
    assert "添付できるのは5件までです" in page.text
    assert shown(page) == ["1.pdf", "2.pdf", "3.pdf", "4.pdf", "5.pdf"]
    kept = pages.read(page.html).controls[f"{FIELD}-kept"]
    again = sends(ana, file("7.pdf"), **{f"{FIELD}-kept": kept})
    assert again.status == 422
    assert Attachment.objects.count() == 5
    dropped = sends(ana, file("7.pdf"), **{f"{FIELD}-kept": kept, f"{FIELD}-drop": kept[:1]})
    assert dropped.status == 200
    assert "7.pdf" in dropped.text
    assert "1.pdf" not in dropped.text


def test_a_removed_file_is_gone_from_the_application_and_the_rest_stays(ana: Exporter) -> None:
    confirm = sends(ana, file("契約書.pdf"), file("見積書.pdf"))
    path = f"/nexi/requests/{confirm.number}/steps/terms/"
    step = ana.get(path)
    assert shown(step) == ["契約書.pdf", "見積書.pdf"]
    kept = pages.read(step.html).controls[f"{FIELD}-kept"]
    again = sends(
        ana, path=path, revision=step.hidden("revision"), **{f"{FIELD}-kept": kept, f"{FIELD}-drop": kept[:1]}
    )
    assert again.number == confirm.number
    assert shown(ana.get(path)) == ["見積書.pdf"]
    assert "契約書.pdf" not in ana.get(f"/nexi/applications/{confirm.number}/").text
    assert ana.client.get(f"/nexi/applications/attachments/{kept[0]}/").status_code == 404
    assert ana.client.get(f"/nexi/applications/attachments/{kept[1]}/").getvalue() == PDF


def test_nobody_attaches_or_removes_what_another_exporter_has_sent(ana: Exporter, cho: Exporter) -> None:
    foreign = sends(cho, file("秘密.pdf"))
    theirs = Attachment.objects.get()
    taken = sends(ana, **{f"{FIELD}-kept": [str(theirs.pk)], f"{FIELD}-drop": [str(theirs.pk)]})
    assert taken.status == 200
    for path in (taken.path, f"/nexi/requests/{taken.number}/steps/terms/", f"/nexi/applications/{taken.number}/"):
        assert "秘密" not in ana.get(path).html
    assert str(theirs.pk) not in str(Application.objects.get(number=taken.number).data)
    assert ana.get(f"/nexi/applications/attachments/{theirs.pk}/").status == 404
    theirs.refresh_from_db()
    assert theirs.application.number == foreign.number
    assert cho.client.get(f"/nexi/applications/attachments/{theirs.pk}/").getvalue() == PDF


NOBODYS = [
    "abc",
    "1",
    "0" * 36,
    "../../portal.sqlite3",
    "' OR 1=1",
    "東",
    "x" * 5_000,
    "00000000-0000-0000-0000-000000000000",
]


def test_an_attachment_that_nobody_has_is_left_out(ana: Exporter) -> None:
    for key in NOBODYS:
        for action in ("continue", "save"):
            page = sends(ana, action=action, **{f"{FIELD}-kept": [key], f"{FIELD}-drop": ["abc"]})
            assert page.status == 200, key
            assert shown(ana.get(f"/nexi/requests/{page.number}/steps/terms/")) == []
        assert ana.client.get(f"/nexi/applications/attachments/{key[:100]}/").status_code == 404
