"""Hands and eyes of a person at the pages: fields are found by their label, buttons and links by their words."""

import re
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

expect.set_options(timeout=30_000)

NEW = "/nexi/requests/new/steps/terms/"
"""Address of ステップ１ before the run is born."""

BUYER = "310-000001"
COUNTERPARTY = "契約相手方 海外商社コード"
SAME_PAYER = "支払人は契約相手方と同じ"
CONSENT = "個別保証枠確認であることを了解して申込みます"
NARROW = 640

# Everything of 申込内容 that a person can set, as it stands in the page; what a search box holds is no answer.
SETTINGS = """() => Object.fromEntries(
  [...document.querySelectorAll('main form :is(input, select, textarea)[name^="main-"]')]
    .filter((field) => !/-(q|pick)$/.test(field.name) && field.type !== 'file')
    .filter((field) => !/^(radio|checkbox)$/.test(field.type) || field.checked)
    .map((field) => [field.name, field.value]))"""


def _label(words: str) -> re.Pattern[str]:
    """Return what a label reads as; 必須 or 任意 stands in it behind the words."""
    return re.compile(rf"^{re.escape(words)}\s*(必須|任意)?$")


def new_reference() -> str:
    """Return an お客様整理番号 that no other walk has."""
    return f"W-{uuid4().hex[:12]}"


class Walker:
    """A person at one page (one tab) of the browser."""

    def __init__(self, page: Page) -> None:
        self.page = page

    # --- Looking -----------------------------------------------------------

    def arrives(self, heading: str) -> None:
        """Be on the page with this h1, and find that nothing of it lies beside the window."""
        expect(self.page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
        # Before that, a heading can be seen while the style sheets are still on their way.
        self.page.wait_for_load_state("load")
        wide, window = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window, f"{heading}: {wide} px in a window of {window} px"

    @property
    def number(self) -> Locator:
        """The Web申込番号 in the number line."""
        return self.page.get_by_test_id("application-number")

    @property
    def verdict(self) -> Locator:
        return self.page.get_by_test_id("verdict")

    @property
    def error_summary(self) -> Locator:
        return self.page.locator("[data-error-summary]")

    def settings(self) -> dict[str, str]:
        """Return what 申込内容 holds, by html name, character for character."""
        found: dict[str, str] = self.page.evaluate(SETTINGS)
        return found

    def finds(self, reference: str) -> Locator:
        """Narrow the list of this page to one お客様整理番号; return its rows."""
        self.page.get_by_role("search").get_by_role("textbox").first.fill(reference)
        assert self.presses("検索") == 200
        expect(self.page.get_by_text("指定中の条件")).to_be_visible()
        return self.page.locator("tbody tr").filter(has_text=reference)

    # --- Fields ------------------------------------------------------------

    def field(self, label: str) -> Locator:
        """A text field or a list to choose from."""
        return self.page.get_by_label(_label(label))

    def group(self, legend: str) -> Locator:
        """A group of radio buttons."""
        return self.page.get_by_role("radiogroup", name=_label(legend))

    def option(self, legend: str, words: str) -> Locator:
        """One radio button."""
        return self.group(legend).get_by_role("radio", name=words, exact=True)

    def chooses(self, legend: str, words: str) -> None:
        """Choose a radio button by its words, as everybody does."""
        self.group(legend).get_by_text(words, exact=True).click()
        expect(self.option(legend, words)).to_be_checked()

    def ticks(self, words: str) -> None:
        """Tick a box by its words."""
        self.page.locator("label", has_text=_label(words)).click()
        expect(self.box(words)).to_be_checked()

    def box(self, words: str) -> Locator:
        """A box to tick."""
        return self.page.get_by_role("checkbox", name=_label(words))

    def date_parts(self, legend: str) -> list[Locator]:
        """The three fields of a date."""
        group = self.page.get_by_role("group", name=_label(legend))
        return [group.get_by_label(part, exact=True) for part in ("年", "月", "日")]

    def fills_in_date(self, legend: str, texts: tuple[str, str, str]) -> None:
        for part, text in zip(self.date_parts(legend), texts, strict=True):
            part.fill(text)

    def fills_in_terms(self, reference: str, *, amount: str = "１，０００") -> None:
        """Fill in ステップ１ but for the parties: scenario 1, each text in a spelling that the portal must keep."""
        today = timezone.localdate()
        shipment = in_the_western_calendar(today + timedelta(days=30))
        self.chooses("保険種", "貿易一般保険包括保険(設備財)")
        self.field("お客様整理番号").fill(reference)
        self.chooses("契約形態", "11 輸出契約")
        self.field("輸出契約等番号").fill("ＥＸ－２０２６－００１")
        self.fills_in_date("契約締結(予定)日", in_the_japanese_calendar(today))
        self.field("貨物名").fill("産業用ポンプ　一式")
        self.field("仕向国").select_option("310")
        self.field("決済方法").select_option("20")
        self.field("ユーザンス日数").fill("９０")
        self.chooses("支払保証", "なし")
        self.field("通貨").select_option("USD")
        self.field("契約金額 / 手形金額").fill(amount)
        self.fills_in_date("初回船積予定日", shipment)
        self.fills_in_date("最終船積予定日", shipment)

    def search_box(self, label: str) -> Locator:
        """The box of the search below a code field."""
        return self.search(label).get_by_role("textbox")

    def search(self, label: str) -> Locator:
        """The search below a code field: box, button, results."""
        return self.page.get_by_role("group", name=f"{label}の検索", exact=True)

    def picks(self, label: str, code: str) -> None:
        """Take one of the found 海外商社."""
        self.search(label).locator("label", has_text=code).click()
        self.search(label).get_by_role("button", name="選択する", exact=True).click()
        expect(self.field(label)).to_have_value(code)

    # --- Going on ----------------------------------------------------------

    def follows(self, words: str) -> None:
        """Click the link in the main column that begins with these words."""
        self.page.get_by_role("main").get_by_role("link", name=re.compile(rf"^{re.escape(words)}")).click()

    def takes_menu(self, words: str) -> None:
        """Go by the menu: in a narrow window it is folded away."""
        view = self.page.viewport_size
        narrow = view is not None and view["width"] < NARROW
        if narrow:
            self.page.locator("summary", has_text="メニュー").click()
        menu = self.page.get_by_role("navigation", name="メニュー（一覧）" if narrow else "メインメニュー", exact=True)
        menu.get_by_role("link", name=words, exact=True).click()

    def button(self, words: str) -> Locator:
        return self.page.get_by_role("main").get_by_role("button", name=words, exact=True)

    def presses(self, words: str) -> int:
        """Press a button that leads to a page; return the status of the answer."""
        with self.page.expect_navigation() as answer:
            self.button(words).click()
        assert answer.value is not None
        return answer.value.status

    def downloads(self, link: Locator) -> str:
        """Click a link to a PDF; return the text of the paper."""
        with self.page.expect_download() as download:
            link.click()
        path = Path(download.value.path())
        assert path.read_bytes().startswith(b"%PDF")
        return "".join(page.extract_text() for page in PdfReader(path).pages)

    def reaches_confirmation(self, reference: str) -> None:
        """Go from a new ステップ１ to ステップ２, the way that is not the matter of the test."""
        self.page.goto(NEW)
        self.fills_in_terms(reference)
        self.field(COUNTERPARTY).fill(BUYER)
        self.ticks(SAME_PAYER)
        assert self.presses("申込内容の確認へ") == 200
        self.arrives("申込内容の確認")

    def consents(self) -> None:
        self.ticks(CONSENT)


def in_the_japanese_calendar(day: date) -> tuple[str, str, str]:
    """Return year, month and day as somebody with the input method left on types them."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    year, month, of_month = (str(part).translate(wide) for part in (day.year - 2018, day.month, day.day))
    return f"令和{year}", month, of_month


def in_the_western_calendar(day: date) -> tuple[str, str, str]:
    return str(day.year), str(day.month), str(day.day)
