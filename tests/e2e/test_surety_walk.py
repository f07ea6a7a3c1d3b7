"""電子保証 in a real browser: the West's list of every issue, with the way to its key."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.walker import Walker


def test_the_west_lists_every_issue_with_the_way_to_its_key(open_page: Callable[..., Page]) -> None:
    contractor = Walker(open_page("/surety/works/", login="surety-b-user", width=390))
    contractor.arrives("保証工事一覧")
    row = contractor.page.locator("tbody tr").filter(has_text="例示橋梁補強工事").first
    expect(row).to_contain_text("変更1")
    row.get_by_role("link", name=re.compile("表示")).click()
    contractor.arrives("認証キー")
    expect(contractor.page.get_by_role("button", name="認証キーを表示", exact=True)).to_be_visible()
