"""電子保証 in a real browser, as both seeds walk it: from the application to the certificate that the city reads."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.e2e.conftest import DEMO_PASSWORD
from tests.e2e.walker import Walker
from tests.support.children import eventually
from tests.support.site import walked_on_sqlite

pytestmark = walked_on_sqlite

Open = Callable[..., Page]
WORK = "見本道路改良工事"
ITEM, FEE = "保証申込の受付・審査・決裁・発行", "保証料計算書"


class Desk:
    """A person of the surety at the admin, whose every page names all others in a column beside its contents."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.content = page.locator("#content-main")

    def opens_next(self, queue: str, received: str) -> bool:
        """Open what waits longest of this application in a queue; False when nothing of it waits there."""
        self.page.goto(f"/admin/esurety/item/?queue={queue}")
        row = self.content.locator("#result_list tbody tr").filter(has_text=received)
        if not row.count():
            return False
        row.first.get_by_role("link").first.click()
        self.arrives(ITEM)
        return True

    def arrives(self, heading: str) -> None:
        """Be on the page with this h1: until then every look finds the page before."""
        expect(self.page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()

    def presses(self, button: str, said: str) -> None:
        self.content.get_by_role("button", name=button, exact=True).click()
        expect(self.page.locator(".messagelist")).to_contain_text(said)

    def decides(self, queue: str, received: str, button: str, said: str) -> int:
        """Work through what waits in a queue of this application; return how many decisions that were."""
        decisions = 0
        while self.opens_next(queue, received):
            self.presses(button, said)
            decisions += 1
        return decisions

    def bills(self, received: str) -> int:
        """Put the fees of the application on the monthly bill; return how many."""
        fees = 0
        while self.opens_next("fee", received):
            self.content.get_by_role("link", name=re.compile(f"^{FEE} F")).click()
            self.arrives(FEE)
            self.presses("一括納付として締結する", "締結しました")
            fees += 1
        return fees


def applies(contractor: Walker) -> str:
    """Go through the slides 申込作成 > 申込確認 > 送信完了 with the draft of the seed; return the 受付番号."""
    main = contractor.page.get_by_role("main")
    contractor.arrives("状況")
    contractor.follows("Web申込番号")
    contractor.arrives("申込確認")
    main.get_by_role("link", name=re.compile(r"^修正する\s*（前払金保証）$")).click()
    contractor.arrives("保証の申込内容")
    for product in ("前払金保証", "契約保証"):
        card = main.get_by_role("region", name=product, exact=True)
        expect(card.get_by_role("radio", name="電子保証(認証キーを含む)", exact=True)).to_be_checked()
    assert contractor.presses("次へ") == 200
    contractor.arrives("申込確認")
    for said in ("50,000,000円", "20,000,000円", "5,000,000円", "40.0%", "10.0%", "電子保証(認証キーを含む)"):
        expect(main).to_contain_text(said)
    assert contractor.presses("送信する") == 200
    contractor.arrives("送信完了")
    found = re.search(r"A\d{8}-\d{5}", main.inner_text())
    assert found
    return found[0]


def takes_the_key(contractor: Walker) -> tuple[str, Path]:
    """Show the key, which takes the password, and save its お知らせ; return the key and where that lies."""
    page = contractor.page
    contractor.arrives("認証キー")
    expect(page.get_by_test_id("auth-key")).to_have_count(0)
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    assert contractor.presses("認証キーを表示") == 200
    key = page.get_by_test_id("auth-key").get_attribute("data-value")
    assert key
    assert key not in page.url
    with page.expect_download() as download:
        contractor.button("認証キーのお知らせ（PDF）をダウンロード").click()
    sheet = Path(download.value.path())
    text = "".join(page.extract_text() for page in PdfReader(sheet).pages)
    assert key in "".join(text.split())
    assert key not in download.value.suggested_filename
    return key, sheet


def goes_by_the_slides(contractor: Walker) -> tuple[str, str]:
    """① 保証契約一覧, ② its tab, ③ 詳細, ④ the certificate, ⑤ the key; return number and key."""
    page, main = contractor.page, contractor.page.get_by_role("main")
    page.goto("/surety/")
    contractor.takes_menu("保証契約一覧")
    contractor.arrives("保証契約一覧")
    contractor.follows("電子保証（認証キー）")
    row = page.locator("tbody tr").filter(has_text="前払").filter(has_text=WORK)
    row.get_by_role("link", name=re.compile("^詳細")).click()
    contractor.arrives("電子保証履歴一覧")
    found = re.search(r"\d{5}-\d{6}", main.inner_text())
    assert found
    contractor.follows("証書の内容を確認する")
    for said in ("この証書は提出用ではありません", "保証証書(前払金保証)", found[0], "20,000,000円"):
        expect(main).to_contain_text(said)
    contractor.follows("閉じる")
    contractor.arrives("電子保証履歴一覧")
    contractor.follows("認証キーの画面を開く")
    return found[0], takes_the_key(contractor)[0]


def test_the_slides_of_the_east_end_with_the_city_reading_the_certificate_by_number_and_key(open_page: Open) -> None:
    contractor = Walker(open_page("/surety/status/", login="surety-a-user"))
    received = applies(contractor)

    assert Desk(open_page(login="staff-surety-clerk")).decides("new", received, "受け付ける", "受け付けました") == 1
    reviewer, approver = Desk(open_page(login="staff-surety-review")), Desk(open_page(login="staff-surety-approve"))
    assert reviewer.decides("review", received, "審査を終えて決裁に回す", "審査を終えました") == 2
    assert approver.decides("decide", received, "承認する", "決裁しました") == 2
    assert Desk(open_page(login="staff-surety-fee")).bills(received) == 2
    assert approver.decides("issue", received, "発行する", "発行の処理を始めました") == 2

    page = contractor.page

    def arrived() -> bool:
        page.goto("/surety/guarantees/?tab=keys")
        return page.locator("tbody tr").filter(has_text=WORK).count() == 2

    eventually(arrived)
    number, key = goes_by_the_slides(contractor)

    city = Walker(open_page("/verify/", login="body-a-user", width=390))
    main = city.page.get_by_role("main")
    city.arrives("認証キー入力")
    city.field("保証契約番号").fill(number)
    city.field("認証キー").fill(key.swapcase())
    assert city.presses("確認する") == 422
    expect(city.page.get_by_test_id("refusal")).to_be_visible()
    city.field("保証契約番号").fill(number)
    city.field("認証キー").fill(f" {key[:4]} {key[4:]} ")
    assert city.presses("確認する") == 200
    city.arrives("保証証書(前払金保証)")
    expect(city.verdict).to_contain_text("有効・改ざんなし")
    for said in (number, WORK, "20,000,000円", "架空建設A株式会社"):
        expect(main).to_contain_text(said)
    assert number not in city.page.url
    assert city.presses("受領する") == 200
    expect(city.button("受領する")).to_have_count(0)

    page.goto(f"/surety/guarantees/{number}/")
    expect(page.get_by_test_id("handed-in")).to_have_text("受領")


def test_the_steps_of_the_west_end_with_the_prefecture_reading_the_certificate_by_the_notice(open_page: Open) -> None:
    # STEP 2: from the first page to 電子証書の確認.
    contractor = Walker(open_page("/surety/", login="surety-b-user", width=390))
    contractor.arrives("ようこそ、電子保証へ")
    contractor.follows("電子証書の確認はこちら")
    contractor.arrives("保証工事一覧")
    row = contractor.page.locator("tbody tr").filter(has_text="例示橋梁補強工事").first
    expect(row).to_contain_text("変更1")

    # STEP 3: the certificate by its number.
    row.get_by_role("link", name=re.compile(r"^\d{5}-\d{6}$")).click()
    expect(contractor.page.get_by_test_id("not-to-hand-in")).to_be_visible()
    contractor.follows("閉じる")
    contractor.arrives("電子保証履歴一覧")
    contractor.page.goto("/surety/works/")

    # STEP 4: 認証キー等のお知らせ, which the prefecture is given.
    row.get_by_role("link", name=re.compile("^表示")).click()
    _, sheet = takes_the_key(contractor)
    prefecture = Walker(open_page("/verify/", login="body-b-user", width=390))
    prefecture.arrives("認証キー入力")
    prefecture.page.locator("main input[type=file]").set_input_files(
        {"name": "notice.pdf", "mimeType": "application/pdf", "buffer": sheet.read_bytes()}
    )
    assert prefecture.presses("確認する") == 200
    prefecture.arrives("保証証書(前払金保証)")
    expect(prefecture.verdict).to_contain_text("有効・改ざんなし")
    expect(prefecture.page.get_by_role("main")).to_contain_text("例示橋梁補強工事")
