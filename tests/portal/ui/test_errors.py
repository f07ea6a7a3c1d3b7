"""Every failure has our own page, also without a database."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist
from django.test import Client, RequestFactory
from django.urls import path

from portal.ui import errors
from portal.ui.access import public
from portal.urls import handler400, handler403, handler404, handler500  # noqa: F401
from portal.urls import urlpatterns as site

pytestmark = pytest.mark.urls(__name__)


@public()
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("boom 秘密")


@public()
def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied({"who": ["申込 花子 <b>"], "reason": "「申込」の権限が必要です。"})


@public(("GET", "POST"))
def sends(request: HttpRequest) -> HttpResponse:
    return HttpResponse("sent")


urlpatterns = [path("broken/", broken), path("forbidden/", forbidden), path("sends/", sends), *site]


@pytest.mark.parametrize("status", sorted(errors.WORDS))
def test_each_status_has_its_own_words_a_way_out_and_a_contact(status: int) -> None:
    response = errors.problem(RequestFactory().get("/anything/"), status)
    page = response.content.decode()
    words = errors.WORDS[status]
    assert response.status_code == status
    assert all(text in page for text in (words.title, words.lead, words.todo, "お問い合わせ", "手続きの選択へ"))
    assert f"<title>{words.title}｜保証・保険 電子手続き</title>" in page


@pytest.mark.parametrize("status", sorted(errors.WORDS))
def test_htmx_gets_a_fragment_instead_of_a_page(status: int) -> None:
    request = RequestFactory().get("/anything/", HTTP_HX_REQUEST="true")
    page = errors.problem(request, status).content.decode()
    assert errors.WORDS[status].title in page
    assert "<html" not in page


def test_the_page_says_what_the_view_says() -> None:
    response = errors.problem(
        RequestFactory().get("/x/"),
        409,
        title="内容が変わりました",
        lead="枠が減りました。",
        reasons=["<残り> 5円"],
        actions=[("確認へ", "/y/")],
    )
    page = response.content.decode()
    assert "<h1>内容が変わりました</h1>" in page
    assert "枠が減りました。" in page
    assert "&lt;残り&gt; 5円" in page
    assert 'href="/y/">確認へ</a>' in page


@pytest.mark.parametrize(
    ("seconds", "words"), [(45, "45秒後"), (60, "1分後"), (61, "2分後"), (900, "15分後"), (7200, "2時間後")]
)
def test_too_many_tries_says_how_long_to_wait(seconds: int, words: str) -> None:
    response = errors.problem(RequestFactory().get("/x/"), 429, retry_after=seconds)
    assert response["Retry-After"] == str(seconds)
    assert words in response.content.decode()


def test_a_missing_right_names_who_can(client: Client) -> None:
    response = client.get("/forbidden/")
    page = response.content.decode()
    assert response.status_code == 403
    assert "申込 花子 &lt;b&gt;" in page
    assert "「申込」の権限が必要です。" in page


def test_an_unexpected_error_tells_its_number_and_nothing_of_its_cause(client: Client) -> None:
    client.raise_request_exception = False
    response = client.get("/broken/")
    page = response.content.decode()
    assert response.status_code == 500
    assert response["X-Request-Id"] in page
    assert "秘密" not in page
    assert "RuntimeError" not in page


def test_every_page_not_found_has_the_same_body(client: Client) -> None:
    first, second = client.get("/nowhere/"), client.get("/help/nowhere/")
    assert first.status_code == second.status_code == 404
    assert first.content == second.content


def test_an_error_page_that_fails_itself_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise TemplateDoesNotExist("errors/problem.html")

    monkeypatch.setattr(errors, "render_to_string", fail)
    response = errors.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "処理できませんでした" in response.content.decode()


def test_a_form_without_token_says_how_to_send_again(settings: object) -> None:
    settings.CSRF_FAILURE_VIEW = "portal.ui.errors.csrf_failure"  # type: ignore[attr-defined]
    response = Client(enforce_csrf_checks=True).post("/sends/", {"a": "1"})
    assert response.status_code == 403
    assert "画面の有効期限が切れています" in response.content.decode()


def test_the_wrong_method_of_a_page_is_answered_with_405_and_what_is_allowed(client: Client) -> None:
    response = client.post("/broken/")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
