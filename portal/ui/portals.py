"""The portals of this installation: name, look and menu; each one registers itself in its AppConfig.ready."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.core.checks import CheckMessage, Error, Tags
from django.core.checks import register as register_check
from django.urls import NoReverseMatch, reverse

MENU_LIMIT = 6

# One path each (24 × 24, stroke 2), drawn with the colour of the text beside it.
ICONS = {
    "ship": "M12 3v7M8 10V6h8v4M4 11.5l8-2.5 8 2.5-2.2 6.5H6.2z"
    "M2.5 20.5c1.6 0 2.2-1 3.2-1s1.6 1 3.2 1 2.2-1 3.1-1 1.6 1 3.2 1 2.2-1 3.1-1 1.6 1 3.2 1",
    "shield": "M12 2.8l8 3v5.7c0 4.6-3.2 8.2-8 9.7-4.8-1.5-8-5.1-8-9.7V5.8zM8.2 12l2.7 2.7 5-5.2",
    "magnifier": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.3 15.3L21 21M8 10.5h5M10.5 8v5",
    "certificate": "M5 3h14v12H5zM8 7h8M8 10.5h5M14.5 13.5a2.5 2.5 0 1 0 .1 0zM13 17.5V22l1.6-1.1L16 22v-4.5",
    "certificate-check": "M5 3h14v18H5zM8 7h8M8 10.5h8M8.5 16l2.4 2.4 4.6-4.8",
    "gear": "M12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM12 2.5v3M12 18.5v3M2.5 12h3M18.5 12h3"
    "M5.3 5.3l2.1 2.1M16.6 16.6l2.1 2.1M18.7 5.3l-2.1 2.1M7.4 16.6l-2.1 2.1",
}
ACCENTS = ("blue", "green", "purple", "teal", "grey")


@dataclass(frozen=True)
class MenuItem:
    """One entry of the main menu."""

    label: str
    url_name: str


@dataclass(frozen=True)
class Contact:
    """Whom to ask: shown at the same place of every page."""

    office: str = "電子手続き サポート窓口"
    hours: str = "平日 9:00〜17:00（土日・祝日・年末年始を除く）"
    phone: str = ""


@dataclass(frozen=True)
class Portal:
    """One portal; `key` is the first segment of its addresses, `home` the URL name of its first page.

    `door` is the page of who has no account yet: the choice of portals names it, and below it there is no menu. Whose
    session ended there comes back by `back` (a URL name): there is no password to log in with. `about` is a page for
    everybody who wants to know what the portal is for.
    """

    key: str
    name: str
    accent: str
    icon: str
    audience: str
    home: str
    menu: Sequence[MenuItem] = ()
    door: MenuItem | None = None
    about: MenuItem | None = None
    back: str = ""
    summary: str = ""
    contact: Contact = field(default_factory=Contact)

    @cached_property
    def home_url(self) -> str:
        return reverse(self.home)

    @cached_property
    def home_label(self) -> str:
        """What the menu calls the first page."""
        return next((item.label for item in self.menu if item.url_name == self.home), "ユーザーページ")

    @cached_property
    def door_url(self) -> str:
        """Address of `door`, empty without one."""
        return reverse(self.door.url_name) if self.door else ""

    @cached_property
    def about_url(self) -> str:
        """Address of `about`, empty without one."""
        return reverse(self.about.url_name) if self.about else ""

    def back_url(self, path: str) -> str:
        """Address by which who was at `path` comes back without a password, empty where a login is asked for."""
        return reverse(self.back) if self.back and self.door_url and path.startswith(self.door_url) else ""

    @cached_property
    def icon_path(self) -> str:
        return ICONS[self.icon]

    @cached_property
    def menu_urls(self) -> tuple[tuple[str, str], ...]:
        """Label and address of each entry, resolved once per process."""
        return tuple((item.label, reverse(item.url_name)) for item in self.menu)

    def menu_for(self, path: str) -> list[tuple[str, str, str]]:
        """Label, address and value of aria-current: 'page' on the entry itself, 'true' below it, else ''."""
        if self.door_url and path.startswith(self.door_url):
            return []
        best = max(
            (url for _, url in self.menu_urls if path.startswith(url) and url != self.home_url), key=len, default=""
        )
        return [(label, url, "page" if url == path else "true" if url == best else "") for label, url in self.menu_urls]


_portals: dict[str, Portal] = {}


def register(portal: Portal) -> None:
    """Add a portal; the same key twice is a ValueError, as is an unknown accent or icon or a menu over six entries."""
    if portal.key in _portals and _portals[portal.key] != portal:
        raise ValueError(f"portal {portal.key!r} is registered twice")
    if portal.accent not in ACCENTS or portal.icon not in ICONS or len(portal.menu) > MENU_LIMIT:
        raise ValueError(f"portal {portal.key!r}: unknown accent or icon, or more than {MENU_LIMIT} menu entries")
    _portals[portal.key] = portal


def active() -> tuple[Portal, ...]:
    """All portals of this installation, in the order of their registration."""
    return tuple(_portals.values())


def get(key: str) -> Portal:
    """The portal `key` (KeyError when it is switched off)."""
    return _portals[key]


def of_path(path: str) -> Portal | None:
    """The portal whose key is the first segment of `path`."""
    return _portals.get(path[1:].partition("/")[0])


@register_check(Tags.urls)
def check_menus(**_: object) -> list[CheckMessage]:
    """Every home page and menu entry leads somewhere."""
    problems: list[CheckMessage] = []
    for portal in active():
        doors = [portal.door] if portal.door else []
        back = [portal.back] if portal.back else []
        for name in (portal.home, *back, *(item.url_name for item in (*portal.menu, *doors))):
            try:
                reverse(name)
            except NoReverseMatch:
                problems.append(Error(f"portal {portal.key}: no route is called {name!r}", id="ui.E001"))
    return problems
