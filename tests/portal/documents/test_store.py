"""A stored paper: one row and one file per version and kind, whatever happens in between."""

import hashlib
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import Barrier
from typing import Any

import pypdf
import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from portal.applications.models import ApplicationVersion, Attachment
from portal.documents import files, kinds, services
from portal.documents.glyphs import MissingGlyphs
from portal.documents.kinds import DocumentKind
from portal.documents.models import Document
from portal.documents.services import store
from portal.documents.tasks import TOPIC
from portal.outbox import Message, drain, publish
from tests.portal.documents.samples import context

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stores_files]


@pytest.fixture
def folder(settings: Any) -> Path:
    return Path(settings.MEDIA_ROOT) / "documents"


def checked() -> tuple[int, dict[str, Any]]:
    """Exit status and report of `verify_files`."""
    out = StringIO()
    try:
        call_command("verify_files", stdout=out)
        status = 0
    except SystemExit as stop:
        status = int(str(stop.code))
    return status, json.loads(out.getvalue())


def test_a_document_is_kept_with_its_hash_size_and_name(version: ApplicationVersion, kind: DocumentKind) -> None:
    document = store(version, kind.slug, context())
    content = document.file.open().read()
    document.file.close()
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    assert document.size == len(content)
    assert document.name == "確認証_KK-2026-000123-4.pdf"
    assert "個別保証枠確認証" in pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert "TP-1" not in document.file.name
    assert checked() == (0, {"ok": True, "checked": 1, "missing": [], "altered": [], "orphans": []})


def test_a_second_call_returns_the_first_document_and_renders_nothing(
    version: ApplicationVersion, kind: DocumentKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = store(version, kind.slug, context())
    monkeypatch.setattr(services, "render", None)
    assert store(version, kind.slug, context(lead="別の文")) == first


def test_parallel_calls_leave_one_row_and_one_file(
    version: ApplicationVersion, kind: DocumentKind, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier = Barrier(4)
    real_write = files.write

    def write(name: str, content: bytes) -> None:
        barrier.wait()  # all have looked and found nothing
        real_write(name, content)

    def run(number: int) -> int:
        try:
            # Two of them under another state of the template: other bytes, another file.
            return store(version, kind.slug, context(lead=f"文{number % 2}")).pk
        finally:
            connection.close()

    monkeypatch.setattr(files, "write", write)
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(run, range(4)))
    assert found == {Document.objects.get().pk}
    assert [path.name for path in folder.iterdir()] == [Path(Document.objects.get().file.name).name]
    assert checked()[0] == 0


def test_after_a_crash_between_file_and_row_the_repeat_takes_the_file_over(
    version: ApplicationVersion, kind: DocumentKind, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crash(BaseException):
        pass

    def crash(**fields: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(Document.objects, "get_or_create", crash)
        with pytest.raises(Crash):
            store(version, kind.slug, context())
    assert len(list(folder.iterdir())) == 1
    document = store(version, kind.slug, context())
    assert [path.name for path in folder.iterdir()] == [Path(document.file.name).name]


def test_a_disk_error_leaves_neither_row_nor_half_a_file(
    version: ApplicationVersion, kind: DocumentKind, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("portal.documents.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        store(version, kind.slug, context())
    assert not Document.objects.exists()
    assert list(folder.iterdir()) == []


def test_a_missing_glyph_stores_nothing(version: ApplicationVersion, kind: DocumentKind, folder: Path) -> None:
    with pytest.raises(MissingGlyphs):
        store(version, kind.slug, context(organisation="外字\ue000"))
    assert not Document.objects.exists()
    assert not folder.exists()


def test_the_outbox_makes_the_document_of_a_version_once(version: ApplicationVersion, kind: DocumentKind) -> None:
    publish(Message(TOPIC, "one", {"version": version.pk, "kind": kind.slug}))
    publish(Message(TOPIC, "two", {"version": version.pk, "kind": kind.slug}))
    drain()
    document = Document.objects.get()
    assert (document.version, document.kind, document.name) == (version, kind.slug, "確認証_TP-1.pdf")


def test_the_outbox_refuses_a_kind_that_is_made_on_demand_only(version: ApplicationVersion) -> None:
    from portal.documents.tasks import store_document

    kind = kinds.DocumentKind("test.demand", "題", "documents/base.html", lambda context: "x.pdf")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kinds, "_kinds", {kind.slug: kind})
        with pytest.raises(ValueError, match="on demand only"):
            store_document("key", {"version": version.pk, "kind": kind.slug})


# --- verify_files -------------------------------------------------------------


def test_verify_files_names_a_missing_file(version: ApplicationVersion, kind: DocumentKind, folder: Path) -> None:
    document = store(version, kind.slug, context())
    (folder / Path(document.file.name).name).unlink()
    assert checked() == (
        1, {"ok": False, "checked": 1, "missing": [document.file.name], "altered": [], "orphans": []}
    )  # fmt: skip


def test_verify_files_names_a_file_with_one_changed_bit(
    version: ApplicationVersion, kind: DocumentKind, folder: Path
) -> None:
    document = store(version, kind.slug, context())
    path = folder / Path(document.file.name).name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    status, report = checked()
    assert status == 1
    assert report["altered"] == [document.file.name]


def test_verify_files_looks_at_attachments_too(version: ApplicationVersion, settings: Any) -> None:
    application = version.application
    attachment = Attachment(
        organisation=application.organisation,
        application=application,
        uploaded_by=application.created_by,
        name="契約書.pdf",
        size=3,
        sha256=hashlib.sha256(b"abc").hexdigest(),
        created_at=timezone.now(),
    )
    attachment.file.save("契約書.pdf", ContentFile(b"abc"), save=False)
    attachment.save()
    assert checked()[0] == 0
    Path(attachment.file.path).write_bytes(b"abd")
    assert checked()[1]["altered"] == [attachment.file.name]


def test_verify_files_names_an_orphan_only_once_it_cannot_be_a_row_in_the_making(folder: Path) -> None:
    files.write("documents/left.pdf", b"x")
    assert checked()[0] == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert checked() == (
            1, {"ok": False, "checked": 0, "missing": [], "altered": [], "orphans": ["documents/left.pdf"]}
        )  # fmt: skip


def test_the_night_removes_what_a_killed_writer_left_and_verify_files_says_nothing_of_it(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "tmp1.part").write_bytes(b"%PDF-")
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        assert checked()[0] == 0
        assert files.remove_parts() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert files.remove_parts() == 1
    assert list(folder.iterdir()) == []


def test_verify_files_is_content_with_nothing() -> None:
    assert checked()[0] == 0
