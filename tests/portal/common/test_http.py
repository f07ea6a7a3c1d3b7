"""What is believed of a request: its address, its `next`, and whether htmx asks for a part."""

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from portal.common import http

PEER = "10.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "hops", "address"),
    [
        (None, 0, PEER),
        ("203.0.113.7", 0, PEER),
        ("203.0.113.7", 1, "203.0.113.7"),
        ("1.2.3.4, 203.0.113.7", 1, "203.0.113.7"),
        ("1.2.3.4, 203.0.113.7, 10.0.0.2", 2, "203.0.113.7"),
        ("203.0.113.7", 2, PEER),
        (None, 1, PEER),
        ("", 1, PEER),
        ("unknown", 1, PEER),
        ("<script>", 1, PEER),
        ("203.0.113.7:51234", 1, "203.0.113.7"),
        ("[2001:db8::1]:51234", 1, "2001:db8::1"),
        ("2001:DB8:0::1", 1, "2001:db8::1"),
        ("::ffff:203.0.113.7", 1, "203.0.113.7"),
        ("fe80::1%eth0", 1, "fe80::1"),
        ("fe80::1%<b>", 1, "fe80::1"),
        ("1.2.3.4, ", 1, PEER),
    ],
)
def test_only_the_entry_of_our_outermost_proxy_is_believed(forwarded, hops, address):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=PEER)
    assert http.client_address(request, hops) == address


def test_a_peer_without_an_address_has_none():
    assert http.client_address(RequestFactory().get("/", REMOTE_ADDR=""), 0) == ""


@pytest.mark.parametrize("path", ["/", "/nexi/", "/nexi/?page=2&q=%E5%B1%B1", "/nexi/#row-3", "/nexi/山田"])
def test_a_path_of_this_site_is_followed(path):
    assert http.safe_next(RequestFactory().post("/account/login/", {"next": path}), "/") == path
    assert http.safe_next(RequestFactory().get("/account/login/", {"next": path}), "/") == path


@pytest.mark.parametrize(
    "path",
    [
        *("", "nexi/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example"),
        *(
            "https://evil.example/",
            "http:evil.example",
            "javascript:alert(1)",
            " /nexi/",
            "\x00/nexi/",
            "/" + "a" * 2000,
        ),
        *("https://testserver/nexi/", "http:///evil.example"),
    ],
)
def test_anything_else_leads_to_the_fallback(path):
    assert http.safe_next(RequestFactory().post("/account/login/", {"next": path}), "/start/") == "/start/"


def test_the_form_wins_over_the_query_and_nothing_is_the_fallback():
    query = QueryDict(mutable=True)
    query["next"] = "/query/"
    request = RequestFactory().post(f"/account/login/?{query.urlencode()}", {"next": "/form/"})
    assert http.safe_next(request, "/") == "/form/"
    assert http.safe_next(RequestFactory().get("/account/login/"), "/start/") == "/start/"


@pytest.mark.parametrize(
    ("headers", "partial"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "false"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
        ({"HX-Request": "true", "HX-Boosted": "true"}, False),
        ({"HX-Boosted": "true"}, False),
    ],
)
def test_htmx_gets_a_part_unless_it_needs_the_whole_page(headers, partial):
    assert http.wants_partial(RequestFactory().get("/", headers=headers)) is partial


def test_there_is_no_request_id_outside_a_request():
    assert http.request_id.get() == ""
