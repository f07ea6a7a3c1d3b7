"""What a browser makes of one of our pages: its title, the list of errors, and what its controls would send back."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Sheet:
    """A page read once: `controls` by name as a browser would send them, `errors` as (id to jump to, text)."""

    title: str = ""
    controls: dict[str, list[str]] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)

    def wrong(self) -> dict[str, str]:
        """Return the texts of the error list by the id that each leads to."""
        return dict(self.errors)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sheet = Sheet()
        self.in_title = self.in_errors = False
        self.anchor: str | None = None
        self.textarea = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "title":
            self.in_title = True
        elif "data-error-summary" in given:
            self.in_errors = True
        elif self.in_errors and tag == "a":
            self.anchor = given["href"].removeprefix("#")
            self.sheet.errors.append((self.anchor, ""))
        elif tag == "input" and "name" in given:
            is_ticked = given["type"] not in {"radio", "checkbox"} or "checked" in given
            if is_ticked and given["type"] != "file":
                self.sheet.controls.setdefault(given["name"], []).append(given.get("value", ""))
        elif tag == "textarea":
            self.textarea = given["name"]
            self.sheet.controls[self.textarea] = [""]
        elif tag == "select":
            self.select = given["name"]
        elif tag == "option" and self.select and ("selected" in given or self.select not in self.sheet.controls):
            self.sheet.controls[self.select] = [given["value"]]

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.sheet.title += data
        elif self.anchor is not None:
            self.sheet.errors[-1] = (self.anchor, self.sheet.errors[-1][1] + data)
        elif self.textarea:
            self.sheet.controls[self.textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self.in_title = False
        elif tag == "a":
            self.anchor = None
        elif tag == "ul":
            self.in_errors = False
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            # A browser drops the line feed that directly follows the tag.
            text = self.sheet.controls[self.textarea][0]
            self.sheet.controls[self.textarea] = [text.removeprefix("\n")]
            self.textarea = ""


def read(html: str) -> Sheet:
    """Return what the page shows, as far as forms go."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.sheet
