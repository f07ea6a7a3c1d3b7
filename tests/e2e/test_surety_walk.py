"""電子保証 in a real browser, as both seeds walk it: from the contractor's draft to the city's accepted certificate."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import DEMO_PASSWORD
from tests.e2e.walker import Walker
from tests.support.children import eventually

Open = Callable[..., Page]
QUEUE = "/admin/esurety/item/?queue="


def applies(contractor: Walker) -> str:
    """Send the draft of the seed's works contract; return the 受付番号."""
    contractor.arrives("状況")
    contractor.follows("Web申込番号")
    contractor.arrives("申込確認")
    main = contractor.page.get_by_role("main")
    for said in ("50,000,000円", "20,000,000円", "5,000,000円", "40.0%", "10.0%", "電子保証(認証キーを含む)"):
        expect(main).to_contain_text(said)
    assert contractor.presses("送信する") == 200
    contractor.arrives("送信完了")
    found = re.search(r"A\d{8}-\d{5}", main.inner_text())
    assert found
    return found[0]


def decides(page: Page, queue: str, received: str, button: str, said: str) -> int:
    """Work through what waits in a queue of this application; return how many decisions that were."""
    decisions = 0
    while True:
        page.goto(QUEUE + queue)
        row = page.locator("#result_list tbody tr").filter(has_text=received)
        if not row.count():
            return decisions
        row.first.get_by_role("link").first.click()
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator(".messagelist")).to_contain_text(said)
        decisions += 1


def pays(page: Page, received: str) -> int:
    """Put the fees of the application on the monthly bill; return how many."""
    fees = 0
    while True:
        page.goto(f"{QUEUE}fee")
        row = page.locator("#result_list tbody tr").filter(has_text=received)
        if not row.count():
            return fees
        row.first.get_by_role("link").first.click()
        page.get_by_role("link", name=re.compile("^保証料計算書")).click()
        page.get_by_role("button", name="一括納付として締結する", exact=True).click()
        expect(page.locator(".messagelist")).to_contain_text("締結しました")
        fees += 1


def reads_the_key(contractor: Walker) -> tuple[str, str]:
    """Go the ways of the East's slides: list, tab, detail, certificate, key; return number and key."""
    page = contractor.page
    page.goto("/surety/")
    contractor.takes_menu("保証契約一覧")
    contractor.arrives("保証契約一覧")
    page.get_by_role("link", name=re.compile("^電子保証（認証キー）")).click()
    row = page.locator("tbody tr").filter(has_text="前払").filter(has_text="見本道路改良工事")
    row.first.get_by_role("link").first.click()
    contractor.arrives("電子保証履歴一覧")
    number = re.search(r"\d{5}-\d{6}", page.get_by_role("main").inner_text())
    assert number
    page.goto(f"/surety/guarantees/{number[0]}/certificate/1/")
    main = page.get_by_role("main")
    for said in ("この証書は提出用ではありません", "保証証書(前払金保証)", number[0], "20,000,000円"):
        expect(main).to_contain_text(said)
    page.goto(f"/surety/guarantees/{number[0]}/key/1/")
    contractor.arrives("認証キー")
    expect(page.get_by_test_id("auth-key")).to_have_count(0)
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    assert contractor.presses("認証キーを表示") == 200
    key = page.get_by_test_id("auth-key").inner_text()
    assert key not in page.url
    return number[0], key


def test_a_contractor_applies_and_the_city_reads_the_certificate_by_number_and_key(open_page: Open) -> None:
    contractor = Walker(open_page("/surety/status/", login="surety-a-user"))
    received = applies(contractor)

    assert decides(open_page(login="staff-surety-clerk"), "new", received, "受け付ける", "受け付けました") == 1
    check, done = "審査を終えて決裁に回す", "審査を終えました"
    assert decides(open_page(login="staff-surety-review"), "review", received, check, done) == 2
    approver = open_page(login="staff-surety-approve")
    assert decides(approver, "decide", received, "承認する", "決裁しました") == 2
    assert pays(open_page(login="staff-surety-fee"), received) == 2
    assert decides(approver, "issue", received, "発行する", "発行の処理を始めました") == 2

    page = contractor.page

    def arrived() -> bool:
        page.goto("/surety/guarantees/?tab=keys")
        return page.locator("tbody tr").filter(has_text="見本道路改良工事").count() == 2

    eventually(arrived)
    number, key = reads_the_key(contractor)

    city = Walker(open_page("/verify/", login="body-a-user", width=390))
    city.arrives("認証キー入力")
    city.field("保証契約番号").fill(number)
    city.field("認証キー").fill(key.swapcase())
    assert city.presses("確認する") == 422
    expect(city.page.get_by_test_id("refusal")).to_be_visible()
    city.field("保証契約番号").fill(number)
    city.field("認証キー").fill(f" {key} ")
    assert city.presses("確認する") == 200
    expect(city.verdict).to_contain_text("有効")
    expect(city.verdict).to_contain_text("改ざんなし")
    expect(city.page.get_by_role("main")).to_contain_text("20,000,000円")
    assert city.presses("受領する") == 200
    expect(city.page.get_by_role("main")).to_contain_text("受領")

    page.goto(f"/surety/guarantees/{number}/")
    expect(page.get_by_test_id("handed-in")).to_have_text("受領")


def test_the_west_lists_every_issue_with_the_way_to_its_key(open_page: Open) -> None:
    contractor = Walker(open_page("/surety/works/", login="surety-b-user", width=390))
    contractor.arrives("保証工事一覧")
    row = contractor.page.locator("tbody tr").filter(has_text="例示橋梁補強工事").first
    expect(row).to_contain_text("変更1")
    row.get_by_role("link", name=re.compile("表示")).click()
    contractor.arrives("認証キー")
    expect(contractor.page.get_by_role("button", name="認証キーを表示", exact=True)).to_be_visible()
