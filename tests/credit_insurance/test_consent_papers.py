"""加入時の確認書類 in the admin: the 引受責任者 adds versions, nobody changes one."""

import hashlib
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from credit_insurance.enums import ConsentKind
from credit_insurance.models import ConsentPaper
from credit_insurance.selectors.enrolment import papers
from portal.audit.models import Event
from tests.conftest import LogIn, Person
from tests.credit_insurance.papers import PDF, paper

ADMIN = "/admin/credit_insurance/consentpaper/"
TODAY, LATER = date(2026, 11, 10), date(2026, 12, 1)

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files, pytest.mark.usefixtures("clock")]


@pytest.fixture
def manager(log_in: LogIn) -> Person:
    """引受責任者."""
    return log_in("uwmgr", "credit.uw_manager", is_staff=True)


def enters(person: Person, kind: str = "important", content: bytes = PDF, name: str = "a.pdf", **more: str):
    given = {"kind": kind, "valid_from": "2026-12-01", "body": "本文です。", **more}
    file = {"file": SimpleUploadedFile(name, content)} if content else {}
    return person.post(f"{ADMIN}add/", {**given, **file})


def test_a_new_version_follows_the_old_one_from_its_day_on(manager: Person):
    old = paper(ConsentKind.IMPORTANT)
    assert enters(manager).status_code == 302
    new = ConsentPaper.objects.get(version=2)
    assert (new.sha256, new.entered_by) == (hashlib.sha256(PDF).hexdigest(), manager.user)
    assert papers(TODAY) == {ConsentKind.IMPORTANT: old}
    assert papers(LATER) == {ConsentKind.IMPORTANT: new}
    opened = manager.get(f"{ADMIN}{new.pk}/pdf/")
    assert (opened.content, opened["Content-Type"]) == (PDF, "application/pdf")
    assert Event.objects.filter(verb="credit.paper_shown", target="important-2").exists()


def test_the_file_is_a_pdf_of_at_most_five_megabytes_and_only_of_the_important_paper(manager: Person):
    for content, said in (
        (b"MZ\x90\x00 no paper", "中身が PDF ではありません"),
        (b"%PDF-" + b"0" * (5 * 1024 * 1024), "大きすぎます"),
        (b"", "重要事項説明書のPDFを選択してください。"),
    ):
        assert said in enters(manager, content=content).content.decode()
    assert "重要事項説明書だけです" in enters(manager, kind="privacy").content.decode()
    assert "今日以後の日" in enters(manager, valid_from="2026-11-09").content.decode()
    assert enters(manager, kind="privacy", content=b"").status_code == 302
    assert ConsentPaper.objects.get().kind == ConsentKind.PRIVACY


def test_what_was_entered_is_read_and_never_changed(manager: Person, log_in: LogIn):
    made = paper(ConsentKind.IMPORTANT)
    underwriter = log_in("uw", "credit.uw", is_staff=True)
    federation = log_in("fed", "credit.fed", is_staff=True)
    page = manager.get(f"{ADMIN}{made.pk}/change/")
    assert made.sha256 in page.content.decode()
    assert manager.post(f"{ADMIN}{made.pk}/change/", {"body": "別の本文"}).status_code == 403
    assert manager.post(f"{ADMIN}{made.pk}/delete/", {"post": "yes"}).status_code == 403
    assert underwriter.get(f"{ADMIN}{made.pk}/pdf/").status_code == 200
    assert enters(underwriter).status_code == 403
    assert federation.get(f"{ADMIN}{made.pk}/pdf/").status_code == 403
    made.refresh_from_db()
    assert (made.body, ConsentPaper.objects.count()) == ("重要事項説明書の本文。", 1)
