"""The frame, the pages of no portal, help, and the vendored tokens."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings as project
from django.test import Client

from portal.ui import help as help_texts
from portal.ui import portals

STATIC = Path(project.BASE_DIR) / "static"
TEMPLATES = Path(project.BASE_DIR) / "templates"
PUBLIC = ["/", "/accessibility/", "/cookies/", "/terms/", "/privacy/", "/help/common/", "/help/common/date/"]


@pytest.fixture(autouse=True)
def sample_portals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two portals whose menus lead to pages of this package."""
    monkeypatch.setattr(portals, "_portals", {})
    menu = [portals.MenuItem("はじめ", "home"), portals.MenuItem("クッキー", "cookies")]
    portals.register(portals.Portal("sample", "見本ポータル", "green", "shield", "見本の方", "home", menu))
    portals.register(portals.Portal("other", "別のポータル", "teal", "certificate", "別の方", "terms"))
    monkeypatch.setattr(help_texts, "_topics", {**help_texts._topics})


@pytest.mark.parametrize("address", [*PUBLIC, "/styleguide/", "/styleguide/errors/", "/help/sample/"])
def test_every_page_has_one_heading_a_title_and_a_skip_link(client: Client, address: str) -> None:
    page = client.get(address).content.decode()
    assert page.count("<h1") == 1
    assert re.search(r"<title>[^｜<]+｜.*[^｜]</title>", page)
    assert page.index('href="#main"') < page.index("<header")
    assert '<html lang="ja">' in page


@pytest.mark.parametrize("address", [*PUBLIC, "/styleguide/", "/styleguide/errors/"])
def test_no_page_needs_anything_inline_or_from_another_host(client: Client, address: str) -> None:
    page = client.get(address).content.decode()
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert set(re.findall(r'(?:src|href)="(?:https?:)?//', page)) == set()
    assert "csrf-token" not in page, "a reader who is not logged in gets no cookie"


def test_the_home_page_has_a_card_for_each_portal_and_sets_no_cookie(client: Client) -> None:
    response = client.get("/")
    page = response.content.decode()
    assert page.count('class="card"') == 2
    assert 'data-accent="green"' in page
    assert "見本ポータル" in page
    assert "別の方" in page
    assert not response.cookies


def test_the_portal_of_the_address_gives_name_and_accent(client: Client) -> None:
    page = client.get("/help/sample/").content.decode()
    assert '<body data-portal="sample" data-accent="green"' in page
    assert "<title>ヘルプ｜見本ポータル</title>" in page


def test_the_menu_marks_the_page_and_the_part_of_the_site() -> None:
    portal = portals.of_path("/sample/")
    assert portal
    assert portal.menu_for("/cookies/") == [("はじめ", "/", ""), ("クッキー", "/cookies/", "page")]
    assert portal.menu_for("/cookies/detail/") == [("はじめ", "/", ""), ("クッキー", "/cookies/", "true")]
    assert portal.menu_for("/") == [("はじめ", "/", "page"), ("クッキー", "/cookies/", "")]


def test_a_portal_cannot_be_registered_twice_nor_with_seven_menu_entries() -> None:
    with pytest.raises(ValueError, match="twice"):
        portals.register(portals.Portal("sample", "別名", "blue", "ship", "", "home"))
    with pytest.raises(ValueError, match="menu"):
        portals.register(portals.Portal("long", "長", "blue", "ship", "", "home", [portals.MenuItem("a", "home")] * 7))


def test_a_menu_entry_that_leads_nowhere_is_found_at_start_up() -> None:
    assert portals.check_menus() == []
    portals.register(portals.Portal("bad", "誤り", "blue", "ship", "", "no-such-route"))
    assert [problem.id for problem in portals.check_menus()] == ["ui.E001"]


def test_help_of_a_field_is_a_page_and_for_the_pop_up_only_its_words(client: Client) -> None:
    help_texts.register("sample", "amount", "契約金額", "税込みの金額です。\n\n例：<12,345,000>")
    whole = client.get("/help/sample/amount/").content.decode()
    words = client.get("/help/sample/amount/", HTTP_HX_REQUEST="true").content.decode()
    assert "<h1>契約金額</h1>" in whole
    assert words.startswith("<h2>契約金額</h2>")
    assert "<html" not in words
    assert "<p>例：&lt;12,345,000&gt;</p>" in words
    assert 'id="amount"' in client.get("/help/sample/").content.decode()


@pytest.mark.parametrize("address", ["/help/nowhere/", "/help/sample/nothing/", "/help/nowhere/date/"])
def test_help_that_does_not_exist_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_the_same_help_with_other_words_is_refused() -> None:
    help_texts.register("sample", "name", "名称", "一つ目")
    with pytest.raises(ValueError, match="twice"):
        help_texts.register("sample", "name", "名称", "二つ目")


def test_a_question_carries_the_screen_and_nothing_else(client: Client) -> None:
    assert 'href="/help/common/?screen=terms#contact"' in client.get("/terms/").content.decode()
    assert '「<span translate="no">terms</span>」' in client.get("/help/common/?screen=terms").content.decode()
    assert "alert" not in client.get("/help/common/?screen=<b>alert").content.decode()


def test_every_component_has_a_story() -> None:
    sources = [TEMPLATES / "base.html", TEMPLATES / "pages" / "styleguide.html"]
    sources += [*TEMPLATES.glob("frame/*.html"), *TEMPLATES.glob("ui/*.html")]
    included = set(re.findall(r'include "ui/([a-z_]+)\.html"', "".join(source.read_text() for source in sources)))
    assert {template.stem for template in TEMPLATES.glob("ui/*.html")} == included


def test_the_style_guide_is_not_there_in_production(client: Client, settings: object) -> None:
    assert client.get("/styleguide/").status_code == 200
    settings.PORTAL_ENV = "production"  # type: ignore[attr-defined]
    assert client.get("/styleguide/").status_code == 404
    assert client.get("/styleguide/errors/").status_code == 404


def test_the_sample_form_answers_what_was_typed(client: Client) -> None:
    response = client.post("/styleguide/errors/", {"contractor": "山田", "amount": "約3百万"})
    assert response.status_code == 422
    assert 'value="約3百万"' in response.content.decode()


def test_a_page_with_errors_says_so_first(client: Client) -> None:
    page = client.get("/styleguide/errors/").content.decode()
    assert "<title>エラー：入力の誤り｜W2026-000123｜" in page
    summary = re.search(r'<div class="error-summary".*?</ul>', page, re.S)
    assert summary
    targets = re.findall(r'href="#([^"]+)"', summary.group())
    assert len(targets) == 5
    assert all(f'id="{target}"' in page for target in targets)


def test_the_vendored_tokens_are_the_published_ones() -> None:
    folder = STATIC / "vendor" / "dads-tokens-1.1.9"
    digest = hashlib.sha256((folder / "tokens.css").read_bytes()).hexdigest()
    assert digest in (folder / "README.md").read_text()
    assert digest == "ec3fb5b1e881d1bdf076feff29fe15a32269353c7a9cef40194f1eff0c3d7a90"


def test_script_and_styles_stay_within_their_budget() -> None:
    assert len(gzip.compress((STATIC / "js" / "site.js").read_bytes())) <= 12 * 1024
    assert sum(len(gzip.compress(sheet.read_bytes())) for sheet in (STATIC / "css").glob("*.css")) <= 12 * 1024


def test_every_colour_of_the_tokens_we_name_exists_in_the_vendored_file() -> None:
    tokens = (STATIC / "vendor" / "dads-tokens-1.1.9" / "tokens.css").read_text()
    own = (STATIC / "css" / "base.css").read_text()
    for name in re.findall(r"var\((--(?:color|font)-[a-z0-9-]+)\)", own):
        assert f"{name}:" in tokens


def contrast(one: str, other: str) -> float:
    """WCAG contrast of two colours #rrggbb."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def colour(name: str, accent: str = "") -> str:
    """The value of one of our custom properties, resolved through the vendored tokens."""
    own = (STATIC / "css" / "base.css").read_text()
    scope = next(line for line in own.splitlines() if line.startswith(f'[data-accent="{accent}"]')) if accent else own
    value = re.findall(rf"--{name}: ([^;]+);", scope)[0]
    tokens = (STATIC / "vendor" / "dads-tokens-1.1.9" / "tokens.css").read_text()
    if match := re.fullmatch(r"var\((--[a-z0-9-]+)\)", value):
        value = re.findall(rf"{match[1]}: ([^;]+);", tokens)[0]
    return {"#333": "#333333", "#000": "#000000"}.get(value, value)


@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        ("text", "ground", 7),
        ("weak", "tint", 4.5),
        ("error", "ground", 4.5),
        ("error", "required-ground", 4.5),
        ("text", "required-ground", 7),
        ("number", "tint", 4.5),
        ("number-bar", "ground", 3),
        ("link", "tint", 7),
        ("line-strong", "ground", 4.5),
        ("line-strong", "required-ground", 3),
    ],
)
def test_colour_pairs_keep_their_contrast(front: str, back: str, least: float) -> None:
    assert contrast(colour(front), colour(back)) >= least


@pytest.mark.parametrize("accent", portals.ACCENTS)
def test_each_accent_carries_white_text_and_is_readable_on_its_tint(accent: str) -> None:
    assert contrast(colour("accent", accent), "#ffffff") >= 7
    assert contrast(colour("accent", accent), colour("accent-tint", accent)) >= 4.5
