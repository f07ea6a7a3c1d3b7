"""The 確認申込み with the keyboard alone: every stop is marked, nothing needs a pointer."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.e2e.walker import (
    BUYER,
    CONSENT,
    COUNTERPARTY,
    NEW,
    SAME_PAYER,
    Walker,
    in_the_japanese_calendar,
    in_the_western_calendar,
    new_reference,
)

MOST_STOPS = 150

# Where the focus is, and why nobody could see it there ("" when everybody can).
STOP = """() => {
  const at = document.activeElement;
  if (at === document.body) return '';
  const look = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const where = at.outerHTML.slice(0, 120);
  if (look.outlineStyle === 'none' || parseFloat(look.outlineWidth) < 2) return `no outline: ${where}`;
  if (!box.width || !box.height) return `no size: ${where}`;
  if (box.bottom <= 0 || box.top >= innerHeight) return `outside the window: ${where}`;
  return '';
}"""


class Typist(Walker):
    """A person without a pointer."""

    def tabs_to(self, *targets: Locator, back: bool = False) -> None:
        """Press Tab until one of the targets has the focus; on the way every stop must be seen."""
        handles = [target.element_handle() for target in targets]
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            assert self.page.evaluate(STOP) == ""
            if self.page.evaluate("(targets) => targets.includes(document.activeElement)", handles):
                return
        raise AssertionError(f"Tab does not reach {targets}")

    def types(self, label: str, text: str, *, back: bool = False) -> None:
        self.tabs_to(self.field(label), back=back)
        self.page.keyboard.type(text)

    def types_date(self, legend: str, texts: tuple[str, str, str]) -> None:
        for part, text in zip(self.date_parts(legend), texts, strict=True):
            self.tabs_to(part)
            self.page.keyboard.type(text)

    def picks_option(self, legend: str, words: str) -> None:
        """Choose in a group of radio buttons: Tab enters it, the arrows move."""
        wanted = self.option(legend, words)
        self.tabs_to(*self.group(legend).get_by_role("radio").all())
        self.page.keyboard.press("Space")
        while not wanted.is_checked():
            self.page.keyboard.press("ArrowDown")
            assert self.page.evaluate(STOP) == ""

    def ticks_box(self, words: str) -> None:
        self.tabs_to(self.box(words))
        self.page.keyboard.press("Space")
        expect(self.box(words)).to_be_checked()

    def presses_enter_on(self, target: Locator) -> int:
        self.tabs_to(target)
        return self.presses_enter()

    def presses_enter(self) -> int:
        """Press Enter where it leads to a page; return the status of the answer."""
        with self.page.expect_navigation() as answer:
            self.page.keyboard.press("Enter")
        assert answer.value is not None
        return answer.value.status


def test_the_request_is_filled_in_corrected_and_submitted(open_page: Callable[..., Page]) -> None:
    reference = new_reference()
    today = timezone.localdate()
    shipment = in_the_western_calendar(today + timedelta(days=30))
    hana = Typist(open_page(NEW, login="nexi-a-apply"))

    hana.picks_option("保険種", "貿易一般保険包括保険(設備財)")
    hana.types("お客様整理番号", reference)
    hana.picks_option("契約形態", "11 輸出契約")
    hana.types("輸出契約等番号", "EX-2026-001")
    hana.types_date("契約締結(予定)日", in_the_japanese_calendar(today))
    hana.types(COUNTERPARTY, BUYER)
    hana.ticks_box(SAME_PAYER)
    hana.types("仕向国", "310")
    expect(hana.field("仕向国")).to_have_value("310")
    hana.types("決済方法", "20")
    expect(hana.field("決済方法")).to_have_value("20")
    hana.types("ユーザンス日数", "90")
    hana.picks_option("支払保証", "なし")
    hana.types("通貨", "USD")
    expect(hana.field("通貨")).to_have_value("USD")
    hana.types_date("初回船積予定日", shipment)
    hana.types_date("最終船積予定日", shipment)
    assert hana.presses_enter_on(hana.button("申込内容の確認へ")) == 422

    # The focus is on the summary; its second link leads to the amount, Shift+Tab back to 貨物名.
    hana.arrives("申込内容の入力")
    expect(hana.error_summary).to_be_focused()
    assert hana.page.evaluate(STOP) == ""
    links = hana.error_summary.get_by_role("link")
    expect(links).to_have_count(2)
    hana.tabs_to(links.nth(1))
    hana.page.keyboard.press("Enter")
    expect(hana.field("契約金額 / 手形金額")).to_be_focused()
    hana.page.keyboard.type("1000")
    hana.types("貨物名", "産業用ポンプ", back=True)

    # Enter in a field sends the form on, as everywhere.
    assert hana.presses_enter() == 200
    hana.arrives("申込内容の確認")
    expect(hana.verdict).to_contain_text("個別保証枠確認申込みが可能です")
    hana.ticks_box(CONSENT)
    assert hana.presses_enter_on(hana.button("申込む")) == 200
    hana.arrives("申込みが完了しました")


def test_enter_in_a_search_box_searches_there_and_loses_nothing(open_page: Callable[..., Page]) -> None:
    payer = "支払人(手形支払人) 海外商社コード"
    hana = Typist(open_page(NEW, login="nexi-a-apply", javascript=False))
    hana.field("貨物名").fill("産業用ポンプ")
    hana.search_box(payer).fill("pumps")
    assert hana.presses_enter() == 200
    found = hana.search(payer).get_by_role("radio")
    expect(found).to_have_count(1)
    expect(hana.search(COUNTERPARTY).get_by_role("radio")).to_have_count(0)
    expect(hana.field("貨物名")).to_have_value("産業用ポンプ")
    hana.search(payer).locator("label", has_text=BUYER).click()
    assert hana.presses_enter() == 200
    expect(hana.field(payer)).to_have_value(BUYER)


def test_the_first_stop_of_a_page_leads_past_the_menu(open_page: Callable[..., Page]) -> None:
    hana = Typist(open_page(NEW, login="nexi-a-apply"))
    skip = hana.page.get_by_role("link", name="本文へ移動")
    hana.page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    assert hana.page.evaluate(STOP) == ""
    hana.page.keyboard.press("Enter")
    expect(hana.page.get_by_role("main")).to_be_focused()
    hana.page.keyboard.press("Tab")
    assert hana.page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert hana.page.evaluate(STOP) == ""


def test_a_help_text_opens_and_closes_and_the_focus_comes_back(open_page: Callable[..., Page]) -> None:
    hana = Typist(open_page(NEW, login="nexi-a-apply"))
    link = hana.page.get_by_role("link", name="保険種の説明", exact=True)
    hana.tabs_to(link)
    dialog = hana.page.get_by_role("dialog", name="保険種")
    expect(dialog).to_be_hidden()
    hana.page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("個別保証枠確認を申込む保険の種類")
    assert dialog.evaluate("(dialog) => dialog.contains(document.activeElement)")
    assert hana.page.evaluate(STOP) == ""
    hana.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    assert hana.page.url.endswith(NEW)
