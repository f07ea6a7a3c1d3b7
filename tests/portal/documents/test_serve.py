"""Handing out: a private download, recorded first, limited, refused when it cannot be right."""

import io
from pathlib import Path

import pypdf
import pytest
from django.db import DatabaseError
from django.test import RequestFactory
from django.utils.http import parse_header_parameters

from portal.applications.models import ApplicationVersion
from portal.audit.models import Event
from portal.common.http import HttpRequest
from portal.documents import serve
from portal.documents.kinds import DocumentKind
from portal.documents.serve import PER_MINUTE, pdf_response, serve_on_demand, serve_stored
from portal.documents.services import store
from tests.conftest import Person
from tests.portal.documents.samples import KIND, context

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(alice: Person) -> HttpRequest:
    request = RequestFactory().get("/nexi/")
    request.user = alice.user
    return request  # type: ignore[return-value]


def test_a_pdf_is_a_download_that_nobody_keeps_or_runs(request_: HttpRequest) -> None:
    response = pdf_response(request_, b"%PDF-", "確認証_1.pdf")
    assert response["Content-Type"] == "application/pdf"
    kind, parameters = parse_header_parameters(response["Content-Disposition"])
    assert (kind, parameters["filename"]) == ("attachment", "確認証_1.pdf")
    assert response["Content-Disposition"].isascii()
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_pdf_may_be_shown_in_the_browser_when_asked_for(request_: HttpRequest) -> None:
    assert pdf_response(request_, b"%PDF-", "1.pdf", inline=True)["Content-Disposition"].startswith("inline")


def test_a_file_name_can_neither_leave_its_folder_nor_the_header(request_: HttpRequest) -> None:
    response = pdf_response(request_, b"", '../a\\b"c\r\nX-Evil: 1.pdf')
    assert parse_header_parameters(response["Content-Disposition"])[1]["filename"] == ".._a_b_c__X-Evil_ 1.pdf"


def test_a_document_on_demand_is_recorded_with_its_hash_and_handed_out(request_: HttpRequest, verb: str) -> None:
    response = serve_on_demand(request_, KIND, context(), verb=verb, target="KK-1")
    assert response.status_code == 200
    assert "KK-2026-000123-4" in pypdf.PdfReader(io.BytesIO(response.content)).pages[0].extract_text()
    event = Event.objects.get(verb=verb)
    assert (event.actor_id, event.target, event.outcome) == (request_.user.pk, "KK-1", "ok")
    assert event.organisation_id == request_.user.organisation_id
    assert event.detail["kind"] == KIND.slug
    assert len(event.detail["sha256"]) == 64


def test_without_record_nothing_is_handed_out(
    request_: HttpRequest, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **fields: object) -> None:
        raise DatabaseError("the log cannot be written")

    monkeypatch.setattr(serve, "record", refuse)
    with pytest.raises(DatabaseError):
        serve_on_demand(request_, KIND, context(), verb=verb, target="KK-1")


def test_an_unregistered_verb_hands_nothing_out(request_: HttpRequest) -> None:
    with pytest.raises(LookupError):
        serve_on_demand(request_, KIND, context(), verb="test.unknown", target="KK-1")


def test_a_character_that_cannot_be_printed_is_named_on_the_page(request_: HttpRequest, verb: str) -> None:
    response = serve_on_demand(request_, KIND, context(organisation="外字\ue000"), verb=verb, target="KK-1")
    assert response.status_code == 409
    assert "印字できない文字：U+E000" in response.content.decode()
    assert Event.objects.get(verb=verb).outcome == "failed"


def test_the_31st_document_of_a_minute_has_to_wait(
    request_: HttpRequest, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "render", lambda kind, context: b"%PDF-")
    answers = [serve_on_demand(request_, KIND, context(), verb=verb, target="KK-1") for _ in range(PER_MINUTE + 1)]
    assert [answer.status_code for answer in answers] == [200] * PER_MINUTE + [429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert Event.objects.filter(verb=verb).count() == PER_MINUTE


@pytest.mark.stores_files
def test_a_stored_document_is_handed_out_unchanged_and_recorded(
    request_: HttpRequest, version: ApplicationVersion, kind: DocumentKind, verb: str
) -> None:
    document = store(version, kind.slug, context())
    response = serve_stored(request_, document, verb=verb, target="TP-1")
    assert response.content == Path(document.file.path).read_bytes()
    assert Event.objects.get(verb=verb).detail == {"kind": kind.slug, "sha256": document.sha256}


@pytest.mark.stores_files
def test_a_stored_document_that_was_altered_is_never_handed_out(
    request_: HttpRequest, version: ApplicationVersion, kind: DocumentKind, verb: str
) -> None:
    document = store(version, kind.slug, context())
    with Path(document.file.path).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(ValueError, match="not the one that was issued"):
        serve_stored(request_, document, verb=verb, target="TP-1")
    assert not Event.objects.filter(verb=verb).exists()
