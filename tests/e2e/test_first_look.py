"""The program as a newcomer meets it: it starts, shows the portals, takes a login, and does so without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.support.site import Site


def test_the_program_says_that_it_is_ready(site: Site) -> None:
    assert site.status("/healthz") == 200
    assert site.status("/readyz") == 200


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_the_front_page_leads_to_the_exporters_portal(
    open_page: Callable[..., Page], width: int, javascript: bool
) -> None:
    page = open_page("/", width=width, javascript=javascript)
    page.get_by_role("link", name="輸出者ポータル").first.click()
    page.wait_for_url(re.compile(r"/account/login/\?next=(/|%2F)nexi(/|%2F)$"))


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_a_demo_account_reaches_its_portal(open_page: Callable[..., Page], javascript: bool) -> None:
    page = open_page("/nexi/", login="nexi-a-apply", javascript=javascript)
    assert page.url.endswith("/nexi/")
    assert page.locator("h1").is_visible()


def test_a_wrong_password_is_answered_on_the_login_page(open_page: Callable[..., Page]) -> None:
    page = open_page("/account/login/")
    page.locator("[name=login]").fill("nexi-a-apply")
    page.locator("[name=password]").fill("not-the-password")
    page.locator("main form button[type=submit]").click()
    page.locator("[data-error-summary]").wait_for()
    assert page.locator("[name=login]").input_value() == "nexi-a-apply"


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_the_style_sheet_arrives_and_nothing_scrolls_sideways(open_page: Callable[..., Page], width: int) -> None:
    page = open_page("/account/login/", width=width)
    font = page.evaluate("getComputedStyle(document.body).fontFamily")
    assert "Times" not in font
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
