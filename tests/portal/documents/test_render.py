"""The PDF: says what the data say, carries its fonts, can be read aloud, fetches nothing."""

import io
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import process_time

import pikepdf
import pypdf
import pytest

from portal.documents import render as renderer
from portal.documents.kinds import DocumentKind
from portal.documents.render import TooLong, html, render, template_revision
from tests.portal.documents.samples import KIND, NAMES, context

FONTS = {"Portal-Sans-JP", "Portal-Sans-JP-Bold"}


@pytest.fixture(autouse=True)
def _no_complaints(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """WeasyPrint only logs what it could not do: an unknown property, a missing glyph, a font that does not load."""
    yield
    said = [record.getMessage() for record in caplog.records if record.name.startswith("weasyprint")]
    assert said == [], "WeasyPrint complained"


def by_pypdf(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def by_poppler(content: bytes) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    command = ["pdftotext", "-layout", "-enc", "UTF-8", "-", "-"]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()


def font_names(content: bytes) -> set[str]:
    """Names of all fonts in the file, without the subset mark; every one must be embedded and map back to text."""
    names = set()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font" and "/DescendantFonts" in item:
                assert "/ToUnicode" in item
                assert "/FontFile2" in item.DescendantFonts[0].FontDescriptor
                names.add(re.sub(r"^/[A-Z]{6}\+", "", str(item.BaseFont)))
            elif isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font":
                assert "/CIDToGIDMap" in item, f"{item.BaseFont} is a font of the reader, not of the file"
    return names


def values(data: object) -> Iterator[str]:
    """Every text of the sample that is shown as such."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, item in data.items():
            if key != "qr":
                yield from values(item)
    elif isinstance(data, list):
        for item in data:
            yield from values(item)


@pytest.mark.parametrize("extract", [by_pypdf, by_poppler])
def test_the_text_taken_out_of_the_pdf_is_the_text_put_in(extract: Callable[[bytes], str]) -> None:
    text = re.sub(r"\s", "", extract(render(KIND, context())))
    for value in values(context()):
        assert re.sub(r"\s", "", value) in text


@pytest.mark.parametrize("extract", [by_pypdf, by_poppler])
def test_number_and_code_are_copied_without_gaps(extract: Callable[[bytes], str]) -> None:
    words = extract(render(KIND, context())).split()
    assert "KK-2026-000123-4" in words
    assert "7KQ2M9XF" in words


@pytest.mark.parametrize("extract", [by_pypdf, by_poppler])
def test_characters_that_look_alike_stay_apart(extract: Callable[[bytes], str]) -> None:
    alike = "A～〜−－-‑Ⅲ｜|・･艹"
    assert alike in extract(render(KIND, context(lead=alike)))


def test_only_our_fonts_are_used_and_all_are_embedded() -> None:
    assert font_names(render(KIND, context())) == FONTS


def test_no_font_of_the_machine_steps_in_for_a_missing_character(caplog: pytest.LogCaptureFixture) -> None:
    # Past the check that refuses such a paper: ภ is in DejaVu Sans and Noto Sans, one of which most machines have.
    engine = renderer.engine()
    from weasyprint import HTML

    content = HTML(string=f"<p lang=ja>{NAMES} ภ ع 😀", url_fetcher=engine.fetcher).write_pdf(
        stylesheets=[engine.style], font_config=engine.fonts
    )
    assert font_names(content) == {"Portal-Sans-JP"}
    assert ".notdef glyph" in caplog.text
    caplog.clear()


def test_the_pdf_is_marked_as_accessible() -> None:
    with pikepdf.open(io.BytesIO(render(KIND, context()))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "ja"
        assert str(pdf.docinfo.Title) == "個別保証枠確認証 KK-2026-000123-4"
        assert str(pdf.docinfo.Author) == "保険者の名称"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert b'pdfuaid:part="1"' in pdf.Root.Metadata.read_bytes() or b"<pdfuaid:part>1<" in (
            pdf.Root.Metadata.read_bytes()
        )
        tags = {str(item.S) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item}
        assert {"/H1", "/H2", "/P", "/Table", "/TR", "/TH", "/TD", "/Figure"} <= tags
        figures = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"]
        assert [str(figure.Alt) for figure in figures] == ["この書類を確認するためのQRコード"]
        with pdf.open_outline() as outline:
            titles = [entry.title for entry in outline.root]
            assert titles == ["個別保証枠確認証"]
            assert [entry.title for entry in outline.root[0].children] == ["支払人", "ご注意", "この書類の確認"]


def test_a_long_paper_repeats_number_issue_time_and_page_on_every_page() -> None:
    rows = [{"label": f"項目{number}", "value": NAMES} for number in range(90)]
    content = render(KIND, context(sections=[{"heading": "明細", "rows": rows}]))
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"{number} / {len(pages)} ページ" in page
        assert "KK-2026-000123-4" in page
        assert "発行日時 2026年11月20日 10:15" in page


def test_the_full_paper_fits_one_a4_page() -> None:
    rows = [{"label": f"項目{number}", "value": NAMES} for number in range(5)]
    content = render(KIND, context(sections=[{"heading": "区分", "rows": rows}] * 4))
    page = pypdf.PdfReader(io.BytesIO(content)).pages
    assert len(page) == 1
    assert [round(float(side)) for side in page[0].mediabox[2:]] == [595, 842]


def test_the_same_data_give_the_same_bytes_in_every_thread() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: render(KIND, context()), range(20)))
    assert len(set(made)) == 1


def test_other_data_give_another_document_id() -> None:
    with (
        pikepdf.open(io.BytesIO(render(KIND, context()))) as one,
        pikepdf.open(io.BytesIO(render(KIND, context(number="KK-2026-000124-2")))) as other,
    ):
        assert bytes(one.trailer.ID[0]) != bytes(other.trailer.ID[0])


# --- Hostile data -------------------------------------------------------------


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A server on the loopback address: its port, and what it was sent."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def listen() -> None:
            while True:
                connection, _ = server.accept()
                with connection:
                    request = connection.recv(1000)
                    if request == b"stop":
                        return
                    heard.append(request)
                    connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=listen)
        thread.start()
        yield port, heard
        with socket.create_connection(("127.0.0.1", port)) as last:
            last.sendall(b"stop")
        thread.join()


def addresses(port: int, file: Path) -> list[str]:
    return [
        f'<img src="http://127.0.0.1:{port}/a.png">',
        f'<link rel="attachment" href="{file.as_uri()}">',
        f'<link rel="stylesheet" href="http://127.0.0.1:{port}/b.css">',
        f'<style>@import url("http://127.0.0.1:{port}/c.css"); p {{ background: url({file.as_uri()}) }}</style>',
        f'<object data="{file.as_uri()}"></object>',
        f'<ul style="list-style-image: url(http://127.0.0.1:{port}/d.png)"><li>x</li></ul>',
        f'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:{port}/e.svg"/></svg>',
    ]


def test_addresses_in_the_data_are_printed_and_not_opened(listener: tuple[int, list[bytes]], tmp_path: Path) -> None:
    port, heard = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("PLANTED")
    planted = addresses(port, secret)
    content = render(KIND, context(organisation=planted[0], lead=planted[1], notes=planted))
    text = re.sub(r"\s", "", by_pypdf(content))
    assert all(re.sub(r"\s", "", address) in text for address in planted)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert not pdf.attachments
        assert not any(isinstance(item, pikepdf.Dictionary) and "/URI" in item for item in pdf.objects)
    assert b"PLANTED" not in content
    assert heard == []


@pytest.mark.parametrize("place", range(7))
def test_a_template_that_asks_for_an_address_gets_nothing(
    place: int,
    listener: tuple[int, list[bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from weasyprint.urls import FatalURLFetchingError

    port, heard = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("PLANTED")
    page = "<!DOCTYPE html><html lang=ja><title>x</title><body><p>x</p>" + addresses(port, secret)[place]
    monkeypatch.setattr(renderer, "html", lambda kind, context: page)
    if "<svg" in page:
        # WeasyPrint leaves out a drawing that it cannot make, and says so.
        assert b"PLANTED" not in render(KIND, context())
        assert "Failed to render SVG image" in caplog.text
        caplog.clear()
    else:
        with pytest.raises(FatalURLFetchingError):
            render(KIND, context())
    assert heard == []


@pytest.mark.parametrize(
    "text",
    ["<b>" * 300, "長" * 5_000, "{{ document.number }}{% debug %}", "a" * 5_000, "url(((" * 800],
    ids=["nested tags", "long text", "template code", "one long word", "brackets"],
)
def test_odd_texts_are_printed_as_they_are_in_bounded_time(text: str) -> None:
    begin = process_time()
    content = render(KIND, context(notes=[text]))
    assert process_time() - begin < 20
    printed = re.sub(r"\s|KK-2026-000123-4|発行日時2026年11月20日10:15|\d+/\d+ページ", "", by_pypdf(content))
    assert re.sub(r"\s", "", text)[:500] in printed


@pytest.mark.parametrize("notes", [["長" * 5_001], ["長" * 5_000] * 41], ids=["one text", "all texts together"])
def test_more_text_than_any_form_takes_is_refused(notes: list[str]) -> None:
    with pytest.raises(TooLong):
        render(KIND, context(notes=notes))


# --- Cost ---------------------------------------------------------------------


def resident() -> int:
    """Memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_memory_does_not_grow_with_the_number_of_papers() -> None:
    short = context(sections=[], notes=[])
    for _ in range(5):
        render(KIND, short)
    before = resident()
    for _ in range(30):
        render(KIND, short)
    # Measured: 1 MB; with a new engine for every paper 49 MB.
    assert resident() - before < 10_000_000


def test_a_thread_parses_fonts_and_style_once() -> None:
    first = renderer.engine()
    render(KIND, context())
    assert renderer.engine() is first
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(renderer.engine).result() is not first


# --- HTML and revision ----------------------------------------------------------


def test_the_page_for_readers_without_pdf_holds_the_same_texts() -> None:
    page = html(KIND, context())
    assert '<html lang="ja">' in page
    assert NAMES in page
    assert "GOLDEN GATE &lt;TRADING&gt; &amp; MARINE" in page


def test_a_paper_of_its_required_texts_alone_can_be_made() -> None:
    bare = {"title": "控え", "number": "1", "issued_at": "2026年11月20日 10:15"}
    assert "控え" in by_pypdf(render(KIND, bare))


def test_the_revision_changes_with_the_template_only() -> None:
    other = DocumentKind("other", "別の書類", "documents/definition.html", KIND.filename)
    assert re.fullmatch("[0-9a-f]{12}", template_revision(KIND))
    assert template_revision(KIND) == template_revision(KIND)
    assert template_revision(other) != template_revision(KIND)
