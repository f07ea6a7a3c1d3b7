"""添付書類: stored at once, kept over an error, handed out only to their own organisation, dropped with the draft."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from portal.applications import services
from portal.applications.models import Application, Attachment, State
from portal.audit.models import Event
from tests.nexi_quota.driver import NEW, Exporter, terms
from tests.nexi_quota.fixtures import ana, cho, masters

__all__ = ["ana", "cho", "masters"]
pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def upload(name: str = "契約書.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def sends_with(exporter: Exporter, *files: SimpleUploadedFile, **changes: object) -> object:
    return exporter.post(NEW, {**terms(**changes), "main-attachments": list(files), "action": "continue"})


def test_an_upload_is_on_the_confirmation_and_can_be_read_back(ana: Exporter) -> None:
    confirm = sends_with(ana, upload())
    assert "契約書.pdf" in confirm.text
    found = Attachment.objects.get()
    assert found.application == Application.objects.get()
    assert "契約書" not in found.file.name
    answer = ana.client.get(f"/nexi/applications/attachments/{found.pk}/")
    assert b"".join(answer.streaming_content) == PDF
    assert "attachment" in answer["Content-Disposition"]
    assert Event.objects.filter(verb="attachment.read", target=str(found.pk)).exists()


def test_an_error_elsewhere_does_not_lose_the_upload(ana: Exporter) -> None:
    page = sends_with(ana, upload(), goods="")
    assert page.status == 422
    assert "契約書.pdf" in page.text
    kept = Attachment.objects.get()
    confirm = ana.post(NEW, {**terms(), "main-attachments-kept": str(kept.pk), "action": "continue"})
    assert "契約書.pdf" in confirm.text
    kept.refresh_from_db()
    assert kept.application == Application.objects.get()


def test_a_kept_file_can_be_dropped(ana: Exporter) -> None:
    confirm = sends_with(ana, upload())
    step = ana.get(f"/nexi/requests/{confirm.number}/steps/terms/")
    pk = str(Attachment.objects.get().pk)
    again = ana.post(
        step.path,
        {**terms(), "main-attachments-kept": pk, "main-attachments-drop": pk, "revision": step.hidden("revision")},
    )
    assert again.path.endswith("/confirm/")
    assert "契約書.pdf" not in again.text


def test_another_organisations_file_cannot_be_attached_or_read(ana: Exporter, cho: Exporter) -> None:
    sends_with(ana, upload())
    pk = str(Attachment.objects.get().pk)
    assert cho.client.get(f"/nexi/applications/attachments/{pk}/").status_code == 404
    confirm = cho.post(NEW, {**terms(), "main-attachments-kept": pk, "action": "continue"})
    assert "契約書.pdf" not in confirm.text
    assert Attachment.objects.get().application.organisation == ana.user.organisation


def test_a_copy_does_not_take_the_files_along(ana: Exporter) -> None:
    confirm = sends_with(ana, upload())
    assert "契約書.pdf" not in ana.get(f"{NEW}?from={confirm.number}").text


def test_a_draft_untouched_for_ninety_days_ends_with_its_files(
    ana: Exporter, django_capture_on_commit_callbacks: object
) -> None:
    sends_with(ana, upload())
    today = timezone.localdate()
    assert services.expire_drafts(today + timedelta(days=90)) == 0
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert services.expire_drafts(today + timedelta(days=91)) == 1
    assert Application.objects.get().state == State.EXPIRED
    assert not Attachment.objects.exists()
    assert services.expire_drafts(today + timedelta(days=91)) == 0
