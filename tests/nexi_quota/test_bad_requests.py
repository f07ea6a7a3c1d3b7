"""Requests that no form of ours sends: refused whole or answered with the usual page, and nothing is written."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.nexi_quota.driver import NEW, Exporter, Page, terms
from tests.nexi_quota.hostile import HOSTILE, stored
from tests.support import pages

pytestmark = pytest.mark.django_db
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
LISTS = ["/nexi/applications/", "/nexi/quotas/"]
SEARCHES = [*LISTS, "/nexi/buyers/", "/nexi/buyers/search/"]


# --- What no form sends --------------------------------------------------------------


def part(content: bytes, name: bytes = b"main-goods") -> bytes:
    """Return one field of a multipart form."""
    return b'--x\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + content + b"\r\n"


TEN_MB = b"x" * (10 * 1024 * 1024)
NAMES = [b"main-%d" % at for at in range(1_100)]
BODIES = {
    "NUL": (400, b"main-goods=a%00b", URLENCODED),
    "bare NUL": (400, b"main-goods=a\x00b", URLENCODED),
    "NUL in a name": (400, b"main-go%00ods=a", URLENCODED),
    "no UTF-8": (400, b"main-goods=%93%8c", URLENCODED),
    "lone surrogate": (400, b"main-goods=%ED%A0%80", URLENCODED),
    "overlong": (400, b"main-goods=%C0%AF", URLENCODED),
    "UTF-16": (400, "main-goods=東".encode("utf-16"), URLENCODED),
    "1,100 fields": (400, b"&".join(name + b"=1" for name in NAMES), URLENCODED),
    "10 MB": (413, b"main-goods=" + TEN_MB, URLENCODED),
    "NUL in a part": (400, part(b"a\x00b") + b"--x--\r\n", MULTIPART),
    "lone surrogate in a part": (400, part(b"\xed\xa0\x80") + b"--x--\r\n", MULTIPART),
    "1,100 parts": (400, b"".join(part(b"1", name) for name in NAMES) + b"--x--\r\n", MULTIPART),
    "10 MB in a part": (413, part(TEN_MB) + b"--x--\r\n", MULTIPART),
    "no boundary": (400, part(b"a"), "multipart/form-data; boundary="),
}


def test_a_body_that_is_no_form_of_ours_is_refused_whole(ana: Exporter, draft: Page) -> None:
    before = stored()
    for name, (status, body, content_type) in BODIES.items():
        for path in (
            NEW,
            draft.path,
            f"/nexi/requests/{draft.number}/confirm/",
            f"/nexi/applications/{draft.number}/withdraw/",
        ):
            answer = ana.client.post(path, body, content_type=content_type)
            assert answer.status_code == status, (name, path)
            assert "エラー番号" in answer.content.decode()
    assert stored() == before


def test_an_address_that_is_no_text_is_refused(ana: Exporter) -> None:
    for path in (*SEARCHES, NEW):
        for query in ("q=%00", "q=%ff", "q=%ED%A0%80", "since-y=%00", "%00=1", "page=%00", "from=%00"):
            assert ana.client.get(f"{path}?{query}").status_code == 400, (path, query)


def test_a_form_without_its_token_is_refused_and_nothing_is_done(ana: Exporter) -> None:
    confirm = ana.fills_in()
    before = stored()
    stranger_of_the_site = Client(enforce_csrf_checks=True)
    stranger_of_the_site.force_login(ana.user)
    number = confirm.number
    sent = {
        NEW: terms(),
        f"/nexi/requests/{number}/steps/terms/": terms(),
        confirm.path: {"token": confirm.hidden("token"), "consent": "on"},
    }
    sent[f"/nexi/applications/{number}/withdraw/"] = {}
    for path, data in sent.items():
        for token in ({}, {"csrfmiddlewaretoken": "a" * 64}):
            answer = stranger_of_the_site.post(path, {**data, **token})
            assert answer.status_code == 403
            assert "もう一度" in answer.content.decode()
    assert stored() == before


def test_a_forged_revision_is_answered_with_both_versions_and_changes_nothing(ana: Exporter, draft: Page) -> None:
    before = stored()
    for revision in ("", "abc", "-1", "0", "1e3", "９", "9" * 30, "2", "' OR 1=1"):
        page = ana.post(draft.path, {**terms(goods="別の貨物"), "revision": revision})
        assert page.status == 409, revision
        assert page.value("main-goods") == "別の貨物"
    assert stored() == before


def test_a_forged_token_submits_nothing(ana: Exporter) -> None:
    confirm = ana.fills_in()
    before = stored()
    for token in ("", "x", "x" * 100_000, "a:b:c", "' OR 1=1", "東"):
        assert ana.post(confirm.path, {"token": token, "consent": "on"}).status == 409, token
    assert stored() == before


def test_the_token_of_another_application_or_person_submits_nothing(ana: Exporter, ben: Exporter, log_in: Any) -> None:
    first, second = ana.fills_in(), ana.fills_in(contract_number="EX-2")
    before = stored()
    assert ana.post(second.path, {"token": first.hidden("token"), "consent": "on"}).status == 409
    ana.user.organisation.refresh_from_db()
    colleague = Exporter(log_in("dora", "nexi.apply", organisation=ana.user.organisation))
    assert colleague.post(first.path, {"token": first.hidden("token"), "consent": "on"}).status == 409
    assert stored() == before


def test_without_the_tick_nothing_is_submitted_and_the_box_is_named(ana: Exporter) -> None:
    confirm = ana.fills_in()
    before = stored()
    page = ana.presses_apply(confirm, consent=False)
    assert page.status == 422
    sheet = pages.read(page.html)
    assert sheet.title.startswith("エラー")
    assert [said for _, said in sheet.errors] == [
        "「個別保証枠確認であることを了解して申込みます」にチェックしてください。"
    ]
    assert stored() == before


def test_a_button_that_is_not_ours_stores_nothing_and_keeps_what_was_typed(ana: Exporter) -> None:
    for action in (
        "search:",
        "search:main-goods",
        "pick:main-payer_code",
        "add:main",
        "x:y",
        ":",
        "delete",
        "x" * 5_000,
    ):
        page = ana.post(NEW, {**terms(), "action": action, "main-payer_code-pick": "<b>"})
        assert page.status == 200, action
        assert page.value("main-goods") == "産業用ポンプ"
    assert stored() == []


# --- Lists and searches ------------------------------------------------------------


def test_the_search_below_a_code_field_escapes_what_it_was_asked(ana: Exporter) -> None:
    for text in HOSTILE:
        for query in (
            {"field": "main-payer_code", "main-payer_code-q": text},
            {"field": text, f"{text[:60]}-q": "310"},
        ):
            answer = ana.client.get("/nexi/buyers/search/", query)
            assert answer.status_code == 200
            assert not re.search("<(script|img)", answer.content.decode())


NOT_ON_OFFER = [
    "",
    "-",
    "--number",
    "organisation__name",
    "1; DROP TABLE x",
    "' OR 1=1",
    "-1",
    "0",
    "9" * 5_000,
    "1e3",
    "?",
    "東",
]


@pytest.mark.parametrize("path", LISTS)
def test_what_is_not_on_offer_for_a_list_is_answered_with_the_usual_list(ana: Exporter, path: str) -> None:
    ana.applies()
    for name in ("sort", "page", "size", "format"):
        for text in NOT_ON_OFFER:
            assert "1件中" in ana.get(f"{path}?{urlencode({name: text})}").text, (name, text)
