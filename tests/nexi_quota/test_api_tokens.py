"""APIトークン: the page on which 管理者 make and revoke the keys of their programs."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.accounts.models import Organisation
from portal.api.models import Token
from portal.audit.models import Event
from tests.conftest import LogIn
from tests.nexi_quota.driver import Exporter, Page
from tests.nexi_quota.holdings_api import Program, program_of
from tests.support import pages

pytestmark = pytest.mark.django_db

TOKENS = "/nexi/api-tokens/"


@pytest.fixture
def manager(log_in: LogIn, exporter_a: Organisation, masters: None) -> Exporter:
    """管理者 of exporter A."""
    return Exporter(log_in("manager", "nexi.admin", organisation=exporter_a, name="管理花子"))


def issues(person: Exporter, label: str = "x", days: str = "1", password: str = "test-password") -> Page:
    """Send the form of a new token."""
    return person.post(TOKENS, {"label": label, "days": days, "password": password})


def secret_on(html: str) -> str:
    found = re.search(r'data-testid="api-token"[^>]*>([^<]+)<', html)
    assert found
    return found[1]


def test_a_token_is_shown_once_and_works(manager: Exporter) -> None:
    assert "発行したトークンはありません" in manager.get(TOKENS).text
    made = issues(manager, "販売管理システム", "９０日")
    assert made.status == 200
    assert made.response["Cache-Control"] == "no-store"
    assert "二度と表示できません" in made.text
    text = secret_on(made.html)
    token = Token.objects.get()
    assert text.startswith(f"{token.prefix}_")
    assert f"Bearer {text}" in made.text
    assert token.expires_on == timezone.localdate() + timedelta(days=90)
    assert Program(token, text).get("quotas").status_code == 200
    listed = manager.get(TOKENS)
    assert token.prefix in listed.text
    assert text not in listed.html
    for words in ("販売管理システム", "管理花子", "使用できます", f"{token.expires_on:%Y-%m-%d}"):
        assert words in listed.text


def test_the_command_line_of_the_example_is_the_address_of_this_site(manager: Exporter) -> None:
    made = issues(manager)
    assert (
        f'curl -H "Authorization: Bearer {secret_on(made.html)}" "http://testserver/nexi/api/v1/quotas?limit=10"'
        in (made.text)
    )


@pytest.mark.parametrize(
    ("label", "days", "wrong"),
    [
        ("", "30", {"id_label"}),
        ("x" * 41, "30", {"id_label"}),
        ("a\u202eb", "30", {"id_label"}),
        ("x", "", {"id_days"}),
        ("x", "0", {"id_days"}),
        ("x", "366", {"id_days"}),
        ("x", "1e2", {"id_days"}),
        ("", "-1", {"id_label", "id_days"}),
    ],
)
def test_what_is_wrong_is_named_and_kept(manager: Exporter, label: str, days: str, wrong: set[str]) -> None:
    page = issues(manager, label, days)
    assert page.status == 422
    sheet = pages.read(page.html)
    assert sheet.title.startswith("エラー")
    assert {anchor.removeprefix("#") for anchor in sheet.wrong()} == wrong
    assert (sheet.controls["label"], sheet.controls["days"]) == ([label], [days])
    assert not Token.objects.exists()


def test_the_same_form_again_makes_no_second_token(manager: Exporter) -> None:
    issues(manager, "会計", "30")
    again = issues(manager, "会計", "30")
    assert again.status == 422
    assert "「会計」という名前のトークンがあります" in again.html
    assert Token.objects.count() == 1


@pytest.mark.parametrize("password", ["", "wrong-password", "test-password ", "x" * 5000])
def test_without_the_password_an_open_session_makes_no_token(manager: Exporter, password: str) -> None:
    page = issues(manager, "会計", "30", password)
    assert page.status == 422
    sheet = pages.read(page.html)
    assert list(sheet.wrong()) == ["id_password"]
    assert sheet.controls["label"] == ["会計"]
    assert password not in page.html or not password
    assert not Token.objects.exists()
    # Nothing typed is no try.
    assert Event.objects.filter(verb="account.password-check", outcome="failed").count() == bool(password)


def test_guessing_the_password_is_stopped_as_at_the_login(manager: Exporter) -> None:
    answers = [issues(manager, password=f"guess-{at}") for at in range(6)]
    assert [page.status for page in answers] == [422] * 5 + [429]
    locked = issues(manager)
    assert locked.status == 429
    assert int(locked.response["Retry-After"]) > 0
    assert "ほど待ってからお試しください" in locked.text
    assert not Token.objects.exists()


def test_a_mistake_in_the_form_costs_no_try_and_the_password_is_never_shown_again(manager: Exporter) -> None:
    for _ in range(7):
        assert "test-password" not in issues(manager, label="").html
    assert issues(manager).status == 200


def test_a_revoked_token_stops_at_once_and_stays_in_the_list(manager: Exporter) -> None:
    program = program_of(manager, "会計")
    path = f"{TOKENS}{program.token.prefix}/revoke/"
    assert path in manager.get(TOKENS).html
    asked = manager.get(path)
    assert "このトークンを取り消しますか" in asked.text
    assert program.get("quotas").status_code == 200
    after = manager.post(path, {})
    assert after.path == TOKENS
    assert "取り消しました" in after.text
    assert "取消済" in after.text
    assert path not in after.html
    assert program.get("quotas").status_code == 401
    assert "既に取り消されています" in manager.post(path, {}).text
    assert "既に取り消されています" in manager.get(path).text


def test_tokens_are_the_business_of_managers(ana: Exporter, manager: Exporter) -> None:
    program = program_of(manager)
    for path in (TOKENS, f"{TOKENS}{program.token.prefix}/revoke/"):
        for page in (ana.get(path), ana.post(path, {"label": "x", "days": "1"})):
            assert page.status == 403
            assert "管理花子" in page.text
    assert Token.objects.count() == 1
    assert program.get("quotas").status_code == 200


def test_another_exporters_token_is_unknown(manager: Exporter, cho: Exporter) -> None:
    theirs = program_of(cho)
    path = f"{TOKENS}{theirs.token.prefix}/revoke/"
    for foreign, unknown in (
        (manager.get(path), manager.get(f"{TOKENS}nexi_aaaaaaaa/revoke/")),
        (manager.post(path, {}), manager.post(f"{TOKENS}nexi_aaaaaaaa/revoke/", {})),
    ):
        assert foreign.status == unknown.status == 404
        assert foreign.text == unknown.text
    assert theirs.token.prefix not in manager.get(TOKENS).html
    assert theirs.get("quotas").status_code == 200


def test_the_page_takes_six_queries_whatever_its_length(manager: Exporter, django_assert_max_num_queries) -> None:
    for at in range(12):
        program_of(manager, f"システム{at}")
    with django_assert_max_num_queries(6):
        assert "12件" in manager.get(TOKENS).text
