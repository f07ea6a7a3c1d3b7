"""Amounts of a result are covered when nobody has used the page for ten minutes (ux.md 5.6)."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect


def result(page: Page) -> None:
    page.get_by_role("textbox", name=re.compile("^番号")).first.fill("123459816")
    page.get_by_label("既存の保証付取引あり").check()
    page.get_by_role("button", name="照会する", exact=True).click()
    page.wait_for_url("**/lookup/result/**")


def test_amounts_are_covered_after_ten_minutes_without_use_and_come_back(open_page: Callable[..., Page]) -> None:
    page = open_page("/lookup/", login="bank-a-user")
    page.clock.install()
    result(page)
    amount, button = page.locator("#free-1"), page.get_by_role("button", name="金額を表示する")
    # Within the time of the log-in, whose end has its own dialog.
    page.clock.fast_forward("02:00")
    page.keyboard.press("Shift")
    page.clock.fast_forward("08:30")
    expect(amount).to_be_visible()
    page.clock.fast_forward("01:40")
    expect(amount).to_be_hidden()
    page.keyboard.press("Tab")
    expect(amount).to_be_hidden()
    button.click()
    expect(amount).to_be_visible()
    expect(button).to_be_hidden()


def test_without_script_the_amounts_stay(open_page: Callable[..., Page]) -> None:
    page = open_page("/lookup/", login="bank-a-user", javascript=False)
    result(page)
    expect(page.locator("#free-1")).to_be_visible()
    expect(page.get_by_role("button", name="金額を表示する")).to_be_hidden()
