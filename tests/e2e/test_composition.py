"""While Japanese is being composed nothing leaves the page; what was settled is searched for once and not lost.

The text goes through Chromium's own input pipeline by its debugging protocol; the page's clock is ours, so that every
delay of its scripts is over without waiting.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.e2e.walker import COUNTERPARTY, NEW, Walker

LONGER_THAN_ANY_DELAY = 5_000
FENCE = "/healthz"


class InputMethod:
    """An input method at one field, and a record of what the page sends meanwhile."""

    def __init__(self, page: Page, field: Locator) -> None:
        self.page, self.field = page, field
        self.protocol = page.context.new_cdp_session(page)
        self.sent: list[str] = []
        field.focus()
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if not request.url.endswith(FENCE):
            self.sent.append(f"{request.method} {request.url}")

    def composes(self, *texts: str) -> None:
        """Show each text under the cursor, not settled, for longer than any delay of the page."""
        for text in texts:
            self.protocol.send(
                "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
            )
            self.all_delays_pass()

    def settles(self, text: str) -> None:
        """Press the Enter that settles the conversion: the browser sees key 229, then the text, then Enter come up."""
        key = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}
        self.protocol.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
        self.all_delays_pass()
        assert self.sent == []
        self.protocol.send("Input.insertText", {"text": text})
        up = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
        self.protocol.send("Input.dispatchKeyEvent", {"type": "keyUp", **up})

    def all_delays_pass(self) -> None:
        """Let the page's clock run and a request of our own be answered: any other would be known by then."""
        self.page.clock.run_for(LONGER_THAN_ANY_DELAY)
        self.page.evaluate(f"fetch('{FENCE}').then((answer) => answer.text())")


@pytest.fixture
def walker(open_page: Callable[..., Page]) -> Walker:
    page = open_page("/nexi/", login="nexi-a-apply")
    page.clock.install()
    page.goto(NEW)
    return Walker(page)


def test_a_search_is_sent_once_and_only_for_the_settled_text(walker: Walker) -> None:
    method = InputMethod(walker.page, walker.search_box(COUNTERPARTY))
    method.composes("と", "とうきょ", "とうきょう", "東京")
    assert method.sent == []
    method.settles("東京")
    method.all_delays_pass()
    expect(walker.search(COUNTERPARTY)).to_contain_text("見つかりませんでした")
    method.all_delays_pass()
    assert len(method.sent) == 1
    assert "/nexi/buyers/search/" in method.sent[0]
    assert method.sent[0].endswith("-q=%E6%9D%B1%E4%BA%AC")
    expect(method.field).to_have_value("東京")
    expect(method.field).to_be_focused()


def test_composing_in_a_plain_field_sends_nothing_and_loses_nothing(walker: Walker) -> None:
    method = InputMethod(walker.page, walker.field("貨物名"))
    method.composes("と", "とうきょ", "とうきょう", "東京")
    method.settles("東京")
    method.composes("せい", "製")
    method.settles("製")
    method.all_delays_pass()
    assert method.sent == []
    expect(method.field).to_have_value("東京製")
    expect(method.field).to_be_focused()
    assert walker.page.url.endswith(NEW)


def test_the_guard_is_needed_for_this(walker: Walker) -> None:
    """Without it the search runs while the text is being converted: the tests above would see that."""
    walker.page.route("**/js/site*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    walker.page.reload()
    method = InputMethod(walker.page, walker.search_box(COUNTERPARTY))
    method.composes("とうきょ")
    expect(walker.search(COUNTERPARTY)).to_contain_text("見つかりませんでした")
    assert len(method.sent) == 1
