"""A real browser before the running program: `open_page` gives a page, with or without JavaScript, wide or narrow."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Route,
    StorageState,
    sync_playwright,
)

from tests.support.site import Site, browser_program, fresh_database, serving

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DEMO_PASSWORD = "demo-password-2026"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The running program with demo data, one for each process of the test run."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    broker = os.environ.get("REDIS_URL", "")
    with serving(
        tmp_path_factory.mktemp("site"),
        database_url=fresh_database(f"portal_site_{worker}"),
        # Number 0 is the suite's own.
        redis_url=broker and f"{broker.rpartition('/')[0]}/{int(worker.removeprefix('gw')) + 1}",
    ) as site:
        yield site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # portal.documents shows this process only the two fonts of the papers; people's browsers have their own.
        env: dict[str, str | float | bool] = {
            name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"
        }
        browser = playwright.chromium.launch(executable_path=browser_program(), headless=True, args=FLAGS, env=env)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def logged_in() -> dict[str, StorageState]:
    """Cookies by login: hashing a password is slow on purpose, and a bank's new session would end the one before."""
    return {}


@pytest.fixture
def open_page(browser: Browser, site: Site, logged_in: dict[str, StorageState]) -> Iterator[Callable[..., Page]]:
    """Return `open_page(path, login=, width=, javascript=)`; none may complain or leave the site."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def note_console(message: ConsoleMessage) -> None:
        # An answer of 4xx is an ordinary answer here (422 with the errors, 404, 409); Chromium logs each.
        if message.type == "error" and "responded with a status of 4" not in message.text:
            complaints.append(message.text)

    def keep_inside(route: Route, request: Request) -> None:
        if request.url.startswith((f"{site.url}/", "data:")):
            route.continue_()
        else:
            complaints.append(f"request to another host: {request.url}")
            route.abort()

    def open_page(path: str = "/", *, login: str = "", width: int = 1280, javascript: bool = True) -> Page:
        context = browser.new_context(
            base_url=site.url,
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            storage_state=logged_in.get(login),
        )
        contexts.append(context)
        context.set_default_timeout(30_000)
        context.route("**/*", keep_inside)
        context.on("console", note_console)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        page = context.new_page()
        page.goto(path if login in logged_in else "/account/login/" if login else path)
        if login and "/account/login/" in page.url:  # the first time, or the session has ended meanwhile
            page.locator("[name=login]").fill(login)
            page.locator("[name=password]").fill(DEMO_PASSWORD)
            page.locator("main form button[type=submit]").click()
            page.wait_for_url(lambda url: "/account/login/" not in url)
            logged_in[login] = context.storage_state()
            page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
