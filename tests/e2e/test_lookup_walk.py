"""A clerk of a bank at the look-up, in a real browser: the seed's screen, its paper, the history."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.walker import Walker

ROWS = [
    ["無担保・一般", "58,646,000", "21,354,000"],
    ["普通・一般", "0", "200,000,000"],
    ["無担保・SN", "13,970,000", "66,030,000"],
    ["普通・SN", "0", "200,000,000"],
    ["その他", "32,578,000", "—"],
    ["合計", "105,194,000", "—"],
]


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_a_clerk_looks_up_the_acceptance_customer(open_page: Callable[..., Page], width: int, javascript: bool) -> None:
    page = open_page("/lookup/", login="bank-a-user", width=width, javascript=javascript)
    clerk = Walker(page)
    clerk.arrives("残高・区分照会システム")
    clerk.chooses("番号の種類", "顧客番号")
    clerk.field("番号").fill("１２３４５９８１６")
    clerk.chooses("照会の根拠", "既存の保証付取引あり")
    page.get_by_role("button", name="照会する", exact=True).click()
    page.wait_for_url("**/lookup/result/**")
    clerk.arrives("残高・区分照会システム")
    main = page.get_by_role("main")
    for label, text in (
        ("照会番号", "*****9816"),
        ("直近決算・区分", "2025/03・5"),
        ("前期決算・区分", "2024/03・5"),
        ("直近保証日", "2024/12/25"),
    ):
        expect(main.locator("dl div", has_text=label).first).to_contain_text(text)
    rows = main.locator("table tbody tr")
    shown = [[cell.inner_text().strip() for cell in row.locator("td").all()] for row in rows.all()]
    assert shown == ROWS
    assert "123459816" not in page.url
    assert "123459816" not in page.content()
    with page.expect_download() as download:
        page.get_by_role("link", name="印刷(PDF)").click()
    assert download.value.suggested_filename.startswith("照会結果票_")
    page.get_by_role("link", name="履歴", exact=True).first.click()
    clerk.arrives("照会履歴")
    page.locator("tbody a").first.click()
    clerk.arrives("照会結果（当時の内容）")
    expect(main).to_contain_text("当時の内容です。")
