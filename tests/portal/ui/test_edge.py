"""What the edge refuses, and what it writes on every answer."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from portal.common.http import request_id
from portal.ui.access import public
from portal.ui.middleware import EdgeMiddleware
from portal.urls import handler400, handler403, handler404, handler500  # noqa: F401
from portal.urls import urlpatterns as site

URLENCODED = "application/x-www-form-urlencoded"
pytestmark = pytest.mark.urls(__name__)


@public(("GET", "HEAD", "POST"))
def echo(request: HttpRequest) -> HttpResponse:
    """Answer with all that was sent, and the id of the request."""
    files = [f"{name}={file.name}:{file.size}" for name, file in request.FILES.items()]
    return HttpResponse(f"{dict(request.POST)} {files} {request_id.get()}")


@public()
def cached(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("")
    response["Cache-Control"] = "max-age=3600"
    return response


urlpatterns = [path("echo/", echo), path("cached/", cached), *site]


@pytest.mark.parametrize(
    "address",
    [
        "/echo/?q=%00",
        "/echo/?%00=1",
        "/echo/?q=%ff",
        "/echo/?q=%ED%A0%80",  # a lone surrogate
        "/echo/?q=%93%8c",  # 東 in Shift_JIS
        "/echo/%00/",
        "/%ff/",
        "/echo/%0d%0a",
        "/admin/login/?next=%00",
    ],
)
def test_an_address_with_nul_or_without_utf_8_is_answered_with_400(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert "送信された内容を読み取れませんでした" in response.content.decode()


@pytest.mark.parametrize(
    "body", [b"a=%00", b"a=\x00", b"%00=1", b"a=%ff", b"a=\x93\x8c", b"a=%ED%A0%80", b"a=%EF%BF%BD"]
)
def test_a_form_with_nul_or_without_utf_8_is_answered_with_400(client: Client, body: bytes) -> None:
    assert client.post("/echo/", body, content_type=URLENCODED).status_code == 400


@pytest.mark.parametrize("text", [b"a\x00b", b"\x93\x8c\x8b\x9e", b"\xed\xa0\x80"])
def test_text_beside_a_file_is_checked_too(client: Client, text: bytes) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="memo"\r\n\r\n' + text + b"\r\n--x--\r\n"
    assert client.post("/echo/", body, content_type="multipart/form-data; boundary=x").status_code == 400


def test_an_address_in_japanese_goes_through_to_its_404(client: Client) -> None:
    assert client.get("/東京/?q=髙").status_code == 404
    assert client.get("/echo/?q=%E6%9D%B1").status_code == 200


def test_readable_text_and_files_of_any_content_go_through_unchanged(client: Client) -> None:
    file = SimpleUploadedFile("契約書.pdf", b"\x00\xff" * 10)
    body = client.post("/echo/", {"memo": "髙﨑①😀\r\n二行目", "papers": file}).content.decode()
    assert "髙﨑①😀\\r\\n二行目" in body
    assert "papers=契約書.pdf:20" in body


@pytest.mark.parametrize("charset", ["utf-7", "hex", "shift_jis", "unicode_escape"])
def test_a_form_in_another_charset_is_answered_with_400(client: Client, charset: str) -> None:
    content_type = f"{URLENCODED}; charset={charset}"
    assert client.generic("POST", "/echo/", b"a=1", content_type=content_type).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_CONTENT_ENCODING": "gzip"},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
        {"CONTENT_LENGTH": "3, 3"},
        {"CONTENT_LENGTH": "-1"},
        {"CONTENT_LENGTH": "٣"},
        {"QUERY_STRING": "q=\xff"},
        {"HTTP_X_ANYTHING": "a\0b"},
        {"HTTP_HOST": "other.example"},
    ],
    ids=str,
)
def test_headers_that_cannot_be_right_are_answered_with_400(client: Client, headers: dict[str, str]) -> None:
    assert client.post("/echo/", b"a=1", content_type=URLENCODED, **headers).status_code == 400  # type: ignore[arg-type]


def test_a_cookie_that_spells_nul_in_octal_is_answered_with_400(client: Client) -> None:
    assert client.get("/echo/", HTTP_COOKIE='sessionid="\\000aaaaaaaaaaaa"').status_code == 400


def test_a_foreign_cookie_in_another_encoding_does_not_lock_anybody_out(client: Client) -> None:
    assert client.get("/echo/", HTTP_COOKIE="other=\x93\x8c").status_code == 200


@pytest.mark.parametrize("boundary", ["", "; boundary="])
def test_a_multipart_form_without_boundary_is_answered_with_400(client: Client, boundary: str) -> None:
    assert client.post("/echo/", b"x", content_type=f"multipart/form-data{boundary}").status_code == 400


def test_too_many_fields_are_answered_with_400(client: Client) -> None:
    body = "&".join(f"a{i}=" for i in range(1100))
    assert client.post("/echo/", body, content_type=URLENCODED).status_code == 400
    assert client.get(f"/echo/?{body}").status_code == 400


class Unread:
    """A body that must not be touched."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")


@pytest.mark.parametrize(
    ("content_type", "length"), [(URLENCODED, 3_000_000), ("multipart/form-data; boundary=x", 61 * 1024 * 1024)]
)
def test_a_body_over_the_limit_is_answered_with_413_before_it_is_read(content_type: str, length: int) -> None:
    request = RequestFactory().post("/echo/", b"", content_type=content_type, CONTENT_LENGTH=str(length))
    request._stream = Unread()  # type: ignore[attr-defined]
    response = EdgeMiddleware(echo)(request)
    assert response.status_code == 413


def test_text_over_the_limit_inside_a_multipart_form_is_answered_with_413(client: Client) -> None:
    assert client.post("/echo/", {"memo": "あ" * 1_000_000}).status_code == 413


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_methods_that_no_page_uses_are_answered_with_405(client: Client, method: str) -> None:
    response = client.generic(method, "/echo/")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("address", ["/echo/", "/cached/", "/nowhere/", "/echo/?q=%00"])
def test_every_answer_is_kept_out_of_caches_and_carries_its_number(client: Client, address: str) -> None:
    response = client.get(address)
    assert response["Cache-Control"] == "no-store"
    assert "HX-Request" in response["Vary"]
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert len(response["X-Request-Id"]) == 12


def test_every_request_has_its_own_number_also_in_threads() -> None:
    edge = EdgeMiddleware(echo)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(edge, [RequestFactory().get("/echo/") for _ in range(64)]))
    numbers = {answer["X-Request-Id"] for answer in answers}
    assert len(numbers) == 64
    assert all(answer.content.decode().endswith(answer["X-Request-Id"]) for answer in answers)  # type: ignore[attr-defined]
    assert request_id.get() == ""
